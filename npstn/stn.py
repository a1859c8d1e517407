"""The spatial transformer: the paper on one page.

A localisation network (yours) gives theta. :func:`spatial_transformer_network` does the rest:

    lattice of the output  --theta-->  points in the input  --k-->  output
    (x_j, y_i)             equation 1  (p_x, p_y)           eq. 3   sum of x * k(p_x) * k(p_y)

It is fused: no grid is ever in memory, and the points are computed in pixel coordinates from the
exact lattice, so that identity, flips and quarter turns of finite images are exact, and integer
shifts where theta holds them: 2k / (W - 1) with ``align_corners``, else 2k / W. A grid in pixels
holds all of them.
"""

from typing import Any

from . import _check, _options
from ._arithmetic import ieee
from ._arrays import narrow
from ._check import Array
from ._module import module
from ._options import CUBIC_COEFFICIENT, Fill, Layout, Mode, PaddingMode
from ._order import cotangent_first
from .transforms.families import Family


@ieee
def spatial_transformer_network(
    x: Array,
    theta: Array,
    out_dims: tuple[int, ...] | None = None,
    *,
    transform: str | Family = "affine",
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    fill_value: Fill = 0.0,
    cubic_coefficient: float = CUBIC_COEFFICIENT,
) -> Array:
    """Transform an input by an affine map: grid generator and sampler in one.

    For finite theta equal to ``grid_sample(x, affine_grid(theta, out_dims))`` but for the rounding
    of that grid.

    Parameters
    ----------
    x : (B, H, W, C) float32 or float64, or as ``layout`` says
        Input feature map; a volume is (B, D, H, W, C).
    theta : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3) float32 or float64
        The map from output to input in normalised coordinates, rows (x, y); K of them for each
        image. ``[1, 0, 0, 0, 1, 0]`` is the identity. For a volume (B, 12) or (B, 3, 4), and so on.
    out_dims : (int, int) or (int, int, int), optional
        Output size (Ho, Wo), or (Do, Ho, Wo) of a volume; that of the input by default.
    transform : str or Family
        What theta means: "affine", or another of :data:`npstn.transforms.FAMILIES`, whose
        parameters are (B, P) or (B, K, P); :func:`npstn.transforms.family` chooses its options.
        Its ``ranks`` say whether it is for images, for volumes, or for both.
    mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient
        As in :func:`npstn.grid_sample`.

    Returns
    -------
    (B, Ho, Wo, C) or (B, K, Ho, Wo, C), channels placed as in ``x``; volumes alike
        In the dtype of ``x``.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    Entries of theta that are not finite follow IEEE arithmetic. The identity is exact but for the
    sign of zero: -0.0 may become 0.0. Of finite images: a NaN texel also shows where the texel
    before it is sampled, in whose cell it has weight 0: to the left, say, and after a flip to the
    right.

    Examples
    --------
    A map that shrinks leaves texels unread (see :func:`npstn.coverage`): it aliases. Along x it
    takes ``s = hypot(theta[0, 0] * W / Wo, theta[0, 1] * W / Ho)`` texels per step. Blur each axis
    by a tent of half-width max(s, 1) before, and divide by what that makes of ones:

    >>> from scipy.ndimage import convolve1d
    >>> def shrunk(x, s):
    ...     tent = np.maximum(0, 1 - abs(np.arange(-np.ceil(s), np.ceil(s) + 1)) / s)
    ...     blurred = convolve1d(x, tent, axis=2, mode="constant")
    ...     return spatial_transformer_network(blurred, identity, (1, 8), align_corners=False)
    >>> identity, x = (
    ...     np.eye(2, 3)[None],
    ...     np.tile([1.0, 0, 0, 0, 0, 0, 0, 0], 8).reshape(1, 1, 64, 1),
    ... )
    >>> (shrunk(x, 8.0) / shrunk(np.ones_like(x), 8.0)).ravel()[1:7]
    array([0.125, 0.125, 0.125, 0.125, 0.125, 0.125])

    A tent of s = 1 changes nothing, and for whole s this is PyTorch's ``interpolate`` with
    ``antialias=True``; for others within ``0.5 / s**2`` of the range of x, per axis. The mean over
    boxes, ``x.reshape(B, H // f, f, W // f, f, C).mean((2, 4))`` and the same theta, blurs less.

    The paper's projection of a volume to an image: a sum along the depth of the turned volume.

    >>> volume, turn = np.ones((1, 4, 5, 6, 1)), np.eye(3, 4)[None]
    >>> image = spatial_transformer_network(volume, turn, layout="NDHWC").sum(axis=1)
    >>> image.shape
    (1, 5, 6, 1)

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, equations 1 and 3.
    """
    options = transform, mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient
    return module(x, theta, out_dims, *options).problem.sample()


@ieee
@cotangent_first("d_out", "x", "theta")
def spatial_transformer_network_vjp(
    d_out: Array,
    x: Array,
    theta: Array,
    *,
    transform: str | Family = "affine",
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    fill_value: Fill = 0.0,
    cubic_coefficient: float = CUBIC_COEFFICIENT,
    wrt: tuple[str, ...] = ("x", "theta"),
) -> tuple[Array | Any, ...]:  # None if not wanted
    """Cotangents of the input and of theta: the chain rule backwards.

    ``d_theta[a] = sum over (i, j) of d_p[i, j, a] * dp/dg * (x_j, y_i, 1)``. The output size is
    that of ``d_out``.

    Parameters
    ----------
    d_out : (B, Ho, Wo, C) or (B, K, Ho, Wo, C), channels placed as in ``x``, float32 or float64
        Cotangent of the output.
    x, theta, transform, mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient
        As in :func:`spatial_transformer_network`.
    wrt : tuple of one or more of "x", "theta" and "fill_value"
        The cotangents that are wanted, in any order; another one is None, and costs nothing.

    Returns
    -------
    d_x : shape and (native) dtype of ``x``
        See :func:`npstn.grid_sample_vjp`.
    d_theta : shape and (native) dtype of ``theta``
        Sums run along output rows, then over them, in float64.
    d_fill : shape of ``fill_value``, float64
        With "fill_value" in ``wrt`` only.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    Sub-gradients as in :func:`npstn.grid_sample_vjp`. At the identity, flips and whole shifts all
    points are on texels, exactly, and all derivatives right ones. By ``affine_grid`` and then
    ``grid_sample_vjp`` they are left or right ones, as the rounding of the grid has it, so that the
    two roads differ there. At maps off texels they agree.

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, equations 6 and 7.
    """
    dims = _check.spatial("d_out", d_out, layout)
    options = transform, mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient
    stn = module(x, theta, dims, *options)
    wants_x, wants_theta, wants_fill = _options.wrt(wrt, ("x", "theta", "fill_value"))
    cotangent = stn.problem.d_out(d_out)
    d_x = stn.problem.vjp_x(cotangent) if wants_x else None
    d_theta = stn.d_theta(cotangent) if wants_theta else None
    return d_x, d_theta, *stn.problem.d_fill(cotangent, fill_value, wants_fill)


@ieee
def spatial_transformer_network_jvp(
    x: Array,
    theta: Array,
    t_x: Array | None,
    t_theta: Array | None,
    out_dims: tuple[int, ...] | None = None,
    *,
    transform: str | Family = "affine",
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    fill_value: Fill = 0.0,
    cubic_coefficient: float = CUBIC_COEFFICIENT,
) -> tuple[Array, Array]:
    """Output of :func:`spatial_transformer_network` and its tangent: the chain rule forwards.

    That of :func:`npstn.grid_sample_jvp`, with the tangent of the family's grid for t_grid.

    Parameters
    ----------
    x, theta
        As in :func:`spatial_transformer_network`.
    t_x : shape of ``x``, float32 or float64, or None
        Tangent of the input; None is zero, and costs nothing.
    t_theta : shape of ``theta``, float32 or float64, or None
        Tangent of theta; None likewise.
    out_dims, transform, mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient
        As in :func:`spatial_transformer_network`.

    Returns
    -------
    out : as of :func:`spatial_transformer_network`
        The same bits.
    t_out : shape and dtype of ``out``
        Its tangent.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    options = transform, mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient
    stn = module(x, theta, out_dims, *options)
    out, t_out = stn.problem.jvp(stn.problem.t_x(t_x), stn.t_grid(t_theta))
    return out, narrow(t_out, x.dtype)
