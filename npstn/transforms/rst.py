"""Rotation, scale and translation in any subset, as in the Torch package stnbhwd."""

from typing import NamedTuple

import numpy as np

from .. import _values
from .._check import Array
from ..grid import Floats
from . import _door as door
from . import _rotation
from ._core import AffineCore, joined
from ._derived import grid_derivatives, grid_of_theta, theta_derivatives

_IDENTITY = np.array([0.0, 1.0, 1.0, 0.0, 0.0])  # angle, s_x, s_y, t_x, t_y


class Rst(AffineCore):
    """Theta = [R S | R S t] of the chosen parameters; those left out are of the identity."""

    def __init__(
        self, *, rotation: bool = True, scale: bool = True, translation: bool = True
    ) -> None:
        options = {"rotation": rotation, "scale": scale, "translation": translation}
        flags = [_values.flag(name, value) for name, value in options.items()]
        if not any(flags):
            raise ValueError("rotation, scale and translation are all False, expected one of them")
        self.chosen = np.repeat(flags, [1, 2, 2])
        self.identities = {2: _IDENTITY[self.chosen]}

    def theta(self, p: Floats) -> Floats:
        """Compute [R S | R S t]."""
        m = self._matrices(p)
        return joined(m.linear, m.apply(m.shift))

    def t_theta(self, p: Floats, t_p: Floats) -> Floats:
        """Compute [t_R S + R t_S | (t_R S + R t_S) t + R S t_t]."""
        m = self._matrices(p)
        t = np.zeros((len(p), 5))
        t[:, self.chosen] = t_p
        t_linear = m.turning * t[:, :1, None] * m.scales[:, None] + m.rotation * t[:, None, 1:3]
        return joined(t_linear, (t_linear * m.shift[:, None]).sum(2) + m.apply(t[:, 3:]))

    def theta_vjp(self, d_theta: Floats, p: Floats) -> Floats:
        """Take the adjoint of ``t_theta``."""
        m = self._matrices(p)
        d_offset = d_theta[:, :, 2:]
        d_linear = d_theta[:, :, :2] + d_offset * m.shift[:, None]
        d_angle = (d_linear * m.turning * m.scales[:, None]).sum((1, 2))
        d_scales, d_shift = (d_linear * m.rotation).sum(1), (d_offset * m.linear).sum(1)
        return np.column_stack([d_angle, d_scales, d_shift])[:, self.chosen]

    def _matrices(self, p: Floats) -> "_Matrices":
        full = np.tile(_IDENTITY, (len(p), 1))
        full[:, self.chosen] = p
        rotation, jacobian = _rotation.rotation(full[:, :1])
        turning = _rotation.t_rotation(rotation, jacobian, np.ones((len(p), 1)))
        return _Matrices(rotation, turning, full[:, 1:3], full[:, 3:])


def rst_theta(
    params: Array, *, rotation: bool = True, scale: bool = True, translation: bool = True
) -> Floats:
    """Compute theta of a rotation, a scale and a translation, or of some of them.

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
    return door.theta(Rst(rotation=rotation, scale=scale, translation=translation), params)


rst_theta_jvp, rst_theta_vjp = theta_derivatives(rst_theta, Rst)
rst_grid = grid_of_theta(rst_theta, Rst)
rst_grid_jvp, rst_grid_vjp = grid_derivatives(rst_grid, Rst)


def rst_identity(*, rotation: bool = True, scale: bool = True, translation: bool = True) -> Floats:
    """Pick the parameters of the identity, which is exact, from (0, 1, 1, 0, 0).

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
    return Rst(rotation=rotation, scale=scale, translation=translation).identity()


class _Matrices(NamedTuple):
    rotation: Floats  # R (N, 2, 2)
    turning: Floats  # dR (N, 2, 2) by the angle
    scales: Floats  # diagonal of S (N, 2)
    shift: Floats  # t (N, 2)

    @property
    def linear(self) -> Floats:
        """R S."""
        return self.rotation * self.scales[:, None]

    def apply(self, v: Floats) -> Floats:
        """Multiply vectors (N, 2) by R S."""
        return np.asarray((self.linear * v[:, None]).sum(2), np.float64)
