"""Similarity: rotation, isotropic scale and shift, linear in its four parameters."""

import numpy as np

from .._check import Array
from ..grid import Floats
from . import _params as check
from .affine import affine_grid, affine_grid_jvp, affine_grid_vjp


def similarity_theta(params: Array) -> Floats:
    """Affine theta of a similarity.

    ``theta = [[a, -b, t_x], [b, a, t_y]]``: scale ``hypot(a, b)``, angle ``atan2(b, a)``. It is
    linear in the parameters.

    Parameters
    ----------
    params : (B, 4) or (B, K, 4) float32 or float64
        (a, b, t_x, t_y) in normalised coordinates. On an input that is not square they turn a
        square into a parallelogram of pixels: normalised units of x and y differ.

    Returns
    -------
    (B, 2, 3) or (B, K, 2, 3) float64
        Parameters of :func:`npstn.affine_grid`.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype or shape.
    """
    p, leading = check.params(params, 4)
    theta = np.empty((len(p), 2, 3))
    theta[:, 0, 0] = theta[:, 1, 1] = p[:, 0]
    theta[:, 0, 1], theta[:, 1, 0] = 0.0 - p[:, 1], p[:, 1]  # 0.0, not -0.0, at the identity
    theta[:, :, 2] = p[:, 2:]
    return theta.reshape(*leading, 2, 3)


def similarity_theta_jvp(params: Array, t_params: Array) -> tuple[Floats, Floats]:
    """Theta of :func:`similarity_theta` and its tangent.

    Parameters
    ----------
    params
        As in :func:`similarity_theta`.
    t_params : shape of ``params``, float32 or float64
        Tangent of the parameters.

    Returns
    -------
    theta, t_theta : as of :func:`similarity_theta`

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype or shape.
    """
    theta = similarity_theta(params)
    return theta, similarity_theta(check.tangent(t_params, params))


def similarity_theta_vjp(d_theta: Array, params: Array) -> Array:
    """Cotangent of the parameters of :func:`similarity_theta`.

    ``d_a = d_theta[0, 0] + d_theta[1, 1]`` and ``d_b = d_theta[1, 0] - d_theta[0, 1]``.

    Parameters
    ----------
    d_theta : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3) float32 or float64
        Cotangent of theta.
    params
        As in :func:`similarity_theta`.

    Returns
    -------
    shape and (native) dtype of ``params``
        Cotangent of the parameters.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype or shape.
    """
    _, leading = check.params(params, 4)
    d = check.d_theta(d_theta, leading).astype(np.float64)
    d_a, d_b = d[:, 0, 0] + d[:, 1, 1], d[:, 1, 0] - d[:, 0, 1]
    return check.like(np.stack([d_a, d_b, d[:, 0, 2], d[:, 1, 2]], 1), params)


def similarity_grid(
    params: Array, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> Floats:
    """Sampling grid of a similarity: ``(x, y) = theta @ (x_j, y_i, 1)``.

    Parameters
    ----------
    params
        As in :func:`similarity_theta`.
    out_dims, align_corners
        As in :func:`npstn.affine_grid`.

    Returns
    -------
    (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float64
        Normalised coordinates, x first: the exact value of the map, rounded once.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    return affine_grid(similarity_theta(params), out_dims, align_corners=align_corners)


def similarity_grid_jvp(
    params: Array, t_params: Array, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> tuple[Floats, Floats]:
    """Grid of :func:`similarity_grid` and its tangent.

    Parameters
    ----------
    params, t_params
        As in :func:`similarity_theta_jvp`.
    out_dims, align_corners
        As in :func:`npstn.affine_grid`.

    Returns
    -------
    grid, t_grid : as of :func:`similarity_grid`

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    thetas = similarity_theta_jvp(params, t_params)
    return affine_grid_jvp(*thetas, out_dims, align_corners=align_corners)


def similarity_grid_vjp(d_grid: Array, params: Array, *, align_corners: bool = True) -> Array:
    """Cotangent of the parameters of :func:`similarity_grid`.

    Parameters
    ----------
    d_grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64
        Cotangent of the grid.
    params, align_corners
        As in :func:`similarity_grid`.

    Returns
    -------
    shape and (native) dtype of ``params``
        Cotangent of the parameters.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    _, leading = check.params(params, 4)
    d_theta = affine_grid_vjp(check.d_grid(d_grid, leading), align_corners=align_corners)
    return similarity_theta_vjp(d_theta, params)


def similarity_identity() -> Floats:
    """The parameters (1, 0, 0, 0) of the identity, which is exact.

    Returns
    -------
    (4,) float64
        One row of ``params``.
    """
    return np.array([1.0, 0.0, 0.0, 0.0])
