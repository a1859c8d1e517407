"""Conversion between pixel matrices, as in OpenCV, and normalised theta, with derivatives."""

import numpy as np

from .._arithmetic import ieee
from .._check import Array
from .._order import cotangent_first
from ..grid import Floats
from . import _params as check
from ._pixels import arguments


@ieee
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
    m, axes = arguments("matrix", matrix, in_size, out_dims, align_corners)
    return axes.theta(m, axes.d_in).reshape(matrix.shape)


@ieee
def theta_from_pixel_jvp(
    matrix: Array,
    t_matrix: Array,
    in_size: tuple[int, ...],
    out_dims: tuple[int, ...],
    *,
    align_corners: bool = True,
) -> tuple[Floats, Floats]:
    """Convert a matrix, with the tangent of its theta: the constant ``d_in`` has none.

    Parameters
    ----------
    matrix
        As in :func:`theta_from_pixel`.
    t_matrix : shape of ``matrix``, float32 or float64
        Tangent of the matrix.
    in_size, out_dims, align_corners
        As in :func:`theta_from_pixel`.

    Returns
    -------
    theta, t_theta : as of :func:`theta_from_pixel`

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    m, axes = arguments("matrix", matrix, in_size, out_dims, align_corners)
    tangent = check.tangent(t_matrix, matrix, "t_matrix").reshape(m.shape)
    both = axes.theta(m, axes.d_in), axes.theta(tangent.astype(np.float64))
    return both[0].reshape(matrix.shape), both[1].reshape(matrix.shape)


@ieee
@cotangent_first("d_theta", "in_size", "out_dims")
def theta_from_pixel_vjp(
    d_theta: Array,
    in_size: tuple[int, ...],
    out_dims: tuple[int, ...],
    *,
    align_corners: bool = True,
) -> Floats:
    """Compute the cotangent of a matrix from that of its theta, which is affine in it.

    In the letters of :func:`theta_from_pixel`, with its d_out, ``d_M[a, b] = (d_theta[a, b]
    c_out[b] + d_theta[a, -1] d_out[b]) / c_in[a]``, and the last column is ``d_theta[a, -1] /
    c_in[a]``. Where c is 0, so is the row of an axis of the input, the column of one of the output.

    Parameters
    ----------
    d_theta : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3) float32 or float64, or of a volume
        Cotangent of theta.
    in_size, out_dims, align_corners
        As in :func:`theta_from_pixel`.

    Returns
    -------
    shape of ``d_theta``, float64
        Cotangent of the matrix.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    d, axes = arguments("d_theta", d_theta, in_size, out_dims, align_corners)
    return axes.d_matrix(d).reshape(d_theta.shape)


@ieee
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
    t, axes = arguments("theta", theta, in_size, out_dims, align_corners)
    return axes.matrix(t, axes.d_in).reshape(theta.shape)


@ieee
def theta_to_pixel_jvp(
    theta: Array,
    t_theta: Array,
    in_size: tuple[int, ...],
    out_dims: tuple[int, ...],
    *,
    align_corners: bool = True,
) -> tuple[Floats, Floats]:
    """Convert theta, with the tangent of its matrix: the constant ``d_in`` has none.

    Parameters
    ----------
    theta
        As in :func:`theta_to_pixel`.
    t_theta : shape of ``theta``, float32 or float64
        Tangent of the parameters.
    in_size, out_dims, align_corners
        As in :func:`theta_to_pixel`.

    Returns
    -------
    matrix, t_matrix : as of :func:`theta_to_pixel`

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    t, axes = arguments("theta", theta, in_size, out_dims, align_corners)
    tangent = check.tangent(t_theta, theta, "t_theta").reshape(t.shape)
    both = axes.matrix(t, axes.d_in), axes.matrix(tangent.astype(np.float64))
    return both[0].reshape(theta.shape), both[1].reshape(theta.shape)


@ieee
@cotangent_first("d_matrix", "in_size", "out_dims")
def theta_to_pixel_vjp(
    d_matrix: Array,
    in_size: tuple[int, ...],
    out_dims: tuple[int, ...],
    *,
    align_corners: bool = True,
) -> Floats:
    """Compute the cotangent of theta from that of its matrix, which is affine in it.

    In the letters of :func:`theta_from_pixel`, with its d_out, ``d_theta[a, b] = (d_M[a, b] -
    d_M[a, -1] d_out[b]) c_in[a] / c_out[b]``, and the last column is ``d_M[a, -1] c_in[a]``. Where
    c is 0, so is the row of an axis of the input, the column of one of the output.

    Parameters
    ----------
    d_matrix : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3) float32 or float64, or of a volume
        Cotangent of the matrix.
    in_size, out_dims, align_corners
        As in :func:`theta_to_pixel`.

    Returns
    -------
    shape of ``d_matrix``, float64
        Cotangent of theta.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    d, axes = arguments("d_matrix", d_matrix, in_size, out_dims, align_corners)
    return axes.d_theta(d).reshape(d_matrix.shape)
