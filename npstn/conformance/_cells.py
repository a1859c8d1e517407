"""Cells of texels: which texels are read at a place, and their weights, in plain float64."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..grid import Floats
from ._places import Places
from ._rule import Rule
from ._spread import Mask

Texels = NDArray[np.int64]
Values = TypeVar("Values", Floats, Mask)


class Cells:
    """What points read: a row for each choice of one of their places on each axis.

    The rows of a point follow each other, the first is that of its exact coordinates.
    """

    def __init__(self, rule: Rule, places: Places, size: tuple[int, ...], a: float) -> None:
        number = places.number
        each = number.prod(1)
        self.first = np.cumsum(each) - each  # row of each point
        self.point = np.repeat(np.arange(len(number)), each)
        self.rank = len(size)
        rest, chosen = np.arange(len(self.point)) - self.first[self.point], []
        for axis in range(self.rank):
            rest, k = np.divmod(rest, number[self.point, axis])
            chosen.append(k)
        at = self.point[:, None], np.arange(self.rank), np.stack(chosen, -1)
        self.inside = places.inside[at].all(1)
        offsets, self._w = kernel(rule.mode, places.t[at], a)
        cells = places.cell[at][..., None] + offsets
        flat = np.zeros((len(self.point), 1), np.int64)
        missing = np.zeros(flat.shape, bool)
        for axis in reversed(range(self.rank)):
            index = texel(rule, cells[:, axis], size[axis])
            shape = len(flat), flat.shape[1] * index.shape[1]
            flat = (flat[:, :, None] * size[axis] + index[:, None]).reshape(shape)
            missing = (missing[:, :, None] | (index < 0)[:, None]).reshape(shape)
        self.texels = np.where(missing, -1, flat)  # (rows, T^R)

    def weights(self, *axes: int) -> Floats:
        """Products (rows, T^R) of weights, derived by some axes; 0 where a point does not count."""
        found: Floats = self.inside[:, None].astype(np.float64)
        for axis in reversed(range(self.rank)):
            w = self._w[axes.count(axis)][:, axis]
            shape = len(found), found.shape[1] * w.shape[1]
            found = (found[:, :, None] * w[:, None, :]).reshape(shape)
        return found

    def most(self, a: Values) -> Values:
        """The largest of each point's rows."""
        if not len(a):
            return a
        found: Values = np.maximum.reduceat(a, self.first)
        return found

    def least(self, a: Floats) -> Floats:
        """The least of each point's rows."""
        return np.asarray(-self.most(-a))


def texel(rule: Rule, i: Texels, size: int) -> Texels:
    """The texel that is read at a place of an axis without end; -1 for none."""
    mode = rule.padding.mode
    if mode == "zeros":
        return np.where((i >= 0) & (i < size), i, -1)
    if mode == "wrap":
        return i % size
    if mode == "reflection":
        period = rule.period(size)
        i = i % period
        i = np.minimum(i, (period if rule.align else period - 1) - i)
    return np.clip(i, 0, size - 1)


def kernel(mode: str, t: Floats, a: float) -> tuple[Texels, list[Floats]]:
    """Offsets (T,) of the texels of a cell, and weights (*, T) of order 0, 1, 2 at t."""
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
