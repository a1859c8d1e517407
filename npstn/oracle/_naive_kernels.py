"""The paper's generic kernel k(·; Φ) on one axis, with its derivatives, over all pixels.

`axis_kernels` is all that `npstn.oracle.naive` needs: k(x - m) for every point x and every pixel
m, and its first two derivatives by x. Another kernel is one function of k, k' and k''.
"""

from collections.abc import Callable
from functools import wraps
from reprlib import repr as shown
from typing import Literal, ParamSpec, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

Mode = Literal["nearest", "bilinear", "bicubic"]
Padding = Literal["zeros", "border", "reflection", "wrap"]
Coordinates = Literal["normalized", "pixel"]
Floats = NDArray[np.float64]
Pixels = NDArray[np.int64]
P = ParamSpec("P")
R = TypeVar("R")


def quiet(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function: NumPy neither warns nor raises in it, whatever its caller has set."""

    @wraps(function)
    def called(*args: P.args, **options: P.kwargs) -> R:
        with np.errstate(all="ignore"):
            return function(*args, **options)

    return called


def axis_kernels(
    g: Floats,
    size: int,
    mode: str,
    padding: str,
    align_corners: bool,
    coordinates: str,
    cubic_coefficient: float,
) -> list[Floats]:
    """Return k and its first and second derivatives by g, each of the shape of g and (size,)."""
    p, dp = _pixel(g, size, align_corners, coordinates)
    if mode == "bicubic" or padding == "wrap":
        values = _of_padded_pixels(p, size, mode, padding, align_corners, cubic_coefficient)
        return [value * dp**order for order, value in enumerate(values)]
    p, slope = _pad(p, size, padding, align_corners)
    slope = (slope * dp)[..., None]
    return [k * slope**n for n, k in enumerate(_kernel(mode, p[..., None], np.arange(size), 0.0))]


def _kernel(mode: str, x: Floats, m: Pixels, cubic_coefficient: float) -> list[Floats]:
    """Return k(x - m) of a mode and its first and second derivatives by x."""
    if mode == "bilinear":
        return [_tent(x, m), _tent_slope(x, m), 0 * _tent(x, m)]
    if mode == "nearest":
        return [_delta(x, m), 0 * _delta(x, m), 0 * _delta(x, m)]
    if mode == "bicubic":
        return _cubic(x, m, cubic_coefficient)
    raise ValueError(f"mode={shown(mode)}: expected one of {get_args(Mode)}")


def _tent(x: Floats, m: Pixels) -> Floats:
    """Return the kernel of (5)."""
    return np.maximum(0, 1 - abs(x - m))


def _tent_slope(x: Floats, m: Pixels) -> Floats:
    """Return the derivative of (5) by x; at a whole x, the one to the right.

    (7) has 1 for x <= m < x + 1 and -1 for x - 1 < m < x. At a whole x that leaves +1 on the
    pixel itself, which is no derivative from either side. Here it is 1 for x < m <= x + 1 and -1
    for x - 1 < m <= x, which differs from (7) nowhere else. Only whole numbers are moved across
    the inequalities, so that nothing is rounded.
    """
    return np.asarray(1.0 * ((m - 1 <= x) & (x < m)) - 1.0 * ((m <= x) & (x < m + 1)))


def _delta(x: Floats, m: Pixels) -> Floats:
    """Return the kernel of (4), with ties to even where (4) rounds them up: floor(x + 0.5)."""
    return np.asarray(np.rint(x) == m, dtype=np.float64)


def _cubic(x: Floats, m: Pixels, a: float) -> list[Floats]:
    """Return the cubic convolution kernel with the coefficient a, and its derivatives to the right.

    With s = x - m it is ``(a + 2) |s|³ - (a + 3) s² + 1`` for |s| <= 1, ``a (|s| - 1) (|s| - 2)²``
    for 1 < |s| < 2, and 0 beyond. Only the second derivative jumps.
    """
    s = x - m
    s = np.where((s >= -2) & (s < 2), s, 2.0)  # far away powers would overflow
    r, sign, near = abs(s), np.sign(s), abs(s) <= 1
    k = np.where(near, ((a + 2) * r - (a + 3)) * r * r + 1, a * (r - 1) * (r - 2) ** 2)
    slope = np.where(near, (3 * (a + 2) * r - 2 * (a + 3)) * r, a * (r - 2) * (3 * r - 4))
    curve = np.where((s >= -1) & (s < 1), 6 * (a + 2) * r - 2 * (a + 3), a * (6 * r - 10)) * (s < 2)
    return [k, sign * slope, curve]


def _of_padded_pixels(
    p: Floats, size: int, mode: str, padding: str, align_corners: bool, cubic_coefficient: float
) -> list[Floats]:
    """Return k, k', k'' for an image that is continued beyond its border, pixel by pixel.

    A pixel has the weights of all its copies. Where the continued image is constant or periodic,
    p is first moved to an equal place nearby.
    """
    copies = np.arange(size)
    if padding == "border":
        p, copies = np.clip(p, -2, size), np.arange(-3, size + 3)
    elif padding == "reflection":
        period = max(2 * size - 2 if align_corners else 2 * size, 1)
        p, copies = np.mod(p, period), np.arange(-1, period + 3)
    elif padding == "wrap":
        p, copies = np.mod(p, size), np.arange(-1, size + 3)
    original, _ = _pad(copies.astype(float), size, padding, align_corners)
    is_copy = (original[:, None] == np.arange(size)).astype(float)
    return [k @ is_copy for k in _kernel(mode, p[..., None], copies, cubic_coefficient)]


def _pixel(g: Floats, size: int, align_corners: bool, coordinates: str) -> tuple[Floats, float]:
    """Return the pixel coordinate of g and its derivative."""
    if coordinates == "pixel":
        return g, 1.0
    if coordinates != "normalized":
        raise ValueError(f"coordinates={shown(coordinates)}: expected 'normalized' or 'pixel'")
    span, low = (size - 1, 0) if align_corners else (size, 1)
    return ((g + 1) * span - low) / 2, span / 2


def _pad(p: Floats, size: int, padding: str, align_corners: bool) -> tuple[Floats, Floats]:
    """Return the point that is sampled for p and its derivative, 0 on and beyond the border."""
    slope = np.ones_like(p)
    if padding == "zeros":
        return p, slope
    if padding == "wrap":
        return np.mod(p, size), slope
    if padding == "reflection":
        period, fold = (2 * size - 2, size - 1.0) if align_corners else (2 * size, size - 0.5)
        p = np.mod(p, period) if period else p
        slope[p > fold] = -1
        p = np.where(p > fold, 2 * fold - p, p)
    elif padding != "border":
        raise ValueError(f"padding_mode={shown(padding)}: expected one of {get_args(Padding)}")
    return np.clip(p, 0, size - 1), slope * (p > 0) * (p < size - 1)
