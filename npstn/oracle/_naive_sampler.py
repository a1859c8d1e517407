"""The sampler of `npstn.oracle.naive`: its four functions, and the dense sums behind them."""

from math import prod
from reprlib import repr as shown
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._naive_kernels import Coordinates, Floats, Mode, Padding, axis_kernels, quiet


@quiet
def grid_sample(
    x: ArrayLike,
    grid: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    coordinates: Coordinates = "normalized",
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> Floats:
    """Sample U = x at the points of a grid: equation (3), with a kernel of `axis_kernels`.

    Parameters
    ----------
    x : (B, H, W, C) or (B, D, H, W, C)
        Images.
    grid : (B, Ho, Wo, 2), (B, K, Ho, Wo, 2), (B, Do, Ho, Wo, 3) or (B, K, Do, Ho, Wo, 3)
        Points (x, y) or (x, y, z): [-1, 1] is the image if normalised, [0, W - 1] and so on in
        pixels.
    mode : {"bilinear", "nearest", "bicubic"}
        Kernel (5), (4), or the cubic one.
    padding_mode : {"zeros", "border", "reflection", "wrap"}
        The next two move a point into the image before the sum, or with bicubic continue the
        image by copies of its pixels, as wrap always does; zeros does neither.
    align_corners : bool
        Whether -1 and 1 are the centres of the outer pixels, or their outer edges.
    coordinates : {"normalized", "pixel"}
        Unit of the grid.
    fill_value : number, or (C,) of them
        With zeros, what is outside: kernels sum to 1, so that it may be taken off all pixels
        before the sum and put back after it.
    cubic_coefficient : float
        The a of the cubic kernel.

    Returns
    -------
    (B, Ho, Wo, C), (B, K, Ho, Wo, C), (B, Do, Ho, Wo, C) or (B, K, Do, Ho, Wo, C)
        The output V.

    Raises
    ------
    ValueError
        If a number is not finite, an option is unknown or the shapes do not fit.
    """
    u, points = _inputs(x, grid)
    fill = _fill(fill_value, padding_mode)
    k = _kernels(u, points, mode, padding_mode, align_corners, coordinates, cubic_coefficient)
    v = fill + _sum_pixels(k, u - fill)  # (3)
    return v.reshape(*np.shape(grid)[:-1], u.shape[-1])


@quiet
def grid_sample_vjp(
    d_out: ArrayLike,
    x: ArrayLike,
    grid: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    coordinates: Coordinates = "normalized",
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> tuple[Floats, Floats]:
    """Pull a cotangent of V back to U with equation (6) and to the points with equation (7).

    d_out has the shape of the output; d_x and d_grid have those of x and grid. The other
    arguments and the errors are those of `grid_sample`.
    """
    u, points = _inputs(x, grid)
    u = u - _fill(fill_value, padding_mode)
    k = _kernels(u, points, mode, padding_mode, align_corners, coordinates, cubic_coefficient)
    shape = (*np.shape(grid)[:-1], u.shape[-1])
    d = _like("d_out", d_out, shape).reshape(*points.shape[:2], u.shape[-1])
    d_points = [(d * _sum_pixels(k, u, a)).sum(axis=-1) for a in range(len(k))]  # (7)
    return _sum_points(k, d), np.stack(d_points, axis=-1).reshape(np.shape(grid))  # (6)


@quiet
def grid_sample_jvp(
    x: ArrayLike,
    grid: ArrayLike,
    t_x: ArrayLike,
    t_grid: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    coordinates: Coordinates = "normalized",
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> Floats:
    """Push tangents of U and of the points forward: (3) of the one, and (7) times the other.

    ``t_V = Σ t_U k k + Σ_a t_a Σ U ∂_a(k k)`` over the pixels and the axes a. The tangents have
    the shapes of x and grid. The other arguments and the errors are those of `grid_sample`.
    """
    u, points = _inputs(x, grid)
    u = u - _fill(fill_value, padding_mode)
    k = _kernels(u, points, mode, padding_mode, align_corners, coordinates, cubic_coefficient)
    t_u = _like("t_x", t_x, u.shape)
    t = _like("t_grid", t_grid, np.shape(grid)).reshape(points.shape)
    t_v = _sum_pixels(k, t_u)
    for a in range(len(k)):
        t_v += t[..., a, None] * _sum_pixels(k, u, a)
    return t_v.reshape(*np.shape(grid)[:-1], u.shape[-1])


@quiet
def grid_sample_vjp_vjp(
    dd_x: ArrayLike,
    dd_grid: ArrayLike,
    d_out: ArrayLike,
    x: ArrayLike,
    grid: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    coordinates: Coordinates = "normalized",
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> tuple[Floats, Floats, Floats]:
    """Pull cotangents of (6) and (7) back to d_out, x and grid.

    The derivatives of ``<dd_x, d_U> + <dd_grid, d_points>``, term by term, with e for dd_grid:

    - by d_V, ``Σ dd_U k k`` from (6) and ``Σ_a e_a Σ U ∂_a(k k)`` from (7), over the pixels;
    - by U, ``Σ d_V Σ_a e_a ∂_a(k k)`` from (7) over the points;
    - by x_b, ``d_V Σ dd_U ∂_b(k k)`` from (6) and ``d_V Σ_a e_a Σ U ∂_a ∂_b(k k)`` from (7).

    dd_x and dd_grid have the shapes of x and grid, and the three results those of d_out, x and
    grid. The other arguments and the errors are those of `grid_sample_vjp`.
    """
    u, points = _inputs(x, grid)
    u = u - _fill(fill_value, padding_mode)
    k = _kernels(u, points, mode, padding_mode, align_corners, coordinates, cubic_coefficient)
    shape = (*np.shape(grid)[:-1], u.shape[-1])
    d = _like("d_out", d_out, shape).reshape(*points.shape[:2], u.shape[-1])
    dd_u = _like("dd_x", dd_x, u.shape)
    e = _like("dd_grid", dd_grid, np.shape(grid)).reshape(points.shape)
    by_d, by_u, by_points = _sum_pixels(k, dd_u), np.zeros_like(u), np.zeros_like(points)
    for a in range(len(k)):
        by_d += e[..., a, None] * _sum_pixels(k, u, a)
        by_u += _sum_points(k, e[..., a, None] * d, a)
        by_points[..., a] += (d * _sum_pixels(k, dd_u, a)).sum(axis=-1)
        for b in range(len(k)):
            by_points[..., b] += e[..., a] * (d * _sum_pixels(k, u, a, b)).sum(axis=-1)
    return by_d.reshape(shape), by_u, by_points.reshape(np.shape(grid))


@quiet
def grid_sample_vjp_fill(d_out: ArrayLike, x: ArrayLike, grid: ArrayLike, **options: Any) -> Floats:
    """Pull a cotangent of V back to the fill (C,): ``Σ d_V (1 - Σ k k)`` over points and pixels.

    The options are those of `grid_sample`.
    """
    inside = grid_sample(np.ones_like(finite("x", x)), grid, **options)
    d_fill: Floats = (finite("d_out", d_out) * (1 - inside)).reshape(-1, inside.shape[-1]).sum(0)
    return d_fill


@quiet
def finite(name: str, values: ArrayLike) -> Floats:
    """Return float64 numbers; ValueError is raised for NaN or an infinity."""
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or an infinity: expected finite numbers")
    return array


def _sum_pixels(k: list[list[Floats]], u: Floats, *by: int) -> Floats:
    """Return ``Σ U k k`` over the pixels, (B, points, C); the kernels derived by the axes named."""
    names = "mnl"[: len(k)]
    kernels = [orders[by.count(axis)] for axis, orders in enumerate(k)]
    terms = ",".join(f"bi{name}" for name in names)
    v: Floats = np.einsum(f"{terms},b{names[::-1]}c->bic", *kernels, u)
    return v


def _sum_points(k: list[list[Floats]], d: Floats, *by: int) -> Floats:
    """Return ``Σ d k k`` over the points, of the shape of U; kernels as in `_sum_pixels`."""
    names = "mnl"[: len(k)]
    kernels = [orders[by.count(axis)] for axis, orders in enumerate(k)]
    terms = ",".join(f"bi{name}" for name in names)
    d_u: Floats = np.einsum(f"{terms},bic->b{names[::-1]}c", *kernels, d)
    return d_u


def _kernels(
    u: Floats,
    points: Floats,
    mode: str,
    padding: str,
    align_corners: bool,
    coordinates: str,
    cubic_coefficient: float,
) -> list[list[Floats]]:
    """Return k(x - m), k(y - n), ... by axis, then order of derivative, (B, points, pixels)."""
    options = (mode, padding, align_corners, coordinates, cubic_coefficient)
    sizes = u.shape[-2:0:-1]
    return [axis_kernels(points[..., a], size, *options) for a, size in enumerate(sizes)]


def _fill(fill_value: ArrayLike, padding: str) -> Floats:
    fill = finite("fill_value", fill_value)
    if fill.any() and padding != "zeros":
        raise ValueError(
            f"fill_value={shown(fill_value)} with padding_mode={shown(padding)}: expected zeros"
        )
    return fill


def _inputs(x: ArrayLike, grid: ArrayLike) -> tuple[Floats, Floats]:
    """Return the images and, image by image, the list of points, (B, points, rank)."""
    u, points = finite("x", x), finite("grid", grid)
    rank = points.shape[-1]
    if u.ndim != rank + 2 or len(u) != len(points):
        raise ValueError(f"x of shape {u.shape}: expected {rank + 2} axes, B={len(points)} first")
    return u, points.reshape(len(u), prod(points.shape[1:-1]), rank)


def _like(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    array = finite(name, values)
    if array.shape != shape:
        raise ValueError(f"{name} of shape {array.shape}: expected {shape}")
    return array
