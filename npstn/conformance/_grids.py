"""Exact grids of maps and of displacements, and their cotangents."""

from fractions import Fraction

import numpy as np

from .._check import Array
from ..dialects import _layouts
from ..dialects._arguments import Arguments
from ..dialects._frames import Sizes, lattice_pixels
from ._frame import exact_frame
from ._points import Mapped, scaled
from ._spread import Objects, Spread, fractions


def grid_spreads(given: Arguments, d: Array | None) -> tuple[dict[str, Spread], Sizes]:
    """The grid, with a cotangent also that of the map or the displacements; and its size."""
    rule = given.rule
    grid = _Moved(given) if given.has("points") else _OfMap(given)
    value = grid.value if rule.order == "xy" else grid.value.each(lambda a: a[..., ::-1])
    found = {"out": value.each(lambda a: _layouts.original(a, rule.points))}
    if d is not None:
        d_y = fractions(_layouts.canonical(np.asarray(d), rule.points))
        d_y = d_y if rule.order == "xy" else d_y[..., ::-1]
        zero = np.zeros(d_y.shape)
        one = np.ones(d_y.shape, int)
        found |= grid.pulled(Spread(d_y, abs(d_y), one, zero, zero, zero, zero))
    return found, grid.value.value.shape[1:-1]


class _OfMap:
    def __init__(self, given: Arguments) -> None:
        self.out: Sizes = given.size(None, None)
        self.mapped = Mapped(given, self.out, given.align())
        rank = len(self.out)
        shape = self.mapped.maps, *self.out, rank
        y, magnitude, off = (
            a.reshape(shape) for a in (self.mapped.y, self.mapped.magnitude, self.mapped.off)
        )
        zero = np.zeros(shape)
        count = np.full(shape, rank + 1)
        self.value = Spread(y, magnitude, count, zero, zero, zero, zero)
        self.rounding = off

    def pulled(self, d: Spread) -> dict[str, Spread]:
        one = np.full(len(self.out), Fraction(1), object)
        return self.mapped.pulled(d, one)


class _Moved:
    """g = (lattice + displacement) / a - 1."""

    def __init__(self, given: Arguments) -> None:
        self.given, rule = given, given.rule
        moved = given.points(rule.ranks[0])
        size = moved.shape[1:-1]
        frame = exact_frame(rule, size, size, given.align())
        self.a: Objects = np.array([1 / v if v else v for v in frame.a], object)
        at = fractions(lattice_pixels(size) - (frame.b - frame.a).astype(np.float64))
        exact = fractions(moved)
        value, magnitude = (exact + at) * self.a - 1, (abs(exact) + abs(at)) * abs(self.a) + 1
        zero, count = np.zeros(moved.shape), np.full(moved.shape, 3)
        self.value = Spread(value, magnitude, count, zero, zero, zero, zero)

    def pulled(self, d: Spread) -> dict[str, Spread]:
        rule = self.given.rule
        d = scaled(d, np.broadcast_to(self.a, d.value.shape))
        d = d if rule.order == "xy" else d.each(lambda a: a[..., ::-1])
        return {"points": d.each(lambda a: _layouts.original(a, rule.points))}
