"""Exact grids of maps and of displacements, and their cotangents."""

from fractions import Fraction

import numpy as np

from .._check import Array
from ..dialects import _layouts
from ..dialects._arguments import Arguments
from ..dialects._frames import Sizes, lattice_pixels
from ._frame import exact_frame
from ._mapped import Mapped
from ._points import arrays
from ._spread import Objects, Spread, floats, fractions


def grid_spreads(given: Arguments, d: Array | None) -> tuple[dict[str, Spread], Sizes]:
    """The grid, with a cotangent also that of the map or the displacements; and its size."""
    rule = given.rule
    grid = _Moved(given) if given.has("points") else _OfMap(given)
    value = grid.value if rule.order == "xy" else grid.value.each(lambda a: a[..., ::-1])
    found = {"out": value.each(lambda a: _layouts.original(a, rule.points))}
    if d is not None:
        d_y = _layouts.canonical(np.asarray(d), rule.points)
        d_y = d_y if rule.order == "xy" else d_y[..., ::-1]
        size = abs(d_y.astype(np.float64))
        found |= grid.pulled(Spread.of(fractions(d_y), size, np.ones(d_y.shape, np.int64)))
    return found, grid.value.value.shape[1:-1]


class _OfMap:
    def __init__(self, given: Arguments) -> None:
        out: Sizes = given.size(None, None)
        mapped = self.mapped = Mapped(given, out, given.align())
        shape = mapped.maps, *out, len(out)
        count = np.full(shape, len(out) + 1)
        self.value = Spread.of(mapped.y.reshape(shape), mapped.magnitude.reshape(shape), count)

    def pulled(self, d: Spread) -> dict[str, Spread]:
        one = np.full(d.value.shape[-1], Fraction(1), object)
        return self.mapped.pulled(d, one)


class _Moved:
    """g = (lattice + displacement) / a - 1."""

    def __init__(self, given: Arguments) -> None:
        self.given, rule = given, given.rule
        moved = given.points(rule.ranks[0])
        size = moved.shape[1:-1]
        frame = exact_frame(rule, size, size, given.align())
        self.a: Objects = np.array([1 / v if v else float("nan") for v in frame.a], object)
        at = fractions(lattice_pixels(size) - floats(frame.b - frame.a))
        exact = fractions(moved)
        magnitude = (abs(floats(exact)) + abs(floats(at))) * abs(floats(self.a)) + 1
        count = np.full(moved.shape, 3)
        self.value = Spread.of((exact + at) * self.a - 1, magnitude, count)

    def pulled(self, d: Spread) -> dict[str, Spread]:
        return arrays(self.given, d.scaled(np.broadcast_to(self.a, d.value.shape)))
