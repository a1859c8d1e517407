"""Homographies against fractions, and what happens at the horizon."""

from fractions import Fraction

import numpy as np
import pytest
from support import Numbers

import npstn
from npstn import testing
from npstn.transforms import (
    affine_grid,
    projective_denominator,
    projective_grid,
    projective_grid_jvp,
    projective_grid_vjp,
    projective_identity,
)

IDENTITY = np.array([1.0, 0, 0, 0, 1, 0, 0, 0])
# At x = 1, on a lattice of 5, the denominator is 0; beyond it is the other side of the horizon.
HORIZON = np.array([[1.0, 0.5, 0.25, 0, 1, 0, -1, 0]])


def exactly(h: np.ndarray, dims: tuple[int, ...], align: bool) -> np.ndarray:
    """The grid (*dims, R) in fractions."""
    rank = len(dims)
    rows = np.array([*map(Fraction, h.tolist()), Fraction(1)]).reshape(rank + 1, rank + 1)

    def axis(n: int) -> list[Fraction]:
        if align:
            return [Fraction(2 * j - (n - 1), max(n - 1, 1)) for j in range(n)]
        return [Fraction(2 * j + 1 - n, n) for j in range(n)]

    grid = np.empty((*dims, rank), object)
    for index in np.ndindex(*dims):
        places = [axis(n)[i] for n, i in zip(dims, index, strict=True)]
        *above, below = rows.dot(np.array([*reversed(places), Fraction(1)]))
        grid[index] = [a / below for a in above]
    return grid


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("dims", [(5, 8), (3, 4, 5)])
def test_within_three_roundings_of_fractions(dims, align):
    identity = projective_identity(rank=len(dims))
    h = identity + Numbers(440).uniform((6, len(identity)), -0.4, 0.4)
    h[:, -len(dims) :] *= 4  # many a horizon is in sight
    grid, worst = projective_grid(h, dims, align_corners=align), Fraction(0)
    for got, row in zip(grid, h, strict=True):
        expected = exactly(row, dims, align)
        for value, exact in zip(got.flat, expected.flat, strict=True):
            worst = max(worst, abs(Fraction(value) - exact) / abs(exact) * 2**53)
    assert 1 < worst <= Fraction(31, 10), float(worst)


def test_affine_ones_have_the_bits_of_affine_grid():
    theta = Numbers(441).uniform((2, 3, 6), -2, 2)
    h = np.concatenate([theta, np.zeros((2, 3, 2))], axis=2)
    assert (projective_grid(h, (4, 5)) == affine_grid(theta, (4, 5))).all()
    theta = Numbers(446).uniform((2, 12), -2, 2)
    h = np.concatenate([theta, np.zeros((2, 3))], axis=1)
    assert (projective_grid(h, (3, 4, 5)) == affine_grid(theta, (3, 4, 5))).all()


def test_the_horizon_of_a_volume():
    h = projective_identity(rank=3)[None].copy()
    h[0, 14] = -1.0  # W = 1 - z
    below = projective_denominator(h, (5, 2, 3))
    assert below.shape == (1, 5, 2, 3)
    assert (below == np.array([2, 1.5, 1, 0.5, 0]).reshape(5, 1, 1)).all()
    grid, t_grid = projective_grid_jvp(h, h, (5, 2, 3))
    assert (grid[0, 4, :, :, 2] == np.inf).all()
    assert (t_grid[0, 4] == 0).all()
    assert np.isfinite(t_grid).all()
    d = Numbers(447).uniform((1, 5, 2, 3, 3))
    d_params = projective_grid_vjp(d, h)
    d[:, 4] = np.nan
    assert (projective_grid_vjp(d, h) == d_params).all()


def test_behind_the_horizon_the_formula_goes_on():
    h = np.array([[1.0, 0, 0, 0, 1, 0, -2, 0]])
    grid = projective_grid(h, (2, 5))
    assert projective_denominator(h, (2, 5))[0, 0].tolist() == [3, 2, 1, 0, -1]
    assert grid[0, 1, [0, 1, 2, 4]].tolist() == [[-1 / 3, 1 / 3], [-0.25, 0.5], [0, 1], [-1, -1]]


def test_on_the_horizon_points_are_infinite_and_derivatives_0():
    grid = projective_grid(HORIZON, (3, 5))
    assert projective_denominator(HORIZON, (3, 5))[0, :, 4].tolist() == [0, 0, 0]
    np.testing.assert_array_equal(
        grid[0, :, 4], [[np.inf, -np.inf], [np.inf, np.nan], [np.inf, np.inf]]
    )
    t, d = Numbers(442).uniform((1, 8)), Numbers(443).uniform((1, 3, 5, 2))
    t_grid = projective_grid_jvp(HORIZON, t, (3, 5))[1]
    assert (t_grid[:, :, 4] == 0).all()
    assert np.isfinite(t_grid).all()
    d_params = projective_grid_vjp(d, HORIZON)
    d[:, :, 4] = np.nan
    assert (projective_grid_vjp(d, HORIZON) == d_params).all()
    testing.dot_test(
        lambda t: projective_grid_jvp(HORIZON, t, (3, 5))[1],
        lambda d: projective_grid_vjp(d, HORIZON),
        t,
        Numbers(444).uniform((1, 3, 5, 2)),
    )


def test_a_quotient_that_overflows_has_no_derivative():
    h = np.array([[1e300, 0, 0, 0, 1, 0, -(1 - 2.0**-53), 0]])
    assert projective_grid(h, (2, 3))[0, 0, 2, 0] == np.inf
    assert (projective_grid_jvp(h, h, (2, 3))[1][0, :, 2] == 0).all()
    assert np.isfinite(projective_grid_vjp(np.ones((1, 2, 3, 2)), h)).all()


def test_the_sampler_sees_nothing_at_infinity():
    x = Numbers(445).uniform((1, 3, 5, 2))
    out = npstn.grid_sample(x, projective_grid(HORIZON, (2, 5)))
    assert (out[0, :, 4] == 0).all()


@pytest.mark.parametrize("at", [0, 7])
def test_nan_stays_nan(at):
    h = IDENTITY[None].copy()
    h[0, at] = np.nan
    assert np.isnan(projective_grid(h, (3, 4))[..., 0]).all()
    assert np.isnan(projective_grid_jvp(h, HORIZON, (3, 4))[1][..., 0]).all()
    assert np.isnan(projective_grid_vjp(np.ones((1, 3, 4, 2)), h)[0, 6])


def test_nine_parameters_are_refused():
    with pytest.raises(ValueError, match=r"expected \(B, 8\) or \(B, K, 8\)"):
        projective_grid(np.ones((1, 9)), (3, 4))
