"""Changes of unit on both sides of a map, with each product of units rounded once."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from ..grid import Floats
from ._frames import Frame

Rows = list[list[Fraction]]


class Units(NamedTuple):
    """Changes of unit on both sides of a map, as the terms of a sum: m'[i, j] = c m[k, h]."""

    terms: tuple[tuple[int, int, int, int, float], ...]

    def applied(self, m: Floats) -> Floats:
        """Change the units of matrices."""
        found = np.zeros(m.shape)
        for i, j, k, h, c in self.terms:
            found[:, i, j] += c * m[:, k, h]
        return found

    def transposed(self, d: Floats) -> Floats:
        """The adjoint of that."""
        found = np.zeros(d.shape)
        for i, j, k, h, c in self.terms:
            found[:, k, h] += c * d[:, i, j]
        return found


def units(left: Rows, right: Rows) -> Units:
    """``left m right`` for matrices of fractions."""
    n = len(left)
    terms = [
        (i, j, k, h, float(left[i][k] * right[h][j]))
        for i in range(n)
        for j in range(n)
        for k in range(n)
        for h in range(n)
        if left[i][k] and right[h][j]
    ]
    return Units(tuple(terms))


def change(old: Frame, new: Frame, at_one: float) -> Rows:
    """The matrix that takes coordinates of one frame to another: x' = (x a + b - b') / a'.

    Where a' is 0, x' is ``at_one`` whatever x is.
    """
    n = len(old.a)
    found = [[Fraction(int(i == j == n)) for j in range(n + 1)] for i in range(n + 1)]
    for i, numbers in enumerate(zip(*old, *new, strict=True)):
        a, b, a_new, b_new = map(Fraction, numbers)
        if a_new:
            found[i][i], found[i][n] = a / a_new, (b - b_new) / a_new
        else:
            found[i][n] = Fraction(at_one)
    return found
