"""What the loops for any kernel and rank share: tangents of points, and who has none."""

import math

import numpy as np
import pytest
from support import Numbers
from support.points import of_grid

from npstn.kernels import cell, near, pull
from npstn.kernels.axis import BICUBIC, BILINEAR, BORDER, NEAREST
from npstn.kernels.near import CODE, PLACE, ROW
from npstn.kernels.tile import OUTSIDE

pytestmark = pytest.mark.truth
INF, NAN = math.inf, math.nan


def test_strides():
    assert pull.strides((5, 4, 3), 2, 0) == (2, 10, 40)
    assert pull.strides((5, 4, 3), 2, 6) == (2, 16, 64)


def rows(slopes, codes):
    """Rows of points with these slopes on both axes, which are numbers but where a slope is NaN."""
    w = np.zeros(near.ROWS)
    w[CODE : CODE + len(codes)] = codes
    for a in range(2):
        at = PLACE + 3 * a * ROW
        w[at : at + len(slopes)] = np.where(np.isnan(slopes), NAN, 0.5)
        w[at + 2 * ROW : at + 2 * ROW + len(slopes)] = slopes
    return w


def test_a_tangent_moves_what_is_not_held():
    """slope * (t * dp/dg) * sum, but nothing where the slope is 0 or no texel is near."""
    slopes, codes = [1.0, -1.0, 0.0, 1.0, 0.0], [0.0, 3.0, 1.0, OUTSIDE, 2.0]
    sums, scale = np.array([3.0, 3.0, INF, NAN, NAN]), np.array([[6.0, 0, 3.0], [5.0, 0, 1.0]])
    for a in range(2):
        t, t_points = np.ones(5), np.arange(10.0) + 1
        with np.errstate(all="ignore"):
            pull.push(a, 2, 5, t_points, 0, scale, rows(slopes, codes), sums, t)
        unit = pull.unit_of(scale, a)
        assert unit == (2, 5)[a]
        assert t.tolist() == [1 + 3 * unit * (1 + a), 1 - 3 * unit * (3 + a), 1, 1, 1]


def test_points_that_nothing_moves_are_left_out():
    w = rows([1.0, 0.0, NAN, 1.0], [4.0, 5.0, 6.0, 7.0])
    w[PLACE + 5 * ROW + 3] = 0.0  # held on y, moved on x
    pull.leave_out(2, 4, w)
    assert w[CODE : CODE + 4].tolist() == [4, OUTSIDE, 6, 7]


@pytest.mark.parametrize("mode", [NEAREST, BILINEAR, BICUBIC])
def test_a_slope_of_0_wins_over_infinite_texels_but_not_over_no_number(mode):
    size, points = (4, 5), np.array([[9.0, 0.3], [0.3, 0.4], [NAN, 0.3], [0.2, 0.1]])
    where, dims = of_grid(points.reshape(1, 4, 2), size, True), np.zeros(12, np.int64)
    dims[:] = 1, 1, *size, 1, 1, 1, 1, 4, mode, BORDER, 1
    work = cell.workspace(where, pull.strides((5, 4, 1), 1, 0), mode, (4, 1, 1))
    x = Numbers(97).uniform((20,))
    x[4::5] = INF  # the last column
    e, none = np.full(3 * ROW, 7.0), np.empty(0)
    with np.errstate(all="ignore"):
        args = np.ones(4), x, none, where, none, dims, work, pull.scratch(), e
        pull.pull_points(0, 0, 0, 4, *args)
    along, across = e[:4], e[ROW : ROW + 4]
    assert np.isnan([along[2], across[2]]).all()
    if mode == NEAREST:
        assert not along[[0, 1, 3]].any()
        assert not across[[0, 1, 3]].any()
    if mode == BILINEAR:
        assert along[0] == 0  # clamped; the texels at both ends of its cell are infinite
        assert np.isfinite(along[[1, 3]]).all()
        assert across[1] != 0
