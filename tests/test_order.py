"""A vjp called in the order of the forward function: its error says the right one."""

import numpy as np
import pytest
from support import Numbers

import npstn
from npstn import transforms

B, K, H, W, C, HO, WO = 2, 3, 4, 5, 3, 3, 6
_numbers = Numbers(72)
X, D_OUT = _numbers.uniform((B, H, W, C)), _numbers.uniform((B, HO, WO, C))
MANY = _numbers.uniform((B, K, HO, WO, C))
VOLUME, D_VOLUME = _numbers.uniform((B, 3, H, W, C)), _numbers.uniform((B, 2, HO, WO, C))
GRID, GRIDS = _numbers.uniform((B, HO, WO, 2)), _numbers.uniform((B, K, HO, WO, 2))
STN, SAMPLE = npstn.spatial_transformer_network_vjp, npstn.grid_sample_vjp
NCHW, NDHWC = {"layout": "NCHW"}, {"layout": "NDHWC"}


def first(*a):
    """Channels before the axes of an image."""
    return [np.moveaxis(b, -1, -3) for b in a]


# Function, arguments in its own order, options.
CALLS = [
    (STN, (D_OUT, X, np.ones((B, 6))), {}),
    (STN, (D_OUT, X, np.ones((B, 2, 3))), {}),
    (STN, (MANY, X, np.ones((B, K, 6))), {}),
    (STN, (MANY, X, np.ones((B, K, 2, 3))), {}),
    (STN, (*first(D_OUT, X), np.ones((B, 6))), NCHW),
    (STN, (*first(MANY, X), np.ones((B, K, 6))), NCHW),
    (STN, (D_VOLUME, VOLUME, np.ones((B, 12))), NDHWC),
    (STN, (D_OUT, X, np.tile(transforms.tps_identity(), (B, 1))), {"transform": "tps"}),
    (SAMPLE, (D_OUT, X, GRID), {}),
    (SAMPLE, (MANY, X, GRIDS), {}),
    (SAMPLE, (*first(D_OUT, X), GRID), NCHW),
    (SAMPLE, (*first(MANY, X), GRIDS), NCHW),
    (SAMPLE, (D_VOLUME, VOLUME, np.ones((B, 2, HO, WO, 3))), NDHWC),
    (transforms.rst_grid_vjp, (GRID, np.ones((B, 5))), {}),
    (transforms.rst_theta_vjp, (np.ones((B, 2, 3)), np.ones((B, 5))), {}),
    (transforms.rst_theta_vjp, (np.ones((B, K, 6)), np.ones((B, K, 5))), {}),
    (transforms.projective_grid_vjp, (GRIDS, np.ones((B, K, 8))), {}),
    (transforms.FAMILIES["tps"].vjp, (GRID, np.ones((B, 32))), {}),
    (transforms.FAMILIES["affine"].vjp, (GRID, np.ones((B, 2, 3))), {}),
    (
        transforms.FAMILIES["affine"].vjp,
        (np.ones((B, 2, HO, WO, 3)), np.ones((B, 12))),
        {},
    ),
]
PIXELS = (4, 5), (2, 3)
ORDERS = {STN: "d_out, x, theta", SAMPLE: "d_out, x, grid"}


@pytest.mark.parametrize(("function", "arguments", "options"), CALLS)
def test_the_order_is_said(function, arguments, options):
    function(*arguments, **options)
    cotangent, *primals = arguments
    default = "d_theta, params" if "theta" in function.__name__ else "d_grid, params"
    order = ORDERS.get(function, default)
    with pytest.raises(ValueError, match=rf"expected .*: the order is \({order}\)$"):
        function(*primals, cotangent, **options)


@pytest.mark.parametrize("theta", [np.ones((B, 6)), np.ones((B, 2, 3))])
def test_the_affine_adjoint_takes_the_cotangent_alone(theta):
    with pytest.raises(TypeError, match=r"2 were given: it takes d_grid only$"):
        npstn.affine_grid_vjp(theta, GRID)


@pytest.mark.parametrize("shape", [(B, 6), (B, 2, 3), (B, K, 6)])
def test_the_adjoints_in_pixels_take_the_cotangent_and_sizes(shape):
    a = np.ones(shape)
    with pytest.raises(TypeError, match=r"4 were given: the order is \(d_theta, in_size, out_d"):
        transforms.theta_from_pixel_vjp(a, a, *PIXELS)
    with pytest.raises(TypeError, match=r"4 were given: the order is \(d_matrix, in_size, out_d"):
        transforms.theta_to_pixel_vjp(a, a, *PIXELS)


@pytest.mark.parametrize(
    ("function", "arguments", "options"),
    [
        *((f, arguments, {**options, "mode": "lanczos"}) for f, arguments, options in CALLS[:13]),
        *((f, arguments, {"align_corners": 2}) for f, arguments, _ in CALLS[13:14]),
        (STN, (X, np.ones((B, 6)), D_OUT[:1]), {}),  # it fits in neither order
        (STN, (X, np.ones((B, 6)), D_OUT[..., :1]), {}),
        (STN, (X, np.ones((B, 6)), np.ones((B, K))), {}),
        (STN, (np.repeat(X, 2, 0), np.ones((B, 6)), D_OUT), {}),
        (STN, (X, np.ones((B + 1, 6)), D_OUT), {}),
        (STN, (X[:, 0], np.ones((B, 6)), D_OUT), {}),
        (STN, (X, np.ones((B, 6)), D_OUT), {"layout": "NWHC"}),
        (STN, (X, np.ones((B, 2, 4)), D_OUT), {}),
        (SAMPLE, (X, GRID[:, :1], D_OUT), {}),
        (SAMPLE, (X[..., :2], GRIDS[:, 0, :, :4], GRID), {}),
        (SAMPLE, (GRID, GRID, GRID), {"mode": "lanczos"}),  # and here in both
        (transforms.rst_grid_vjp, (np.ones((B + 1, 5)), GRID), {}),
        (transforms.rst_grid_vjp, (np.ones((B, 5)), np.ones((B, 2))), {}),
        (transforms.rst_theta_vjp, (np.ones((B, 5)), np.ones(6)), {}),
        (transforms.rst_theta_vjp, (np.ones((B, 3, 3)), np.ones((B, 5))), {}),
        (npstn.affine_grid_vjp, (GRID, np.ones((B, 6))), {}),
        (npstn.affine_grid_vjp, (np.ones((B, 6)),), {}),
        (transforms.theta_from_pixel_vjp, (np.ones((B, 7)), *PIXELS), {}),
        (transforms.theta_to_pixel_vjp, (np.ones((B, 6)), np.array([4, 5]), (2,)), {}),
    ],
)
def test_no_order_is_said_of_other_mistakes(function, arguments, options):
    with pytest.raises((TypeError, ValueError)) as caught:
        function(*arguments, **options)
    assert "the order is" not in str(caught.value)


@pytest.mark.parametrize("layout", [["NHWC"], 5, None])
def test_a_wrong_option_stays_the_error(layout):
    with pytest.raises(TypeError, match="layout is "):
        SAMPLE(D_OUT, X, GRID, layout=layout)


def test_what_has_a_shape_that_is_none():
    class Odd:
        shape = 5

    with pytest.raises(TypeError, match=r"theta is .*Odd, expected a NumPy array"):
        STN(D_OUT, X, Odd())


def test_missing_arguments_are_said_by_python():
    with pytest.raises(TypeError, match=r"spatial_transformer_network_vjp\(\) missing 1 required"):
        STN(X, np.ones((B, 6)))
