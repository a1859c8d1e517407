"""The projective family: homographies, with eight parameters.

Numerators and denominator are affine maps, which :func:`npstn.affine_grid` gives rounded once. So
their quotient is within three roundings of the exact one, and has the same bits on every machine.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._check import Array
from ..grid import Floats
from . import _params as check
from .affine import affine_grid, affine_grid_vjp


@np.errstate(all="ignore")
def projective_grid(
    params: Array, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> Floats:
    """Sampling grid of a projective transformation.

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
    samples 0 at Inf. There and where a quotient overflows derivatives are taken as 0; next to it
    they grow as 1 / W**2. NaN parameters give NaN points and derivatives.
    """
    return np.divide(*_homogeneous(params, out_dims, align_corners))


@np.errstate(all="ignore")
def projective_grid_jvp(
    params: Array, t_params: Array, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> tuple[Floats, Floats]:
    """Grid of :func:`projective_grid` and its tangent.

    ``t_x = (t_X - x t_W) / W``, and the same for y.

    Parameters
    ----------
    params
        As in :func:`projective_grid`.
    t_params : shape of ``params``, float32 or float64
        Tangent of the parameters.
    out_dims, align_corners
        As in :func:`projective_grid`.

    Returns
    -------
    grid, t_grid : as of :func:`projective_grid`

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    above, below = _homogeneous(params, out_dims, align_corners)
    t = check.tangent(t_params, params)
    t_above, t_below = _homogeneous(t, out_dims, align_corners, last=0.0)
    grid = above / below
    t_grid = (t_above - grid * t_below) / below
    return grid, np.where(_infinite(grid, below), 0.0, t_grid)


@np.errstate(all="ignore")
def projective_grid_vjp(d_grid: Array, params: Array, *, align_corners: bool = True) -> Array:
    """Cotangent of the parameters of :func:`projective_grid`.

    ``d_X = d_x / W``, ``d_Y = d_y / W`` and ``d_W = -(x d_x + y d_y) / W``, which the adjoint of
    the affine map takes to the parameters.

    Parameters
    ----------
    d_grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64
        Cotangent of the grid.
    params, align_corners
        As in :func:`projective_grid`.

    Returns
    -------
    shape and (native) dtype of ``params``
        Cotangent of the parameters.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    _, leading = check.params(params, 8)
    d = check.d_grid(d_grid, leading)
    above, below = _homogeneous(params, d.shape[-3:-1], align_corners)
    grid = above / below
    far = _infinite(grid, below)
    d_above = np.where(far, 0.0, d / below)
    d_below = np.where(far, 0.0, -grid * d_above)
    rows = affine_grid_vjp(d_above, align_corners=align_corners)
    last = affine_grid_vjp(d_below, align_corners=align_corners).sum(-2)
    parts = rows.reshape(*leading, 6), last[..., :2]
    return check.like(np.concatenate(parts, axis=-1), params)


def projective_denominator(
    params: Array, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> Floats:
    """Denominator ``W = h6 x_j + h7 y_i + 1`` of :func:`projective_grid`, rounded once.

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
    return _homogeneous(params, out_dims, align_corners)[1][..., 0]


def projective_identity() -> Floats:
    """The parameters (1, 0, 0, 0, 1, 0, 0, 0) of the identity, which is exact.

    Returns
    -------
    (8,) float64
        One row of ``params``.
    """
    return np.array([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])


def _homogeneous(
    params: Array, out_dims: tuple[int, ...], align_corners: bool, last: float = 1.0
) -> tuple[Floats, Floats]:
    """Numerators (..., 2) and denominator (..., 1) of all points."""
    p, leading = check.params(params, 8)
    below = np.zeros((len(p), 6))
    below[:, :2], below[:, 2] = p[:, 6:], last
    rows = [np.ascontiguousarray(p[:, :6]), below]
    above, twice = (
        affine_grid(r.reshape(*leading, 6), out_dims, align_corners=align_corners) for r in rows
    )
    return above, twice[..., :1]


def _infinite(grid: Floats, below: Floats) -> NDArray[Any]:
    """Where a point is infinitely far away, so that its derivatives are taken as 0."""
    return np.asarray((below == 0.0) | np.isinf(grid).any(-1, keepdims=True))
