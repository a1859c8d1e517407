"""The affine family (equation 1 of the paper): theta to sampling grid, tangent and adjoint."""

import math

import numpy as np

from .. import _check, _values
from .._arithmetic import ieee
from .._arrays import like
from .._check import Array
from .._order import cotangent_first
from .._points import Points, affine_adjoint, map_points
from ..grid import Floats, lattice, rows
from ..jit.compiler import call
from ..kernels import affine as kernels


@ieee
def affine_grid(theta: Array, out_dims: tuple[int, ...], *, align_corners: bool = True) -> Floats:
    """Compute the sampling grid of an affine transformation.

    The point of output pixel (i, j) is ``(x, y) = theta @ (x_j, y_i, 1)`` where (x_j, y_i) is the
    base lattice: ``x_j = (2j - (Wo-1)) / (Wo-1)`` with ``align_corners`` (-1 and 1 are the centres
    of the first and last pixel), else ``(2j + 1 - Wo) / Wo`` (their outer edges). The map goes from
    the output to the input.

    Parameters
    ----------
    theta : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3) float32 or float64
        Rows (x, y) of the map; ``[1, 0, 0, 0, 1, 0]`` is the identity. For a volume (B, 12) or (B,
        3, 4), and so on, rows (x, y, z).
    out_dims : (int, int) or (int, int, int)
        Output size (Ho, Wo), or (Do, Ho, Wo) of a volume.
    align_corners : bool, or 0 or 1
        Which points of the image -1 and 1 stand for. On an axis of one point the lattice is 0.

    Returns
    -------
    (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float64, in a volume (..., Do, Ho, Wo, 3)
        Normalised coordinates, x first: the exact value of the map, rounded once.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    See Also
    --------
    torch.nn.functional.affine_grid : the same map, with ``align_corners=False`` by default.

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, equation 1.
    """
    maps, leading = _check.theta(theta)
    rank = maps.shape[1]
    dims = _values.sizes("out_dims", out_dims, rank * len(maps), 8, ranks=(rank,))
    align = _values.align(align_corners)
    return mapped_lattice(maps.astype(np.float64), dims, align).reshape(*leading, *dims, rank)


@ieee
def affine_grid_jvp(
    theta: Array, t_theta: Array, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> tuple[Floats, Floats]:
    """Compute the grid and its tangent: the map is linear, so that is the grid of t_theta.

    Parameters
    ----------
    theta
        As in :func:`affine_grid`.
    t_theta : shape of ``theta``, float32 or float64
        Tangent of theta.
    out_dims, align_corners
        As in :func:`affine_grid`.

    Returns
    -------
    grid, t_grid : as of :func:`affine_grid`

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    grid = affine_grid(theta, out_dims, align_corners=align_corners)
    like("t_theta", t_theta, theta.shape, "theta")
    return grid, affine_grid(t_theta, out_dims, align_corners=align_corners)


@ieee
@cotangent_first("d_grid")
def affine_grid_vjp(d_grid: Array, *, align_corners: bool = True) -> Floats:
    """Compute the cotangent of theta: the adjoint of :func:`affine_grid`, which is linear.

    ``d_theta[a] = sum over (i, j) of d_grid[i, j, a] * (x_j, y_i, 1)``, over rows first.

    Parameters
    ----------
    d_grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64, or that of a volume
        Cotangent of the grid.
    align_corners : bool, or 0 or 1
        As in the forward function.

    Returns
    -------
    (B, 2, 3) or (B, K, 2, 3) float64, in a volume (B, 3, 4) or (B, K, 3, 4)
        Cotangent of theta.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, equation 1.
    """
    given, leading = _check.grid(d_grid, name="d_grid", ranks=(2, 3))
    align = _values.align(align_corners)
    d_theta = affine_adjoint(given, align)
    return d_theta.reshape(*leading, *d_theta.shape[1:])


def mapped_lattice(theta: Floats, dims: tuple[int, ...], align: bool) -> Floats:
    """Compute the grid (N, *dims, R) of checked maps (N, R, R + 1)."""
    maps, rank = theta.shape[:2]
    grid = np.zeros((maps, math.prod(dims[:-1]), dims[-1], rank))
    if grid.size:
        xs, ys, zs, (_, _, div) = lattice(dims, 1.0, 0.0, align)
        args = theta, xs, *rows(ys, zs), div, grid
        tasks, space = maps * grid.shape[1], (kernels.WORK, 1)
        call(kernels.affine_grid, tasks, *args, work=grid.size, space=space)
    return grid.reshape(maps, *dims, rank)


def affine_points(
    theta: Floats,
    leading: tuple[int, ...],
    x: Array,
    size: tuple[int, ...],
    out_dims: object,
    align: bool,
) -> Points:
    """Place checked maps (N, R, R + 1) over an input x of ``size`` = (H, W) or (D, H, W)."""
    rank = len(size)
    channels = x.size // max(1, len(x) * math.prod(size))
    numbers = len(theta) * channels
    dims = _values.sizes("out_dims", out_dims, numbers, x.itemsize, size, (rank,))
    return map_points(theta, leading, size, dims, align, x.dtype)
