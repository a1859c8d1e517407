"""R40: the coordinate of an honest backend of any precision is within the bound, and needs it."""

from fractions import Fraction

import numpy as np
import pytest
from support import Numbers

ROUNDING = {np.float16: Fraction(1, 2**11), np.float32: Fraction(1, 2**24)}


def unaligned(g, size):
    return ((g + 1) * size - 1) / 2


def aligned(g, size):
    return (g + 1) * (size - 1) / 2


def mirrored(g, size):
    """R16 as PyTorch computes it, in the type of g, or in fractions."""
    half = type(g)(0.5)
    flips, rest = divmod(abs(unaligned(g, size) + half), size)
    return (size - rest if flips % 2 else rest) - half


def folded(g, size):
    return unaligned(g, size) % size


@pytest.mark.parametrize("dtype", ROUNDING)
@pytest.mark.parametrize("formula", [aligned, unaligned, mirrored, folded])
def test_coordinates_are_within_the_bound(formula, dtype):
    numbers, worst, fold = Numbers(1), Fraction(0), formula in (mirrored, folded)
    for size in (2, 3, 7, 64, 100):
        for g in numbers.uniform((400,), -3, 3).astype(dtype):
            exact = formula(Fraction(float(g)), size)
            found = Fraction(float(formula(g, dtype(size))))
            error = abs(found - exact)
            if formula is folded:  # an ulp before the last edge is as near as one behind the first
                error = min(error, size - error)
            room = 2 * (abs(Fraction(float(g))) + 1) * size + 1
            worst = max(worst, error / (ROUNDING[dtype] * room * (2 if fold else 1)))
    assert worst <= 1
    assert worst > (0.1 if fold else 0.3)
