"""The spatial transformer: the paper on one page.

A localisation network (yours) gives theta. :func:`spatial_transformer_network` does the rest:

    lattice of the output  --theta-->  points in the input  --k-->  output
    (x_j, y_i)             equation 1  (p_x, p_y)           eq. 3   sum of x * k(p_x) * k(p_y)

It is fused: no grid is ever in memory, and the points are computed in pixel coordinates from the
exact lattice, so that identity, integer shifts, flips and quarter turns are exact.
"""

from . import _check
from ._check import Array, Layout, Mode, PaddingMode
from ._problem import Problem
from .transforms.affine import affine_points


def spatial_transformer_network(
    x: Array,
    theta: Array,
    out_dims: tuple[int, int] | None = None,
    *,
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
) -> Array:
    """Transform an input by an affine map: grid generator and sampler in one.

    For finite theta equal to ``grid_sample(x, affine_grid(theta, out_dims))`` but for the rounding
    of that grid.

    Parameters
    ----------
    x : (B, H, W, C) float32 or float64, or (B, C, H, W) with ``layout="NCHW"``
        Input feature map.
    theta : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3) float32 or float64
        The map from output to input in normalised coordinates, rows (x, y); K of them for each
        image. ``[1, 0, 0, 0, 1, 0]`` is the identity.
    out_dims : (int, int), optional
        Output size (Ho, Wo); that of the input by default.
    mode, padding_mode, align_corners, layout
        As in :func:`npstn.grid_sample`.

    Returns
    -------
    (B, Ho, Wo, C) or (B, K, Ho, Wo, C), channels placed as in ``x``
        In the dtype of ``x``.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    Entries of theta that are not finite follow IEEE arithmetic. The identity is exact but for the
    sign of zero: -0.0 becomes 0.0.

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, equations 1 and 3.
    """
    return _problem(x, theta, out_dims, mode, padding_mode, align_corners, layout).sample()


def spatial_transformer_network_vjp(
    d_out: Array,
    x: Array,
    theta: Array,
    *,
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
) -> tuple[Array, Array]:
    """Cotangents of the input and of theta: the chain rule backwards.

    ``d_theta[a] = sum over (i, j) of d_p[i, j, a] * dp/dg * (x_j, y_i, 1)``. The output size is
    that of ``d_out``.

    Parameters
    ----------
    d_out : (B, Ho, Wo, C) or (B, K, Ho, Wo, C), channels placed as in ``x``, float32 or float64
        Cotangent of the output.
    x, theta, mode, padding_mode, align_corners, layout
        As in :func:`spatial_transformer_network`.

    Returns
    -------
    d_x : shape and (native) dtype of ``x``
        See :func:`npstn.grid_sample_vjp`.
    d_theta : shape and (native) dtype of ``theta``
        Sums run along output rows, then over them, in float64.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    Sub-gradients as in :func:`npstn.grid_sample_vjp`.

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, equations 6 and 7.
    """
    cotangent = _check.array("d_out", d_out, "of the output's shape")
    dims = _check.spatial("d_out", cotangent, layout)
    problem = _problem(x, theta, dims, mode, padding_mode, align_corners, layout)
    cotangent = problem.d_out(cotangent)
    d_theta = problem.vjp_theta(cotangent, theta.dtype)
    return problem.vjp_x(cotangent), d_theta.reshape(theta.shape)


def _problem(
    x: object,
    theta: object,
    out_dims: object,
    mode: object,
    padding_mode: object,
    align_corners: object,
    layout: object,
) -> Problem:
    image, first = _check.image(x, layout)
    rule = _check.rule(mode, padding_mode, align_corners)
    size = image.shape[first], image.shape[first + 1]
    points = affine_points(theta, image, size, out_dims, bool(rule[2]))
    return Problem(image, first, points, rule)
