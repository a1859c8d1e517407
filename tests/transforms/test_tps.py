"""The thin-plate spline against SciPy's, and against what it must do."""

import numpy as np
import pytest
from scipy.interpolate import RBFInterpolator
from support import Numbers

from npstn.transforms import (
    affine_grid,
    tps,
    tps_condition,
    tps_grid,
    tps_grid_jvp,
    tps_grid_vjp,
    tps_identity,
)

POINTS = Numbers(450).uniform((9, 2))


def lattice(dims: tuple[int, int], align: bool = True) -> np.ndarray:
    return affine_grid(np.array([[1.0, 0, 0, 0, 1, 0]]), dims, align_corners=align)[0]


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("regularization", [0.0, 1e-3, 0.5, 40.0, 1e7])
@pytest.mark.parametrize("points", [None, POINTS, POINTS * [300, 200] + [1000, -700]])
def test_against_scipy(points, regularization, align):
    places = tps_identity().reshape(-1, 2) if points is None else points
    params = Numbers(451).uniform((2, places.size))
    options = {"control_points": points, "regularization": regularization}
    grid = tps_grid(params, (6, 7), align_corners=align, **options)
    base = lattice((6, 7), align).reshape(-1, 2)
    for row, got in zip(params, grid, strict=True):
        spline = RBFInterpolator(
            places, row.reshape(-1, 2), kernel="thin_plate_spline", smoothing=regularization
        )
        expected = spline(base).reshape(6, 7, 2)
        # Far from its points a spline is an extrapolation, and as large as its error.
        np.testing.assert_allclose(got, expected, atol=1e-12 * max(1, np.abs(expected).max()))


@pytest.mark.parametrize("align", [True, False])
def test_the_default_identity_is_close(align):
    grid = tps_grid(tps_identity()[None], (33, 57), align_corners=align)[0]
    assert np.abs(grid - lattice((33, 57), align)).max() <= 2.0**-48


def test_the_control_points_go_where_they_are_sent():
    params = tps_identity() + Numbers(452).uniform((1, 32), -0.2, 0.2)
    grid = tps_grid(params, (4, 4))  # the lattice of the default control points
    np.testing.assert_allclose(grid.reshape(1, 32), params, atol=1e-14)


def test_it_is_exact_for_affine_maps_with_any_regularization():
    theta = Numbers(453).uniform((2, 2, 3))
    sent = POINTS @ theta[:, :, :2].transpose(0, 2, 1) + theta[:, None, :, 2]
    for regularization in (0.0, 0.1, 1e5):
        options = {"control_points": POINTS, "regularization": regularization}
        grid = tps_grid(sent.reshape(2, 18), (5, 6), **options)
        np.testing.assert_allclose(grid, affine_grid(theta, (5, 6)), atol=1e-13)


def test_much_regularization_gives_the_affine_map_that_fits_best():
    params = Numbers(454).uniform((1, 18))
    options = {"control_points": POINTS, "regularization": 1e300}
    grid = tps_grid(params, (5, 6), **options)
    ones = np.column_stack([POINTS, np.ones(9)])
    theta = np.linalg.lstsq(ones, params.reshape(9, 2))[0].T
    np.testing.assert_allclose(grid, affine_grid(theta[None].copy(), (5, 6)), atol=1e-13)


def test_the_result_does_not_depend_on_the_bands_of_rows(monkeypatch):
    monkeypatch.setattr(tps, "_BASIS_BLOCK", 2**17)
    params = tps_identity() + Numbers(455).uniform((2, 32), -0.1, 0.1)
    tall = tps_grid(params, (241, 100))
    np.testing.assert_allclose(tall[:, ::48], tps_grid(params, (6, 100)), atol=1e-13)
    d = Numbers(456).uniform((2, 241, 100, 2))
    _, t_grid = tps_grid_jvp(params, params, (241, 100))
    inner = (t_grid * d).sum(), (tps_grid_vjp(d, params) * params).sum()
    assert abs(inner[0] - inner[1]) <= 1e-11


def test_a_row_longer_than_a_band(monkeypatch):
    monkeypatch.setattr(tps, "_BASIS_BLOCK", 2**17)
    params = tps_identity() + Numbers(457).uniform((1, 32), -0.1, 0.1)
    grid = tps_grid(params, (3, 8001))
    np.testing.assert_allclose(grid[:, ::2, ::2000], tps_grid(params, (2, 5)), atol=1e-13)


def test_condition():
    assert tps_condition() == pytest.approx(119.9, abs=0.1)
    close = np.concatenate([POINTS, POINTS[:1] + 2.0**-12])
    worse, better = tps_condition(control_points=close), tps_condition(control_points=POINTS)
    assert worse > 1e3 * better
    moved = POINTS * 2.0**20 + 2.0**21
    assert tps_condition(control_points=moved) == pytest.approx(better, rel=1e-6)
    assert tps_condition(control_points=close, regularization=1.0) < 10 * better


def test_an_ill_conditioned_spline_is_refused():
    close = np.concatenate([POINTS, POINTS[:1] + 2.0**-30])
    assert tps_condition(control_points=close) > 1e12
    params = np.zeros((1, 20))
    with pytest.raises(ValueError, match=r"condition \d\.\de\+\d\d, expected at most 1e\+12"):
        tps_grid(params, (3, 4), control_points=close)
    assert (tps_grid(params, (3, 4), control_points=close, regularization=0.1) == 0).all()


def test_a_coordinate_that_is_nan_is_nan_everywhere_and_the_other_one_nowhere():
    params = tps_identity()[None].copy()
    params[0, 6] = np.nan
    grid = tps_grid(params, (4, 5))
    assert np.isnan(grid[..., 0]).all()
    np.testing.assert_allclose(grid[..., 1], lattice((4, 5))[None, ..., 1], atol=1e-14)
