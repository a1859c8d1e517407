"""One axis in exact arithmetic: the texels that a point reads, and their weights.

A kernel is a table of polynomials in t, the position of the point in its cell, one per texel
around it. Another kernel is another row.
"""

from fractions import Fraction
from functools import lru_cache
from math import perm
from typing import Literal, NamedTuple

from ._exact_layout import Layout

Mode = Literal["nearest", "bilinear", "bicubic"]
Padding = Literal["zeros", "border", "reflection", "wrap"]
Coordinates = Literal["normalized", "pixel"]
Tap = tuple[int, int, int, int]


class Options(NamedTuple):
    """What is common to all points and axes."""

    mode: Mode
    padding_mode: Padding
    coordinates: Coordinates
    align_corners: bool
    cubic_coefficient: float = -0.75
    layout: Layout = "NHWC"


class Kernel(NamedTuple):
    """Weights of the texels ``cell + first, ...``: coefficients of 1, t, t², ..., over unit."""

    first: int
    unit: int
    pieces: tuple[tuple[int, ...], ...]


KERNELS = {
    "nearest": Kernel(0, 1, ((1,),)),
    "bilinear": Kernel(0, 1, ((1, -1), (0, 1))),
}


@lru_cache
def kernel(mode: Mode, cubic_coefficient: float) -> Kernel:
    """Return the kernel of a mode.

    That of bicubic is Keys', with the coefficient a = n / d:

    k(s) = (a + 2) |s|³ - (a + 3) s² + 1 on |s| <= 1,  a (|s|³ - 5 s² + 8 |s| - 4) on 1 < |s| < 2,

    and its pieces are d k(t - i) for i = -1 ... 2.
    """
    if mode != "bicubic":
        return KERNELS[mode]
    n, d = float(cubic_coefficient).as_integer_ratio()
    near = (d, 0, -n - 3 * d, n + 2 * d), (0, -n, 2 * n + 3 * d, -n - 2 * d)
    return Kernel(-1, d, ((0, n, -2 * n, n), *near, (0, 0, n, -n)))


def weight_unit(unit: int, options: Options) -> int:
    """Return the denominator of the weights of `taps`."""
    found = kernel(options.mode, options.cubic_coefficient)
    return int(found.unit * unit ** (len(found.pieces[0]) - 1))


def taps(g: int, unit: int, size: int, options: Options) -> list[Tap]:
    """Return index, weight, 2 d weight / dg and 4 d² weight / dg² of the texels around g.

    g is counted in halves of the unit; p in the whole unit, so that every p here is an integer.
    A texel that does not exist has the index -1. ValueError is raised for a pixel coordinate that
    overflows float64 and has to be reflected or wrapped.
    """
    mode, padding_mode, coordinates, align_corners, coefficient, _ = options
    half, span = unit // 2, size - bool(align_corners)
    p, rate = 2 * g, 2
    if coordinates == "normalized":
        p, rate = (g + half) * span - (0 if align_corners else half), span
    if padding_mode in ("reflection", "wrap") and abs(p) >= 2**52 * unit:
        if abs(p) >= (2**1024 - 2**970) * unit:
            raise ValueError("pixel coordinate >= 2**1024: expected less")
        p = int(p / unit) * unit
    if mode != "bicubic":
        p, sign = _pad(p, unit, size, options)
        rate *= sign
    cell, part = divmod(p, unit)
    if mode == "nearest":
        cell = round(Fraction(p, unit))
    found, each = [], mode == "bicubic" or padding_mode == "wrap"
    first, _, pieces = kernel(mode, coefficient)
    for index, piece in enumerate(pieces, cell + first):
        at = _pad(2 * index, 2, size, options)[0] // 2 if each else index
        w, slope, curve = (_derivative(piece, part, unit, order) for order in range(3))
        found.append((at if 0 <= at < size else -1, w, rate * slope, rate**2 * curve))
    return found


def _pad(p: int, unit: int, size: int, options: Options) -> tuple[int, int]:
    """Return the coordinate that is read for p, both in units, and its derivative by p."""
    if options.padding_mode == "zeros":
        return p, 1
    if options.padding_mode == "wrap":
        return p % (size * unit), 1
    sign, last = 1, (size - 1) * unit
    if options.padding_mode == "reflection":
        low = 0 if options.align_corners else -unit // 2
        span = last - 2 * low
        flips, rest = divmod(p - low, span) if span else (0, 0)
        p, sign = (low + span - rest, -1) if flips % 2 else (low + rest, 1)
    return (p, sign) if 0 < p < last else (min(max(p, 0), last), 0)


def _derivative(piece: tuple[int, ...], part: int, unit: int, order: int) -> int:
    """Return the derivative of a piece at t = part / unit, over `weight_unit`."""
    degree = len(piece) - 1
    return sum(
        perm(n, order) * piece[n] * part ** (n - order) * unit ** (degree - n + order)
        for n in range(order, degree + 1)
    )
