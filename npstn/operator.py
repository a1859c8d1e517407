"""Sampling as what it is, a sparse matrix; and which part of the input a grid looks at."""

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _check, _options, _values
from ._arithmetic import ieee
from ._check import Array
from ._options import CUBIC_COEFFICIENT, Coordinates, Mode, PaddingMode
from ._points import Points, grid_points
from ._problem import Problem
from .grid import Floats
from .jit import heap
from .kernels import axis, eft
from .kernels.coordinate import FAR

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class Coverage(NamedTuple):
    """Where a grid looks, see :func:`coverage`."""

    valid: NDArray[np.bool_]
    weight: Floats
    splat: Floats
    outside: Floats
    kinks: NDArray[np.bool_]


@ieee
def sampling_matrix(
    grid: Array,
    in_size: tuple[int, ...],
    *,
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    cubic_coefficient: float = CUBIC_COEFFICIENT,
    coordinates: Coordinates = "normalized",
) -> "csr_array":
    """The matrix S of :func:`npstn.grid_sample`: ``out = S @ x`` and ``d_x = S.T @ d_out``.

    Rows are the output points and columns the texels, both in the order of the arrays: with x
    (B, H, W, C), ``out.reshape(-1, C) = S @ x.reshape(-1, C)``. S has a block for each image.
    A fill f is not in S: with one, ``out = S @ x + (1 - S @ 1) * f``.

    Parameters
    ----------
    grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64, or that of a volume
        As in :func:`npstn.grid_sample`.
    in_size : (int, int) or (int, int, int)
        Size (H, W) or (D, H, W) of the input.
    mode, padding_mode, align_corners, cubic_coefficient, coordinates
        As in :func:`npstn.grid_sample`.

    Returns
    -------
    (B * K * Ho * Wo, B * H * W) scipy.sparse.csr_array of float64
        Weights ``k(p_x - m) * k(p_y - n)``; texels outside have none.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value, or a coordinate is NaN (or
        infinite, under reflection and wrap): no matrix says that out is NaN.

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, equation 3 is linear in the input.
    """
    heap.require_for("scipy.sparse")
    from scipy.sparse import csr_array

    rule = mode, padding_mode, align_corners, cubic_coefficient, coordinates
    problem = _problem(grid, in_size, *rule)
    texels, weights = problem.entries()
    if np.isnan(weights).any():
        at = np.argwhere(np.isnan(weights).any(-1))[0, 0]
        point = problem.points.grid.reshape(-1, len(problem.size))[at]
        raise ValueError(f"grid has {point} at point {at}, expected finite coordinates")
    images, rows, volume = len(problem.x), len(texels), math.prod(problem.size)
    before = volume * (np.arange(rows) // max(1, rows // max(1, images)))  # texels of other images
    taken = texels >= 0
    columns = (texels + before[:, None])[taken]
    ends = np.concatenate([[0], np.cumsum(taken.sum(-1))])
    matrix = csr_array((weights[taken], columns, ends), (rows, images * volume))
    matrix.sum_duplicates()
    return matrix


@ieee
def coverage(
    grid: Array,
    in_size: tuple[int, ...],
    *,
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    cubic_coefficient: float = CUBIC_COEFFICIENT,
    coordinates: Coordinates = "normalized",
) -> Coverage:
    """Which points of a grid look at the input, and which texels are looked at.

    It answers why a transformer died: a texel with splat 0 gets no gradient, and a point that is
    not valid moves by what padding makes of it; where all are outside nothing is learned. A map
    that shrinks leaves many with splat 0: it aliases. And where a gradient surprises: at kinks.

    Parameters
    ----------
    grid, in_size, mode, padding_mode, align_corners, cubic_coefficient, coordinates
        As in :func:`sampling_matrix`.

    Returns
    -------
    valid : (B, Ho, Wo) or (B, K, Ho, Wo) bool
        Whether all coordinates are within the centres of the first and last texels; under wrap,
        whether they are finite. With zeros the input still counts beyond: half a texel in mode
        nearest, less than one in bilinear, less than two in bicubic; `weight` says how much.
    weight : the same shape, float64
        Sum of the weights of the texels that take part: 1 inside, 0 far outside with zeros.
    splat : (B, H, W) float64
        Sum of the weights of each texel over all points: d_x of a cotangent of ones.
    outside : (B,) or (B, K) float64
        Fraction of the points that are not valid.
    kinks : the shape of valid, bool
        Whether first derivatives may jump within an ulp of the point: in mode bilinear, a texel (or
        with zeros the first missing one) is between the neighbours of a coordinate in the dtype of
        ``grid``. There the last bit of the grid chooses between left and right derivatives.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    rule = mode, padding_mode, align_corners, cubic_coefficient, coordinates
    problem = _problem(grid, in_size, *rule)
    shape = *problem.points.leading, *problem.points.out_dims
    _, weights = problem.entries()
    valid = np.array(~np.isnan(weights).any(-1)).reshape(shape)
    if problem.options.padding != axis.WRAP:
        valid &= inside(problem.points, problem.size).reshape(shape)
    axes = tuple(range(-len(problem.size), 0))
    outside = 1.0 - valid.mean(axes) if valid.size else np.zeros(problem.points.leading)
    splat = problem.vjp_x(np.ones((*shape, 1)))[..., 0].astype(np.float64, copy=False)
    kinks = _kinks(problem).reshape(shape)
    return Coverage(valid, weights.sum(-1).reshape(shape), splat, outside, kinks)


@ieee
def inside(points: Points, size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Whether all coordinates of the points of a grid are within [0, S - 1], exactly."""
    grid = points.grid
    valid = np.array(~np.isnan(grid).any(-1))
    for a, n in enumerate(reversed(size)):
        c, d = points.lattice[a, :2]
        g = grid[..., a].astype(np.float64)
        for end, sign in (0.0, 1.0), (n - 1.0, -1.0):
            valid &= (sign * _signed(g, c, d - end) >= 0.0) | (c == 0.0)
    return valid


def _kinks(problem: Problem) -> NDArray[np.bool_]:
    """Whether a texel is between the neighbours of a coordinate: there bilinear has its kinks."""
    grid, padding = problem.points.grid, problem.options.padding
    found = np.zeros(grid.shape[:-1], bool)
    if problem.options.mode != axis.LINEAR:
        return found
    for a, size in enumerate(reversed(problem.size)):
        c, d = problem.points.lattice[a, :2]
        if c == 0.0 or (size == 1 and padding != axis.ZEROS):  # the same everywhere
            continue
        ends = {axis.ZEROS: (-1.0, size), axis.BORDER: (0.0, size - 1.0)}
        low, high = ends.get(padding, (-np.inf, np.inf))
        p = grid[..., a].astype(np.float64) * c + d
        before, after = (
            np.nextafter(grid[..., a], grid.dtype.type(to)).astype(np.float64)
            for to in (-np.inf, np.inf)
        )
        for texel in np.floor(p), np.ceil(p):
            texel = np.clip(texel, low, high)
            found |= (_signed(before, c, d - texel) <= 0.0) & (_signed(after, c, d - texel) >= 0.0)
        if high == np.inf:
            found |= (abs(p) >= FAR) & (abs(p) < np.inf)  # folded as whole numbers
    return found


def _signed(g: Floats, c: float, d: Array | float) -> Floats:
    """A number of the sign of g * c + d, exactly; c is from 0.5 to 2**52."""
    far = np.copysign(np.clip(abs(g), 2.0**-500, 2.0**500), g)  # where no product loses bits
    p, rest = eft.two_product(np.where(g == 0.0, g, far), c)
    s, e = eft.two_sum(p, d)
    t = e + rest
    return np.asarray(np.where(abs(s) > abs(t), s, s + t))


def _problem(
    grid: object,
    in_size: object,
    mode: object,
    padding_mode: object,
    align_corners: object,
    cubic_coefficient: object,
    coordinates: object,
) -> Problem:
    size = _values.sizes("in_size", in_size, ranks=(2, 3), least=1)
    layout = "NHWC" if len(size) == 2 else "NDHWC"
    rule = mode, padding_mode, align_corners, layout, cubic_coefficient, coordinates
    options = _options.options(*rule)
    given, leading = _check.grid(grid, ranks=(len(size),))
    image = np.broadcast_to(np.zeros(1), (leading[0], *size, 1))  # of no memory: its shape counts
    points = grid_points(given, leading, size, options.align, options.normalized)
    return Problem(image, points, options)
