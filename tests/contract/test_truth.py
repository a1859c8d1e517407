"""The numerical contract against exact arithmetic: its bounds, and its lattice with tolerance 0."""

import numpy as np
import pytest
from support import (
    Numbers,
    assert_exact,
    excess,
    lattice_points,
    run_module,
    run_sample,
    truth_module,
    truth_sample,
)
from support.options import LINEAR, PADDINGS, ids
from support.options import LINEAR_OPTIONS as OPTIONS

import npstn
from npstn.contract import bound
from npstn.grid import pixel_scale
from npstn.oracle import exact

pytestmark = pytest.mark.truth

B, H, W, C, HO, WO = 2, 5, 7, 3, 4, 6
DTYPES = (np.float32, np.float64)
every_option = pytest.mark.parametrize("options", OPTIONS, ids=ids)
both_dtypes = pytest.mark.parametrize("dtype", DTYPES)
both_engines = pytest.mark.usefixtures("engine")


def images(numbers: Numbers, dtype: type) -> tuple[np.ndarray, np.ndarray]:
    """x and d_out, with a third of the texels 0 so that no neighbour hides an error."""
    x = numbers.uniform((B, H, W, C)) * (numbers.integers((B, H, W, C), 0, 2) > 0)
    return x.astype(dtype), numbers.uniform((B, HO, WO, C)).astype(dtype)


def holds(ratios: tuple[float, ...]) -> None:
    """Every error within its bound (out, d_x, d_coords)."""
    assert max(ratios) <= 1.0, ratios


@every_option
@both_dtypes
def test_grid_sample_random(options, dtype):
    numbers = Numbers(1)
    x, d = images(numbers, dtype)
    grid = numbers.uniform((B, HO, WO, 2), -1.6, 1.6).astype(dtype)
    holds(truth_sample(x, grid, d, **options))


@every_option
@both_dtypes
def test_module_random(options, dtype):
    numbers = Numbers(2)
    x, d = images(numbers, dtype)
    theta = numbers.uniform((B, 6), -1.5, 1.5).astype(dtype)
    holds(truth_module(x, theta, d, (HO, WO), **options))


@every_option
@both_dtypes
def test_grid_sample_an_ulp_around_texels_and_folds(options, dtype):
    """Points on and within two ulps of every integer and half-integer p from -2 to S + 1."""
    numbers = Numbers(3)
    x, d = images(numbers, dtype)
    c, e = np.array([pixel_scale(n, options["align_corners"]) for n in (W, H)]).T
    p = numbers.integers((B, HO, WO, 2), -4, 2 * W + 2) / 2
    grid = ((p - e) / c).astype(dtype)
    for _ in range(2):
        step = numbers.integers(grid.shape, -1, 1)
        grid = np.where(step == 0, grid, np.nextafter(grid, (9 * step).astype(dtype)))
    holds(truth_sample(x, grid, d, **options))


@every_option
@both_dtypes
def test_pixel_coordinates_at_the_border(options, dtype):
    """p = -1, 0, S-1, S and half-way, each one ulp below, on and above."""
    numbers = Numbers(4)
    x, d = images(numbers, dtype)
    marks = [float(m) for n in (H, W) for m in (-1, -0.5, 0, n - 1, n - 0.5, n)]
    near = [
        f(dtype(m))
        for m in marks
        for f in (
            lambda v: np.nextafter(v, dtype(-99)),
            dtype,
            lambda v: np.nextafter(v, dtype(99)),
        )
    ]
    grid = numbers.choice(near, (B, HO, WO, 2)).astype(dtype)
    holds(truth_sample(x, grid, d, coordinates="pixel", **options))


@every_option
@both_dtypes
def test_grid_sample_huge_tiny_and_subnormal(options, dtype):
    numbers = Numbers(5)
    x, d = images(numbers, dtype)
    top = float(np.finfo(dtype).max) / 16
    tiny = float(np.finfo(dtype).smallest_subnormal)
    sizes = [
        0.0,
        -0.0,
        tiny,
        -tiny,
        1e-30,
        -1.0,
        1.0,
        2.0**51,
        -(2.0**52),
        2.0**53 + 2,
        1e20,
        -3.3e25,
        top,
        -top,
    ]
    grid = numbers.choice(sizes, (B, HO, WO, 2)) * numbers.uniform((B, HO, WO, 2), 0.9, 1.1)
    holds(truth_sample(x, grid.astype(dtype), d, **options))


THETAS = {
    "quarter turn by cos(pi/2)": ([[6.1e-17, -1, 0], [1, 6.1e-17, 0]], [0]),
    "half turn by sin(pi)": ([[-1, 1.2e-16, 0], [-1.2e-16, -1, 0]], [0]),
    "identity and noise": ([[1, 0, 0], [0, 1, 0]], [0, 1e-17, -1e-30, 1e-300, 2.0**-53]),
    "on texels by cancellation": ([[1.5, -0.5, 0], [0.75, 1.5, 0.25]], [0, 1e-16, -(2.0**-54)]),
    "singular": ([[0, 0, 0], [0.5, 0.5, 0]], [0]),
    "huge": ([[1e20, 0.5, -1e20], [-1e30, 1.5, 1]], [0, 1]),
    "huge and tiny": ([[3e38, 1.5, -1], [0.5, -3e38, 1e-38]], [0]),
}


@pytest.mark.parametrize("name", THETAS)
@both_dtypes
@pytest.mark.parametrize("dims", [(HO, WO), (H, W), (9, 4), (1, 1)], ids=str)
def test_module_adversarial(name, dims, dtype):
    numbers = Numbers(6)
    x = images(numbers, dtype)[0][:1, ..., :1]
    d = numbers.uniform((1, *dims, 1)).astype(dtype)
    base, noise = THETAS[name]
    theta = (np.array(base) + numbers.choice(noise, (1, 2, 3))).astype(dtype)
    for options in OPTIONS:
        holds(truth_module(x, theta, d, dims, **options))


@every_option
def test_module_beyond_the_range_of_products(options):
    """theta of 1e300: products overflow, the map may not."""
    numbers = Numbers(7)
    x, d = images(numbers, np.float64)
    for _ in range(8):
        theta = numbers.choice([0, 0.5, 1.5, -1, 1e20, 1e300, -1e300, 1e-320], (B, 2, 3))
        holds(truth_module(x, theta, d, (HO, WO), **options))


CANCELLING = [  # x, theta, (Ho, Wo), align_corners
    (
        [0] * 28 + [1] + [0] * 4,
        [-3.073117924409303e35, -1.0000000000000002, -2.304838443306977e35],
        (3, 4),
        False,
    ),
    ([0, 1, 2], [-0.03318690491855403, 1e308, 3.905568537035167e40], (5, 4), False),
    ([1, 2], [1, 0, -5e-324], (1, 2), True),
    ([3], [0, 0, -5e-324], (1, 1), False),
    ([1, 5], [0, 0, 5e-324], (1, 1), True),
]


@pytest.mark.parametrize("case", CANCELLING, ids=range(5))
@pytest.mark.parametrize("options", OPTIONS[::2], ids=ids)
def test_module_where_the_smallest_terms_decide(case, options):
    """Terms that cancel but for 100 bits, beyond 1e300, and below the smallest normal number."""
    texels, first, dims, align = case
    x = np.array(texels, float).reshape(1, 1, -1, 1)
    theta = np.array([[*first, 0, 0, 0]])
    d = Numbers(15).uniform((1, *dims, 1))
    holds(truth_module(x, theta, d, dims, **{**options, "align_corners": align}))


def test_a_subnormal_grid_decides_the_cell():
    x, d = np.full((1, 1, 1, 1), 3.0), np.ones((1, 1, 1, 1))
    for tiny in (5e-324, -5e-324):
        holds(truth_sample(x, np.full((1, 1, 1, 2), tiny), d, align_corners=False))
    pair = np.array([1.0, 4.0]).reshape(1, 1, 2, 1)
    for mode in LINEAR:
        for tiny in (5e-324, -5e-324):
            holds(truth_sample(pair, np.full((1, 1, 1, 2), tiny), d, mode=mode))


@both_dtypes
def test_many_channels(dtype):
    """The bounds of d_grid and d_theta hold with the number of channels in them."""
    for channels in (64, 1024):
        x = np.zeros((1, 2, 2, channels), dtype)
        x[:, :, 1] = 0.1
        theta = np.array([[0.5, 0, 0.1, 0, 0.5, 0.1]], dtype)
        d = np.ones((1, 1, 1, channels), dtype)
        holds(truth_module(x, theta, d, (1, 1)))
        holds(truth_sample(x, theta[:, :2].reshape(1, 1, 1, 2), d))


def test_large_sizes():
    """A thousand texels on an axis, and sizes whose ratio is not dyadic."""
    numbers = Numbers(8)
    x = numbers.uniform((1, 3, 1080, 1)) * (numbers.integers((1, 3, 1080, 1), 0, 1) > 0)
    for align in (True, False):
        for padding in PADDINGS:
            options = {"mode": "bilinear", "padding_mode": padding, "align_corners": align}
            theta = np.array([[[1.0, 1e-9, 1 / 3], [0.3, 1, -0.1]]])
            holds(truth_module(x, theta, numbers.uniform((1, 2, 101, 1)), (2, 101), **options))
            grid = numbers.uniform((1, 2, 101, 2), -1.1, 1.1)
            holds(truth_sample(x, grid, numbers.uniform((1, 2, 101, 1)), **options))


def test_mixed_dtypes():
    """x and points may differ in dtype; a result has that of the thing it is a result for."""
    numbers = Numbers(9)
    x, d = images(numbers, np.float32)
    grid = numbers.uniform((B, HO, WO, 2), -1.2, 1.2)
    theta = numbers.uniform((B, 6), -1.2, 1.2)
    options = {"padding_mode": "reflection"}
    holds(truth_sample(x, grid, d, **options))
    assert [a.dtype for a in run_sample(x, grid, d)] == [np.float32, np.float32, np.float64]
    holds(truth_module(x, theta, d, (HO, WO), **options))
    dtypes = [a.dtype for a in run_module(x, theta, d, (HO, WO))]
    assert dtypes == [np.float32, np.float32, np.float64]


@both_dtypes
@pytest.mark.parametrize("align", [True, False])
def test_affine_grid(dtype, align):
    """The grid is the exact map rounded once; its adjoint keeps the bound of d_theta."""
    numbers = Numbers(10)
    theta = numbers.uniform((B, 2, 3), -2, 2).astype(dtype)
    want = exact.affine_grid(theta, (HO, WO), align_corners=align)
    got = npstn.affine_grid(theta, (HO, WO), align_corners=align)
    assert (got == want.astype(float)).all()
    d = numbers.uniform((B, HO, WO, 2)).astype(dtype)
    value, magnitude = exact.affine_grid_vjp(d, align_corners=align)
    got = npstn.affine_grid_vjp(d, align_corners=align)
    term = exact.Term(value, magnitude, np.zeros(value.shape, int))
    holds((excess(got, term, lambda n: bound("d_theta").factor(n, 0, (HO, WO))),))


# The lattice: small integers, coordinates with few fraction bits. Tolerance 0.


@both_engines
@every_option
@both_dtypes
@pytest.mark.parametrize("size", [(H, W), (4, 8), (1, 3), (1, 1)], ids=str)
def test_lattice_grid_in_pixels(options, dtype, size):
    numbers = Numbers(11)
    x = numbers.integers((B, *size, C), -8, 8).astype(dtype)
    d = numbers.integers((B, HO, WO, C), -8, 8).astype(dtype)
    grid = lattice_points(numbers, (B, HO, WO), size).astype(dtype)
    want = exact.grid_sample(x, grid, d, coordinates="pixel", **options)
    for got, term in zip(run_sample(x, grid, d, coordinates="pixel", **options), want, strict=True):
        assert_exact(got, term)


@both_engines
@every_option
@both_dtypes
@pytest.mark.parametrize("size", [(H, W), (4, 8), (1, 3)], ids=str)
def test_lattice_grid_normalised(options, dtype, size):
    numbers = Numbers(12)
    x = numbers.integers((B, *size, C), -8, 8).astype(dtype)
    d = numbers.integers((B, HO, WO, C), -8, 8).astype(dtype)
    grid = (numbers.integers((B, HO, WO, 2), -24, 24) / 8).astype(dtype)
    want = exact.grid_sample(x, grid, d, **options)
    for got, term in zip(run_sample(x, grid, d, **options), want, strict=True):
        assert_exact(got, term)


@both_engines
@every_option
@both_dtypes
@pytest.mark.parametrize("dims", [(H, W), (3, 4), (9, 13), (1, 2), (3, 1)], ids=str)
def test_lattice_module(options, dtype, dims):
    """Dyadic theta. Points of unequal sizes are not: there the bounds hold, not tolerance 0."""
    numbers = Numbers(13)
    x = numbers.integers((B, H, W, C), -8, 8).astype(dtype)
    d = numbers.integers((B, *dims, C), -8, 8).astype(dtype)
    theta = (numbers.integers((B, 2, 3), -8, 8) / 4).astype(dtype)
    dyadic = all(
        n - 1 in (0, 1, 2, 4) if options["align_corners"] else n in (1, 2, 4) for n in dims
    )
    same = dims == (H, W)
    if not (dyadic or same):
        holds(truth_module(x, theta, d, dims, **options))
        return
    if same:  # lattice steps cancel only within an axis
        theta = theta * np.eye(2, 3, dtype=dtype)
        theta[..., 2] = 0
    want = exact.spatial_transformer_network(x, theta, dims, d, **options)
    for got, term in zip(run_module(x, theta, d, dims, **options), want, strict=True):
        assert_exact(got.reshape(term.value.shape), term)


@both_engines
@every_option
def test_fused_equals_grid_in_pixels(options):
    """The bits of its exact points given as a pixel grid, where float64 holds those."""
    numbers = Numbers(14)
    x, align = numbers.uniform((B, H, W, C)), options["align_corners"]
    theta = numbers.integers((B, 2, 3), -12, 12) / 8
    dims = (5, 3) if align else (4, 2)
    points = exact.affine_grid(theta, dims, align_corners=align)
    grid = np.empty((B, *dims, 2))
    for a, n in enumerate((W, H)):
        c, d = pixel_scale(n, align)
        grid[..., a] = points[..., a].astype(float) * c + d
    d_out = numbers.uniform((B, *dims, C))
    fused = npstn.spatial_transformer_network(x, theta, dims, **options)
    assert (fused == npstn.grid_sample(x, grid, coordinates="pixel", **options)).all()
    d_x, _ = npstn.spatial_transformer_network_vjp(d_out, x, theta, **options)
    want, _ = npstn.grid_sample_vjp(d_out, x, grid, coordinates="pixel", **options)
    assert (d_x == want).all()


def test_a_constant_image_stays_constant_inside():
    """Weights sum to 1: exactly in float32, within the bound in float64; no gradient in theta."""
    theta = np.array([[0.7, -0.2, 0.05, 0.15, 0.6, -0.1]])
    x = np.full((1, 40, 50, 2), 0.1)
    out = npstn.spatial_transformer_network(x, theta)
    assert np.abs(out - 0.1).max() <= 8 * 2.0**-53 * 0.1
    low = npstn.spatial_transformer_network(x.astype(np.float32), theta)
    assert (low == np.float32(0.1)).all()
    _, d_theta = npstn.spatial_transformer_network_vjp(np.ones_like(out), x, theta)
    assert np.abs(d_theta).max() == 0.0


def test_excess_can_fail():
    """The comparator sees 9 u M where 8 is allowed, and a float32 that is one ulp off."""
    x, grid = np.ones((1, 2, 2, 1)), np.zeros((1, 1, 1, 2))
    term = exact.grid_sample(x, grid).out
    assert excess(np.array([[[[1.0]]]]), term, 8) == 0.0
    assert excess(np.array([[[[1 + 10 * 2.0**-53]]]]), term, 8) > 1.0
    assert excess(np.array([[[[1 + 2.0**-23]]]], np.float32), term, 8) > 1.0
    with pytest.raises(AssertionError, match="exact 1"):
        assert_exact(np.array([[[[1 + 2.0**-52]]]]), term)
