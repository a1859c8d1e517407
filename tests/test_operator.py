"""The matrix of the sampler has the bits of the kernels; and coverage says where a grid looks."""

from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from support import Numbers
from support.options import KINDS, LAST, MODES, PADDINGS

import npstn
from npstn import coverage, grid_sample, grid_sample_vjp, sampling_matrix

pytestmark = [pytest.mark.truth, pytest.mark.usefixtures("engine")]

SIZES = {2: ((4, 5), (3, 6)), 3: ((3, 4, 5), (2, 3, 4))}


def problem(rank, many=(), lattice=True, seed=70):
    """Images and points: small integers and eighths, so that every sum is exact."""
    numbers = Numbers(seed)
    size, dims = SIZES[rank]
    x = np.round(numbers.uniform((2, *size, 2), -8, 8))
    grid = numbers.uniform((2, *many, *dims, rank), -2.5, 6.5)
    return x, np.round(8 * grid) / 8 if lattice else grid


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(("rank", "mode"), KINDS)
@pytest.mark.parametrize("many", [(), (3,)])
def test_the_bits_of_the_kernels(rank, mode, padding, many):
    x, grid = problem(rank, many)
    options = {"mode": mode, "padding_mode": padding, "coordinates": "pixel"}
    matrix = sampling_matrix(grid, x.shape[1:-1], **options)
    options["layout"] = LAST[rank]
    out = grid_sample(x, grid, **options)
    assert ((matrix @ x.reshape(-1, 2)).reshape(out.shape) == out).all()
    d_out = np.round(Numbers(71).uniform(out.shape, -8, 8))
    d_x, _ = grid_sample_vjp(d_out, x, grid, **options)
    assert ((matrix.T @ d_out.reshape(-1, 2)).reshape(x.shape) == d_x).all()
    assert matrix.has_canonical_format


def test_rows_of_more_points_than_a_tile():
    x, grid = Numbers(72).uniform((1, 4, 5, 1)), Numbers(73).uniform((1, 2, 150, 2), -1.1, 1.1)
    matrix, out = sampling_matrix(grid, (4, 5)), grid_sample(x, grid)
    np.testing.assert_allclose(matrix @ x.ravel(), out.ravel(), atol=1e-15)
    assert coverage(grid, (4, 5)).valid.mean() == (np.abs(grid) <= 1).all(-1).mean()


def test_a_matrix_of_nothing():
    matrix = sampling_matrix(np.zeros((1, 0, 3, 2)), (4, 5))
    assert matrix.shape == (0, 20)
    assert sampling_matrix(np.zeros((0, 2, 3, 2)), (4, 5)).shape == (0, 0)
    assert sampling_matrix(np.full((1, 2, 3, 2), 9.0), (4, 5)).nnz == 0


@pytest.mark.parametrize(
    ("value", "padding"), [(np.nan, "zeros"), (np.inf, "reflection"), (-np.inf, "wrap")]
)
def test_no_matrix_gives_nan(value, padding):
    grid = np.zeros((2, 2, 3, 2))
    grid[1, 1, 2, 0] = value
    with pytest.raises(ValueError, match=r"grid has \[.*\] at point 11, expected finite"):
        sampling_matrix(grid, (4, 5), padding_mode=padding)
    grid[1, 1, 2, 0] = np.inf
    assert sampling_matrix(grid, (4, 5)).shape == (12, 40)


@pytest.mark.parametrize("function", [sampling_matrix, coverage])
def test_bad_sizes(function):
    grid = np.zeros((1, 2, 3, 2))
    for size, error in (
        ((4,), ValueError),
        ((4, 0), ValueError),
        ("45", TypeError),
        (4, TypeError),
    ):
        with pytest.raises(
            error, match=f"in_size is {size!r}".replace("(", r"\(").replace(")", r"\)")
        ):
            function(grid, size)
    with pytest.raises(
        ValueError, match=r"grid has shape \(1, 2, 3, 2\), expected \(B, Do, Ho, Wo"
    ):
        function(grid, (3, 4, 5))


@pytest.mark.parametrize(("rank", "mode"), KINDS)
def test_coverage(rank, mode):
    x, grid = problem(rank, (3,))
    size = x.shape[1:-1]
    found = coverage(grid, size, mode=mode, coordinates="pixel")
    last = np.array(size[::-1]) - 1
    assert (found.valid == ((grid >= 0) & (grid <= last)).all(-1)).all()
    matrix = sampling_matrix(grid, size, mode=mode, coordinates="pixel")
    assert (found.weight == matrix.sum(axis=1).reshape(found.weight.shape)).all()
    assert (found.splat == matrix.sum(axis=0).reshape(found.splat.shape)).all()
    axes = tuple(range(2, 2 + rank))
    np.testing.assert_allclose(found.outside, (~found.valid).mean(axes))
    assert 0 < found.outside.min() < 1


def test_coverage_of_a_dead_transformer():
    grid = npstn.affine_grid(np.array([[1.0, 0, 9, 0, 1, 0]]), (4, 5))
    found = coverage(grid, (4, 5))
    assert not found.valid.any()
    assert found.outside == 1
    assert not found.weight.any()
    assert not found.splat.any()


def test_coverage_at_the_frame():
    """The centres of the first and last texels are inside, an ulp farther is not."""
    grid = np.zeros((1, 1, 6, 2))
    grid[0, 0, :, 0] = 0.0, -5e-324, 4.0, np.nextafter(4, 9), np.nan, np.inf
    found = coverage(grid, (4, 5), coordinates="pixel")
    assert found.valid.tolist() == [[[True, False, True, False, False, False]]]


@pytest.mark.parametrize("mode", MODES)
def test_under_wrap_all_finite_points_are_inside(mode):
    x, grid = problem(2, (3,))
    options = {"mode": mode, "padding_mode": "wrap", "coordinates": "pixel"}
    found = coverage(grid, x.shape[1:-1], **options)
    assert found.valid.all()
    assert not found.outside.any()
    assert (found.weight == 1).all()
    assert found.splat.sum() == found.weight.size
    grid[0, 0, 0, :5, 1] = -1e300, 2.0**60, np.inf, -np.inf, np.nan
    found = coverage(grid, x.shape[1:-1], **options)
    assert found.valid[0, 0, 0].tolist() == [True, True, False, False, False, True]


@pytest.mark.parametrize("align", [True, False])
def test_coverage_is_that_of_the_exact_point(align):
    """Also where its rounding is on the frame and it is not."""
    size, numbers = (3, 7), Numbers(73)
    grid = numbers.uniform((1, 40, 9, 2), -1.2, 1.2)
    ends = [0, 1] if align else [1 / 3, 1 / 7]
    grid[0, :5] = 1 - np.array(ends[::-1] if not align else [0, 0])
    grid[0, 5:10] = -grid[0, :5]
    j = np.arange(9)  # an ulp to either side or none, on each axis by itself
    for k in range(10):
        grid[0, k] = np.nextafter(grid[0, k], 9 * np.stack([j % 3 - 1, j // 3 - 1], -1))
    found = coverage(grid, size, align_corners=align).valid
    for at in np.ndindex(*found.shape):
        inside = True
        for g, n in zip(grid[at], reversed(size), strict=True):
            p = ((Fraction(float(g)) + 1) * n - 1) / 2
            if align:
                p = (Fraction(float(g)) + 1) * (n - 1) / 2
            inside = inside and 0 <= p <= n - 1
        assert found[at] == inside, (at, grid[at])


@pytest.mark.parametrize("coordinates", ["normalized", "pixel"])
def test_signs_of_tiny_and_huge_coordinates(coordinates):
    """One texel: only 0 is inside, however little is between; products of both kinds lose bits."""
    grid = np.full((1, 1, 7, 2), 0.25)
    grid[0, 0, :, 0] = 0.0, -0.0, 5e-324, -5e-324, 1e-310, 1e308, -1e308
    found = coverage(grid, (2, 1), align_corners=False, coordinates=coordinates)
    assert found.valid.tolist() == [[[True, True, False, False, False, False, False]]]
    assert found.kinks.tolist() == [[[True, True, True, True, False, False, False]]]
    found = coverage(grid, (2, 1), align_corners=True)
    assert found.valid.all()
    assert not found.kinks.any()


def test_what_is_beyond_the_frame_still_has_weight():
    """Half a texel in mode nearest, one in bilinear, two in bicubic: none of it is valid."""
    grid = np.zeros((1, 1, 5, 2))
    grid[0, 0, :, 0] = -0.25, -0.5, -0.75, -1.5, -2.0
    for mode, reaches in (("nearest", 2), ("bilinear", 3), ("bicubic", 4)):
        found = coverage(grid, (1, 4), mode=mode, coordinates="pixel")
        assert not found.valid.any()
        assert (found.weight != 0).tolist() == [[[j < reaches for j in range(5)]]]


IDENTITY = np.array([[1.0, 0, 0, 0, 1, 0]])


def test_two_steps_and_the_module_differ_at_kinks():
    """The grid is an ulp to the left of two texels; in pixels it is on them."""
    x = (np.arange(7.0) ** 2).reshape(1, 1, 7, 1)
    d_out, grid = np.ones_like(x), npstn.affine_grid(IDENTITY, (1, 7))
    _, d_grid = grid_sample_vjp(d_out, x, grid, padding_mode="border")
    assert d_grid[..., 0].ravel().tolist() == [0, 9, 15, 21, 21, 27, 0]
    assert npstn.affine_grid_vjp(d_grid)[0, 0, 2] == 93
    _, d_theta = npstn.spatial_transformer_network_vjp(d_out, x, IDENTITY, padding_mode="border")
    assert d_theta[0, 2] == 105
    pixels = np.stack([np.arange(7.0), np.zeros(7)], -1).reshape(grid.shape)
    rule = {"padding_mode": "border", "coordinates": "pixel"}
    _, d_pixels = grid_sample_vjp(d_out, x, pixels, **rule)
    assert (3 * d_pixels[..., 0]).sum() == 105
    assert coverage(grid, (1, 7), padding_mode="border").kinks.all()
    assert not coverage(grid + 0.125, (1, 7), padding_mode="border").kinks.any()


def test_white_noise_at_the_identity():
    """73 % of the points have another derivative than the module gives them."""
    numbers = Numbers(74)
    x, d_out = numbers.uniform((1, 40, 60, 1)), numbers.uniform((1, 40, 60, 1))
    grid = npstn.affine_grid(IDENTITY, (40, 60))
    pixels = np.stack(np.meshgrid(np.arange(60.0), np.arange(40.0)), -1)[None]
    _, d_grid = grid_sample_vjp(d_out, x, grid)
    _, d_pixels = grid_sample_vjp(d_out, x, pixels, coordinates="pixel")
    differ = (abs(d_grid - d_pixels * [59 / 2, 39 / 2]) > 1e-9).any(-1)
    assert round(100 * differ.mean()) == 73
    assert coverage(grid, (40, 60)).kinks.all()
    off = coverage(npstn.affine_grid(0.9 * IDENTITY, (40, 60)), (40, 60))
    assert not off.kinks.any()


@pytest.mark.parametrize("row", [[1.5, 2, 7, -3, 5, -9], [3.0, 8.0], [4.0]], ids=len)
@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("padding", PADDINGS)
def test_kinks_are_where_derivatives_jump(padding, align, row):
    """A row of texels with another slope in every cell, at points on texels and in the middle."""
    x, p = np.array(row).reshape(1, 1, -1, 1), np.arange(-30, 40) / 2
    options = {"padding_mode": padding, "align_corners": align, "coordinates": "pixel"}

    def slopes(p):
        grid = np.stack([p, np.zeros_like(p)], -1).reshape(1, 1, -1, 2)
        return grid_sample_vjp(np.ones((1, 1, len(p), 1)), x, grid, **options)[1][..., 0]

    rows = np.stack([p, 0 * p + 0.5], -1).reshape(1, 1, -1, 2)  # off the texels of the other axis
    kinks = coverage(rows, (2, len(row)), **options).kinks
    assert (kinks == (slopes(p - 0.25) != slopes(p + 0.25))).all()
    for mode in ("nearest", "bicubic"):
        assert not coverage(rows, (2, len(row)), mode=mode, **options).kinks.any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("padding", PADDINGS)
def test_kinks_are_those_of_exact_neighbours(padding, align, dtype):
    """Up to three ulps from texels, and at both ends of what a dtype holds."""
    p = np.repeat(np.concatenate([np.arange(-9.0, 16.0), [0.3, 1e3, 2.0**60]]), 7)
    g = ((2 * p + (not align)) / (6 - align) - 1).astype(dtype)
    for ulps in range(1, 4):
        for sign in (-1, 1):
            part = g[3 + sign * ulps :: 7]
            for _ in range(ulps):
                part[...] = np.nextafter(part, dtype(sign * np.inf))
    grid = np.zeros((1, 1, len(g), 2), dtype)
    grid[0, 0, :, 0] = g
    grid[..., 1] = 0.3
    found = coverage(grid, (3, 6), padding_mode=padding, align_corners=align).kinks[0, 0]
    low, high = {"zeros": (-1, 6), "border": (0, 5)}.get(padding, (-(10**99), 10**99))
    for at, here in enumerate(g):
        ends = [np.nextafter(here, dtype(to)) for to in (-np.inf, np.inf)]
        first, last = (((Fraction(float(e)) + 1) * (6 - align) - (not align)) / 2 for e in ends)
        assert found[at] == (max(low, ceil(first)) <= min(high, floor(last))), (p[at], here)
    assert 0 < found.sum() < len(g)


@pytest.mark.parametrize("padding", PADDINGS)
def test_kinks_far_away(padding):
    """Where numbers have no fractions every point is on a texel, if there is one."""
    grid = np.full((1, 1, 5, 2), 0.3)
    grid[0, 0, :, 0] = 1e200, -1e200, np.nan, np.inf, -np.inf
    found = coverage(grid, (4, 5), padding_mode=padding).kinks.ravel()
    assert found.tolist() == [padding in ("reflection", "wrap")] * 2 + [False] * 3


def test_coverage_of_nothing():
    found = coverage(np.zeros((2, 3, 0, 5, 2)), (4, 5))
    assert found.outside.shape == (2, 3)
    assert found.splat.shape == (2, 4, 5)
