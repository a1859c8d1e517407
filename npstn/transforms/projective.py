"""The projective family: homographies, with 8 parameters, or 15 in a volume.

Numerators and denominator are affine maps, which :func:`npstn.affine_grid` gives rounded once. So
their quotient is within three roundings of the exact one, and has the same bits on every machine.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._arithmetic import ieee
from .._check import Array
from .._points import affine_adjoint
from ..grid import Floats
from . import _door as door
from ._core import Core, Dims
from ._derived import grid_derivatives
from .affine import mapped_lattice


class Projective(Core):
    """Quotients (X / W, Y / W, ...) of affine maps, linear in none of the parameters of W."""

    identities: Mapping[int, Floats] = {rank: np.eye(rank + 1).ravel()[:-1] for rank in (2, 3)}

    def grid(self, p: Floats, dims: Dims, align: bool) -> Floats:
        """Divide numerators by denominators."""
        return np.divide(*_homogeneous(p, dims, align))

    def t_grid(self, p: Floats, t_p: Floats, dims: Dims, align: bool) -> Floats:
        """Compute the tangent, for which the grid is needed."""
        return self.jvp(p, t_p, dims, align)[1]

    def jvp(self, p: Floats, t_p: Floats, dims: Dims, align: bool) -> tuple[Floats, Floats]:
        """Compute the grid and t_x = (t_X - x t_W) / W, and t_y alike."""
        above, below = _homogeneous(p, dims, align)
        t_above, t_below = _homogeneous(t_p, dims, align, last=0.0)
        grid = above / below
        t_grid = (t_above - grid * t_below) / below
        return grid, np.where(_infinite(grid, below), 0.0, t_grid)

    def grid_vjp(self, d_grid: Array, p: Floats, align: bool) -> Floats:
        """Take d_X = d_x / W, d_Y = d_y / W and d_W = -(x d_x + y d_y) / W to the parameters."""
        above, below = _homogeneous(p, d_grid.shape[1:-1], align)
        grid = above / below
        far = _infinite(grid, below)
        d_above = np.where(far, 0.0, d_grid / below)
        d_below = np.where(far, 0.0, -grid * d_above)
        last = affine_adjoint(d_below, align).sum(1, keepdims=True)
        d_h = np.concatenate([affine_adjoint(d_above, align), last], 1)
        return d_h.reshape(len(p), p.shape[1] + 1)[:, :-1]  # the last entry is constant


def projective_grid(
    params: Array, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> Floats:
    """Compute the sampling grid of a projective transformation.

    ``(x, y) = (X / W, Y / W)`` with ``(X, Y, W) = H @ (x_j, y_i, 1)`` on the base lattice, and
    ``H = [[h0, h1, h2], [h3, h4, h5], [h6, h7, 1]]``. With h6 = h7 = 0 it is the affine map of the
    other six, in every bit. In a volume H has four rows and columns, and 1 as its last entry too.

    Parameters
    ----------
    params : (B, 8) or (B, K, 8) float32 or float64, in a volume (B, 15) or (B, K, 15)
        (h0, ..., h7), from the output to the input in normalised coordinates; in a volume
        (h0, ..., h14).
    out_dims, align_corners
        As in :func:`npstn.affine_grid`.

    Returns
    -------
    (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float64, in a volume (..., Do, Ho, Wo, 3)
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


@ieee
def projective_denominator(
    params: Array, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> Floats:
    """Compute the denominator ``W = h6 x_j + h7 y_i + 1`` of :func:`projective_grid`, rounded once.

    In a volume ``W = h12 x_j + h13 y_i + h14 z_l + 1``.

    Parameters
    ----------
    params, out_dims, align_corners
        As in :func:`projective_grid`.

    Returns
    -------
    (B, Ho, Wo) or (B, K, Ho, Wo) float64, in a volume (..., Do, Ho, Wo)
        Positive in front of the horizon, 0 on it, negative behind.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    rows, dims, align = door.lattice_arguments(Projective(), params, out_dims, align_corners)
    return _homogeneous(rows.p, dims, align)[1].reshape(*rows.leading, *dims)


def projective_identity(*, rank: int = 2) -> Floats:
    """Copy the parameters (1, 0, 0, 0, 1, 0, 0, 0) of the identity, which is exact.

    Parameters
    ----------
    rank : int
        2 for images, 3 for volumes.

    Returns
    -------
    (8,) or (15,) float64
        One row of ``params``.

    Raises
    ------
    TypeError, ValueError
        If the rank is none of these.
    """
    return Projective().identity(rank)


def _homogeneous(p: Floats, dims: Dims, align: bool, last: float = 1.0) -> tuple[Floats, Floats]:
    """Compute numerators (N, *dims, R) and denominator (N, *dims, 1) for a last entry ``last``."""
    maps, rank = len(p), len(dims)
    h = np.full((maps, (rank + 1) ** 2), last)
    h[:, :-1] = p
    rows = h.reshape(maps, rank + 1, rank + 1)
    below = np.zeros((maps, rank, rank + 1))
    below[:, 0] = rows[:, -1]
    above = np.ascontiguousarray(rows[:, :-1])
    return mapped_lattice(above, dims, align), mapped_lattice(below, dims, align)[..., :1]


def _infinite(grid: Floats, below: Floats) -> NDArray[Any]:
    """Mark points infinitely far away, whose derivatives are taken as 0."""
    return np.asarray((below == 0.0) | np.isinf(grid).any(-1, keepdims=True))
