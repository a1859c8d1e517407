"""Both oracles against numbers worked out by hand, rule by rule; and what they refuse."""

from typing import NamedTuple

import numpy as np
import pytest
from support.options import PADDINGS

from npstn.oracle import exact, naive

ROW = (3.0, 5.0, 11.0, 2.0)  # differences 2, 6, -9


class Case(NamedTuple):
    padding_mode: str
    align_corners: bool
    p: float
    value: float
    slope: float


def cases(padding_mode, align_corners, *rows):
    return [Case(padding_mode, align_corners, *row) for row in rows]


BILINEAR = [
    *cases(  # a missing texel is 0; p = -1 is the left end of a cell
        *("zeros", True),
        *((-1.25, 0, 0), (-1, 0, 3), (-0.5, 1.5, 3), (0, 3, 2), (0.5, 4, 2), (1, 5, 6)),
        *((1.5, 8, 6), (2.25, 8.75, -9), (3, 2, -2), (3.5, 1, -2), (4, 0, 0), (1e300, 0, 0)),
    ),
    *cases(  # zero derivative on the closed outside
        *("border", True),
        *((-7, 3, 0), (0, 3, 0), (0.5, 4, 2), (1, 5, 6), (2.5, 6.5, -9), (3, 2, 0)),
        *((3.25, 2, 0), (1e300, 2, 0), (-1e300, 3, 0)),
    ),
    *cases(  # folds at 0 and 3, period 6
        *("reflection", True),
        *((0, 3, 0), (3, 2, 0), (-3, 2, 0), (6, 3, 0), (0.5, 4, 2), (1, 5, 6), (7, 5, 6)),
        *((-0.5, 4, -2), (-1, 5, -6), (-2, 11, 9), (3.5, 6.5, 9), (4, 11, 9), (5, 5, -6)),
        *((-6.5, 4, -2), (7.5, 8, 6), (2.0**53, 11, -9), (-(2.0**53), 11, 9)),
    ),
    *cases(  # folds at -1/2 and 7/2, period 8, clamped between fold and texel
        *("reflection", False),
        *((-0.25, 3, 0), (-0.5, 3, 0), (-0.75, 3, 0), (-1, 3, 0), (0, 3, 0), (0.5, 4, 2)),
        *((-1.5, 4, -2), (-2, 5, -6), (3, 2, 0), (3.25, 2, 0), (3.5, 2, 0), (3.75, 2, 0)),
        *((4, 2, 0), (4.5, 6.5, 9), (5, 11, 9), (6, 5, -6), (7.5, 3, 0), (8, 3, 0)),
        *((8.5, 4, 2), (9, 5, 6), (2.0**53, 3, 0), (2.0**53 + 2, 11, -9)),
    ),
    *cases(  # period 4; the last texel and the first are a cell
        *("wrap", True),
        *((0, 3, 2), (2.5, 6.5, -9), (3, 2, 1), (3.5, 2.5, 1), (4, 3, 2), (5.5, 8, 6)),
        *((-0.5, 2.5, 1), (-1, 2, 1), (-1.5, 6.5, -9), (-4, 3, 2), (-6.75, 6.5, 6)),
        *((1e300, 3, 2), (2.0**53 + 2, 11, -9), (-(2.0**53) - 2, 11, -9)),
    ),
]
NEAREST = [  # ties to even, on the folded coordinate
    *cases(
        *("zeros", True),
        *((-0.75, 0, 0), (-0.5, 3, 0), (0.5, 3, 0), (1.5, 11, 0), (2.5, 11, 0), (2.75, 2, 0)),
        *((3.25, 2, 0), (3.5, 0, 0), (1, 5, 0)),
    ),
    *cases("border", False, (-9, 3, 0), (0.5, 3, 0), (1.5, 11, 0), (3.5, 2, 0), (99, 2, 0)),
    *cases("reflection", True, (-0.5, 3, 0), (-1.5, 11, 0), (3.5, 11, 0), (4.75, 5, 0)),
    *cases("reflection", False, (-1.5, 3, 0), (3.5, 2, 0), (4.5, 11, 0), (-2, 5, 0)),
    *cases("wrap", False, (-0.5, 3, 0), (3.5, 3, 0), (4.5, 3, 0), (5.5, 11, 0), (-1.25, 2, 0)),
]


def by_exact(x, grid, d_out, **options):
    got = exact.grid_sample(x, grid, d_out, **options)
    return got.out.value, got.d_x.value, got.d_coords.value


def by_naive(x, grid, d_out, **options):
    return (
        naive.grid_sample(x, grid, **options),
        *naive.grid_sample_vjp(d_out, x, grid, **options),
    )


oracles = pytest.mark.parametrize("oracle", [by_exact, by_naive])


@oracles
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(
    ("mode", "case"),
    [("bilinear", case) for case in BILINEAR] + [("nearest", case) for case in NEAREST],
)
def test_one_axis_by_hand(oracle, mode, case, axis):
    """A row that repeats downwards, or its transpose, at rows or columns 0 and 1."""
    x = np.empty((2, 3, 4, 1))
    x[:] = np.array(ROW)[:, None]
    grid = np.zeros((2, 1, 2, 2))
    grid[..., 0], grid[0, 0, 1, 1] = case.p, 1
    if axis == 1:
        x, grid = x.swapaxes(1, 2), grid[..., ::-1]
    options = case._asdict()
    p, value, slope = (options.pop(key) for key in ("p", "value", "slope"))
    out, d_x, d_grid = oracle(
        x, grid, np.full((2, 1, 2, 1), 4.0), mode=mode, coordinates="pixel", **options
    )
    assert (out == value).all(), p
    assert (d_grid[..., axis] == 4 * slope).all(), p
    assert (d_x * x).sum() == 4 * 4 * value  # the sampler is linear


@oracles
@pytest.mark.parametrize(
    ("size", "align_corners", "g", "p", "rate"),
    [
        (5, True, 0.25, 2.5, 2),
        (5, False, 0.25, 2.625, 2.5),
        (4, True, -0.5, 0.75, 1.5),
        (4, False, -0.5, 0.5, 2),
        (2, True, 0.5, 0.75, 0.5),
        (2, False, 0.25, 0.75, 1),
    ],
)
def test_normalised_coordinates_by_hand(oracle, size, align_corners, g, p, rate):
    """On a ramp of height 8 per texel the value is 8 p, and the slope 8 dp/dg."""
    x = np.broadcast_to(8 * np.arange(size)[:, None], (2, 3, size, 2))
    grid = np.zeros((2, 1, 1, 2))
    grid[..., 0] = g
    out, _, d_grid = oracle(x, grid, np.ones((2, 1, 1, 2)), align_corners=align_corners)
    assert (out == 8 * p).all()
    assert (d_grid[..., 0] == 2 * 8 * rate).all()


@oracles
@pytest.mark.parametrize("padding_mode", PADDINGS)
@pytest.mark.parametrize("g", [-1.0, 0.0, 0.5, 7.0, -1e30])
def test_an_axis_of_one_texel(oracle, padding_mode, g):
    x, grid = np.full((1, 1, 3, 1), 6.0), np.array([[[[0.0, g]]]])
    options = {"padding_mode": padding_mode}
    out, d_x, d_grid = oracle(x, grid, np.ones((1, 1, 1, 1)), **options)
    assert (out.item(), d_grid[0, 0, 0, 1]) == (6, 0)
    assert (d_x[0, 0, :, 0] == [0, 1, 0]).all()
    out, _, d_grid = oracle(x, grid, np.ones((1, 1, 1, 1)), align_corners=False, **options)
    expected = {-1.0: (3, 3), 0.0: (6, -3), 0.5: (4.5, -3)}.get(g, (0, 0))  # p = g / 2
    assert (out.item(), d_grid[0, 0, 0, 1]) == (expected if padding_mode == "zeros" else (6, 0))


ZERO, TWO = (0, 0), (2, 0)
KINKS = {  # the table of PyTorch's own tests
    ("zeros", True): [(-8, -8), (-8, 0), TWO, TWO] + 4 * [TWO],
    ("zeros", False): [(-5, -5), (-5, 5), (-10, -10), (-10, 10)] + 4 * [ZERO],
    ("border", True): 2 * [ZERO, ZERO, TWO, TWO],
    ("border", False): 8 * [ZERO],
    ("reflection", True): 2 * [ZERO, ZERO, TWO, TWO],
    ("reflection", False): 8 * [ZERO],
}


@oracles
@pytest.mark.parametrize(("padding_mode", "align_corners"), KINKS)
def test_gradients_at_kinks_are_those_of_pytorch(oracle, padding_mode, align_corners):
    x = np.broadcast_to(np.arange(5.0)[:, None], (1, 5, 5, 1))
    right = [[1, 1], [1, -1], [0.8, 0.8], [0.8, -0.8]]
    left = [[-1, -1], [-1, 1], [-0.8, -0.8], [-0.8, 0.8]]
    grid, d_out = np.array([[right, left]]), np.ones((1, 2, 4, 1))
    options = {"padding_mode": padding_mode, "align_corners": align_corners}
    _, _, d_grid = oracle(x, grid, d_out, **options)
    # 0.8 is not a float64: beside the kink, values are off by as much.
    expected = np.reshape(KINKS[padding_mode, align_corners], (1, 2, 4, 2))
    np.testing.assert_allclose(d_grid.astype(float), expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("module", [exact, naive])
def test_affine_grid_by_hand(module):
    shear, flip = [[[1.0, 0, 0], [2, 0, 0.5]]], [[[0, 1.0, 0, -1, 0, 0]]]
    grid = np.array(module.affine_grid(shear, (1, 4)), dtype=float)
    x = np.array([-1, -1 / 3, 1 / 3, 1])
    np.testing.assert_allclose(grid[0, 0], np.stack([x, 2 * x + 0.5], axis=-1), rtol=1e-15)
    grid = np.array(module.affine_grid(flip, (2, 3), align_corners=False), dtype=float)
    expected = [[[y, 2 / 3], [y, 0], [y, -2 / 3]] for y in (-0.5, 0.5)]
    np.testing.assert_allclose(grid[0, 0], expected, rtol=1e-15)


def test_affine_grid_vjp_by_hand():
    """The lattice has x = -1, 0, 1 and y = -1, 1."""
    d_grid = np.zeros((1, 2, 3, 2))
    d_grid[0, 0, 0], d_grid[0, 1, 2], d_grid[0, 1, 1] = (1, 2), (4, -8), (16, 0)
    value, magnitude = exact.affine_grid_vjp(d_grid)
    assert value[0].tolist() == [[3, 19, 21], [-10, -10, -6]]
    assert magnitude[0].tolist() == [[5, 21, 21], [10, 10, 10]]
    assert (naive.affine_grid_vjp(d_grid) == value).all()


X, GRID, THETA = np.ones((2, 2, 3, 1)), np.zeros((2, 1, 2, 2)), np.ones((2, 6))
D_OUT, D_GRID = np.ones((2, 1, 2, 1)), np.ones((2, 2, 2, 2))
BAD_INPUTS = [
    *((name, bad) for name in ("x", "grid", "d_out") for bad in (np.nan, np.inf, -np.inf)),
    *((name, bad) for name in ("theta", "d_grid") for bad in (np.nan, np.inf)),
]


@pytest.mark.parametrize(("name", "bad"), BAD_INPUTS)
def test_numbers_must_be_finite(name, bad):
    def spoilt(other, values):
        values = values.copy()
        values.flat[-1] = bad if name == other else 0
        return values

    calls = {
        "theta": [exact.affine_grid, naive.affine_grid],
        "d_grid": [exact.affine_grid_vjp, naive.affine_grid_vjp],
    }.get(name, [by_exact, by_naive])
    arguments = {"theta": (spoilt("theta", THETA), (1, 2)), "d_grid": (spoilt("d_grid", D_GRID),)}
    default = (spoilt("x", X), spoilt("grid", GRID), spoilt("d_out", D_OUT))
    for call in calls:
        with pytest.raises(ValueError, match=rf"^{name} holds .*: expected finite"):
            call(*arguments.get(name, default))


@oracles
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "cubic"}, "mode='cubic': expected .*'bilinear'"),
        ({"padding_mode": "edge"}, "padding_mode='edge': expected .*reflection"),
        ({"coordinates": "texel"}, "coordinates='texel': expected .*'pixel'"),
    ],
)
def test_options_must_be_known(oracle, options, message):
    with pytest.raises(ValueError, match=message):
        oracle(X, GRID, D_OUT, **options)


@oracles
def test_shapes_must_fit(oracle):
    with pytest.raises(ValueError, match=r"^x of .*: expected .*2"):
        oracle(X[:1], GRID, D_OUT)
    with pytest.raises(ValueError, match=r"^d_out of shape .*: expected .*\(2, 1, 2, 1\)"):
        oracle(X, GRID, D_OUT[:, :, :1])


def test_a_fill_is_one_of_zeros():
    with pytest.raises(ValueError, match=r"^fill_value=0.5 with padding_mode='border': expected"):
        naive.grid_sample(X, GRID, fill_value=0.5, padding_mode="border")


def test_settings_of_numpy_change_nothing():
    x, d_out, grid, t_grid = X * 1e-200, D_OUT * 1e-200, GRID + 0.3, GRID + 1e-200
    little, huge, large = D_OUT * 1e-320, D_OUT * 1e300, X * 1e300
    calls = [
        lambda: naive.grid_sample(x, grid, fill_value=1e-320),
        lambda: naive.grid_sample_vjp(d_out, x, grid),
        lambda: naive.grid_sample_vjp(huge, large, grid),
        lambda: naive.grid_sample_jvp(x, grid, x, t_grid),
        lambda: naive.grid_sample_vjp_vjp(x, t_grid, d_out, x, grid),
        lambda: naive.grid_sample_vjp_fill(little, x, grid),
        lambda: naive.affine_grid(np.full((2, 6), 1e-320), (2, 3)),
        lambda: naive.affine_grid_vjp(np.full((1, 3, 4, 2), 1e-320)),
        lambda: naive.spatial_transformer_network_vjp(d_out, x, THETA / 3),
        lambda: exact.grid_sample(x, grid, d_out).d_coords.value,
    ]
    for call in calls:
        expected = call()
        with np.errstate(all="raise"):
            found = call()
        np.testing.assert_equal(found, expected)
