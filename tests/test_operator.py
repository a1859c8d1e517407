"""The matrix of the sampler has the bits of the kernels; and coverage says where a grid looks."""

from fractions import Fraction

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


def test_coverage_of_nothing():
    found = coverage(np.zeros((2, 3, 0, 5, 2)), (4, 5))
    assert found.outside.shape == (2, 3)
    assert found.splat.shape == (2, 4, 5)
