"""The spatial transformer as the paper writes it: dense sums over all pixels.

Jaderberg, Simonyan, Zisserman, Kavukcuoglu (2015), "Spatial Transformer Networks",
https://arxiv.org/abs/1506.02025. With U the input (n rows, m columns), V the output and (x, y)
the source point of an output pixel, everything below is a case of

    V = Σ_n Σ_m U_nm k(x - m) k(y - n)                                                (3)

and of its derivatives. Layout is (B, H, W, C), a point is (x, y), all results are float64. A grid
may hold K transforms of each image. The sums run over every pixel of the image, most of them with
weight 0: so numbers must be finite, and time and memory are wasted for the sake of clarity.
"""

from math import prod
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Mode = Literal["nearest", "bilinear"]
Padding = Literal["zeros", "border", "reflection"]
Coordinates = Literal["normalized", "pixel"]
Floats = NDArray[np.float64]


def affine_grid(
    theta: ArrayLike, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> Floats:
    """Give each target pixel its source point: ``(x, y) = A_theta · (x_t, y_t, 1)``, equation (1).

    Parameters
    ----------
    theta : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3)
        Affine maps A_theta, row by row.
    out_dims : (Ho, Wo)
        Output size.
    align_corners : bool
        Whether -1 and 1 are the centres of the outer target pixels, or their outer edges.

    Returns
    -------
    (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2)
        Normalised points (x, y). ValueError is raised for a theta that is not finite.
    """
    a = _finite("theta", theta)
    a = a.reshape(*a.shape[:-1], 2, 3) if a.shape[-1] == 6 else a
    grid: Floats = np.einsum("...rc,ijc->...ijr", a, _targets(out_dims, align_corners))
    return grid


def affine_grid_vjp(d_grid: ArrayLike, *, align_corners: bool = True) -> Floats:
    """Pull a cotangent of the grid back to theta: equation (1) is linear in A_theta.

    ``d_theta = Σ_i d_grid_i (x_t, y_t, 1)`` over the target pixels i. The shapes and the errors
    are those of `affine_grid`; d_theta is (B, 2, 3) or (B, K, 2, 3).
    """
    d = _finite("d_grid", d_grid)
    targets = _targets(d.shape[-3:-1], align_corners)
    d_theta: Floats = np.einsum("...ijr,ijc->...rc", d, targets)
    return d_theta


def grid_sample(
    x: ArrayLike,
    grid: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    coordinates: Coordinates = "normalized",
) -> Floats:
    """Sample U = x at the points of a grid: equation (3), with the kernel (4) or (5).

    Parameters
    ----------
    x : (B, H, W, C)
        Images.
    grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2)
        Points (x, y): [-1, 1] is the image if normalised, [0, W - 1] and [0, H - 1] in pixels.
    mode : {"bilinear", "nearest"}
        Kernel (5) or (4).
    padding_mode : {"zeros", "border", "reflection"}
        The last two move a point into the image before the sum; zeros leaves it where it is.
    align_corners : bool
        Whether -1 and 1 are the centres of the outer pixels, or their outer edges.
    coordinates : {"normalized", "pixel"}
        Unit of the grid.

    Returns
    -------
    (B, Ho, Wo, C) or (B, K, Ho, Wo, C)
        The output V.

    Raises
    ------
    ValueError
        If a number is not finite, an option is unknown or the batch sizes differ.
    """
    u, points = _inputs(x, grid)
    kx, ky, _, _ = _kernels(u, points, mode, padding_mode, align_corners, coordinates)
    v: Floats = np.einsum("bin,bim,bnmc->bic", ky, kx, u)  # (3), which is (4) or (5)
    return v.reshape(*np.shape(grid)[:-1], u.shape[-1])


def grid_sample_vjp(
    d_out: ArrayLike,
    x: ArrayLike,
    grid: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    coordinates: Coordinates = "normalized",
) -> tuple[Floats, Floats]:
    """Pull a cotangent of V back to U with equation (6) and to the points with equation (7).

    d_out has the shape of the output; d_x and d_grid have those of x and grid. The other
    arguments and the errors are those of `grid_sample`.
    """
    u, points = _inputs(x, grid)
    kx, ky, dkx, dky = _kernels(u, points, mode, padding_mode, align_corners, coordinates)
    d = _finite("d_out", d_out)
    expected = (*np.shape(grid)[:-1], u.shape[-1])
    if d.shape != expected:
        raise ValueError(f"d_out of shape {d.shape}: expected {expected}")
    d = d.reshape(*points.shape[:2], u.shape[-1])
    d_u = np.einsum("bin,bim,bic->bnmc", ky, kx, d)  # (6)
    d_px = np.einsum("bin,bim,bnmc,bic->bi", ky, dkx, u, d)  # (7)
    d_py = np.einsum("bin,bim,bnmc,bic->bi", dky, kx, u, d)  # (7) for y
    return d_u, np.stack([d_px, d_py], axis=-1).reshape(np.shape(grid))


def spatial_transformer_network(
    x: ArrayLike,
    theta: ArrayLike,
    out_dims: tuple[int, ...],
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
) -> Floats:
    """Grid generator, then sampler: `affine_grid` and `grid_sample`, with their arguments.

    The grid is rounded to float64, so that the result is exact only where the grid is.
    """
    grid = affine_grid(theta, out_dims, align_corners=align_corners)
    return grid_sample(x, grid, mode=mode, padding_mode=padding_mode, align_corners=align_corners)


def spatial_transformer_network_vjp(
    d_out: ArrayLike,
    x: ArrayLike,
    theta: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
) -> tuple[Floats, Floats]:
    """Pull a cotangent of V back to x and theta: `grid_sample_vjp`, then `affine_grid_vjp`.

    d_theta is (B, 2, 3) or (B, K, 2, 3) for either shape of theta.
    """
    grid = affine_grid(theta, np.shape(d_out)[-3:-1], align_corners=align_corners)
    d_x, d_grid = grid_sample_vjp(
        d_out, x, grid, mode=mode, padding_mode=padding_mode, align_corners=align_corners
    )
    return d_x, affine_grid_vjp(d_grid, align_corners=align_corners)


def _targets(out_dims: tuple[int, ...], align_corners: bool) -> Floats:
    """Homogeneous target points (x_t, y_t, 1), regular in [-1, 1]; one alone is in the middle."""
    y, x = ((2 * np.arange(n) + 1 - n) / max(n - 1 if align_corners else n, 1) for n in out_dims)
    return np.stack(np.broadcast_arrays(x, y[:, None], 1.0), axis=-1)


def _kernels(
    u: Floats, points: Floats, mode: str, padding: str, align_corners: bool, coordinates: str
) -> list[Floats]:
    """Return k(x - m), k(y - n) and their derivatives by x and y, each (B, points, pixels)."""
    if mode not in ("nearest", "bilinear"):
        raise ValueError(f"mode={mode!r}: expected 'nearest' or 'bilinear'")
    values, slopes = [], []
    for axis, size in enumerate((u.shape[2], u.shape[1])):
        p, dp = _pixel(points[..., axis], size, align_corners, coordinates)
        p, dpad = _pad(p, size, padding, align_corners)
        at = (p[..., None], np.arange(size))
        values.append(_tent(*at) if mode == "bilinear" else _delta(*at))
        slopes.append(_tent_slope(*at) * (mode == "bilinear") * (dpad * dp)[..., None])
    return values + slopes


def _tent(x: Floats, m: NDArray[np.int64]) -> Floats:
    """Return the kernel of (5)."""
    return np.maximum(0, 1 - abs(x - m))


def _tent_slope(x: Floats, m: NDArray[np.int64]) -> Floats:
    """Return the derivative of (5) by x; at a whole x, the one to the right.

    (7) has 1 for x <= m < x + 1 and -1 for x - 1 < m < x. At a whole x that leaves +1 on the
    pixel itself, which is no derivative from either side. Here it is 1 for x < m <= x + 1 and -1
    for x - 1 < m <= x, which differs from (7) nowhere else. Only whole numbers are moved across
    the inequalities, so that nothing is rounded.
    """
    return np.asarray(1.0 * ((m - 1 <= x) & (x < m)) - 1.0 * ((m <= x) & (x < m + 1)))


def _delta(x: Floats, m: NDArray[np.int64]) -> Floats:
    """Return the kernel of (4), with ties to even where (4) rounds them up: floor(x + 0.5)."""
    return np.asarray(np.rint(x) == m, dtype=np.float64)


def _pixel(g: Floats, size: int, align_corners: bool, coordinates: str) -> tuple[Floats, float]:
    """Return the pixel coordinate of g and its derivative."""
    if coordinates == "pixel":
        return g, 1.0
    if coordinates != "normalized":
        raise ValueError(f"coordinates={coordinates!r}: expected 'normalized' or 'pixel'")
    span, low = (size - 1, 0) if align_corners else (size, 1)
    return ((g + 1) * span - low) / 2, span / 2


def _pad(p: Floats, size: int, padding: str, align_corners: bool) -> tuple[Floats, Floats]:
    """Return the point that is sampled for p and its derivative, 0 on and beyond the border."""
    slope = np.ones_like(p)
    if padding == "zeros":
        return p, slope
    if padding == "reflection":
        period, fold = (2 * size - 2, size - 1.0) if align_corners else (2 * size, size - 0.5)
        p = np.mod(p, period) if period else p
        slope[p > fold] = -1
        p = np.where(p > fold, 2 * fold - p, p)
    elif padding != "border":
        raise ValueError(f"padding_mode={padding!r}: expected zeros, border or reflection")
    return np.clip(p, 0, size - 1), slope * (p > 0) * (p < size - 1)


def _inputs(x: ArrayLike, grid: ArrayLike) -> tuple[Floats, Floats]:
    """Return the images and, image by image, the list of points, (B, points, 2)."""
    u, points = _finite("x", x), _finite("grid", grid)
    if u.ndim != 4 or len(u) != len(points):
        raise ValueError(f"x of shape {u.shape}: expected (B, H, W, C) with B={len(points)}")
    return u, points.reshape(len(u), prod(points.shape[1:-1]), 2)


def _finite(name: str, values: ArrayLike) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or an infinity: expected finite numbers")
    return array
