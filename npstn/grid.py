"""The regular lattice of output points, and the way from normalised to pixel coordinates.

Everything here is exact. On an axis of n output points the base lattice is x_j = base[j] / den with
integer base; on an axis of S texels the pixel coordinate of g is p = g * c + d with half-integer c
and d. Their product, c * x_j, is made exact by an odd common denominator ``div``.
"""

import math
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def base(n: int, align_corners: bool) -> tuple[Floats, int]:
    """Numerators and denominator of the base lattice on an axis of ``n`` points.

    x_j = (2j - (n-1)) / (n-1), and 0 for n = 1, with ``align_corners``; (2j + 1 - n) / n without.
    """
    den = n - 1 if align_corners else n
    return np.arange(1 - n, n, 2, dtype=np.float64), max(den, 1)


@lru_cache(16)
def bases(out_dims: tuple[int, ...], align_corners: bool) -> tuple[Floats, Floats, Floats]:
    """Numerators of the x coordinates (Wo,), and of those of the rows (R - 1, rows), y first.

    And the denominators (R,), x first. The rows of a volume are all (z, y), z slowest.
    """
    *others, (xs, den) = (base(n, align_corners) for n in out_dims)
    points = rows(*(line for line, _ in reversed(others)))
    return xs, np.array(points), np.array([den, *(d for _, d in reversed(others))], float)


def rows(ys: Floats, zs: Floats | None = None) -> tuple[Floats, ...]:
    """The coordinates of all rows of an output: y, and in a volume z as well."""
    if zs is None:
        return (ys,)
    return np.tile(ys, len(zs)), np.repeat(zs, len(ys))


def pixel_scale(size: int, align_corners: bool) -> tuple[float, float]:
    """(c, d) of p = g * c + d on an axis of ``size`` texels: p = 0 is the first texel's centre."""
    return (size - 1 if align_corners else size) / 2, (size - 1) / 2


class Lattice(NamedTuple):
    """The base lattice of all output axes in units of c / div (see :mod:`.kernels.affine`)."""

    xs: Floats  # (Wo,)
    ys: Floats  # (Ho,)
    zs: Floats  # (Do,), or (1,) zeros in two dimensions
    scale: tuple[float, float, float]  # c * div, d * div, div


def lattice(out_dims: tuple[int, ...], c: float, d: float, align_corners: bool) -> Lattice:
    """The lattice of an output for one coordinate p = g * c + d, exactly.

    Raises
    ------
    ValueError
        If the sizes are so large (about 2**53 together) that it would not be exact.
    """
    axes = [base(n, align_corners) for n in reversed(out_dims)]
    units, div = _units(tuple(den for _, den in axes), c)
    if any(
        len(points) * unit.numerator >= 2**53 for (points, _), unit in zip(axes, units, strict=True)
    ):
        raise ValueError(f"out_dims is {out_dims}, expected less than 2**53 together with x")
    lines = [points * float(unit) for (points, _), unit in zip(axes, units, strict=True)]
    xs, ys, *others = lines
    zs = others[0] if others else np.zeros(1)
    return Lattice(xs, ys, zs, (c * div, d * div, float(div)))


@lru_cache  # fractions take as long as a small image
def _units(dens: tuple[int, ...], c: float) -> tuple[list[Fraction], int]:
    """c / den times the odd number that makes all of them binary fractions, and that number."""
    steps = [Fraction(c) / den for den in dens]
    div = math.lcm(*(_odd(step.denominator) for step in steps))
    return [step * div for step in steps], div


def _odd(n: int) -> int:
    """The odd part of n: powers of two divide exactly in binary."""
    return n // (n & -n)
