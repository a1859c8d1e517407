"""Conversion between pixel matrices, as in OpenCV, and normalised theta."""

import numpy as np

from .. import _check, _values
from .._check import Array
from ..grid import Floats, pixel_scale


@np.errstate(all="ignore")
def theta_from_pixel(
    matrix: Array,
    in_size: tuple[int, ...],
    out_dims: tuple[int, ...],
    *,
    align_corners: bool = True,
) -> Floats:
    """Convert a matrix that maps output pixels to input pixels into theta.

    With p = g c + d on each axis (see Notes), ``theta[a, b] = M[a, b] c_out[b] / c_in[a]`` and the
    last column is ``(M[a] @ (d_out, 1) - d_in[a]) / c_in[a]``.

    Parameters
    ----------
    matrix : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3) float32 or float64
        Rows (x, y): output pixel (j, i), whose centre is there, samples the input at ``matrix @
        (j, i, 1)``. It is the matrix of ``cv2.warpAffine(..., flags=cv2.WARP_INVERSE_MAP)``. For a
        volume (B, 12) or (B, 3, 4), and so on, rows (x, y, z).
    in_size, out_dims : (int, int) or (int, int, int)
        Sizes (H, W) or (D, H, W) of the input, and of the output, of 1 or more. OpenCV has (W, H).
    align_corners : bool, or 0 or 1
        Which points of the images -1 and 1 stand for; the theta is for the same option.

    Returns
    -------
    shape of ``matrix``, float64
        Parameters of :func:`npstn.affine_grid`, exact for the identity, whatever the size.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    On an axis of S pixels c = (S - 1) / 2 with ``align_corners``, else S / 2; d = (S - 1) / 2.
    So an axis of one pixel has c = 0 with ``align_corners``. If it is the input's, all points are
    the centre of that pixel whatever theta is, and its row is 0; if it is the output's, there is
    nothing to multiply, and the column of theta is 0.
    """
    c_in, d_in, c_out, d_out, m = _axes("matrix", matrix, in_size, out_dims, align_corners)
    linear, offset = m[:, :, :-1], m[:, :, -1]
    moved = (linear * d_out).sum(2) + offset - d_in
    return _joined(_over(linear * c_out, c_in[:, None]), _over(moved, c_in), matrix)


@np.errstate(all="ignore")
def theta_to_pixel(
    theta: Array,
    in_size: tuple[int, ...],
    out_dims: tuple[int, ...],
    *,
    align_corners: bool = True,
) -> Floats:
    """Convert theta into the matrix that maps output pixels to input pixels.

    The inverse of :func:`theta_from_pixel`: ``M[a, b] = theta[a, b] c_in[a] / c_out[b]``, and the
    last column is ``theta[a, -1] c_in[a] + d_in[a] - M[a] @ d_out``.

    Parameters
    ----------
    theta : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3) float32 or float64
        Parameters of :func:`npstn.affine_grid`; for a volume (B, 12) or (B, 3, 4), and so on.
    in_size, out_dims, align_corners
        As in :func:`theta_from_pixel`.

    Returns
    -------
    shape of ``theta``, float64
        Rows (x, y), or (x, y, z).

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    With ``align_corners``, an input axis of one pixel has a row of 0, its only centre, and an
    output axis of one pixel a column of 0: its coordinate is always 0.
    """
    c_in, d_in, c_out, d_out, t = _axes("theta", theta, in_size, out_dims, align_corners)
    linear = _over(t[:, :, :-1] * c_in[:, None], c_out)
    offset = t[:, :, -1] * c_in + d_in - (linear * d_out).sum(2)
    return _joined(linear, offset, theta)


def _axes(
    name: str, value: object, in_size: object, out_dims: object, align_corners: object
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Compute c and d of all axes of input and output, x first, and check the matrices."""
    align = _values.align(align_corners)
    dims = _values.sizes("out_dims", out_dims, ranks=(2, 3), least=1)
    size = _values.sizes("in_size", in_size, ranks=(len(dims),), least=1)
    maps, _ = _check.theta(value, rank=len(dims), name=name)
    parts = (np.array([pixel_scale(n, align) for n in reversed(s)]).T for s in (size, dims))
    (c_in, d_in), (c_out, d_out) = parts
    return c_in, d_in, c_out, d_out, maps.astype(np.float64)


def _over(above: Floats, below: Floats) -> Floats:
    """Divide, with 0 where the divisor is 0."""
    return np.where(below == 0.0, 0.0, above / below)


def _joined(linear: Floats, offset: Floats, given: Array) -> Floats:
    return np.concatenate([linear, offset[:, :, None]], 2).reshape(given.shape)
