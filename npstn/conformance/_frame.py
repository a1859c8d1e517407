"""Units in exact arithmetic: from coordinates to pixels, and how far rounding may take these."""

from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from ..dialects._frames import Sizes, frame
from ..dialects.row import Convention
from ..grid import Floats
from ._spread import Objects, floats, fractions


class ExactFrame(NamedTuple):
    """p = g a + b, x first, and the bound of its rounding errors in units of a precision."""

    rule: Convention
    size: Floats  # of the image, x first
    a: Objects  # (R,)
    b: Objects  # (R,), or (*out, R)

    def pixels(self, g: Objects) -> Objects:
        """The pixel coordinates of points (N, *out, R)."""
        return np.asarray(g * self.a + self.b)

    def rounding(self, g: Floats) -> Floats:
        """How far from p a system may compute it, over the unit of its precision.

        Normalized: in ((g + 1) S - shrink) / 2 the sum, the product and the difference are rounded
        once each, whatever their order: at most 3/2 (|g| + 1) S + 1/2, and here 2 and 1 for terms
        of second order. In pixels g is p; another origin, a flow and normalising on the way round
        each sum and product of theirs, of numbers up to |p| + S.
        """
        size, plain = abs(g), self.size
        if self.rule.unit == "normalized":
            return np.asarray(2 * (size + 1) * plain + 1)
        if self.rule.through:
            return np.asarray(8 * (size + abs(floats(self.b)) + plain))
        if self.rule.unit == "flow" or self.rule.origin != "texel":
            return np.asarray(4 * (size * abs(floats(self.a)) + plain))
        return np.zeros(g.shape)


def exact_frame(rule: Convention, size: Sizes, out: Sizes, align: bool) -> ExactFrame:
    """The frame of points in an image; a flow has its lattice, of the size of the output."""
    plain = frame(replace(rule, through=""), size if rule.unit != "flow" else out, align)
    a, b = fractions(plain.a), fractions(plain.b)  # halves: exact
    wide = np.array(size[::-1], np.float64)
    if rule.through == "align":
        ratio = np.array([Fraction(n - align, max(n - 1, 1)) for n in size[::-1]], object)
        a, b = a * ratio, b * ratio + (0 if align else Fraction(-1, 2))
    elif rule.through and align:
        lost = np.array([int(n > 1) for n in size[::-1]], object)
        a, b = a * lost, b * lost
    return ExactFrame(rule, wide, a, b)


def exact_lattice(rule: Convention, out: Sizes, align: bool) -> list[Objects]:
    """The coordinates of the output's points on each axis, x first, in the unit of maps."""
    return [_axis(rule, n, align) for n in reversed(out)]


def _axis(rule: Convention, n: int, align: bool) -> Objects:
    aligned = align if rule.shrink is None else True
    found = np.empty(n, object)
    if rule.unit == "normalized":
        one = rule.one if aligned else 0.0
        found[:] = [Fraction(2 * j + 1 - n, n - aligned) for j in range(n)] if n > 1 else [one] * n
    else:
        first = {"texel": 0, "corner": 1, "centre": 1 - n}[rule.origin]
        moved = Fraction(first, 2) + Fraction(rule.one if align and n == 1 else 0)
        found[:] = [j + moved for j in range(n)]
    return fractions(found) if n == 1 else found
