"""Tolerances: extremes of values, weights and slopes over the places that points may be at."""

from dataclasses import replace
from itertools import combinations

import numpy as np

from ..grid import Floats
from ._call import Call
from ._cells import Cells
from ._reads import Reads
from ._spread import Mask, Spread, floats

SUMS = 2.0**-48  # rounding of sums in float64 here, relative to their terms
STEEP = 4.0  # no weight, or slope of one, sums to more over the texels of a cell and axis


class Tables:
    """What points (P, R) may be off by; ``lost`` are those of which nothing is known."""

    def __init__(self, call: Call, cells: Cells, delta: Floats, lost: Mask) -> None:
        self.call, self.cells, self.delta, self.lost = call, cells, delta, lost
        self.texels = call.texels
        self.image = call.image[cells.point]
        self.v = self.texels[self.image[:, None], cells.texels]  # (rows, T, C); -1 is the fill
        self.axes = range(call.rank)

    def out(self, exact: Spread, nan: Mask) -> Spread:
        """The output (P, C)."""
        call, cells = self.call, self.cells
        low, high, shift = (np.zeros(exact.value.shape) for _ in range(3))
        magnitude = exact.magnitude
        if call.where.breaks:
            values = np.where(cells.inside[:, None], self._sums(), call.fill)
            main = values[cells.first]
            low, high = cells.least(values) - main, cells.most(values) - main
            sizes = np.where(cells.inside[:, None], self._magnitudes(), abs(call.fill))
            magnitude = np.where(high > low, cells.most(sizes), magnitude)
        if not call.where.quantum:
            for a in self.axes:
                bent = [self.delta[:, [b]] * self._most(a, b) for b in self.axes]
                shift += self.delta[:, [a]] * (self._most(a) + sum(bent) / 2)
        lost = self.lost & ~nan
        value = floats(exact.value[lost])
        least, most = (end(self.texels, 1)[call.image[lost]] for end in (np.min, np.max))
        beyond = self._overshoot() * (most - least)
        low[lost], high[lost] = least - beyond - value, most + beyond - value
        broken = self._broken()
        low[broken], high[broken] = -np.inf, np.inf
        slack = self._cubic(self._sizes())
        return replace(exact, magnitude=magnitude, low=low, high=high, shift=shift, slack=slack)

    def points(self, exact: Spread, d: Floats) -> Spread:
        """The cotangent of points (P, R), from one (P, C) of the output."""
        cells, rank = self.cells, self.call.rank
        rows = d[cells.point]
        g = np.stack([(self._sums(a) * rows).sum(-1) for a in self.axes], -1)
        moves = cells.most(g) > cells.least(g)
        value, noise = floats(exact.value), SUMS * exact.magnitude
        low = np.where(moves, np.minimum(cells.least(g) - value - noise, 0.0), 0.0)
        high = np.where(moves, np.maximum(cells.most(g) - value + noise, 0.0), 0.0)
        sizes = [(self._magnitudes(a) * abs(rows)).sum(-1) for a in self.axes]
        magnitude = np.maximum(exact.magnitude, cells.most(np.stack(sizes, -1)))
        shift = np.zeros(value.shape)
        for a in self.axes:
            for b in self.axes:
                bent = cells.most(abs((self._sums(a, b) * rows).sum(-1)))
                shift[:, a] += self.delta[:, b] * bent
        size = (abs(d) * self._sizes()).sum(-1)[:, None]
        wide = STEEP**rank * (abs(d) * abs(self.texels).max(1)[self.call.image]).sum(-1)
        shift[self.lost] = wide[self.lost, None]
        slack = self._cubic(np.broadcast_to(size, value.shape))
        return replace(exact, magnitude=magnitude, low=low, high=high, shift=shift, slack=slack)

    def x(self, exact: Spread, d: Floats) -> Spread:
        """The cotangent of texels (N texels, C), from one (P, C) of the output."""
        call, cells, count = self.call, self.cells, self.texels.shape[1]
        read = Reads(cells, call.image, len(self.texels), count)
        moved = np.zeros(cells.texels.shape)
        delta = self.delta[cells.point]
        for several in range(1, call.rank + 1):  # products too: beside a texel all else may vanish
            for axes in combinations(self.axes, several):
                moved += delta[:, axes].prod(1, keepdims=True) * abs(cells.weights(*axes))
        shift = read.summed(read.most(moved), abs(d))
        low, high, magnitude = np.zeros(shift.shape), np.zeros(shift.shape), exact.magnitude
        if call.where.breaks:
            fall, rise = read.range(cells.weights())
            up, down = np.maximum(d, 0.0), np.minimum(d, 0.0)
            low = read.summed(fall, up) + read.summed(rise, down)
            high = read.summed(rise, up) + read.summed(fall, down)
            sizes = read.summed(read.most(abs(cells.weights())), abs(d))
            magnitude = np.where(high > low, sizes, magnitude)
        if self.lost.any():
            wide = np.zeros((len(self.texels), d.shape[1]))
            np.add.at(wide, call.image[self.lost], abs(d[self.lost]))
            shift += np.repeat(STEEP**call.rank * wide, count - 1, 0)
        ones = np.repeat(cells.inside[:, None] * 1.0, cells.texels.shape[1], 1)
        slack = self._cubic(read.summed(read.most(ones), abs(d)))
        return replace(exact, magnitude=magnitude, low=low, high=high, shift=shift, slack=slack)

    def _sums(self, *axes: int) -> Floats:
        """Sums (rows, C) of weights, derived by some axes, times texels."""
        return np.asarray(np.einsum("rt,rtc->rc", self.cells.weights(*axes), self.v))

    def _magnitudes(self, *axes: int) -> Floats:
        """The same of absolute values: M, of each place."""
        sizes = abs(self.cells.weights(*axes)), abs(self.v)
        return np.asarray(np.einsum("rt,rtc->rc", *sizes))

    def _most(self, *axes: int) -> Floats:
        return self.cells.most(abs(self._sums(*axes)))

    def _sizes(self) -> Floats:
        """Sums (P, C) of the absolute values of texels."""
        return self.cells.most((abs(self.v) * self.cells.inside[:, None, None]).sum(1))

    def _overshoot(self) -> float:
        """How far a value may be out of the range of texels, over that range.

        The outer weights of Keys' kernel are a t (1 - t)^2 and a (1 - t) t^2, at most a / 4 in all.
        """
        if self.call.where.mode != "bicubic":
            return 0.0
        return ((1 + abs(self.call.rule.cubic_coefficient) / 2) ** self.call.rank - 1) / 2

    def _cubic(self, sizes: Floats) -> Floats:
        return sizes if self.call.where.mode == "bicubic" else np.zeros(sizes.shape)

    def _broken(self) -> Mask:
        """Which points (P,) may read a texel that is not finite."""
        broken, where = self.call.broken, self.call.where
        if not broken.any():
            return np.zeros(len(self.delta), bool)
        if where.mode == "bilinear" and where.padding.mode in ("border", "reflection"):
            for axis in range(1, broken.ndim):  # a clamped point may read the next one, times 0
                ends = np.moveaxis(broken.copy(), axis, 0)
                ends[0] |= ends[min(1, len(ends) - 1)]
                ends[-1] |= ends[max(-2, -len(ends))]
                broken = np.moveaxis(ends, 0, axis)
        flat = broken.reshape(len(broken), -1)
        table = np.concatenate([flat, np.zeros((len(flat), 1), bool)], 1)
        return self.cells.most(np.asarray(table[self.image[:, None], self.cells.texels].any(1)))
