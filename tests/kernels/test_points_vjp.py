"""Cotangents of points: their bounds, and which texels and cotangents take part."""

from fractions import Fraction

import numpy as np
import pytest
from support import Numbers, excess
from support.options import MODES, PADDINGS
from support.points import RULES, on_grid, on_map, problem_of, texels

from npstn.kernels.axis import CUBIC, LINEAR, NEAREST
from npstn.oracle import exact

pytestmark = [pytest.mark.truth, pytest.mark.filterwarnings("ignore:(overflow|invalid)")]


@pytest.mark.parametrize("channels", [1, 3, 5])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_bounds(rule, channels):
    numbers = Numbers(110)
    x, d = numbers.uniform((1, 5, 7, channels)), numbers.uniform((1, 3, 5, channels))
    grid = numbers.uniform((1, 3, 5, 2), -1.2, 1.2)
    grid[0, 0] = np.round(grid[0, 0] * 4) / 4
    option = {"mode": MODES[rule[0]], "padding_mode": PADDINGS[rule[1]]}
    want = exact.grid_sample(x, grid, d, **option, align_corners=bool(rule[2])).d_coords
    assert excess(on_grid(grid, (5, 7), *rule, x=x).vjp_points(d), want, channels + 60) <= 1


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_texel_shows_in_its_cells_only(rule, value):
    numbers = Numbers(111)
    grid = numbers.integers((1, 2, 9, 2), -8, 12)
    grid[0, 0] = numbers.uniform((9, 2), -2.0, 6.0)
    for channels in (1, 2, 5):
        x, d = np.ones((1, 4, 5, channels)), np.ones((1, 2, 9, channels))
        points = [[Fraction(float(v)) for v in p] for p in grid.reshape(-1, 2)]
        for texel in (0, 3, 7, 12, 19):
            stained = x.copy()
            stained.reshape(20, channels)[texel] = value
            problem = on_grid(grid, (4, 5), *rule, False, stained)
            found = problem.vjp_points(d).reshape(-1, 2)
            shows = np.array([texel in texels(problem, p) for p in points])
            assert np.isfinite(found[~shows]).all()


@pytest.mark.parametrize("rule", [r for r in RULES if r[0] != NEAREST and r[1] == 0], ids=str)
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_an_infinite_cotangent_of_missing_texels(channels, rule):
    """Inf * 0 of a texel that takes no part is not NaN; nor is there any in what is far outside."""
    x = np.full((1, 3, 4, channels), 2.0)
    grid = np.array([[[[-0.5, -0.5], [3.25, 2.5], [-9.0, 1.0], [1.0, 77.0]]]])
    if rule[0] == CUBIC:
        grid[0, 0, :2] = [[-1.5, -1.5], [4.25, 3.5]]
    problem = on_grid(grid, (3, 4), *rule, False, x)
    found = problem.vjp_points(np.full((1, 1, 4, channels), np.inf))
    assert not np.isnan(found).any()
    assert np.isinf(found[0, 0, :2]).all()
    assert (found[0, 0, 2:] == 0).all()


@pytest.mark.parametrize("value", [np.inf, np.nan])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_an_axis_of_one_texel_has_no_slope(rule, value):
    """Whatever there is beside: 0 wins over an infinite texel and cotangent."""
    numbers = Numbers(112)
    x, grid = numbers.uniform((1, 1, 4, 1)), numbers.uniform((1, 1, 5, 2), -1.0, 1.0)
    x[0, 0, 1] = value
    found = on_grid(grid, (1, 4), rule[0], rule[1], 1, x=x).vjp_points(np.ones((1, 1, 5, 1)))
    assert (found[..., 1] == 0).all()
    t_x, t = numbers.uniform(x.shape), numbers.uniform(grid.shape)
    t[..., 0] = 0.0
    finite = np.ones(x.shape)
    _, t_out = on_grid(grid, (1, 4), rule[0], rule[1], 1, x=finite).jvp(t_x, t)
    _, still = on_grid(grid, (1, 4), rule[0], rule[1], 1, x=finite).jvp(t_x, None)
    assert (t_out == still).all()
    theta = [[[0.5, 0.25, 0.125], [1e300, 7.0, 3.0]]]
    d_theta = on_map(theta, (1, 4), (2, 3), rule[0], rule[1], 1, x=x).vjp_theta(
        np.ones((1, 2, 3, 1))
    )
    assert (d_theta[0, 1] == 0).all()


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 6, 9])
def test_layouts_and_groups_are_summed_alike_on_whole_numbers(channels):
    numbers = Numbers(113)
    x, d = (
        numbers.integers((1, 4, 5, channels), -8, 8),
        numbers.integers((1, 3, 7, channels), -8, 8),
    )
    t = numbers.integers(x.shape, -8, 8)
    grid = numbers.integers((1, 3, 7, 2), -4, 20) / 4
    for kernel in (LINEAR, CUBIC):
        last = on_grid(grid, (4, 5), kernel, 1, 1, False, x)
        turned = [np.ascontiguousarray(np.moveaxis(a, -1, 1)) for a in (x, d, t)]
        first = on_grid(grid, (4, 5), kernel, 1, 1, False, turned[0], 2)
        assert (last.vjp_points(d) == first.vjp_points(turned[1])).all()
        moved = last.vjp_points(d, t, grid), first.vjp_points(turned[1], turned[2], grid)
        assert (moved[0] == moved[1]).all()


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_missing_tangent_of_the_input_is_zeros(rule):
    numbers = Numbers(115)
    x, d = numbers.uniform((1, 4, 5, 3)), numbers.uniform((1, 3, 5, 3))
    grid, t_grid = numbers.uniform((2, 1, 3, 5, 2), -1.2, 1.2)
    problem = on_grid(grid, (4, 5), *rule, x=x)
    assert (problem.jvp(None, t_grid)[1] == problem.jvp(np.zeros_like(x), t_grid)[1]).all()
    found = problem.vjp_points(d, None, t_grid)
    assert (found == problem.vjp_points(d, np.zeros_like(x), t_grid)).all()


@pytest.mark.parametrize("rule", RULES[::2], ids=str)
def test_portions_of_points(rule, monkeypatch):
    """Rows of a map that are longer than a tile, and tiles of all sizes."""
    problem = problem_of("rotated", (6, 5), (3, 70), rule, 3)
    d = Numbers(114).integers(problem.out_shape(), -4, 4)
    want = problem.vjp_points(d)
    monkeypatch.setattr("npstn._problem.products.MANY", 70)
    assert problem.vjp_points(d).tobytes() == want.tobytes()
