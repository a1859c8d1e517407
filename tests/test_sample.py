"""grid_sample: shapes, layouts, units, and the double sum of the paper."""

import numpy as np
import pytest
from support import Numbers
from support.options import OPTIONS, ids

from npstn import grid_sample, grid_sample_vjp
from npstn.oracle import naive

pytestmark = pytest.mark.usefixtures("engine")

B, K, H, W, C, HO, WO = 2, 3, 5, 7, 2, 4, 6
every_option = pytest.mark.parametrize("options", OPTIONS, ids=ids)


def case(seed=40, dtype=np.float64):
    numbers = Numbers(seed)
    x = numbers.uniform((B, H, W, C)).astype(dtype)
    grid = numbers.uniform((B, HO, WO, 2), -1.4, 1.4).astype(dtype)
    return x, grid, numbers.uniform((B, HO, WO, C)).astype(dtype)


@every_option
def test_against_the_double_sum_of_the_paper(options):
    x, grid, d = case(43)
    np.testing.assert_allclose(
        grid_sample(x, grid, **options), naive.grid_sample(x, grid, **options), atol=1e-13
    )
    for got, want in zip(
        grid_sample_vjp(d, x, grid, **options),
        naive.grid_sample_vjp(d, x, grid, **options),
        strict=True,
    ):
        np.testing.assert_allclose(got, want, atol=1e-12)


def test_shapes_and_dtypes():
    x, grid, d = case(dtype=np.float32)
    out = grid_sample(x, grid)
    assert (out.shape, out.dtype) == ((B, HO, WO, C), np.float32)
    d_x, d_grid = grid_sample_vjp(d, x, grid.astype(np.float64))
    assert (d_x.shape, d_x.dtype) == (x.shape, np.float32)
    assert (d_grid.shape, d_grid.dtype) == (grid.shape, np.float64)


def test_many_grids_of_each_image():
    """(B, K, Ho, Wo, 2): K outputs of each image, and one d_x that sums over them."""
    numbers = Numbers(44)
    x, _, _ = case()
    grid = numbers.uniform((B, K, HO, WO, 2), -1.2, 1.2)
    d = numbers.integers((B, K, HO, WO, C), -4, 4)
    out = grid_sample(x, grid)
    assert out.shape == (B, K, HO, WO, C)
    d_x, d_grid = grid_sample_vjp(d, x, grid)
    parts = [grid_sample_vjp(d[:, k], x, grid[:, k]) for k in range(K)]
    for k in range(K):
        assert (out[:, k] == grid_sample(x, grid[:, k])).all()
        assert (d_grid[:, k] == parts[k][1]).all()
    np.testing.assert_allclose(d_x, sum(p[0] for p in parts), atol=1e-14)


def test_layout_nchw():
    x, grid, d = case()
    planes, d_planes = (np.moveaxis(a, -1, 1) for a in (x, d))
    out = grid_sample(planes, grid, layout="NCHW")
    assert (out == np.moveaxis(grid_sample(x, grid), -1, 1)).all()
    d_x, d_grid = grid_sample_vjp(d_planes, planes, grid, layout="NCHW")
    want = grid_sample_vjp(d, x, grid)
    assert (d_x == np.moveaxis(want[0], -1, 1)).all()
    assert (d_grid == want[1]).all()
    many = grid_sample(planes, grid[:, None], layout="NCHW")
    assert many.shape == (B, 1, C, HO, WO)


def test_pixel_coordinates_are_the_same_points():
    x, _, d = case()
    p = Numbers(45).integers((B, HO, WO, 2), -4, 24) / 4
    for align in (True, False):
        size = np.array([W, H])
        grid = 2 * p / (size - 1) - 1 if align else (2 * p + 1) / size - 1
        options = {"align_corners": align}
        out = grid_sample(x, p, coordinates="pixel", **options)
        np.testing.assert_allclose(grid_sample(x, grid, **options), out, atol=1e-14)
        in_pixels = grid_sample_vjp(d, x, p, coordinates="pixel", **options)[1]
        normalised = grid_sample_vjp(d, x, grid + 1e-9, **options)[1]
        inside = grid_sample_vjp(d, x, p + 1e-9, coordinates="pixel", **options)[1]
        np.testing.assert_allclose(normalised, inside * (size - align) / 2, rtol=1e-6, atol=1e-6)
        assert in_pixels.shape == normalised.shape


@pytest.mark.parametrize("channels", [1, 3, 5])
def test_bicubic_of_equal_slices_is_that_of_an_image(channels):
    """Weights of the third axis sum to 1: equal bits, where all sums are exact."""
    numbers = Numbers(24)
    x, d_out = (
        numbers.integers((1, 4, 5, channels), -9, 9),
        numbers.integers((1, 2, 3, channels), -9, 9),
    )
    grid = numbers.integers((1, 2, 3, 2), -6, 22) / 4
    options = {"mode": "bicubic", "padding_mode": "wrap", "coordinates": "pixel"}
    out = grid_sample(x, grid, **options)
    d_x, d_grid = grid_sample_vjp(d_out, x, grid, **options)
    stack, z = np.repeat(x[:, None], 3, 1), numbers.integers((1, 1, 2, 3, 1), -6, 14) / 4
    options["layout"] = "NDHWC"
    deep = np.concatenate([grid[:, None], z], -1)
    found = grid_sample(stack, deep, **options)
    d_stack, d_deep = grid_sample_vjp(d_out[:, None], stack, deep, **options)
    assert (found[:, 0] == out).all()
    assert (d_stack.sum(1) == d_x).all()
    assert (d_deep[:, 0] == np.concatenate([d_grid, 0 * z[:, 0]], -1)).all()


@pytest.mark.parametrize("width", [7, 300])
def test_an_infinite_coordinate_on_an_axis_of_one_texel(width):
    """It is on that texel, and so are the points around it, however d_x is split."""
    x, grid = np.ones((1, 1, width, 1)), np.zeros((1, 1, 4, 2))
    grid[0, 0, :, 0], grid[0, 0, 2, 1] = [-0.5, -0.2, 0.1, 0.7], np.inf
    assert grid_sample(x, grid).sum() == 4
    d_x, d_grid = grid_sample_vjp(np.ones((1, 1, 4, 1)), x, grid)
    assert abs(d_x.sum() - 4) < 1e-14
    assert (d_grid[..., 1] == 0).all()
