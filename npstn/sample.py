"""Sampling an input at the points of a grid: bilinear interpolation, and its adjoints."""

from . import _check
from ._check import Array, Coordinates, Layout, Mode, PaddingMode
from ._problem import Problem, grid_points


def grid_sample(
    x: Array,
    grid: Array,
    *,
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    coordinates: Coordinates = "normalized",
) -> Array:
    """Sample an input at the points of a grid.

    ``out[i, j] = sum over texels (n, m) of x[n, m] * k(p_x - m) * k(p_y - n)``, where p is the
    pixel coordinate of ``grid[i, j]`` and k the kernel of the mode: ``max(0, 1 - |t|)`` for
    bilinear; 1 at the nearest texel for nearest, at the even one of two.

    Parameters
    ----------
    x : (B, H, W, C) float32 or float64, or (B, C, H, W) with ``layout="NCHW"``
        Input feature map.
    grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64
        Sampling points (x, y), x first. Normalised: -1 is left and top,
        ``p = (g+1)(S-1)/2`` with ``align_corners``, ``p = ((g+1)S-1)/2`` without, on an axis of S
        texels. With ``coordinates="pixel"``: p = g, and 0 is the centre of the first texel.
    mode : {"bilinear", "nearest"}
        Interpolation.
    padding_mode : {"zeros", "border", "reflection"}
        What is outside: nothing; the nearest point of the border; the mirror image about the
        centres (``align_corners``) or the outer edges of the border texels.
    align_corners : bool
        Whether -1 and 1 are the centres of the first and last texel, or their outer edges.
    layout : {"NHWC", "NCHW"}
        Layout of ``x`` and of the output.
    coordinates : {"normalized", "pixel"}
        Unit of ``grid``.

    Returns
    -------
    (B, Ho, Wo, C) or (B, K, Ho, Wo, C), channels placed as in ``x``
        In the dtype of ``x``. Arithmetic is float64 throughout: the result is within
        ``8 * 2**-53 * sum |k k x|`` of the exact value, plus half a unit in float32.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    A texel outside takes no part; all four corners of the cell of p do, even with weight 0 (so a
    NaN there gives NaN). A NaN coordinate gives NaN. An infinite one is infinitely far outside: 0
    (zeros), the border texel (border), NaN (reflection). An axis of one texel with
    ``align_corners`` has p = 0 everywhere.

    See Also
    --------
    torch.nn.functional.grid_sample : the same rules, NCHW and ``align_corners=False`` by default.

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, equations 3 to 5.
    """
    return _problem(x, grid, mode, padding_mode, align_corners, layout, coordinates).sample()


def grid_sample_vjp(
    d_out: Array,
    x: Array,
    grid: Array,
    *,
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    coordinates: Coordinates = "normalized",
) -> tuple[Array, Array]:
    """Cotangents of the input and the grid of :func:`grid_sample`.

    ``d_x[n, m] = sum over points of k(p_x - m) * k(p_y - n) * d_out``, and ``d_grid_x = dp_x/dg *
    sum over channels and texels of k'(p_x - m) * k(p_y - n) * x[n, m] * d_out``; y likewise.

    Parameters
    ----------
    d_out : shape of the output, float32 or float64
        Cotangent of the output.
    x, grid, mode, padding_mode, align_corners, layout, coordinates
        As in :func:`grid_sample`.

    Returns
    -------
    d_x : shape and (native) dtype of ``x``
        Sums run over the points in the order of the grid, in float64.
    d_grid : shape and (native) dtype of ``grid``
        In the unit of ``grid``.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    Sub-gradients: at an integer p the cell is [p, p+1), so the derivative is the right one (of the
    folded coordinate under reflection). It is 0 for p <= 0 and p >= S-1 under border, at the folds
    of reflection, and everywhere in mode nearest. A point with a NaN coordinate adds nothing to
    d_x and has NaN as its own cotangent.

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, equations 6 and 7.
    """
    problem = _problem(x, grid, mode, padding_mode, align_corners, layout, coordinates)
    d_out = problem.d_out(d_out)
    return problem.vjp_x(d_out), problem.vjp_grid(d_out).reshape(grid.shape)


def _problem(
    x: object,
    grid: object,
    mode: object,
    padding_mode: object,
    align_corners: object,
    layout: object,
    coordinates: object,
) -> Problem:
    image, first = _check.image(x, layout)
    rule = _check.rule(mode, padding_mode, align_corners)
    normalized = bool(_check.choice("coordinates", coordinates, _check.COORDINATES))
    size = image.shape[first], image.shape[first + 1]
    points = grid_points(grid, image, size, bool(rule[2]), normalized)
    return Problem(image, first, points, rule)
