"""A clause of the specification, and the calls that show it with their exact answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from textwrap import fill, indent
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._table import Frozen

RESULTS = {
    "affine_grid": ("grid",),
    "affine_grid_vjp": ("d_theta",),
    "grid_sample": ("out",),
    "grid_sample_vjp": ("d_x", "d_grid"),
    "grid_sample_jvp": ("out", "t_out"),
    "grid_sample_vjp_vjp": ("d_d_out", "d_x", "d_grid"),
    "spatial_transformer_network": ("out",),
    "spatial_transformer_network_vjp": ("d_x", "d_theta"),
}
WIDTH = 92


@dataclass(frozen=True)
class Values:
    """An array of exact numbers.

    Attributes
    ----------
    shape : tuple of int
    numbers : tuple of Fraction, or of float where one is not finite
        In C order: the last axis runs first.
    dtype : {"float64", "float32"}
    sides : tuple of pairs of Fraction
        At a kink: each number as it is to the left and to the right of the point. Any value
        between them is right; ``numbers`` has that of npstn.
    """

    shape: tuple[int, ...]
    numbers: tuple[Fraction | float, ...]
    dtype: str = "float64"
    sides: tuple[tuple[Fraction | float, ...], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", _exact(self.numbers))
        object.__setattr__(self, "sides", tuple(map(_exact, self.sides)))

    def array(self) -> NDArray[Any]:
        """Round each number to float64, and from there to the dtype."""
        flat = np.array([float(n) for n in self.numbers], np.float64)
        return flat.reshape(self.shape).astype(self.dtype)

    def __str__(self) -> str:
        """Write it in Python."""
        return f"np.{self.dtype}([{', '.join(map(_python, self.numbers))}]).reshape{self.shape}"


@dataclass(frozen=True)
class Probe(Frozen):
    """A call that shows what a clause says, and its exact answer.

    Attributes
    ----------
    function : str
        A function of npstn.
    arguments : mapping of Values, or of sizes, by name
        In the order of that function; ``options`` likewise, as keywords.
    answers : mapping of Values by name
        Its results, or those of them that matter here.
    raises : str
        Name of the error, where that is the answer.
    """

    function: str
    arguments: Mapping[str, Any]
    answers: Mapping[str, Values] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    raises: str = ""

    def call(self, function: Callable[..., Any]) -> dict[str, Any]:
        """Call a function as this one is called, and name its results."""
        given = [_array(value) for value in self.arguments.values()]
        found = function(*given, **{name: _array(v) for name, v in self.options.items()})
        several = found if isinstance(found, tuple) else (found,)
        return dict(zip(self.results(), several, strict=True))

    def results(self) -> tuple[str, ...]:
        """List the names of all results."""
        named = RESULTS[self.function]
        return (*named, "d_fill") if "fill_value" in self.options.get("wrt", ()) else named

    def __str__(self) -> str:
        """Write the call to be pasted into Python, and its answer."""
        arrays = {**self.arguments, **self.options}
        lines = [f"{k} = {v}" for k, v in arrays.items() if isinstance(v, Values)]
        words = [k if isinstance(v, Values) else _python(v) for k, v in self.arguments.items()]
        for name, value in self.options.items():
            words.append(f"{name}={name if isinstance(value, Values) else _python(value)}")
        call = f"npstn.{self.function}({', '.join(words)})"
        if self.raises:
            return "\n".join([*lines, call, f"# {self.raises}"])
        names = [name if name in self.answers else "_" for name in self.results()]
        lines.append(f"{', '.join(names)} = {call}")
        return "\n".join([*lines, *map(_answer, self.answers, self.answers.values())])


@dataclass(frozen=True)
class Clause:
    """A clause of the specification, which keeps its number for ever.

    Attributes
    ----------
    number, title : str
    text : str
        What holds.
    formula : str
    source : str
        Where it comes from, or its counterpart elsewhere.
    probes : tuple of Probe
    """

    number: str
    title: str
    text: str
    formula: str
    source: str
    probes: tuple[Probe, ...]

    def __str__(self) -> str:
        """Write it for a terminal."""
        parts = [f"{self.number}  {self.title}", fill(self.text, WIDTH)]
        parts += [indent(self.formula, "    "), fill(self.source, WIDTH), *map(str, self.probes)]
        return "\n\n".join(part for part in parts if part)


def row(*numbers: float | Fraction, dtype: str = "float64") -> Values:
    """An image of one row, (1, 1, W, 1); or an output of it."""
    return Values((1, 1, len(numbers), 1), numbers, dtype)


def points(*pairs: tuple[float | Fraction, ...], dtype: str = "float64") -> Values:
    """Points (x, y), or of a volume (x, y, z), in a row."""
    rank = len(pairs[0])
    return Values((1,) * rank + (len(pairs), rank), tuple(chain(*pairs)), dtype)


def along(*xs: float | Fraction, dtype: str = "float64") -> Values:
    """Points along the row y = 0."""
    return points(*((x, 0) for x in xs), dtype=dtype)


def slopes(*alongs: float, sides: tuple[tuple[float, float], ...] = ()) -> Values:
    """Cotangents of points along a row, of which nothing depends on y; at kinks both sides."""
    flat = tuple(n for slope in alongs for n in (slope, 0))
    both = tuple(pair for side in sides for pair in (side, (0, 0)))
    return Values((1, 1, len(alongs), 2), flat, sides=both)


def _exact(numbers: tuple[Any, ...]) -> tuple[Fraction | float, ...]:
    return tuple(Fraction(n) if -np.inf < n < np.inf else float(n) for n in numbers)


def _array(value: Any) -> Any:
    return value.array() if isinstance(value, Values) else value


def _python(value: Any) -> str:
    if isinstance(value, float) and not np.isfinite(value):
        return f"{value}".replace("nan", "np.nan").replace("inf", "np.inf")
    if isinstance(value, Fraction) and abs(value) >= 2**53:
        return repr(float(value))
    return f'"{value}"' if isinstance(value, str) else str(value)


def _answer(name: str, values: Values) -> str:
    text = f"# {name}, {values.shape}: {', '.join(map(str, values.numbers))}"
    if values.sides:
        pairs = (f"[{a}, {b}]" if a != b else str(a) for a, b in values.sides)
        text += f"\n# left and right of it: {', '.join(pairs)}"
    return text
