"""Sampling an input at the points of a grid: the output, its cotangents and its tangent."""

from typing import Any

from . import _check, _options
from ._arithmetic import ieee
from ._arrays import narrow
from ._check import Array
from ._options import CUBIC_COEFFICIENT, Coordinates, Fill, Layout, Mode, PaddingMode
from ._order import cotangent_first
from ._points import grid_points
from ._problem import Problem


@ieee
def grid_sample(
    x: Array,
    grid: Array,
    *,
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    fill_value: Fill = 0.0,
    cubic_coefficient: float = CUBIC_COEFFICIENT,
    coordinates: Coordinates = "normalized",
) -> Array:
    """Sample an input at the points of a grid.

    ``out[i, j] = sum over texels (n, m) of x[n, m] * k(p_x - m) * k(p_y - n)``, where p is the
    pixel coordinate of ``grid[i, j]`` and k the kernel of the mode: ``max(0, 1 - |t|)`` for
    bilinear (trilinear in a volume); 1 at the nearest texel for nearest, at the even one of two;
    for bicubic ``(a + 2)|t|^3 - (a + 3)|t|^2 + 1`` up to 1 and ``a(|t| - 1)(|t| - 2)^2`` up to 2.

    Parameters
    ----------
    x : (B, H, W, C) float32 or float64, or as ``layout`` says
        Input feature map; a volume is (B, D, H, W, C).
    grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64
        Sampling points (x, y), x first. Normalised: -1 is left and top,
        ``p = (g+1)(S-1)/2`` with ``align_corners``, ``p = ((g+1)S-1)/2`` without, on an axis of S
        texels. With ``coordinates="pixel"``: p = g, and 0 is the centre of the first texel. For a
        volume (B, Do, Ho, Wo, 3) or (B, K, Do, Ho, Wo, 3), points (x, y, z).
    mode : {"bilinear", "nearest", "bicubic"}
        Interpolation; in a volume the same on three axes: trilinear, nearest, tricubic.
    padding_mode : {"zeros", "border", "reflection", "wrap"}
        What is outside: nothing; the nearest point of the border; the mirror image about the
        centres (``align_corners``) or the outer edges of the border texels; the input again, as in
        a panorama: texel n stands for all of n + S, n + 2S, ... Mode bicubic pads each of its 16
        texels (64 in a volume) by itself, not the point.
    align_corners : bool, or 0 or 1
        Whether -1 and 1 are the centres of the first and last texel, or their outer edges.
    layout : {"NHWC", "NCHW", "NDHWC", "NCDHW"}
        Layout of ``x`` and of the output; the last two are those of volumes.
    fill_value : float, or (C,) of them
        With padding zeros, the value of missing texels: 0, so that they take no part, or another
        finite one, which takes part as if it were a texel. Points infinitely far outside get it.
    cubic_coefficient : float
        The a of bicubic, from -1 to 0: -0.75 in PyTorch and OpenCV, -0.5 in most others.
    coordinates : {"normalized", "pixel"}
        Unit of ``grid``.

    Returns
    -------
    (B, Ho, Wo, C) or (B, K, Ho, Wo, C), channels placed as in ``x``; volumes alike
        In the dtype of ``x``. Arithmetic is float64 throughout: the result is within
        ``8 * 2**-53 * sum |k k x|`` of the exact value (volumes: 12, bicubic: 24, in volumes
        36); in float32 it is that number rounded once more.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    A texel outside takes no part; all four corners of the cell of p do, even with weight 0 (so a
    NaN there gives NaN). A NaN coordinate gives NaN. An infinite one is infinitely far outside: 0
    (zeros), the border texel (border), NaN (reflection, wrap). An axis of one texel with
    ``align_corners`` has p = 0 everywhere.

    The period of wrap is S texels whatever ``align_corners`` is, so that the last texel and the
    first are neighbours: 2 in normalised coordinates without ``align_corners``, 2S/(S-1) with it.
    From ``|p| = 2**52`` on, reflection and wrap fold the float64 next to p, exactly.

    See Also
    --------
    torch.nn.functional.grid_sample : the same rules, NCHW and ``align_corners=False`` by default.

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, equations 3 to 5.
    """
    rule = mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient, coordinates
    return sampling_problem(x, grid, *rule).sample()


@ieee
@cotangent_first("d_out", "x", "grid")
def grid_sample_vjp(
    d_out: Array,
    x: Array,
    grid: Array,
    *,
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    fill_value: Fill = 0.0,
    cubic_coefficient: float = CUBIC_COEFFICIENT,
    coordinates: Coordinates = "normalized",
    wrt: tuple[str, ...] = ("x", "grid"),
) -> tuple[Array | Any, ...]:  # None if not wanted
    """Cotangents of the input and the grid of :func:`grid_sample`.

    ``d_x[n, m] = sum over points of k(p_x - m) * k(p_y - n) * d_out``, and ``d_grid_x = dp_x/dg *
    sum over channels and texels of k'(p_x - m) * k(p_y - n) * x[n, m] * d_out``; y likewise.

    Parameters
    ----------
    d_out : shape of the output, float32 or float64
        Cotangent of the output.
    x, grid, mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient, coordinates
        As in :func:`grid_sample`.
    wrt : tuple of one or more of "x", "grid" and "fill_value"
        The cotangents that are wanted, in any order; another one is None, and costs nothing.

    Returns
    -------
    d_x : shape and (native) dtype of ``x``
        Sums run over the points in a fixed order, in float64.
    d_grid : shape and (native) dtype of ``grid``
        In the unit of ``grid``.
    d_fill : shape of ``fill_value``, float64
        With "fill_value" in ``wrt`` only: the sum of d_out times the weights of missing texels.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    Sub-gradients: at an integer p the cell is [p, p+1), so the derivative is the right one (of the
    folded coordinate under reflection). It is 0 for p <= 0 and p >= S-1 under border, at the folds
    of reflection, and everywhere in mode nearest. Under wrap it is that of the cell, also between
    the last texel and the first. A point with a NaN coordinate adds nothing to d_x and has NaN as
    its own cotangent.

    A normalised float grid is seldom exactly on a texel: that of the identity is an ulp before or
    behind, and the derivatives left or right ones by its last bit. :func:`npstn.coverage` shows
    such points as ``kinks``. ``coordinates="pixel"`` and :func:`npstn.spatial_transformer_network`
    are on the texel, and points off texels have no such choice.

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, equations 6 and 7.
    """
    rule = mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient, coordinates
    problem = sampling_problem(x, grid, *rule)
    wants_x, wants_grid, wants_fill = _options.wrt(wrt, ("x", "grid", "fill_value"))
    d_out, d_grid = problem.d_out(d_out), None
    d_x = problem.vjp_x(d_out) if wants_x else None
    if wants_grid:
        d_grid = problem.vjp_points(d_out, dtype=problem.points.grid.dtype).reshape(grid.shape)
    return d_x, d_grid, *problem.d_fill(d_out, fill_value, wants_fill)


@ieee
def grid_sample_jvp(
    x: Array,
    grid: Array,
    t_x: Array | None,
    t_grid: Array | None,
    *,
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    fill_value: Fill = 0.0,
    cubic_coefficient: float = CUBIC_COEFFICIENT,
    coordinates: Coordinates = "normalized",
) -> tuple[Array, Array]:
    """Output of :func:`grid_sample` and its tangent: the chain rule forwards.

    ``t_out = sum over texels of W * t_x + sum over axes a of t_grid[a] * dp_a/dg * sum of dW/dp_a
    * x``, with W the product of the weights of a texel.

    Parameters
    ----------
    x, grid
        As in :func:`grid_sample`.
    t_x : shape of ``x``, float32 or float64, or None
        Tangent of the input; None is zero, and costs nothing.
    t_grid : shape of ``grid``, float32 or float64, or None
        Tangent of the grid, in its unit; None likewise.
    mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient, coordinates
        As in :func:`grid_sample`.

    Returns
    -------
    out : as of :func:`grid_sample`
        The same bits.
    t_out : shape and dtype of ``out``
        Its tangent.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    Sub-gradients as in :func:`grid_sample_vjp`: one is the transpose of the other.

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, equations 3, 6 and 7.
    """
    rule = mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient, coordinates
    problem = sampling_problem(x, grid, *rule)
    out, t_out = problem.jvp(problem.t_x(t_x), problem.t_grid(t_grid))
    return out, narrow(t_out, x.dtype)


def sampling_problem(
    x: object,
    grid: object,
    mode: object,
    padding_mode: object,
    align_corners: object,
    layout: object,
    fill_value: object,
    cubic_coefficient: object,
    coordinates: object,
) -> Problem:
    """The arguments of :func:`grid_sample`, checked."""
    image, size = _check.image(x, layout)
    rule = mode, padding_mode, align_corners, layout, cubic_coefficient, coordinates
    options = _options.options(*rule)
    fill = _check.fill_value(fill_value, _check.channels(image, options), options.padding)
    given, leading = _check.grid(grid, len(image), ranks=(len(size),))
    points = grid_points(given, leading, size, options.align, options.normalized)
    return Problem(image, points, options, fill)
