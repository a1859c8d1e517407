"""Rotation, scale and translation in any subset, as in the Torch package stnbhwd."""

import numpy as np

from .._check import Array
from ..grid import Floats
from . import _params as check
from ._rst import IDENTITY, chosen_of, joined, matrices
from .affine import affine_grid, affine_grid_jvp, affine_grid_vjp


@np.errstate(all="ignore")
def rst_theta(
    params: Array, *, rotation: bool = True, scale: bool = True, translation: bool = True
) -> Floats:
    """Affine theta of a rotation, a scale and a translation, or of some of them.

    The matrix product is R S T, so the translation comes first and is itself scaled and turned::

        R = [[cos, -sin], [sin, cos]] of the angle,  S = diag(s_x, s_y),  T: v + (t_x, t_y)
        theta = [R S | R S (t_x, t_y)]

    Parameters
    ----------
    params : (B, P) or (B, K, P) float32 or float64
        Those chosen of (angle, s_x, s_y, t_x, t_y), in this order; P = 5 if all are. The angle is
        in radians and turns x towards y (down), in normalised coordinates.
    rotation, scale, translation : bool
        Which parameters there are: the angle, (s_x, s_y), (t_x, t_y). One at least.

    Returns
    -------
    (B, 2, 3) or (B, K, 2, 3) float64
        Parameters of :func:`npstn.affine_grid`.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype or shape, or no parameter is chosen.

    Notes
    -----
    stnbhwd has the same order of parameters and of matrices, but its vectors are (y, x, 1): its
    (angle, s_1, s_2, t_1, t_2) are our (-angle, s_2, s_1, t_2, t_1).
    """
    chosen = chosen_of(rotation, scale, translation)
    p, leading = check.params(params, int(chosen.sum()))
    m = matrices(p, chosen)
    return joined(m.linear, m.apply(m.shift)).reshape(*leading, 2, 3)


@np.errstate(all="ignore")
def rst_theta_jvp(
    params: Array,
    t_params: Array,
    *,
    rotation: bool = True,
    scale: bool = True,
    translation: bool = True,
) -> tuple[Floats, Floats]:
    """Theta of :func:`rst_theta` and its tangent.

    Parameters
    ----------
    params
        As in :func:`rst_theta`.
    t_params : shape of ``params``, float32 or float64
        Tangent of the parameters.
    rotation, scale, translation
        As in :func:`rst_theta`.

    Returns
    -------
    theta, t_theta : as of :func:`rst_theta`

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype or shape, or no parameter is chosen.
    """
    chosen = chosen_of(rotation, scale, translation)
    p, leading = check.params(params, int(chosen.sum()))
    m = matrices(p, chosen)
    t = np.zeros((len(p), 5))
    t[:, chosen] = check.tangent(t_params, params).reshape(p.shape)
    t_linear = m.turning * t[:, :1, None] * m.scales[:, None] + m.rotation * t[:, None, 1:3]
    t_offset = (t_linear * m.shift[:, None]).sum(2) + m.apply(t[:, 3:])
    theta = joined(m.linear, m.apply(m.shift))
    return theta.reshape(*leading, 2, 3), joined(t_linear, t_offset).reshape(*leading, 2, 3)


@np.errstate(all="ignore")
def rst_theta_vjp(
    d_theta: Array,
    params: Array,
    *,
    rotation: bool = True,
    scale: bool = True,
    translation: bool = True,
) -> Array:
    """Cotangent of the parameters of :func:`rst_theta`.

    Parameters
    ----------
    d_theta : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3) float32 or float64
        Cotangent of theta.
    params, rotation, scale, translation
        As in :func:`rst_theta`.

    Returns
    -------
    shape and (native) dtype of ``params``
        Cotangent of the parameters.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype or shape, or no parameter is chosen.
    """
    chosen = chosen_of(rotation, scale, translation)
    p, leading = check.params(params, int(chosen.sum()))
    m = matrices(p, chosen)
    d = check.d_theta(d_theta, leading).astype(np.float64)
    d_offset = d[:, :, 2:]
    d_linear = d[:, :, :2] + d_offset * m.shift[:, None]
    d_angle = (d_linear * m.turning * m.scales[:, None]).sum((1, 2))
    d_scales, d_shift = (d_linear * m.rotation).sum(1), (d_offset * m.linear).sum(1)
    return check.like(np.column_stack([d_angle, d_scales, d_shift])[:, chosen], params)


def rst_grid(
    params: Array,
    out_dims: tuple[int, ...],
    *,
    align_corners: bool = True,
    rotation: bool = True,
    scale: bool = True,
    translation: bool = True,
) -> Floats:
    """Sampling grid of a rotation, a scale and a translation: ``(x, y) = theta @ (x_j, y_i, 1)``.

    Parameters
    ----------
    params
        As in :func:`rst_theta`.
    out_dims, align_corners
        As in :func:`npstn.affine_grid`.
    rotation, scale, translation
        As in :func:`rst_theta`.

    Returns
    -------
    (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float64
        Normalised coordinates, x first: the exact value of theta's map, rounded once.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value, or no parameter is chosen.
    """
    theta = rst_theta(params, rotation=rotation, scale=scale, translation=translation)
    return affine_grid(theta, out_dims, align_corners=align_corners)


def rst_grid_jvp(
    params: Array,
    t_params: Array,
    out_dims: tuple[int, ...],
    *,
    align_corners: bool = True,
    rotation: bool = True,
    scale: bool = True,
    translation: bool = True,
) -> tuple[Floats, Floats]:
    """Grid of :func:`rst_grid` and its tangent.

    Parameters
    ----------
    params, t_params
        As in :func:`rst_theta_jvp`.
    out_dims, align_corners, rotation, scale, translation
        As in :func:`rst_grid`.

    Returns
    -------
    grid, t_grid : as of :func:`rst_grid`

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value, or no parameter is chosen.
    """
    chosen = {"rotation": rotation, "scale": scale, "translation": translation}
    thetas = rst_theta_jvp(params, t_params, **chosen)
    return affine_grid_jvp(*thetas, out_dims, align_corners=align_corners)


def rst_grid_vjp(
    d_grid: Array,
    params: Array,
    *,
    align_corners: bool = True,
    rotation: bool = True,
    scale: bool = True,
    translation: bool = True,
) -> Array:
    """Cotangent of the parameters of :func:`rst_grid`.

    Parameters
    ----------
    d_grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64
        Cotangent of the grid.
    params, align_corners, rotation, scale, translation
        As in :func:`rst_grid`.

    Returns
    -------
    shape and (native) dtype of ``params``
        Cotangent of the parameters.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value, or no parameter is chosen.
    """
    _, leading = check.params(params, int(chosen_of(rotation, scale, translation).sum()))
    d_theta = affine_grid_vjp(check.d_grid(d_grid, leading), align_corners=align_corners)
    return rst_theta_vjp(d_theta, params, rotation=rotation, scale=scale, translation=translation)


def rst_identity(*, rotation: bool = True, scale: bool = True, translation: bool = True) -> Floats:
    """The parameters of the identity, which is exact: those chosen of (0, 1, 1, 0, 0).

    Parameters
    ----------
    rotation, scale, translation : bool
        As in :func:`rst_theta`.

    Returns
    -------
    (P,) float64
        One row of ``params``.

    Raises
    ------
    TypeError, ValueError
        If an option is no bool, or no parameter is chosen.
    """
    return IDENTITY[chosen_of(rotation, scale, translation)]
