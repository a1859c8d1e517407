"""The affine family in the shape of the others: its parameters are theta itself."""

import numpy as np

from .. import _check
from .._check import Array
from ..grid import Floats
from . import _params as check
from . import affine
from ._homogeneous import form_of
from .affine import affine_grid, affine_grid_jvp

__all__ = ["affine_grid", "affine_grid_jvp", "affine_grid_vjp", "affine_identity"]


def affine_theta(params: Array) -> Floats:
    """Theta (..., 2, 3), or (..., 3, 4) of a volume, in float64."""
    given, form = form_of("params", params)
    if form.projective:
        raise ValueError(f"params has shape {given.shape}, expected an affine theta")
    return given.reshape(*form.leading, form.rank, form.rank + 1).astype(np.float64)


def affine_theta_jvp(params: Array, t_params: Array) -> tuple[Floats, Floats]:
    """Theta and its tangent."""
    theta = affine_theta(params)
    return theta, affine_theta(check.tangent(t_params, params))


def affine_theta_vjp(d_theta: Array, params: Array) -> Array:
    """The cotangent of params, in their shape and dtype."""
    theta = affine_theta(params)
    given, leading = _check.theta(d_theta, rank=theta.shape[-2], name="d_theta")
    if leading != theta.shape[:-2]:
        shape = np.shape(d_theta)
        raise ValueError(f"d_theta has shape {shape}, expected that of theta, {theta.shape}")
    return check.like(given.astype(np.float64), params)


def affine_grid_vjp(d_grid: Array, params: Array, *, align_corners: bool = True) -> Array:
    """The cotangent of params, in their shape and dtype, from that of the grid."""
    return affine_theta_vjp(affine.affine_grid_vjp(d_grid, align_corners=align_corners), params)


def affine_identity() -> Floats:
    """The parameters (1, 0, 0, 0, 1, 0) of the identity in two dimensions."""
    return np.array([1.0, 0.0, 0.0, 0.0, 1.0, 0.0])
