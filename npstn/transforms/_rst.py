"""The matrices behind rotation, scale and translation, and which of them there are."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _check
from ..grid import Floats

IDENTITY = np.array([0.0, 1.0, 1.0, 0.0, 0.0])  # angle, s_x, s_y, t_x, t_y


class Matrices(NamedTuple):
    """All that theta is made of, and the derivative of R."""

    rotation: Floats  # (N, 2, 2)
    turning: Floats  # (N, 2, 2), of the rotation by the angle
    scales: Floats  # (N, 2)
    shift: Floats  # (N, 2)

    @property
    def linear(self) -> Floats:
        """R S."""
        return self.rotation * self.scales[:, None]

    def apply(self, v: Floats) -> Floats:
        """R S v of vectors (N, 2)."""
        return np.asarray((self.linear * v[:, None]).sum(2), np.float64)


def chosen_of(rotation: object, scale: object, translation: object) -> NDArray[np.bool_]:
    """Which of the five parameters there are."""
    options = {"rotation": rotation, "scale": scale, "translation": translation}
    flags = [_check.flag(name, value) for name, value in options.items()]
    if not any(flags):
        raise ValueError("rotation, scale and translation are all False, expected one of them")
    return np.repeat(flags, [1, 2, 2])


def matrices(p: Floats, chosen: NDArray[np.bool_]) -> Matrices:
    """The matrices of the chosen parameters (N, P); the others are those of the identity."""
    full = np.tile(IDENTITY, (len(p), 1))
    full[:, chosen] = p
    c, s = np.cos(full[:, 0]), np.sin(full[:, 0])
    rotation = np.stack([c, 0.0 - s, s, c], 1).reshape(-1, 2, 2)  # no -0.0 at the identity
    turning = np.stack([-s, -c, c, -s], 1).reshape(-1, 2, 2)
    return Matrices(rotation, turning, full[:, 1:3], full[:, 3:])


def joined(linear: Floats, offset: Floats) -> Floats:
    """[linear | offset] as (N, 2, 3)."""
    return np.concatenate([linear, offset[:, :, None]], 2)
