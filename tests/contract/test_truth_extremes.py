"""The contract at the extremes of coordinates: exact values of maps that once were given wrongly.

Sums that cancel but for their smallest terms, subnormal numbers, entries that no power of two
brings close to each other, folds far away, and the rounding of a grid.
"""

from fractions import Fraction

import numpy as np
import pytest
from support import Numbers, excess, run_module, truth_module
from support.options import LINEAR_OPTIONS, ids

import npstn
from npstn.contract import bound
from npstn.oracle import exact

pytestmark = pytest.mark.truth


def only(at, dims):
    """A cotangent that is 1 at one point."""
    d_out = np.zeros((1, *dims, 1))
    d_out[(0, *at, 0)] = 1.0
    return d_out


@pytest.mark.parametrize("scale", [1e-20, 1e-17, 1e-16])
def test_the_smallest_of_three_scales_decides_the_cell(scale):
    """p = 1 - 1e-60 is in the cell before the texel, and what is behind it does not show."""
    theta, dims = np.array([[-4 * scale, 1e-60, scale, 0, 0, 0]]), (3, 4)
    x, d_out = np.array([1.0, 0.0, 4.0]).reshape(1, 1, 3, 1), only((0, 2), dims)
    out, _, d_theta = run_module(x, theta, d_out, dims, align_corners=False)
    assert out[0, 0, 2, 0] == 1e-60
    assert d_theta[0, 2] == -1.5
    x[0, 0, :, 0] = 1.0, 2.0, np.nan
    out = npstn.spatial_transformer_network(x, theta, dims, align_corners=False)
    assert out[0, 0, 2, 0] == 2.0


def test_a_subnormal_coordinate_has_no_other_sign():
    x = np.arange(1.0, 13.0).reshape(1, 3, 4, 1) ** 2
    theta, d_out = np.array([[1, 0, 0, 5e-324, 1, 0]]), only((0, 1), (3, 11))
    *_, d_theta = run_module(x, theta, d_out, (3, 11))
    want = exact.spatial_transformer_network(x, theta, (3, 11), d_out).d_coords.value[0, 1]
    np.testing.assert_allclose(d_theta[0, 3:], want.astype(float), rtol=1e-14)


FAR_APART = [  # theta, x, (Ho, Wo)
    ([2.0**700, -(2.0**700), -(2.0**-900), 0, 0, 0.5], [[3.0]], (2, 2)),
    ([2.0**1023, -(2.0**1023), -5e-324, 0, 0, 0.5], [[3.0]], (2, 2)),
    ([0.5 * 2.0**800, -(2.0**800), 2.0**-1000, 0, 5e-324, 2.0**-800], [[3.0, 1.0]] * 2, (3, 5)),
]


@pytest.mark.parametrize("case", FAR_APART, ids=range(3))
@pytest.mark.parametrize("options", LINEAR_OPTIONS, ids=ids)
def test_what_huge_entries_leave_over_is_not_lost(case, options):
    theta, texels, dims = case
    x, theta = np.array(texels)[None, ..., None], np.array([theta])
    assert max(truth_module(x, theta, np.ones((1, *dims, 1)), dims, **options)) <= 1.0


def test_a_sign_of_what_huge_entries_leave_over():
    theta, d_out = np.array([FAR_APART[0][0]]), np.ones((1, 2, 2, 1))
    *_, d_theta = run_module(np.full((1, 1, 1, 1), 3.0), theta, d_out, (2, 2), align_corners=False)
    assert d_theta[0, 2] == 2.25


@pytest.mark.parametrize("options", LINEAR_OPTIONS, ids=ids)
def test_what_they_leave_over_in_a_volume(options):
    theta = np.array([[2.0**800, -(2.0**800), -1.0, 1.3 * 2.0**-872, *[0.0] * 8]])
    x = np.array([1.0, 2.0, 4.0]).reshape(1, 1, 1, 3, 1)
    got = npstn.spatial_transformer_network(x, theta, (3, 3, 3), layout="NDHWC", **options)
    want = exact.spatial_transformer_network(x, theta, (3, 3, 3), **options).out
    assert excess(got, want, bound("out", rank=3).factor) <= 1.0


def test_many_folds_away():
    """p is 2097154001572865 and a bit, of which the division by 5 keeps the bit."""
    size, align = 2**20 + 1, False
    theta = np.array([[0, -1e10, 2 - 2.0**-52, 0, 0, 0]])
    g = Fraction(theta[0, 1]) * Fraction(-2, 5) + Fraction(theta[0, 2])
    p = ((g + 1) * size - 1) / 2
    rest = abs(p - 2097154001572865)
    texel = 2097154001572865 % (2 * size)
    x = np.ones((1, 1, size, 1))
    x[0, 0, min(texel, 2 * size - 1 - texel)] = 0.0
    options = {"padding_mode": "reflection", "align_corners": align}
    out = npstn.spatial_transformer_network(x, theta, (5, 1), **options)
    assert out[0, 1, 0, 0] == pytest.approx(float(rest), rel=2.0**-50, abs=0)


@pytest.mark.parametrize("align", [True, False])
def test_a_grid_is_rounded_once(align):
    """Half a unit of the result is left to a number a hundred bits below it."""
    numbers, short = Numbers(33), [1.5, -0.5, 1.0, 1 + 2.0**-52, 1 - 2.0**-53, 5e-324, 1e-310]
    for _ in range(60):
        dims = tuple(1 + numbers.bits() % 5 for _ in range(2 + numbers.bits() % 2))
        rank = len(dims)
        theta = numbers.choice(short, (1, rank, rank + 1))
        theta[0, :, numbers.bits() % rank] = numbers.choice([3e-60, -3e-60, 2.0**-1074], (rank,))
        grid = npstn.affine_grid(theta, dims, align_corners=align)
        want = exact.affine_grid(theta, dims, align_corners=align)
        assert (grid == want.astype(float)).all(), theta
    theta = np.array([[1.5, -3e-60, 1 + 2.0**-52, 0, 0, 0]])
    assert npstn.affine_grid(theta, (5, 5))[0, 0, 4, 0] == 2.5000000000000004


@pytest.mark.parametrize(("least", "up"), [(0.9, 1), (0.1, 0), (2.0**-1074, 0), (-0.9, 0)])
def test_half_a_unit_of_a_huge_number(least, up):
    """2^700 + 2^647 - 1/2 + ``least`` is rounded up if that is more than half a unit."""
    theta = np.array([[2.0**700, 2.0**647, -1.0, least, *[0.0] * 8]])
    assert npstn.affine_grid(theta, (5, 2, 2))[0, 3, 1, 1, 0] == 2.0**700 + up * 2.0**648
    theta[0, 2] = 0.0
    for sign in (1.0, -1.0):
        theta[0, 3] = sign * abs(least)
        want = 2.0**700 + (sign > 0.0) * 2.0**648
        assert npstn.affine_grid(theta, (5, 2, 2))[0, 3, 1, 1, 0] == want
