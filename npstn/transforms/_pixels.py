"""Affine maps between pixels and between normalised coordinates: one to the other, and adjoints.

Matrices and theta are (N, R, R + 1). With ``p = g c + d`` on each axis the constant d of the input
is in the last column of either, and in no tangent: that is what ``d_in`` is for.
"""

from typing import NamedTuple

import numpy as np

from .. import _check, _values
from ..grid import Floats, pixel_scale


class Axes(NamedTuple):
    """c and d of the axes of input and output, x first, (R,) each."""

    c_in: Floats
    d_in: Floats
    c_out: Floats
    d_out: Floats

    def theta(self, m: Floats, d_in: Floats | float = 0.0) -> Floats:
        """Convert matrices into theta."""
        linear, offset = m[:, :, :-1], m[:, :, -1]
        moved = (linear * self.d_out).sum(2) + offset - d_in
        return _over(_joined(linear * self.c_out, moved), self.c_in[:, None])

    def matrix(self, t: Floats, d_in: Floats | float = 0.0) -> Floats:
        """Convert theta into matrices."""
        linear = _over(t[:, :, :-1] * self.c_in[:, None], self.c_out)
        offset = t[:, :, -1] * self.c_in + d_in - (linear * self.d_out).sum(2)
        return _joined(linear, offset)

    def d_matrix(self, d_theta: Floats) -> Floats:
        """Compute the cotangent of matrices."""
        linear, offset = d_theta[:, :, :-1], d_theta[:, :, -1]
        moved = linear * self.c_out + offset[:, :, None] * self.d_out
        return _over(_joined(moved, offset), self.c_in[:, None])

    def d_theta(self, d_matrix: Floats) -> Floats:
        """Compute the cotangent of theta."""
        linear, offset = d_matrix[:, :, :-1], d_matrix[:, :, -1]
        moved = linear - offset[:, :, None] * self.d_out
        in_pixels = self.c_in[:, None]
        return _joined(_over(moved * in_pixels, self.c_out), offset * self.c_in)


def arguments(
    name: str, value: object, in_size: object, out_dims: object, align_corners: object
) -> tuple[Floats, Axes]:
    """Check the maps and the sizes; maps in float64."""
    align = _values.align(align_corners)
    dims = _values.sizes("out_dims", out_dims, ranks=(2, 3), least=1)
    size = _values.sizes("in_size", in_size, ranks=(len(dims),), least=1)
    maps, _ = _check.theta(value, rank=len(dims), name=name)
    parts = (np.array([pixel_scale(n, align) for n in reversed(s)]).T for s in (size, dims))
    (c_in, d_in), (c_out, d_out) = parts
    return maps.astype(np.float64), Axes(c_in, d_in, c_out, d_out)


def _over(above: Floats, below: Floats) -> Floats:
    """Divide, with 0 where the divisor is 0."""
    return np.where(below == 0.0, 0.0, above / below)


def _joined(linear: Floats, offset: Floats) -> Floats:
    return np.concatenate([linear, offset[:, :, None]], 2)
