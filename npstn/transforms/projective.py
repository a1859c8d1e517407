"""The projective family: homographies, with eight parameters.

Numerators and denominator are affine maps, which :func:`npstn.affine_grid` gives rounded once. So
their quotient is within three roundings of the exact one, and has the same bits on every machine.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._check import Array
from .._points import affine_adjoint
from ..grid import Floats
from . import _door as door
from ._core import Core, Dims
from ._derived import grid_derivatives
from .affine import mapped_lattice


class Projective(Core):
    """Quotients (X / W, Y / W) of affine maps, linear in none of the parameters of W."""

    identities: Mapping[int, Floats] = {2: np.array([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])}

    @np.errstate(all="ignore")
    def grid(self, p: Floats, dims: Dims, align: bool) -> Floats:
        """Divide numerators by denominators."""
        return np.divide(*_homogeneous(p, dims, align))

    def t_grid(self, p: Floats, t_p: Floats, dims: Dims, align: bool) -> Floats:
        """Compute the tangent, for which the grid is needed."""
        return self.jvp(p, t_p, dims, align)[1]

    @np.errstate(all="ignore")
    def jvp(self, p: Floats, t_p: Floats, dims: Dims, align: bool) -> tuple[Floats, Floats]:
        """Compute the grid and t_x = (t_X - x t_W) / W, and t_y alike."""
        above, below = _homogeneous(p, dims, align)
        t_above, t_below = _homogeneous(t_p, dims, align, last=0.0)
        grid = above / below
        t_grid = (t_above - grid * t_below) / below
        return grid, np.where(_infinite(grid, below), 0.0, t_grid)

    @np.errstate(all="ignore")
    def grid_vjp(self, d_grid: Array, p: Floats, align: bool) -> Floats:
        """Take d_X = d_x / W, d_Y = d_y / W and d_W = -(x d_x + y d_y) / W to the parameters."""
        above, below = _homogeneous(p, d_grid.shape[1:3], align)
        grid = above / below
        far = _infinite(grid, below)
        d_above = np.where(far, 0.0, d_grid / below)
        d_below = np.where(far, 0.0, -grid * d_above)
        rows = affine_adjoint(d_above, align).reshape(-1, 6)
        last = affine_adjoint(d_below, align).sum(-2)
        return np.concatenate([rows, last[:, :2]], axis=-1)


def projective_grid(
    params: Array, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> Floats:
    """Compute the sampling grid of a projective transformation.

    ``(x, y) = (X / W, Y / W)`` with ``(X, Y, W) = H @ (x_j, y_i, 1)`` on the base lattice, and
    ``H = [[h0, h1, h2], [h3, h4, h5], [h6, h7, 1]]``. With h6 = h7 = 0 it is the affine map of the
    other six, in every bit.

    Parameters
    ----------
    params : (B, 8) or (B, K, 8) float32 or float64
        (h0, ..., h7), from the output to the input in normalised coordinates.
    out_dims, align_corners
        As in :func:`npstn.affine_grid`.

    Returns
    -------
    (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float64
        Normalised coordinates, x first, each with a relative error of at most 3.1 * 2**-53.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    Points behind the horizon (W < 0) follow the formula, as in OpenCV and scikit-image: they see
    the scene upside down. :func:`projective_denominator` tells them. On the horizon (W = 0) a
    coordinate is Inf with the sign of its numerator, or NaN if that is 0 too; padding zeros
    samples 0 at Inf. Tangents are ``t_x = (t_X - x t_W) / W``. At infinity, and where a quotient
    overflows, derivatives are taken as 0; nearby they grow as 1 / W**2. NaN parameters give NaN
    points and derivatives.
    """
    return door.grid(Projective(), params, out_dims, align_corners)


projective_grid_jvp, projective_grid_vjp = grid_derivatives(projective_grid, Projective)


def projective_denominator(
    params: Array, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> Floats:
    """Compute the denominator ``W = h6 x_j + h7 y_i + 1`` of :func:`projective_grid`, rounded once.

    Parameters
    ----------
    params, out_dims, align_corners
        As in :func:`projective_grid`.

    Returns
    -------
    (B, Ho, Wo) or (B, K, Ho, Wo) float64
        Positive in front of the horizon, 0 on it, negative behind.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    rows, dims, align = door.lattice_arguments(Projective(), params, out_dims, align_corners)
    return _homogeneous(rows.p, dims, align)[1].reshape(*rows.leading, *dims)


def projective_identity() -> Floats:
    """Copy the parameters (1, 0, 0, 0, 1, 0, 0, 0) of the identity, which is exact.

    Returns
    -------
    (8,) float64
        One row of ``params``.
    """
    return Projective().identity()


def _homogeneous(p: Floats, dims: Dims, align: bool, last: float = 1.0) -> tuple[Floats, Floats]:
    """Compute numerators (N, Ho, Wo, 2) and denominator (N, Ho, Wo, 1) for h8 = ``last``."""
    below = np.zeros((len(p), 2, 3))
    below[:, 0, :2], below[:, 0, 2] = p[:, 6:], last
    above = np.ascontiguousarray(p[:, :6]).reshape(-1, 2, 3)
    return mapped_lattice(above, dims, align), mapped_lattice(below, dims, align)[..., :1]


def _infinite(grid: Floats, below: Floats) -> NDArray[Any]:
    """Mark points infinitely far away, whose derivatives are taken as 0."""
    return np.asarray((below == 0.0) | np.isinf(grid).any(-1, keepdims=True))
