"""Rigid motion: a rotation and a shift, of an image or a volume."""

from collections.abc import Mapping

import numpy as np

from .._check import Array
from ..grid import Floats
from . import _door as door
from ._core import AffineCore, joined
from ._derived import grid_derivatives, grid_of_theta, theta_derivatives
from ._rotation import rotation, rotation_vjp, t_rotation


class Rigid(AffineCore):
    """Theta = [R | t] of (angle, t) or (r, t)."""

    identities: Mapping[int, Floats] = {2: np.zeros(3), 3: np.zeros(6)}

    def theta(self, p: Floats) -> Floats:
        """Compute [R | t]."""
        r, shift = _parts(p)
        return joined(rotation(r)[0], shift)

    def t_theta(self, p: Floats, t_p: Floats) -> Floats:
        """Compute [t_R | t_t]."""
        t_r, t_shift = _parts(t_p)
        return joined(t_rotation(*rotation(_parts(p)[0]), t_r), t_shift)

    def theta_vjp(self, d_theta: Floats, p: Floats) -> Floats:
        """Take the adjoint of ``t_theta``."""
        d_r = rotation_vjp(d_theta[:, :, :-1], *rotation(_parts(p)[0]))
        return np.concatenate([d_r, d_theta[:, :, -1]], 1)


def rigid_theta(params: Array) -> Floats:
    """Compute theta of a rotation followed by a shift: ``[R | t]``.

    In a volume R turns by the length of the vector (r_x, r_y, r_z), in radians, around it: with
    the angle a and the unit vector n, ``R = I + sin(a) [n] + (1 - cos(a)) [n]**2`` where ``[n] v``
    is the cross product of n and v (Rodrigues).

    Parameters
    ----------
    params : (B, 3) or (B, K, 3) float32 or float64, in a volume (B, 6) or (B, K, 6)
        (angle, t_x, t_y): the angle is in radians and turns x towards y (down). In a volume (r_x,
        r_y, r_z, t_x, t_y, t_z), and r = (0, 0, angle) turns x towards y. All in normalised
        coordinates: in those of pixels angles are kept where all axes have the same size.

    Returns
    -------
    (B, 2, 3) or (B, K, 2, 3) float64, in a volume (B, 3, 4) or (B, K, 3, 4)
        Parameters of :func:`npstn.affine_grid`. In a volume, and where sines are good to an ulp,
        an entry of R has an error of at most 32 * 2**-53, an entry of its tangent of at most 128 *
        2**-53 times the length of that of r.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype or shape.

    Notes
    -----
    The derivative has no special case: at r = 0 it is ``[t_r]``. At a whole turn the rotation is
    the identity again, and only a t_r along r turns it on.

    See Also
    --------
    scipy.spatial.transform.Rotation.from_rotvec : the same R.
    """
    return door.theta(Rigid(), params)


rigid_theta_jvp, rigid_theta_vjp = theta_derivatives(rigid_theta, Rigid)
rigid_grid = grid_of_theta(rigid_theta, Rigid)
rigid_grid_jvp, rigid_grid_vjp = grid_derivatives(rigid_grid, Rigid)


def rigid_identity(*, rank: int = 2) -> Floats:
    """Copy the parameters of the identity, which is exact: zeros.

    Parameters
    ----------
    rank : int
        2 for images, 3 for volumes.

    Returns
    -------
    (3,) or (6,) float64
        One row of ``params``.

    Raises
    ------
    TypeError, ValueError
        If the rank is none of these.
    """
    return Rigid().identity(rank)


def _parts(p: Floats) -> tuple[Floats, Floats]:
    """Split rows of parameters into rotations (N, 1) or (N, 3) and shifts (N, R)."""
    turns = 1 if p.shape[1] == 3 else 3
    return p[:, :turns], p[:, turns:]
