"""Cases drawn from the convention of a function: images, points or maps of one kind, all options.

Numbers are those of :class:`._numbers.Numbers`, so that a case is the same everywhere. Points are
drawn in pixels and put into the units of the system.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import cycle, product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._arithmetic import ieee
from ..dialects._frames import Sizes, frame
from ..dialects._layouts import original
from ..dialects._maps import shape_of
from ..dialects._signature import roles_of
from ..dialects.row import Function
from ..grid import Floats
from . import _kinds, _ops
from ._choices import Choice, choices
from ._formula import Formula
from ._numbers import Numbers
from ._precision import rounded
from .case import LARGE, LATTICE, Case, frozen

SEED = 14
FILL = 2.5  # of the cases that have one


def draw(
    function: Function,
    kinds: tuple[str, ...],
    dtypes: tuple[str, ...] = (),
    channels: int = 2,
    fixed: Mapping[str, Any] | None = None,
) -> Iterator[Case]:
    """Draw a case of each kind and dtype under each choice of options and in each rank.

    ``fixed`` has arguments with one value. Without dtypes they are those of the convention; where
    it is of other numbers of channels, it has each of them in turn.
    """
    if function.op == "matrix":
        raise ValueError(f"op is {function.name!r}, expected one that samples or makes a grid")
    for rule in filter(None, [function.convention, function.otherwise]):
        every = dtypes or rule.dtypes
        if rule.channels:  # of some dtypes and channels, and all others are of the other rule
            every = tuple(dtype for dtype in every if dtype in rule.dtypes)
        counts = rule.channels if channels not in rule.channels else ()
        turns = cycle(counts or (channels,))
        ours = replace(function, convention=replace(rule, layout=rule.layout.split("|")[0]))
        numbers = Numbers(SEED)
        for rank, dtype, kind in product(rule.ranks, every, kinds):
            for choice in choices(ours, kind):
                maker = _Maker(ours, kind, dtype, rank, choice, numbers, next(turns))
                if maker.possible:
                    yield maker.case(fixed or {})


class _Made(NamedTuple):
    given: dict[str, Any]
    points: Floats | None
    d_out: NDArray[Any]


class _Maker:
    """One case."""

    def __init__(
        self,
        function: Function,
        kind: str,
        dtype: str,
        rank: int,
        choice: Choice,
        numbers: Numbers,
        channels: int,
    ) -> None:
        self.function, self.kind, self.dtype, self.rank = function, kind, dtype, rank
        self.choice, self.numbers = choice, numbers
        rule = self.rule = function.convention
        self.roles = roles_of(function)
        align = choice.align is None or bool(choice.align)
        self.size = _kinds.sizes(kind, rank, align if rule.shrink is None else rule.shrink)
        large = kind in LARGE
        self.batch = 2 if "N" in rule.layout and not large else 1
        self.count = _kinds.channels(kind, channels) if "C" in rule.layout and not large else 1
        self.sized = bool(set(_ops.SIZES) & set(self.roles))
        self.out = self._out()
        fits = not large or (dtype == "float32" and bool(self.size))
        self.possible = fits and (kind != "empty" or 0 in (self.batch, *self.out))

    @ieee
    def case(self, fixed: Mapping[str, Any]) -> Case:
        """Make it."""
        made = self._sampled() if self.function.op == "sample" else self._mapped()
        choice = self.choice
        chosen = {"mode": choice.mode, "flags": choice.mode, "padding": choice.padding}
        chosen |= {"align": choice.align, "gate": choice.gate, "transform": "affine"}
        if self.kind == "fill":
            chosen |= dict.fromkeys(("fill", "scalar"), FILL)
        own = {self.roles[role]: v for role, v in chosen.items() if role in self.roles}
        given = {**made.given, **own, **fixed}
        for name, value in given.items():
            if isinstance(value, np.ndarray):
                given[name] = frozen(rounded(value, self.dtype))
        return Case(
            self.function,
            self.kind,
            self.dtype,
            self.rule.modes[choice.mode],
            choice.padding if "padding" in self.roles else None,
            choice.align,
            self.size,
            self.out,
            {name: given[name] for name in self.function.arguments if name in given},
            made.points,
            frozen(rounded(made.d_out, self.dtype)),
        )

    def _out(self) -> Sizes:
        """The size of the output; of an empty case the batch, or else its last axis, is 0."""
        out, sampled = _kinds.outputs(self.kind, self.rank), self.function.op == "sample"
        if self.kind in LARGE:
            return (*(1,) * (self.rank - 1), 64)
        tied = self.rule.unit == "flow" if sampled else not self.sized
        if tied or (not sampled and self.kind in (*LATTICE, "single")):
            out = self.size
        if self.kind == "empty" and "N" in self.rule.layout:
            self.batch = 0
        elif self.kind == "empty" and not tied and "dsize" not in self.roles:
            out = (*out[:-1], 0)  # a dsize of 0 is that of the input
        return out

    def _image(self) -> NDArray[Any] | Formula:
        """The images in the layout of the system."""
        shape, layout = (self.batch, *self.size, self.count), self.rule.layout
        if self.kind in LARGE:  # one image of one channel: the order in memory is the same
            shape = original(np.broadcast_to(np.float32(0), shape), layout).shape
            return Formula(shape, self.dtype, self.numbers.bits(), -3, 3)
        return original(_kinds.images(self.numbers, self.kind, shape), layout)

    def _cotangent(self) -> NDArray[Any]:
        d_out = _kinds.texels(self.numbers, self.kind, (self.batch, *self.out, self.count))
        if self.dtype == "bfloat16" and self.kind in LATTICE:  # sums of few points have its 8 bits
            d_out = np.sign(d_out)
            d_out[..., np.arange(self.out[-1]) % 4 > 0, :] = 0
        return original(d_out, self.rule.layout)

    def _sampled(self) -> _Made:
        rule, roles, size, out = self.rule, self.roles, self.size, self.out
        x = self._image()  # first, so that its numbers are always the same
        p = _kinds.points(self.numbers, self.kind, (self.batch, *out), size)
        a, b = frame(rule, size if rule.unit != "flow" else out, bool(self.choice.align))
        with np.errstate(all="ignore"):
            g = np.where(a != 0, (p - b) / a, p)
        if self.kind == "edges":
            g = self._beside(g)
        g = g if rule.order == "xy" else g[..., ::-1]
        given: dict[str, Any] = {roles["x"]: x}
        if "points" in roles:
            given[roles["points"]] = original(g, rule.points)
        else:
            word = rule.points.replace("R", "")
            for k, role in enumerate(("points_x", "points_y", "points_z")[: self.rank]):
                given[roles[role]] = original(g[..., [k]], word)
        return _Made(given, p, self._cotangent())

    def _beside(self, g: Floats) -> Floats:
        """Points a unit in the last place to the left, or to the right."""
        kind = np.dtype("float32" if self.dtype == "bfloat16" else self.dtype)
        ways = np.where(self.numbers.integers(g.shape, 0, 1) > 0, np.inf, -np.inf)
        moved = np.asarray(np.nextafter(g.astype(kind), ways.astype(kind)), np.float64)
        least = float(np.finfo(kind).tiny)  # some systems take less for 0
        return np.where(abs(moved) < least, np.copysign(least, moved), moved)

    def _mapped(self) -> _Made:
        rule, roles, rank, out = self.rule, self.roles, self.rank, self.out
        m = _kinds.matrices(self.numbers, self.kind, rule, self.batch, rank)
        lead = (self.batch, 1) if rule.several else (self.batch,)
        theta = _kinds.own_maps(rule, m).reshape(*lead, *shape_of(rule, rank))
        theta = theta if "N" in rule.layout else theta[0]
        given: dict[str, Any] = {roles["theta"]: theta}
        if "offset" in roles:
            given = {roles["theta"]: theta[:, :-1], roles["offset"]: theta[:, -1]}
        values: dict[str, Any] = {"size": out, "size_xy": out[::-1], "dsize": out[::-1]}
        values |= {"shape": (self.batch, 1, *out)}
        values |= {"height": out[-2], "width": out[-1], "depth": out[0]}
        given |= {roles[role]: value for role, value in values.items() if role in roles}
        if self.function.op == "grid":
            shape = self.batch, *out, rank
            d_out = original(_kinds.texels(self.numbers, self.kind, shape), rule.points)
            return _Made(given, None, d_out)
        given[roles["x"]] = self._image()
        return _Made(given, None, self._cotangent())
