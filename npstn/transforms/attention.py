"""Attention: zoom and shift, the three-parameter map of the paper's attention models."""

from collections.abc import Mapping

import numpy as np

from .._check import Array
from ..grid import Floats
from . import _door as door
from ._core import AffineCore
from ._derived import grid_derivatives, grid_of_theta, theta_derivatives


class Attention(AffineCore):
    """Theta is linear in (s, t_x, t_y)."""

    identities: Mapping[int, Floats] = {2: np.array([1.0, 0.0, 0.0])}

    def theta(self, p: Floats) -> Floats:
        """Compute [[s, 0, t_x], [0, s, t_y]]."""
        theta = np.zeros((len(p), 2, 3))
        theta[:, 0, 0] = theta[:, 1, 1] = p[:, 0]
        theta[:, :, 2] = p[:, 1:]
        return theta

    def theta_vjp(self, d_theta: Floats, p: Floats) -> Floats:
        """Sum the diagonal for d_s; the last column is that of the shift."""
        d = d_theta
        return np.stack([d[:, 0, 0] + d[:, 1, 1], d[:, 0, 2], d[:, 1, 2]], 1)


def attention_theta(params: Array) -> Floats:
    """Compute theta of an isotropic zoom and a shift: ``[[s, 0, t_x], [0, s, t_y]]``.

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
    return door.theta(Attention(), params)


attention_theta_jvp, attention_theta_vjp = theta_derivatives(attention_theta, Attention)
attention_grid = grid_of_theta(attention_theta, Attention)
attention_grid_jvp, attention_grid_vjp = grid_derivatives(attention_grid, Attention)


def attention_identity() -> Floats:
    """Copy the parameters (1, 0, 0) of the identity, which is exact.

    Returns
    -------
    (3,) float64
        One row of ``params``.
    """
    return Attention().identity()
