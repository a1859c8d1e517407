"""The output at points of all kinds: its bounds, and what must not show in it."""

from fractions import Fraction

import numpy as np
import pytest
from support import Numbers, excess
from support.options import MODES, PADDINGS
from support.points import RULES, coordinates, on_grid, on_map, problem_of, texels

from npstn.contract import bound
from npstn.kernels.axis import BORDER, CUBIC, LINEAR, NEAREST, REFLECTION, WRAP, ZEROS
from npstn.oracle import exact

pytestmark = [pytest.mark.truth, pytest.mark.filterwarnings("ignore:(overflow|invalid)")]


def options(rule):
    mode, padding = MODES[rule[0]], PADDINGS[rule[1]]
    return {"mode": mode, "padding_mode": padding, "align_corners": bool(rule[2])}


@pytest.mark.parametrize("channels", [1, 3, 5])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_bounds(rule, channels):
    numbers, factor = Numbers(100), bound("out", MODES[rule[0]]).factor
    x = numbers.uniform((1, 5, 7, channels))
    for scale in (0.9, 20.0):
        theta = numbers.uniform((1, 2, 3), -scale, scale)
        want = exact.spatial_transformer_network(x, theta, (3, 5), **options(rule)).out
        assert excess(on_map(theta, (5, 7), (3, 5), *rule, x).sample(), want, factor) <= 1
        grid = numbers.uniform((1, 3, 5, 2), -1.2, 1.2)
        want = exact.grid_sample(x, grid, **options(rule)).out
        assert excess(on_grid(grid, (5, 7), *rule, x=x).sample(), want, factor) <= 1


# A cell that is turned by a mirror has the texels of the point before it, in their order.
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_texel_shows_in_its_cells_only(rule, value):
    numbers = Numbers(101)
    grid = np.concatenate([numbers.integers((1, 2, 9, 2), -8, 12), [[[[-2.0, 1.0]] * 9]]], 1)
    grid[0, 0] = numbers.uniform((9, 2), -2.0, 6.0)
    for channels in (1, 2, 5):
        x = np.ones((1, 4, 5, channels))
        cells = [texels(on_grid(grid, (4, 5), *rule, False, x), p) for p in of_pixels(grid)]
        for texel in (0, 3, 7, 12, 19):
            stained = x.copy()
            stained.reshape(20, channels)[texel] = value
            out = on_grid(grid, (4, 5), *rule, False, stained).sample().reshape(-1, channels)
            shows = np.array([texel in cell for cell in cells])
            assert np.isfinite(out[~shows]).all()
            assert (np.isnan(out[shows]) if value != value else ~np.isfinite(out[shows])).all()


def of_pixels(grid):
    return [[Fraction(float(p)) for p in point] for point in grid.reshape(-1, 2)]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_texel_of_a_volume_shows_in_its_cells_only(rule):
    problem = problem_of("odd grid", (3, 4, 5), (2, 3, 5), rule)
    problem.x[0, 1, 2, 3] = problem.x[1, 0, 0, 0] = np.nan
    out, stained = problem.sample().reshape(2, -1), (33, 0)
    for n, points in enumerate(coordinates(problem)):
        for j, point in enumerate(points):
            cell = texels(problem, point)
            assert np.isnan(out[n, j]) == (not cell or stained[n] in cell)


@pytest.mark.parametrize("channels", [1, 3, 4, 8, 9])
@pytest.mark.parametrize("rule", RULES[::3], ids=str)
def test_layouts_of_volumes(rule, channels):
    last = problem_of("odd grid", (3, 4, 5), (2, 3, 5), rule, channels)
    first = problem_of("odd grid", (3, 4, 5), (2, 3, 5), rule, channels, 2)
    first.x[...] = np.moveaxis(last.x, -1, 1)
    assert np.array_equal(np.moveaxis(first.sample(), 1, -1), last.sample(), equal_nan=True)


@pytest.mark.parametrize("kernel", [LINEAR, CUBIC])
@pytest.mark.parametrize("padding", [ZEROS, BORDER, REFLECTION, WRAP])
def test_points_that_are_no_numbers(padding, kernel):
    x = np.arange(1.0, 13.0).reshape(1, 3, 4, 1)
    grid = np.array([[[[np.nan, 0], [np.inf, 0], [-np.inf, 0], [0, -np.inf], [1e300, 0]]]])
    out = on_grid(grid, (3, 4), kernel, padding, 1, x=x).sample().ravel()
    infinite = {ZEROS: [0, 0, 0], BORDER: [8, 5, 2.5]}.get(padding, [np.nan] * 3)
    assert np.array_equal(out[:4], [np.nan, *infinite], equal_nan=True)
    assert out[4] == {ZEROS: 0, BORDER: 8}[padding] if padding < REFLECTION else out[4] >= 5


@pytest.mark.parametrize("kernel", [NEAREST, LINEAR, CUBIC])
@pytest.mark.parametrize("size", [(3, 4), (2, 3, 4)])
def test_one_point_that_is_no_number_among_points_outside(size, kernel):
    for axis in range(len(size)):
        grid = np.full((1, *(2, 3, 5)[-len(size) :], len(size)), 9.0)
        grid[(0,) * len(size) + (2, axis)] = np.nan
        problem = on_grid(grid, size, kernel, ZEROS, 1)
        problem.x[...] = 1.0
        out = problem.sample()
        d_points, shows = problem.vjp_points(np.ones(out.shape)), np.isnan(grid).any(-1)
        assert (np.isnan(out[..., 0]) == shows).all()
        assert not np.nan_to_num(out).any()
        assert (np.isnan(d_points).any(-1) == shows).all()


@pytest.mark.parametrize("channels", [1, 3, 5])
def test_the_nearest_texel_loses_the_sign_of_zero(channels):
    x = np.full((1, 3, 4, channels), -0.0)
    out = on_map([[[0.4, 0.1, 0.0], [0.2, 0.4, 0.1]]], (3, 4), (3, 5), NEAREST, ZEROS, 1, x)
    assert not np.signbit(out.sample()).any()


@pytest.mark.parametrize("kernel", [NEAREST, LINEAR])
def test_a_window_of_few_columns_that_are_long(kernel):
    """Its rows are a cache line each: more than there is room for, with few texels."""
    numbers = Numbers(103)
    x, grid = numbers.uniform((1, 80, 80, 3, 1)), numbers.uniform((1, 8, 8, 32, 3), 0.0, 79.0)
    grid[..., 0] = 1.25
    whole = on_grid(grid, x.shape[1:4], kernel, ZEROS, 1, False, x).sample()
    for k, i in ((0, 0), (3, 4), (7, 7)):
        row = grid[:, k : k + 1, i : i + 1]
        found = on_grid(row, x.shape[1:4], kernel, ZEROS, 1, False, x).sample()
        assert found.tobytes() == whole[:, k : k + 1, i : i + 1].tobytes()


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_portions_of_maps(rule, monkeypatch):
    """However few maps there are tables for at a time."""
    for channels, first, maps in ((1, 1, (3,)), (3, 1, ()), (2, 2, (2,)), (5, 1, (2,))):
        problem = problem_of("rotated", (6, 5), (2, 5), rule, channels, first, maps)
        d_out = Numbers(102).uniform(problem.out_shape())

        def everything(problem=problem, d_out=d_out):
            return [problem.sample(), problem.vjp_x(d_out), problem.vjp_theta(d_out)]

        whole = everything()
        with monkeypatch.context() as patch:
            patch.setattr("npstn._split._TABLES", 1)
            patch.setattr("npstn._split._BOXES", 1)
            assert len(list(problem._parts(64))) == len(problem.points.theta)
            assert [a.tobytes() for a in everything()] == [a.tobytes() for a in whole]
