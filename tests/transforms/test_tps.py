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
VOLUME = Numbers(458).uniform((9, 3))
DIMS, RANKS = {2: (6, 7), 3: (3, 4, 5)}, [2, 3]
KERNEL = {2: "thin_plate_spline", 3: "linear"}
CASES = [(rank, None) for rank in RANKS]
CASES += [(2, POINTS), (2, POINTS * [300, 200] + [1000, -700])]
CASES += [(3, VOLUME), (3, VOLUME * [300, 200, 100] + [1000, -700, 50])]


def lattice(dims: tuple[int, ...], align: bool = True) -> np.ndarray:
    return affine_grid(np.eye(len(dims), len(dims) + 1)[None], dims, align_corners=align)[0]


def judge(places, params, base, regularization=0.0):
    """SciPy's spline that takes places (K, R) to params, at base (..., R)."""
    rank = places.shape[1]
    options = {"kernel": KERNEL[rank], "degree": 1, "smoothing": regularization}
    spline = RBFInterpolator(places, params.reshape(-1, rank), **options)
    return spline(base.reshape(-1, rank)).reshape(base.shape)


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("regularization", [0.0, 1e-3, 0.5, 40.0, 1e7])
@pytest.mark.parametrize(("rank", "points"), CASES)
def test_against_scipy(rank, points, regularization, align):
    places = tps_identity(rank=rank).reshape(-1, rank) if points is None else points
    params = Numbers(451).uniform((2, places.size))
    options = {"control_points": points, "regularization": regularization}
    grid = tps_grid(params, DIMS[rank], align_corners=align, **options)
    base = lattice(DIMS[rank], align)
    for row, got in zip(params, grid, strict=True):
        expected = judge(places, row, base, regularization)
        # Far from its points a spline is an extrapolation, and as large as its error.
        np.testing.assert_allclose(got, expected, atol=1e-12 * max(1, np.abs(expected).max()))


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("regularization", [0.0, 0.5, 40.0])
@pytest.mark.parametrize("points", [None, POINTS, VOLUME])
@pytest.mark.parametrize("dims", [(3, 9, 18), (7, 20, 5), (2, 6, 6)])
def test_bending_in_pixels_against_scipy_in_pixels(dims, points, regularization, align):
    for rank in RANKS if points is None else (points.shape[1],):
        out_dims = dims[-rank:]
        pixels = np.array([n - align for n in reversed(out_dims)]) / 2
        places = tps_identity(rank=rank, control_points=points).reshape(-1, rank)
        params = places.ravel() + Numbers(459).uniform((1, places.size), -0.3, 0.3)
        options = {"control_points": points, "regularization": regularization, "units": "pixel"}
        grid = tps_grid(params, out_dims, align_corners=align, **options)[0]
        expected = judge(places * pixels, params, lattice(out_dims, align) * pixels, regularization)
        np.testing.assert_allclose(grid, expected, atol=1e-12 * max(1, np.abs(expected).max()))


def test_units_differ_where_axes_do():
    params = tps_identity() + Numbers(460).uniform((1, 32), -0.3, 0.3)
    square, broad = (
        np.abs(tps_grid(params, dims) - tps_grid(params, dims, units="pixel")).max()
        for dims in ((9, 9), (9, 17))
    )
    assert square < 1e-14
    assert 0.03 < broad < 0.15
    # Without align_corners 2 x 4 and 10 x 20 pixels have one shape, and some centres in common.
    options = {"align_corners": False, "units": "pixel"}
    middle = tps_grid(params, (2, 4), **options), tps_grid(params, (10, 20), **options)
    np.testing.assert_allclose(middle[0][0], middle[1][0, 2::5, 2::5], atol=1e-13)


@pytest.mark.parametrize("dims", [(1, 1), (1, 8), (8, 1), (0, 5), (1, 1, 1), (1, 4, 1)])
def test_an_axis_of_one_pixel_has_the_length_of_one(dims):
    for align in (True, False):
        options = {"align_corners": align, "units": "pixel"}
        grid = tps_grid(tps_identity(rank=len(dims))[None], dims, **options)[0]
        np.testing.assert_allclose(grid, lattice(dims, align), atol=1e-12)


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("dims", [(33, 57), (7, 9, 11)])
def test_the_default_identity_is_close(dims, align):
    grid = tps_grid(tps_identity(rank=len(dims))[None], dims, align_corners=align)[0]
    bound = tps_condition(dims) * 2.0**-53  # times the largest parameter, 1
    assert np.abs(grid - lattice(dims, align)).max() <= bound


@pytest.mark.parametrize("rank", RANKS)
def test_the_control_points_go_where_they_are_sent(rank):
    identity = tps_identity(rank=rank)
    params = identity + Numbers(452).uniform((1, len(identity)), -0.2, 0.2)
    grid = tps_grid(params, (4,) * rank)  # the lattice of the default control points
    bound = tps_condition((4,) * rank) * 2.0**-53 * np.abs(params).max()
    np.testing.assert_allclose(grid.reshape(params.shape), params, rtol=0, atol=bound)


@pytest.mark.parametrize("units", ["normalized", "pixel"])
@pytest.mark.parametrize("points", [POINTS, VOLUME])
def test_it_is_exact_for_affine_maps_with_any_regularization(points, units):
    rank = points.shape[1]
    theta = Numbers(453).uniform((2, rank, rank + 1))
    sent = points @ theta[:, :, :rank].transpose(0, 2, 1) + theta[:, None, :, rank]
    for regularization in (0.0, 0.1, 1e5):
        options = {"control_points": points, "regularization": regularization, "units": units}
        grid = tps_grid(sent.reshape(2, -1), DIMS[rank], **options)
        np.testing.assert_allclose(grid, affine_grid(theta, DIMS[rank]), atol=1e-13)


def test_much_regularization_gives_the_affine_map_that_fits_best():
    params = Numbers(454).uniform((1, 18))
    options = {"control_points": POINTS, "regularization": 1e300}
    grid = tps_grid(params, (5, 6), **options)
    ones = np.column_stack([POINTS, np.ones(9)])
    theta = np.linalg.lstsq(ones, params.reshape(9, 2), rcond=None)[0].T
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


def test_bands_of_a_volume_run_over_its_rows(monkeypatch):
    params = tps_identity(rank=3) + Numbers(461).uniform((2, 192), -0.1, 0.1)
    dims, d = (3, 5, 7), Numbers(462).uniform((2, 3, 5, 7, 3))
    whole, d_whole = tps_grid(params, dims), tps_grid_vjp(d, params)
    monkeypatch.setattr(tps, "_BASIS_BLOCK", 68 * 7 * 4)  # 4 rows of 15
    assert (tps_grid(params, dims) == whole).all()
    np.testing.assert_allclose(tps_grid_vjp(d, params), d_whole, atol=1e-11)


def test_a_row_longer_than_a_band(monkeypatch):
    monkeypatch.setattr(tps, "_BASIS_BLOCK", 2**17)
    params = tps_identity() + Numbers(457).uniform((1, 32), -0.1, 0.1)
    grid = tps_grid(params, (3, 8001))
    np.testing.assert_allclose(grid[:, ::2, ::2000], tps_grid(params, (2, 5)), atol=1e-13)


def test_condition():
    assert tps_condition() == pytest.approx(119.9, abs=0.1)
    assert tps_condition((3, 4)) == tps_condition()
    assert tps_condition((2, 3, 4)) == pytest.approx(417.1, abs=0.1)
    assert tps_condition((9, 9), units="pixel") == tps_condition()
    assert tps_condition((9, 65), units="pixel") > 5 * tps_condition()
    broader = tps_condition((9, 66), align_corners=False, units="pixel")
    assert broader < tps_condition((9, 65), units="pixel")  # 66 / 9 is less than 64 / 8
    with pytest.raises(ValueError, match="out_dims is None, expected the output size"):
        tps_condition(units="pixel")
    with pytest.raises(ValueError, match=r"out_dims is \(3, 4, 5\), expected two integers"):
        tps_condition((3, 4, 5), control_points=POINTS)
    close = np.concatenate([POINTS, POINTS[:1] + 2.0**-12])
    worse, better = tps_condition(control_points=close), tps_condition(control_points=POINTS)
    assert worse > 1e3 * better
    moved = POINTS * 2.0**20 + 2.0**21
    assert tps_condition(control_points=moved) == pytest.approx(better, rel=1e-6)
    assert tps_condition(control_points=close, regularization=1.0) < 10 * better


def test_pixels_may_be_too_unlike():
    params = tps_identity()[None]
    with pytest.raises(ValueError, match="condition"):
        tps_grid(params, (1, 10**7), units="pixel")


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
