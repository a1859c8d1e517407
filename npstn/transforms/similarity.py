"""Similarity: rotation, isotropic scale and shift, linear in its four parameters."""

from collections.abc import Mapping

import numpy as np

from .._check import Array
from ..grid import Floats
from . import _door as door
from ._core import AffineCore
from ._derived import grid_derivatives, grid_of_theta, theta_derivatives


class Similarity(AffineCore):
    """Theta is linear in (a, b, t_x, t_y)."""

    identities: Mapping[int, Floats] = {2: np.array([1.0, 0.0, 0.0, 0.0])}

    def theta(self, p: Floats) -> Floats:
        """Compute [[a, -b, t_x], [b, a, t_y]]."""
        theta = np.empty((len(p), 2, 3))
        theta[:, 0, 0] = theta[:, 1, 1] = p[:, 0]
        theta[:, 0, 1], theta[:, 1, 0] = 0.0 - p[:, 1], p[:, 1]  # 0.0, not -0.0, at the identity
        theta[:, :, 2] = p[:, 2:]
        return theta

    def theta_vjp(self, d_theta: Floats, p: Floats) -> Floats:
        """Sum the diagonal for d_a, and the other two with their signs for d_b."""
        d = d_theta
        d_a, d_b = d[:, 0, 0] + d[:, 1, 1], d[:, 1, 0] - d[:, 0, 1]
        return np.stack([d_a, d_b, d[:, 0, 2], d[:, 1, 2]], 1)


def similarity_theta(params: Array) -> Floats:
    """Compute theta of a similarity: ``[[a, -b, t_x], [b, a, t_y]]``.

    The scale is ``hypot(a, b)``, the angle ``atan2(b, a)``.

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
    return door.theta(Similarity(), params)


similarity_theta_jvp, similarity_theta_vjp = theta_derivatives(similarity_theta, Similarity)
similarity_grid = grid_of_theta(similarity_theta, Similarity)
similarity_grid_jvp, similarity_grid_vjp = grid_derivatives(similarity_grid, Similarity)


def similarity_identity() -> Floats:
    """Copy the parameters (1, 0, 0, 0) of the identity, which is exact.

    Returns
    -------
    (4,) float64
        One row of ``params``.
    """
    return Similarity().identity()
