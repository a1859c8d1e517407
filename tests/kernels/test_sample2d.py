"""The loops: however work is split, the bits are the same; and what they skip they do not touch."""

import numpy as np
import pytest
from support import Numbers

from npstn import _problem
from npstn.kernels import sample2d
from npstn.sample import grid_sample, grid_sample_vjp
from npstn.stn import spatial_transformer_network, spatial_transformer_network_vjp

B, K, H, W, C, HO, WO = 2, 2, 5, 7, 3, 4, 6


def run(dtype=np.float64):
    numbers = Numbers(30)
    x = numbers.uniform((B, H, W, C)).astype(dtype)
    d = numbers.uniform((B, K, HO, WO, C)).astype(dtype)
    theta = numbers.uniform((B, K, 6), -1.3, 1.3).astype(dtype)
    grid = numbers.uniform((B, K, HO, WO, 2), -1.3, 1.3).astype(dtype)
    for padding in ("zeros", "reflection"):
        yield spatial_transformer_network(x, theta, (HO, WO), padding_mode=padding)
        yield from spatial_transformer_network_vjp(d, x, theta, padding_mode=padding)
        yield grid_sample(x, grid, padding_mode=padding)
        yield from grid_sample_vjp(d, x, grid, padding_mode=padding)


@pytest.mark.truth
@pytest.mark.parametrize("threads", [1, 2, 3, 64])
def test_bits_do_not_depend_on_the_split(threads, monkeypatch):
    want = [a.tobytes() for a in run()]
    monkeypatch.setattr(_problem, "threads", lambda: threads)
    assert [a.tobytes() for a in run()] == want


@pytest.mark.truth
def test_bits_do_not_depend_on_the_band(monkeypatch):
    want = [a.tobytes() for a in run()]
    monkeypatch.setattr(_problem, "_BAND", 1)  # one row of d_x a task
    assert [a.tobytes() for a in run()] == want


@pytest.mark.truth
@pytest.mark.parametrize("rows", [1, 3, 9])
def test_a_task_writes_its_rows_and_no_other(rows):
    """Outputs start as NaN here; the tasks of one map, one after another, fill them."""
    numbers = Numbers(31)
    x, d = numbers.uniform((1, 1, H, W, C)), numbers.uniform((1, 1, HO, WO, C))
    grid = numbers.uniform((1, HO, WO, 2), -3, 9)
    scale, none = np.array([[1.0, 0, 1], [1, 0, 1]]), np.empty((0, 0))
    for a in (x, d, grid):
        a.flags.writeable = False  # as callers give them
    dims = np.array([1, H, W, C, 1, HO, WO, 1, 0, 1])
    where = np.empty((0, 2, 3)), none, none, scale, grid.reshape(-1), dims, rows
    out, d_x = np.full(d.shape, np.nan), np.full(x.shape, np.nan)
    d_grid, sums = np.full(grid.shape, np.nan), np.full((1, HO, 2, 2), np.nan)
    x, d = x.reshape(-1), d.reshape(-1)
    for kernel, args, rows_of in (
        (sample2d.sample, (x, *where, out.reshape(-1)), out[0, 0]),
        (sample2d.sample_vjp_x, (d, *where, d_x.reshape(-1)), d_x[0, 0]),
        (sample2d.sample_vjp_grid, (d, x, *where, d_grid.reshape(-1)), d_grid[0]),
        (sample2d.sample_vjp_theta, (d, x, *where, np.arange(6.0), sums.reshape(-1)), sums[0]),
    ):
        for task in range(-(-len(rows_of) // rows)):
            with np.errstate(all="ignore"):
                kernel(task, *args)
            written = [not np.isnan(row).any() for row in rows_of]
            assert written == [i < (task + 1) * rows for i in range(len(rows_of))]


@pytest.mark.truth
def test_no_texel_leaks_from_outside_the_cell():
    """0 * Inf of a texel that takes no part must not appear anywhere."""
    x = np.full((1, 4, 4, 1), np.inf)
    x[0, 1:3, 1:3] = 1.0
    grid = np.full((1, 1, 1, 2), 1.5)
    for padding in ("zeros", "border", "reflection"):
        options = {"coordinates": "pixel", "padding_mode": padding}
        assert grid_sample(x, grid, **options).item() == 1.0
        d_x, d_grid = grid_sample_vjp(np.ones((1, 1, 1, 1)), x, grid, **options)
        assert d_x.sum() == 1.0
        assert (d_grid == 0).all()


@pytest.mark.truth
def test_a_clamped_coordinate_has_no_gradient_even_next_to_infinity():
    x = np.full((1, 3, 3, 1), np.inf)
    grid = np.array([[[[-5.0, 9.0]]]])
    for padding in ("border", "reflection"):
        point = grid if padding == "border" else np.array([[[[-0.5, 2.5]]]])
        options = {"padding_mode": padding, "coordinates": "pixel", "align_corners": False}
        _, d_grid = grid_sample_vjp(np.ones((1, 1, 1, 1)), x, point, **options)
        assert (d_grid == 0).all()


@pytest.mark.truth
@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_a_nan_coordinate(at, mode, padding):
    """NaN out, nothing for any texel, and NaN as its own gradient on both axes."""
    x = Numbers(32).uniform((1, 3, 4, 2))
    grid = np.array([[[[-9.0, -9.0], [1.0, 1.0]]]])
    grid[0, 0, 0, at] = np.nan
    options = {"padding_mode": padding, "mode": mode, "coordinates": "pixel"}
    out = grid_sample(x, grid, **options)
    assert np.isnan(out[0, 0, 0]).all()
    assert not np.isnan(out[0, 0, 1]).any()
    d_x, d_grid = grid_sample_vjp(np.ones_like(out), x, grid, **options)
    assert d_x.sum() == 2.0
    assert np.isnan(d_grid[0, 0, 0]).all()
    assert not np.isnan(d_grid[0, 0, 1]).any()


@pytest.mark.truth
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 6, 9])
@pytest.mark.parametrize("padding", ["zeros", "border"])
def test_layouts_agree_in_every_bit(channels, padding):
    """In one the texels of all channels lie side by side, in the other a plane for each."""
    numbers = Numbers(33)
    x = numbers.uniform((2, 5, 6, channels), -1, 1)
    grid, d_out = numbers.uniform((2, 7, 4, 2), -1.4, 1.4), numbers.uniform((2, 7, 4, channels))
    theta = numbers.uniform((2, 6), -1.2, 1.2)
    options = {"padding_mode": padding}
    planes, d_planes = (np.moveaxis(a, -1, 1) for a in (x, d_out))
    for function, vjp, points in (
        (grid_sample, grid_sample_vjp, grid),
        (spatial_transformer_network, spatial_transformer_network_vjp, theta),
    ):
        dims = () if points is grid else ((7, 4),)
        out = function(planes, points, *dims, layout="NCHW", **options)
        assert (np.moveaxis(out, 1, -1) == function(x, points, *dims, **options)).all()
        d_x, d_points = vjp(d_out, x, points, **options)
        d_image, same = vjp(d_planes, planes, points, layout="NCHW", **options)
        assert (np.moveaxis(d_image, 1, -1) == d_x).all()
        assert (d_points == same).all()
