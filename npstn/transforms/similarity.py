"""Similarity: rotation, isotropic scale and shift, of an image or a volume.

In two dimensions it is linear in its four parameters. In three no parameters make it linear, and
its seven are those of a rigid motion, with the logarithm of the scale in front.
"""

from collections.abc import Mapping

import numpy as np

from .._check import Array
from ..grid import Floats
from . import _door as door
from ._core import AffineCore, joined
from ._derived import grid_derivatives, grid_of_theta, theta_derivatives
from .rigid import Rigid

_RIGID = Rigid()


class Similarity(AffineCore):
    """Theta of (a, b, t), or [exp(s) R | t] of (s, r, t)."""

    identities: Mapping[int, Floats] = {2: np.array([1.0, 0.0, 0.0, 0.0]), 3: np.zeros(7)}

    def theta(self, p: Floats) -> Floats:
        """Compute [[a, -b, t_x], [b, a, t_y]], or [exp(s) R | t]."""
        if p.shape[1] == 7:
            rigid = _RIGID.theta(p[:, 1:])
            return joined(_scale(p) * rigid[:, :, :3], rigid[:, :, 3])
        theta = np.empty((len(p), 2, 3))
        theta[:, 0, 0] = theta[:, 1, 1] = p[:, 0]
        theta[:, 0, 1], theta[:, 1, 0] = 0.0 - p[:, 1], p[:, 1]  # 0.0, not -0.0, at the identity
        theta[:, :, 2] = p[:, 2:]
        return theta

    def t_theta(self, p: Floats, t_p: Floats) -> Floats:
        """Compute theta of t_p, or [exp(s) (t_s R + t_R) | t_t]."""
        if p.shape[1] == 4:
            return self.theta(t_p)
        rigid, t_rigid = _RIGID.theta(p[:, 1:]), _RIGID.t_theta(p[:, 1:], t_p[:, 1:])
        t_linear = t_p[:, :1, None] * rigid[:, :, :3] + t_rigid[:, :, :3]
        return joined(_scale(p) * t_linear, t_rigid[:, :, 3])

    def theta_vjp(self, d_theta: Floats, p: Floats) -> Floats:
        """Take the adjoint of ``t_theta``: sums with signs, or that of a rigid motion."""
        d = d_theta
        if p.shape[1] == 4:
            d_a, d_b = d[:, 0, 0] + d[:, 1, 1], d[:, 1, 0] - d[:, 0, 1]
            return np.stack([d_a, d_b, d[:, 0, 2], d[:, 1, 2]], 1)
        d_turned, turned = _scale(p) * d[:, :, :3], _RIGID.theta(p[:, 1:])[:, :, :3]
        d_rigid = _RIGID.theta_vjp(joined(d_turned, d[:, :, 3]), p[:, 1:])
        return np.column_stack([(d_turned * turned).sum((1, 2)), d_rigid])


def similarity_theta(params: Array) -> Floats:
    """Compute theta of a similarity: ``[[a, -b, t_x], [b, a, t_y]]``.

    The scale is ``hypot(a, b)``, the angle ``atan2(b, a)``. In a volume theta is ``[exp(s) R | t]``
    with R and t of :func:`rigid_theta`.

    Parameters
    ----------
    params : (B, 4) or (B, K, 4) float32 or float64, in a volume (B, 7) or (B, K, 7)
        (a, b, t_x, t_y) in normalised coordinates, in a volume (s, r_x, r_y, r_z, t_x, t_y, t_z): s
        is the logarithm of the scale, r the rotation vector. On an input that is not square they
        turn a square into a parallelogram of pixels: normalised units of x and y differ.

    Returns
    -------
    (B, 2, 3) or (B, K, 2, 3) float64, in a volume (B, 3, 4) or (B, K, 3, 4)
        Parameters of :func:`npstn.affine_grid`.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype or shape.
    """
    return door.theta(Similarity(), params)


similarity_theta_jvp, similarity_theta_vjp = theta_derivatives(similarity_theta, Similarity)
similarity_grid = grid_of_theta(similarity_theta, Similarity)
similarity_grid_jvp, similarity_grid_vjp = grid_derivatives(similarity_grid, Similarity)


def similarity_identity(*, rank: int = 2) -> Floats:
    """Copy the parameters (1, 0, 0, 0) of the identity, in a volume zeros, which is exact.

    Parameters
    ----------
    rank : int
        2 for images, 3 for volumes.

    Returns
    -------
    (4,) or (7,) float64
        One row of ``params``.

    Raises
    ------
    TypeError, ValueError
        If the rank is none of these.
    """
    return Similarity().identity(rank)


def _scale(p: Floats) -> Floats:
    return np.asarray(np.exp(p[:, :1, None]), np.float64)
