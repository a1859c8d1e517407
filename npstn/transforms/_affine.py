"""The affine family as one of many: its parameters are theta itself, of an image or a volume."""

from collections.abc import Mapping

import numpy as np

from .. import _check
from ..grid import Floats
from ._core import AffineCore, Rows


class Affine(AffineCore):
    """Theta is a row of its numbers, and needs no more than another shape."""

    identities: Mapping[int, Floats] = {rank: np.eye(rank, rank + 1).flatten() for rank in (2, 3)}

    def read(self, name: str, value: object, rank: int | None = None) -> Rows:
        """Check theta in either of its shapes, which say its rank if none is asked for."""
        theta, leading = _check.theta(value, rank=rank, name=name)
        p = theta.reshape(len(theta), theta.shape[1] * theta.shape[2])
        return Rows(p.astype(np.float64), leading, theta.shape[1])

    def theta(self, p: Floats) -> Floats:
        """Reshape (N, 6) to (N, 2, 3), or (N, 12) to (N, 3, 4)."""
        rank = 2 if p.shape[1] == 6 else 3
        return p.reshape(-1, rank, rank + 1)

    def theta_vjp(self, d_theta: Floats, p: Floats) -> Floats:
        """Reshape back."""
        return d_theta.reshape(p.shape)
