"""Rotations of two and three dimensions by an angle (N, 1) or a rotation vector (N, 3).

R turns by the length of the vector r around it: ``R = exp [r]``, where ``[w] v`` is the cross
product w x v; the angle in two dimensions is that around z. A tangent t_r turns on by
``w = J t_r``, so ``t_R = [w] R``, and J is a 1 in two dimensions. With the angle a and n = r / a

    R = I + sin(a) [n] + (1 - cos(a)) [n]**2                        (Rodrigues)
    J = I + (1 - cos(a)) / a [n] + (1 - sin(a) / a) [n]**2
"""

import numpy as np

from ..grid import Floats
from ..kernels.eft import two_product, two_sum
from ._homogeneous import times


def rotation(r: Floats) -> tuple[Floats, Floats]:
    """Compute R (N, 2, 2) or (N, 3, 3), and J (N, 1, 1) or (N, 3, 3)."""
    if r.shape[1] == 1:
        c, s = np.cos(r[:, 0]), np.sin(r[:, 0])
        turned = np.stack([c, 0.0 - s, s, c], 1).reshape(-1, 2, 2)  # no -0.0 at the identity
        return turned, np.ones((len(r), 1, 1))
    angle, rest = _length(r)
    still = angle == 0.0
    divisor = np.where(still, 1.0, angle)
    sine, half = np.sin(angle), np.sin(angle / 2)
    versine = 2 * half * half + rest * sine  # 1 - cos(a), without cancellation
    sine = sine + rest * np.cos(angle)
    across = cross_matrix(r / divisor)
    twice = times(across, across)
    unit = np.eye(3)
    # Where 1 - sin(a) / a cancels, the unit matrix is so much larger that nothing is lost.
    second = np.where(still, 0.0, 1.0 - sine / divisor)
    turned = unit + (sine[:, None] * across + versine[:, None] * twice)
    return turned, unit + ((versine / divisor)[:, None] * across + second[:, None] * twice)


def t_rotation(turned: Floats, jacobian: Floats, t_r: Floats) -> Floats:
    """Compute t_R = [J t_r] R."""
    return times(cross_matrix((jacobian * t_r[:, None]).sum(2)), turned)


def rotation_vjp(d_turned: Floats, turned: Floats, jacobian: Floats) -> Floats:
    """Compute d_r, the adjoint of :func:`t_rotation`."""
    d = times(d_turned, turned.transpose(0, 2, 1))
    pairs = ((1, 0),) if d.shape[1] == 2 else ((2, 1), (0, 2), (1, 0))
    d_w = np.stack([d[:, a, b] - d[:, b, a] for a, b in pairs], 1)
    d_r: Floats = (jacobian * d_w[:, :, None]).sum(1)
    return d_r


def cross_matrix(w: Floats) -> Floats:
    """Compute [w] (N, 2, 2) or (N, 3, 3) of w (N, 1) or (N, 3)."""
    zero = np.zeros(len(w))
    if w.shape[1] == 1:
        return np.stack([zero, -w[:, 0], w[:, 0], zero], 1).reshape(-1, 2, 2)
    x, y, z = w.T
    return np.stack([zero, -z, y, z, zero, -x, -y, x, zero], 1).reshape(-1, 3, 3)


def _length(r: Floats) -> tuple[Floats, Floats]:
    """Compute the lengths (N, 1) of vectors (N, 3), and what rounding took from them."""
    power = np.frexp(np.abs(r).max(1, keepdims=True))[1]
    squares, left = two_product(*[np.ldexp(r, -power)] * 2)
    xy, lost = two_sum(squares[:, :1], squares[:, 1:2])
    square, last = two_sum(xy, squares[:, 2:])
    length = np.sqrt(square)
    again, more = two_product(length, length)
    missing = (square - again) - more + (lost + last + left.sum(1, keepdims=True))
    rest = missing / (2 * np.where(length == 0.0, 1.0, length))
    return np.ldexp(length, power), np.ldexp(rest, power)
