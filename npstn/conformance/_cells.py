"""Values, slopes and curvatures in cells, in plain float64: what tolerances are made of."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from ..grid import Floats
from ._places import Places, Rule

Texels = NDArray[np.int64]


class Weights:
    """Weights of the texels of each place (P, R, K, T), and their first two derivatives."""

    def __init__(self, rule: Rule, places: Places, size: tuple[int, ...], a: float) -> None:
        self.size = size  # x first
        self.rank, self.places = len(size), places
        offsets, self.w = _kernel(rule.mode, places.t, a)
        cells = places.cell[..., None] + offsets
        self.texels = np.stack([_texel(rule, cells[:, k], n) for k, n in enumerate(size)], 1)

    def choices(self) -> list[tuple[int, ...]]:
        """A place on each axis, x first, in all combinations; the exact one comes first."""
        return list(product(range(self.places.cell.shape[-1]), repeat=self.rank))

    def at(self, choice: tuple[int, ...]) -> tuple[Texels, NDArray[np.bool_]]:
        """Flat indices (P, T^R) of the texels of a choice, -1 where missing; whether it counts."""
        points = len(self.texels)
        flat = np.zeros((points, 1), np.int64)
        missing = np.zeros((points, 1), bool)
        for axis in reversed(range(self.rank)):
            index = self.texels[:, axis, choice[axis]]
            flat = flat[:, :, None] * self.size[axis] + index[:, None, :]
            missing = missing[:, :, None] | (index < 0)[:, None, :]
            flat, missing = flat.reshape(points, -1), missing.reshape(points, -1)
        inside = np.ones(points, bool)
        for axis in range(self.rank):
            inside &= self.places.inside[:, axis, choice[axis]]
        return np.where(missing, -1, flat), inside

    def weights(self, choice: tuple[int, ...], orders: tuple[int, ...]) -> Floats:
        """Products (P, T^R) of derivatives of weights, of an order on each axis."""
        points = len(self.texels)
        found = np.ones((points, 1))
        for axis in reversed(range(self.rank)):
            w = self.w[orders[axis]][:, axis, choice[axis]]
            found = (found[:, :, None] * w[:, None, :]).reshape(points, -1)
        return found

    def orders(self, *axes: int) -> tuple[int, ...]:
        """The orders of a derivative by some axes."""
        return tuple(axes.count(k) for k in range(self.rank))


def _texel(rule: Rule, i: Texels, size: int) -> Texels:
    """The texel that is read at a place of an axis without end; -1 for none."""
    mode = rule.padding.mode
    if mode == "zeros":
        return np.where((i >= 0) & (i < size), i, -1)
    if mode == "wrap":
        return i % size
    if mode == "reflection":
        period = max(2 * (size - 1), 1) if rule.align else 2 * size
        i = i % period
        i = np.minimum(i, (period if rule.align else period - 1) - i)
    return np.clip(i, 0, size - 1)


def _kernel(mode: str, t: Floats, a: float) -> tuple[Texels, list[Floats]]:
    """Offsets (T,) of the texels of a cell, and weights of order 0, 1, 2 at t."""
    one, zero = np.ones_like(t), np.zeros_like(t)
    if mode == "nearest":
        return np.array([0]), [w[..., None] for w in (one, zero, zero)]
    if mode == "bilinear":
        parts = [(1 - t, t), (-one, one), (zero, zero)]
        return np.array([0, 1]), [np.stack(w, -1) for w in parts]
    s = np.stack([1 + t, t, 1 - t, 2 - t], -1)  # distances of the four texels
    sign = np.array([1.0, 1.0, -1.0, -1.0])
    near = np.array([False, True, True, False])
    value = np.where(
        near, ((a + 2) * s - (a + 3)) * s * s + 1, ((a * s - 5 * a) * s + 8 * a) * s - 4 * a
    )
    slope = np.where(near, (3 * (a + 2) * s - 2 * (a + 3)) * s, (3 * a * s - 10 * a) * s + 8 * a)
    curve = np.where(near, 6 * (a + 2) * s - 2 * (a + 3), 6 * a * s - 10 * a)
    return np.array([-1, 0, 1, 2]), [value, sign * slope, curve]
