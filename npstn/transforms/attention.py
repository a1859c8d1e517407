"""Attention: zoom and shift, the three-parameter map of the paper's attention models."""

import numpy as np

from .._check import Array
from ..grid import Floats
from . import _params as check
from .affine import affine_grid, affine_grid_jvp, affine_grid_vjp


def attention_theta(params: Array) -> Floats:
    """Affine theta of an isotropic zoom and a shift.

    ``theta = [[s, 0, t_x], [0, s, t_y]]``. It is linear in the parameters.

    Parameters
    ----------
    params : (B, 3) or (B, K, 3) float32 or float64
        (s, t_x, t_y): the output shows the square of half-width s around (t_x, t_y), in normalised
        coordinates of the input; s < 1 zooms in.

    Returns
    -------
    (B, 2, 3) or (B, K, 2, 3) float64
        Parameters of :func:`npstn.affine_grid`.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype or shape.

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, equation 2.
    """
    p, leading = check.params(params, 3)
    theta = np.zeros((len(p), 2, 3))
    theta[:, 0, 0] = theta[:, 1, 1] = p[:, 0]
    theta[:, :, 2] = p[:, 1:]
    return theta.reshape(*leading, 2, 3)


def attention_theta_jvp(params: Array, t_params: Array) -> tuple[Floats, Floats]:
    """Theta of :func:`attention_theta` and its tangent.

    Parameters
    ----------
    params
        As in :func:`attention_theta`.
    t_params : shape of ``params``, float32 or float64
        Tangent of the parameters.

    Returns
    -------
    theta, t_theta : as of :func:`attention_theta`

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype or shape.
    """
    theta = attention_theta(params)
    return theta, attention_theta(check.tangent(t_params, params))


def attention_theta_vjp(d_theta: Array, params: Array) -> Array:
    """Cotangent of the parameters of :func:`attention_theta`.

    ``d_s = d_theta[0, 0] + d_theta[1, 1]``, and the last column is that of the shift.

    Parameters
    ----------
    d_theta : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3) float32 or float64
        Cotangent of theta.
    params
        As in :func:`attention_theta`.

    Returns
    -------
    shape and (native) dtype of ``params``
        Cotangent of the parameters.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype or shape.
    """
    _, leading = check.params(params, 3)
    d = check.d_theta(d_theta, leading).astype(np.float64)
    return check.like(np.stack([d[:, 0, 0] + d[:, 1, 1], d[:, 0, 2], d[:, 1, 2]], 1), params)


def attention_grid(
    params: Array, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> Floats:
    """Sampling grid of an isotropic zoom and a shift: ``(x, y) = s * (x_j, y_i) + (t_x, t_y)``.

    Parameters
    ----------
    params
        As in :func:`attention_theta`.
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
    return affine_grid(attention_theta(params), out_dims, align_corners=align_corners)


def attention_grid_jvp(
    params: Array, t_params: Array, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> tuple[Floats, Floats]:
    """Grid of :func:`attention_grid` and its tangent.

    Parameters
    ----------
    params, t_params
        As in :func:`attention_theta_jvp`.
    out_dims, align_corners
        As in :func:`npstn.affine_grid`.

    Returns
    -------
    grid, t_grid : as of :func:`attention_grid`

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    thetas = attention_theta_jvp(params, t_params)
    return affine_grid_jvp(*thetas, out_dims, align_corners=align_corners)


def attention_grid_vjp(d_grid: Array, params: Array, *, align_corners: bool = True) -> Array:
    """Cotangent of the parameters of :func:`attention_grid`.

    Parameters
    ----------
    d_grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64
        Cotangent of the grid.
    params, align_corners
        As in :func:`attention_grid`.

    Returns
    -------
    shape and (native) dtype of ``params``
        Cotangent of the parameters.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    _, leading = check.params(params, 3)
    d_theta = affine_grid_vjp(check.d_grid(d_grid, leading), align_corners=align_corners)
    return attention_theta_vjp(d_theta, params)


def attention_identity() -> Floats:
    """The parameters (1, 0, 0) of the identity, which is exact.

    Returns
    -------
    (3,) float64
        One row of ``params``.
    """
    return np.array([1.0, 0.0, 0.0])
