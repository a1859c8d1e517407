"""The spatial transformer as the paper writes it: dense sums over all pixels.

Jaderberg, Simonyan, Zisserman, Kavukcuoglu (2015), "Spatial Transformer Networks",
https://arxiv.org/abs/1506.02025. With U the input (n rows, m columns), V the output and (x, y)
the source point of an output pixel, everything below is a case of

    V = Σ_n Σ_m U_nm k(x - m) k(y - n)                                                (3)

and of its derivatives; in a volume with Σ_l and k(z - l) besides. Layout is (B, H, W, C) or
(B, D, H, W, C), a point is (x, y) or (x, y, z), all results are float64. A grid may hold K
transforms of each image. The sums run over every pixel of the image, most of them with weight 0:
so numbers must be finite, and time and memory are wasted for the sake of clarity.
"""

import numpy as np
from numpy.typing import ArrayLike

from ._naive_kernels import Coordinates, Floats, Mode, Padding, quiet
from ._naive_sampler import (
    finite,
    grid_sample,
    grid_sample_jvp,
    grid_sample_vjp,
    grid_sample_vjp_fill,
    grid_sample_vjp_vjp,
)

__all__ = [
    "Coordinates",
    "Floats",
    "Mode",
    "Padding",
    "affine_grid",
    "affine_grid_vjp",
    "grid_sample",
    "grid_sample_jvp",
    "grid_sample_vjp",
    "grid_sample_vjp_fill",
    "grid_sample_vjp_vjp",
    "spatial_transformer_network",
    "spatial_transformer_network_jvp",
    "spatial_transformer_network_vjp",
    "spatial_transformer_network_vjp_vjp",
]


@quiet
def affine_grid(
    theta: ArrayLike, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> Floats:
    """Give each target pixel its source point: ``(x, y) = A_theta · (x_t, y_t, 1)``, equation (1).

    Parameters
    ----------
    theta : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3); (B, 12), (B, 3, 4) and so on in 3-D
        Affine maps A_theta, row by row.
    out_dims : (Ho, Wo) or (Do, Ho, Wo)
        Output size.
    align_corners : bool
        Whether -1 and 1 are the centres of the outer target pixels, or their outer edges.

    Returns
    -------
    (B, Ho, Wo, 2), (B, K, Ho, Wo, 2), (B, Do, Ho, Wo, 3) or (B, K, Do, Ho, Wo, 3)
        Normalised points (x, y) or (x, y, z). ValueError is raised for a theta that is not finite.
    """
    a, rank = finite("theta", theta), len(out_dims)
    a = a.reshape(*a.shape[:-1], rank, rank + 1) if a.shape[-1] == rank * (rank + 1) else a
    pixels = "hij"[-rank:]
    targets = _targets(out_dims, align_corners)
    grid: Floats = np.einsum(f"...rc,{pixels}c->...{pixels}r", a, targets)
    return grid


@quiet
def affine_grid_vjp(d_grid: ArrayLike, *, align_corners: bool = True) -> Floats:
    """Pull a cotangent of the grid back to theta: equation (1) is linear in A_theta.

    ``d_theta = Σ_i d_grid_i (x_t, y_t, 1)`` over the target pixels i. The shapes and the errors
    are those of `affine_grid`; d_theta is (..., 2, 3) or (..., 3, 4).
    """
    d = finite("d_grid", d_grid)
    rank = d.shape[-1]
    pixels = "hij"[-rank:]
    targets = _targets(d.shape[-1 - rank : -1], align_corners)
    d_theta: Floats = np.einsum(f"...{pixels}r,{pixels}c->...rc", d, targets)
    return d_theta


def spatial_transformer_network(
    x: ArrayLike,
    theta: ArrayLike,
    out_dims: tuple[int, ...],
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> Floats:
    """Grid generator, then sampler: `affine_grid` and `grid_sample`, with their arguments.

    The grid is rounded to float64, so that the result is exact only where the grid is.
    """
    grid = affine_grid(theta, out_dims, align_corners=align_corners)
    return grid_sample(
        *(x, grid),
        mode=mode,
        padding_mode=padding_mode,
        align_corners=align_corners,
        fill_value=fill_value,
        cubic_coefficient=cubic_coefficient,
    )


def spatial_transformer_network_vjp(
    d_out: ArrayLike,
    x: ArrayLike,
    theta: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> tuple[Floats, Floats]:
    """Pull a cotangent of V back to x and theta: `grid_sample_vjp`, then `affine_grid_vjp`.

    d_theta is (..., 2, 3) or (..., 3, 4) for either shape of theta.
    """
    grid = affine_grid(theta, np.shape(d_out)[1 - np.ndim(x) : -1], align_corners=align_corners)
    d_x, d_grid = grid_sample_vjp(
        *(d_out, x, grid),
        mode=mode,
        padding_mode=padding_mode,
        align_corners=align_corners,
        fill_value=fill_value,
        cubic_coefficient=cubic_coefficient,
    )
    return d_x, affine_grid_vjp(d_grid, align_corners=align_corners)


def spatial_transformer_network_jvp(
    x: ArrayLike,
    theta: ArrayLike,
    out_dims: tuple[int, ...],
    t_x: ArrayLike,
    t_theta: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> Floats:
    """Push tangents of x and theta forward: `affine_grid`, which is linear, `grid_sample_jvp`."""
    grid, t_grid = (affine_grid(a, out_dims, align_corners=align_corners) for a in (theta, t_theta))
    return grid_sample_jvp(
        *(x, grid, t_x, t_grid),
        mode=mode,
        padding_mode=padding_mode,
        align_corners=align_corners,
        fill_value=fill_value,
        cubic_coefficient=cubic_coefficient,
    )


def spatial_transformer_network_vjp_vjp(
    dd_x: ArrayLike,
    dd_theta: ArrayLike,
    d_out: ArrayLike,
    x: ArrayLike,
    theta: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> tuple[Floats, Floats, Floats]:
    """Pull cotangents of d_x and d_theta back to d_out, x and theta.

    d_theta is linear in d_grid, and its adjoint is `affine_grid`: `grid_sample_vjp_vjp` between
    `affine_grid` and `affine_grid_vjp`. The last result is of the shape of d_theta.
    """
    out_dims = np.shape(d_out)[1 - np.ndim(x) : -1]
    grid, dd_grid = (
        affine_grid(a, out_dims, align_corners=align_corners) for a in (theta, dd_theta)
    )
    by_d_out, by_x, by_grid = grid_sample_vjp_vjp(
        *(dd_x, dd_grid, d_out, x, grid),
        mode=mode,
        padding_mode=padding_mode,
        align_corners=align_corners,
        fill_value=fill_value,
        cubic_coefficient=cubic_coefficient,
    )
    return by_d_out, by_x, affine_grid_vjp(by_grid, align_corners=align_corners)


def _targets(out_dims: tuple[int, ...], align_corners: bool) -> Floats:
    """Homogeneous target points, regular in [-1, 1] on each axis; one alone is in the middle."""
    lines = [(2 * np.arange(n) + 1 - n) / max(n - 1 if align_corners else n, 1) for n in out_dims]
    axes = np.meshgrid(*lines, indexing="ij")[::-1]
    return np.stack([*axes, np.ones(out_dims)], axis=-1)
