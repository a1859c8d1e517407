"""A row: all that is known of one system's convention, as data.

A :class:`Row` is a system from a version on. It has one :class:`Function` for each function of that
system, and a function has its :class:`Convention`: where its coordinates are, and what it does with
them. Nothing here computes; a comment over the fields names the module that reads them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from inspect import Parameter
from typing import Any, Literal, NamedTuple

from .._table import Frozen

REQUIRED = Parameter.empty  # the default of an argument that has none


class Gate(NamedTuple):
    """The points that count: low <= p <= S + high on each axis, ends left out where open."""

    low: float
    low_closed: bool
    high: float  # as a distance from S
    high_closed: bool


@dataclass(frozen=True)
class Padding(Frozen):
    """What one name of a padding means (:mod:`._rules`)."""

    mode: Literal["zeros", "border", "reflection", "wrap"]
    align: bool | None = None  # where reflection mirrors: the centres, the edges; None: the option
    gate: Gate | None = None  # outside, the output is the fill
    period: float | None = None  # p is first taken modulo S - period, and stays where it is that
    # TensorFlow's: an outer p first moves by S as often as S - 1 goes into it, below 0 once more.
    turns: bool = False
    folds: int | None = None  # how often reflection mirrors, before it clamps; None: for ever
    # SciPy's: reflection leaves 0 < p < S as it is, so that nearest rounds S - 1/2, then mirrors.
    late: bool = False
    # What a NaN and an infinite coordinate read, or a table of it by our mode: "first", "last",
    # "outside" (the fill, in every padding), "edge" (-1 of a normalized axis), "nan", "inf", which
    # is ours, or a number: what is at this coordinate.
    nan: str | float | Mapping[str, str | float] = "nan"
    inf: str | float | Mapping[str, str | float] = "inf"


@dataclass(frozen=True)
class Convention(Frozen):
    """Where coordinates are and what is done with them; the defaults are those of npstn."""

    # Layouts (_layouts): * stands for the spatial axes, R for the axis of the coordinates.
    layout: str = "N*C"  # of images; "*C|*": either, the first one where both fit
    points: str = "N*R"  # of points; "R|": an argument for each axis

    # Units (_frames).
    unit: Literal["normalized", "pixel", "flow"] = "normalized"
    # normalized: p = (g + 1)(S - shrink)/2; None: the option. A flow is in pixels; with a number
    # here it is in the units of that: (S - shrink)/2 pixels.
    shrink: float | None = None
    # pixel, flow: normalised on the way as PyTorch does it, by the option align_corners ("option")
    # or as if it were set ("align"), and taken back by the option. Where an axis of one point is
    # aligned, its coordinate is lost.
    through: Literal["", "option", "align"] = ""
    origin: Literal["texel", "corner", "centre"] = "texel"  # pixel: what 0 stands for
    order: Literal["xy", "ij"] = "xy"  # of points, and of rows and columns of maps
    sign: float = 1.0  # flow: -1 where it is subtracted from the lattice
    # Where an aligned axis of one point has it: normalized; in pixels, past the origin.
    one: float = 0.0
    # normalized: points of the output as -1 + i step, the step rounded first, and the last is 1.
    lattice: Literal["exact", "steps"] = "exact"  # with faithful only

    # Maps (_maps).
    form: str = "affine"  # a key of _maps.FORMS
    direction: Literal["pull", "push"] = "pull"  # from output to input, or the other way
    several: bool = False  # maps are (N, K, ...): K outputs of each image, N K in all

    # Numbers (_frames, _rules): with faithful only. Two of them may differ by our mode.
    cast: Literal["given", "float32", "float64"] = "float64"  # dtype in which points are computed
    quantum: float | Mapping[str, float] = 0.0  # points are rounded to multiples of it
    matrix_quantum: float = 0.0  # and before, each product of a map and the lattice to these
    huge: float | Mapping[str, float] = math.inf  # from this size on a coordinate is infinite

    # Sampling (_rules, _sampling).
    # By an argument: the points that count, in place of the gate of the padding.
    gates: Mapping[Any, Gate | None] = field(default_factory=dict)
    modes: Mapping[Any, str] = field(default_factory=lambda: {"bilinear": "bilinear"})
    paddings: Mapping[Any, Padding] = field(default_factory=lambda: {"zeros": Padding("zeros")})
    ties: Literal["even", "away", "up", "floor"] = "even"  # of nearest
    tie_stage: Literal["folded", "raw"] = "folded"  # rounded after or before padding folds p
    cubic_coefficient: float = -0.75
    cubic_stage: Literal["texel", "point"] = "texel"  # what padding border acts on in bicubic
    # The derivative at a texel: right of p; right of p folded, and so on each side of a fold; 0;
    # right of p folded with texels outside as 0, times the sign of the fold, and 0 where clamped;
    # or 0, and at the last texel that from the left.
    kink: Literal["right", "padded", "zero", "missing", "clamped"] = "right"
    edge: Literal["closed", "open"] = "closed"  # open: no derivative where p = -1

    dtypes: tuple[str, ...] = ("float32", "float64")
    channels: tuple[int, ...] = ()  # the numbers of channels that it takes; any
    ranks: tuple[int, ...] = (2,)

    def number(self, name: Literal["quantum", "huge"], mode: str) -> float:
        """A number that may differ by our mode; where a table has none, it is that of npstn."""
        value: float | Mapping[str, float] = getattr(self, name)
        if isinstance(value, Mapping):
            return value.get(mode, getattr(Convention, name))
        return value


class Argument(NamedTuple):
    """The role of an argument in ours (a word of :mod:`._docs`), and its default."""

    role: str
    default: Any = REQUIRED


class Difference(NamedTuple):
    """What remains between a row and the real system, and a line that shows it there."""

    what: str
    shown_by: str = ""


@dataclass(frozen=True)
class Function(Frozen):
    """A function of a system: its name, its arguments in their order, and its convention."""

    name: str
    op: Literal["sample", "grid", "warp", "matrix"]
    arguments: Mapping[str, str | Argument]
    convention: Convention
    constants: Mapping[str, Any] = field(default_factory=dict)  # roles that no argument has
    otherwise: Convention | None = (
        None  # for other dtypes, channels and ranks than the convention's
    )
    differences: tuple[Difference, ...] = ()
    real: str = ""  # the call there, where it is another than that of the name and arguments


@dataclass(frozen=True)
class Row:
    """A system from a version on, and all its functions."""

    system: str
    since: str  # the oldest version that is like this, as far as known
    tested: str  # the newest that was run, or "" where none was
    source: Literal["run", "read"]  # read: its sources or papers only
    title: str  # its name as people write it
    functions: tuple[Function, ...]
    differences: tuple[Difference, ...] = ()
