"""d_x does not depend on how it is split, and an owner sees to every texel that is its own."""

import numpy as np
import pytest
from support import Numbers
from support.points import KINDS, RULES, coordinates, of, problem_of, texels

from npstn import _split
from npstn.kernels import scatter
from npstn.kernels.axis import CUBIC, LINEAR, NEAREST, TAPS_OF
from npstn.kernels.visits import begin

pytestmark = [pytest.mark.truth, pytest.mark.filterwarnings("ignore:(overflow|invalid)")]


def split(problem, d_out, monkeypatch, t_points=None, **limits):
    """d_x with a bound on the cells of an owner, and on what else is made at a time."""
    with monkeypatch.context() as patch:
        for name, value in limits.items():
            patch.setattr(_split, name, value)
        owners = problem._owners()[0]
        return problem.vjp_x(d_out, t_points), int(np.prod(owners))


def same(problem, monkeypatch, tangents=False, least=2):
    numbers = Numbers(91)
    d_out = numbers.uniform(problem.out_shape())
    where = *problem.points.leading, *problem.points.out_dims, len(problem.size)
    t_points = numbers.uniform(where) if tangents else None
    whole, one = split(problem, d_out, monkeypatch, t_points, CELLS=2**24)
    assert one == 1
    assert np.isfinite(whole).all()
    assert whole.any() or (tangents and problem.options.mode == NEAREST)
    for limits in ({"CELLS": 100, "_BOXES": 8, "_TABLES": 8}, {"CELLS": 1500}):
        parts, many = split(problem, d_out, monkeypatch, t_points, **limits)
        assert many >= least or limits["CELLS"] != 100
        assert parts.tobytes() == whole.tobytes()


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_owners_share_an_image_without_a_trace(rule, monkeypatch):
    for kind in KINDS[rule[1] % 2 :: 2]:
        same(problem_of(kind, (3, 18), (2, 18), rule), monkeypatch, rule[1] == 0)


@pytest.mark.parametrize("size", [(5, 70), (33, 20)])
@pytest.mark.parametrize("kind", ["rotated", "random grid"])
@pytest.mark.parametrize("kernel", [LINEAR, CUBIC])
def test_owners_of_larger_images(kernel, kind, size, monkeypatch):
    problem = problem_of(kind, size, (1, 70), (kernel, 2, 1))
    same(problem, monkeypatch, least=4)


@pytest.mark.parametrize("kind", ["rotated", "odd grid"])
@pytest.mark.parametrize("rule", RULES[::2], ids=str)
def test_owners_of_volumes(rule, kind, monkeypatch):
    same(problem_of(kind, (3, 10, 18), (2, 2, 5), rule), monkeypatch, rule[1] == 1)


@pytest.mark.parametrize(("channels", "first"), [(3, 1), (5, 1), (3, 2), (5, 2)])
@pytest.mark.parametrize(
    "rule", [(LINEAR, 0, 1), (CUBIC, 2, 1), (LINEAR, 3, 1), (CUBIC, 3, 0)], ids=str
)
def test_owners_with_channels_and_maps(rule, channels, first, monkeypatch):
    for kind in ("rotated", "odd grid"):
        same(problem_of(kind, (2, 17), (1, 5), rule, channels, first, (2,)), monkeypatch)


@pytest.mark.parametrize(("channels", "first"), [(1, 1), (3, 1), (2, 2)])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_the_adjoint_of_the_operator_on_small_inputs(rule, channels, first, monkeypatch):
    """With wrap a point may add several times to one texel, if there are less than taps."""
    for size in ((1, 2), (2, 3), (3, 1), (2, 1, 3), (5, 3, 2)):
        dims = (3, 5) if len(size) == 2 else (1, 3, 5)
        problem = problem_of("random grid", size, dims, rule, channels, first)
        d_out = Numbers(92).uniform(problem.out_shape())
        columns, weights = problem.entries()
        want = np.zeros((2, int(np.prod(size)), channels))
        rows = np.moveaxis(d_out, 1, -1) if first == 2 else d_out
        for q in range(columns.shape[1]):
            at = np.repeat([0, 1], 15), columns[:, q]
            np.add.at(want, at, weights[:, q, None] * rows.reshape(30, channels))
        for limit in (1, 2**24):
            d_x, _ = split(problem, d_out, monkeypatch, CELLS=limit)
            d_x = np.moveaxis(d_x, 1, -1) if first == 2 else d_x
            np.testing.assert_allclose(d_x.reshape(want.shape), want, rtol=0, atol=1e-13)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_point_adds_to_its_cell_only(rule):
    """A cotangent that is no number shows where it goes: to the texels of the cell."""
    for kind in ("rotated", "odd grid"):
        problem = problem_of(kind, (4, 5), (3, 3), rule)
        exact = coordinates(problem)
        for n, j in ((j % 2, j) for j in range(9)):
            d_out = np.zeros(problem.out_shape())
            d_out.reshape(2, -1)[n, j] = np.nan
            found = np.isnan(problem.vjp_x(d_out)).reshape(2, -1)
            want = np.zeros(found.shape, bool)
            want[n, [q for q in texels(problem, exact[n][j]) if q >= 0]] = True
            assert (found == want).all(), (kind, n, j, exact[n][j])


@pytest.mark.parametrize("kernel", range(3))
@pytest.mark.parametrize("size", [1, 5, 16, 37])
def test_cells_of_owners_have_all_that_touches_their_texels(size, kernel):
    problem = problem_of("map", (4, 5), (3, 5), (kernel, 0, 1))
    cells_of, taps = of(scatter.cells_of, problem), TAPS_OF[kernel]
    for owners in range(1, min(size, 5) + 1):
        end = 0
        for q in range(owners):
            first, last, low, count = cells_of(size, owners, q)
            assert (first, last) == (end, begin(size, owners, q + 1))
            assert low <= first - taps + 1
            assert low + count >= last
            end = last
        assert end == size
