"""The affine family (equation 1 of the paper): theta to sampling grid, and the adjoint."""

import numpy as np

from .. import _check
from .._check import Array
from .._problem import Points
from ..grid import Floats, bases, lattice, pixel_scale
from ..kernels import affine as kernels
from ..kernels.compiler import call


def affine_grid(theta: Array, out_dims: tuple[int, int], *, align_corners: bool = True) -> Floats:
    """Sampling grid of an affine transformation.

    The point of output pixel (i, j) is ``(x, y) = theta @ (x_j, y_i, 1)`` where (x_j, y_i) is the
    base lattice: ``x_j = (2j - (Wo-1)) / (Wo-1)`` with ``align_corners`` (-1 and 1 are the centres
    of the first and last pixel), else ``(2j + 1 - Wo) / Wo`` (their outer edges). The map goes from
    the output to the input.

    Parameters
    ----------
    theta : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3) float32 or float64
        Rows (x, y) of the map; ``[1, 0, 0, 0, 1, 0]`` is the identity.
    out_dims : (int, int)
        Output size (Ho, Wo).
    align_corners : bool
        Which points of the image -1 and 1 stand for. On an axis of one point the lattice is 0.

    Returns
    -------
    (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float64
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
    dims = _check.out_dims(out_dims, 2 * len(maps))
    align = _check.flag("align_corners", align_corners)
    grid = np.zeros((len(maps), *dims, 2))
    if grid.size:
        xs, ys, (_, _, div) = lattice(dims, 1.0, 0.0, align)
        tasks = len(maps) * dims[0]
        call(kernels.affine_grid, tasks, maps.astype(np.float64), xs, ys, div, grid, work=grid.size)
    return grid.reshape(*leading, *dims, 2)


def affine_grid_vjp(d_grid: Array, *, align_corners: bool = True) -> Floats:
    """Cotangent of theta: the adjoint of :func:`affine_grid`, which is linear.

    ``d_theta[a] = sum over (i, j) of d_grid[i, j, a] * (x_j, y_i, 1)``, over rows first.

    Parameters
    ----------
    d_grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64
        Cotangent of the grid.
    align_corners : bool
        As in the forward function.

    Returns
    -------
    (B, 2, 3) or (B, K, 2, 3) float64
        Cotangent of theta.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, equation 1.
    """
    given, leading = _check.grid(d_grid, name="d_grid")
    align = _check.flag("align_corners", align_corners)
    d_theta = np.zeros((len(given), 2, 3))
    if given.size:
        dims = given.shape[1:3]
        base_x, base_y, den = bases(dims, align)
        sums = np.empty(len(given) * dims[0] * 4)
        call(kernels.affine_grid_vjp, len(given) * dims[0], given, base_x, sums, work=given.size)
        call(kernels.pull, 1, sums, base_y, np.ones(2), den, d_theta, work=0)
    return d_theta.reshape(*leading, 2, 3)


def affine_points(
    theta: object, x: Array, size: tuple[int, int], out_dims: object, align: bool
) -> Points:
    """The points of an affine map over an input x of ``size`` = (H, W), without a grid."""
    maps, leading = _check.theta(theta, len(x))
    channels = x.size // max(1, len(x) * size[0] * size[1])
    dims = _check.out_dims(out_dims, len(maps) * channels, size)
    axes = [
        lattice(dims if x.size * dims[0] * dims[1] else (0, 0), *pixel_scale(n, align), align)
        for n in reversed(size)
    ]
    xs, ys, scale = (np.array(part) for part in zip(*axes, strict=True))
    grid = np.empty((0, 0, 0, 2), x.dtype)  # of x: it then shares the compiled kernels
    return Points(maps.astype(np.float64), xs, ys, scale, grid, leading, dims)
