"""Every public vjp against finite differences, and its linear half against the dot test."""

import itertools

import numpy as np
import pytest
from support.options import LINEAR, OPTIONS, ids

import npstn
from npstn.testing import check_vjp, dot_test

B, K, H, W, C, HO, WO = 2, 2, 3, 5, 2, 2, 4
DTYPES = [np.float32, np.float64]
EXACT = [  # float32 has no room for products of cubic weights
    pytest.param(options, dtype, id=f"{ids(options)}-{dtype.__name__}")
    for options, dtype in itertools.product(OPTIONS, DTYPES)
    if dtype == np.float64 or options["mode"] in LINEAR
]


def image(dtype, layout="NHWC", lattice=False, seed=0):
    rng = np.random.default_rng(seed)
    shape = (B, H, W, C) if layout == "NHWC" else (B, C, H, W)
    values = rng.integers(-8, 9, shape) if lattice else rng.standard_normal(shape)
    return values.astype(dtype)


def thetas(dtype, leading=(B,), seed=0):
    rng = np.random.default_rng(seed)
    return (
        np.array([[0.9, -0.3, 0.1], [0.4, 0.8, -0.2]]) + 0.3 * rng.random((*leading, 2, 3))
    ).astype(dtype)


def grids(dtype, leading=(B,), seed=0):
    return np.random.default_rng(seed).uniform(-1.6, 1.6, (*leading, HO, WO, 2)).astype(dtype)


def check(f, options, primals, names, **how):
    """Check npstn's function `f` with these options."""
    vjp = getattr(npstn, f"{f}_vjp")
    return check_vjp(
        lambda *p: getattr(npstn, f)(*p, **options),
        lambda d, *p: vjp(d, *p, **options),
        primals,
        names=names,
        **{"max_entries": 8, **how},
    )


@pytest.mark.parametrize(("layout", "coordinates"), [("NHWC", "normalized"), ("NCHW", "pixel")])
@pytest.mark.parametrize("options", OPTIONS, ids=ids)
def test_grid_sample(options, layout, coordinates):
    grid = grids(np.float64)
    if coordinates == "pixel":
        grid = (grid + 1) * [W / 2, H / 2]
    options = {**options, "layout": layout, "coordinates": coordinates}
    report = check("grid_sample", options, (image(np.float64, layout), grid), ("x", "grid"))
    assert report.relative < 1e-10


@pytest.mark.parametrize(("of_x", "of_grid"), [DTYPES, DTYPES[::-1]])
def test_grid_sample_every_entry_dtypes_and_several_grids(of_x, of_grid):
    primals = image(of_x), grids(of_grid, (B, K))
    report = check("grid_sample", {}, primals, ("x", "grid"), max_entries=60)
    assert [i.checked for i in report.inputs] == [60, 60]


@pytest.mark.parametrize("options", OPTIONS, ids=ids)
def test_grid_sample_at_kinks(options):
    rng = np.random.default_rng(0)
    grid = np.stack([rng.integers(-3, n + 3, (B, HO, WO)) for n in (W, H)], axis=3) / 1.0
    options = {**options, "coordinates": "pixel"}
    report = check("grid_sample", options, (image(np.float64), grid), ("x", "grid"))
    assert (report.inputs[1].kinks > 1) == (options["mode"] == "bilinear")


@pytest.mark.parametrize("align_corners", [True, False])
def test_grid_sample_takes_the_right_derivative_at_kinks(align_corners):
    rng = np.random.default_rng(0)
    grid = np.stack([rng.integers(-2, n + 1, (B, HO, WO)) for n in (W, H)], axis=3) / 1.0
    options = {"coordinates": "pixel", "align_corners": align_corners}
    primals = image(np.float64), grid
    check("grid_sample", options, primals, ("x", "grid"), kinks="right", max_entries=32)


@pytest.mark.parametrize("options", OPTIONS, ids=ids)
def test_spatial_transformer_network(options):
    theta = thetas(np.float64, (B, K))
    options = {**options, "out_dims": (HO, WO)}
    vjp_options = {k: v for k, v in options.items() if k != "out_dims"}
    report = check_vjp(
        lambda x, theta: npstn.spatial_transformer_network(x, theta, **options),
        lambda d, x, theta: npstn.spatial_transformer_network_vjp(d, x, theta, **vjp_options),
        (image(np.float64), theta),
        names=("x", "theta"),
        max_entries=6,
    )
    assert report.relative < 1e-9


@pytest.mark.parametrize(("of_x", "of_theta"), [*itertools.product(DTYPES, DTYPES)])
def test_spatial_transformer_network_dtypes_and_layout(of_x, of_theta):
    primals = image(of_x, "NCHW"), thetas(of_theta).reshape(B, 6)
    check("spatial_transformer_network", {"layout": "NCHW"}, primals, ("x", "theta"))


def test_translation_from_identity_takes_the_right_derivative():
    """All points are on kinks and move the same way: the sum of right derivatives is one."""
    x = image(np.float64)

    def theta(shift):
        return np.concatenate([np.tile(np.eye(2), (B, 1, 1)), shift[..., None]], axis=2)

    def vjp(d_out, shift):
        return (npstn.spatial_transformer_network_vjp(d_out, x, theta(shift))[1][..., 2],)

    def f(shift):
        return npstn.spatial_transformer_network(x, theta(shift))

    report = check_vjp(f, vjp, (np.zeros((B, 2)),), kinks="right")
    assert report.inputs[0].kinks == report.inputs[0].total


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("leading", [(B,), (B, K)])
def test_affine_grid(leading, align_corners):
    options = {"align_corners": align_corners}
    report = check_vjp(
        lambda theta: npstn.affine_grid(theta, (HO, WO), **options),
        lambda d, theta: (npstn.affine_grid_vjp(d, **options).reshape(theta.shape),),
        (thetas(np.float64, leading),),
    )
    assert report.inputs[0].smooth == report.inputs[0].total


@pytest.mark.parametrize("shape", [(1, W), (H, 1)])
@pytest.mark.parametrize("options", [o for o in OPTIONS if o["mode"] != "nearest"], ids=ids)
def test_inputs_one_texel_wide(options, shape):
    x = np.random.default_rng(0).standard_normal((B, *shape, C))
    check("grid_sample", options, (x, grids(np.float64)), ("x", "grid"))


@pytest.mark.parametrize(("options", "dtype"), EXACT)
def test_sampling_is_exactly_adjoint_on_the_lattice(options, dtype):
    grid = np.random.default_rng(0).integers(-24, 8 * W, (B, HO, WO, 2)) / 8
    d_out = np.random.default_rng(1).integers(-8, 9, (B, HO, WO, C)).astype(dtype)
    options, x = {**options, "coordinates": "pixel"}, image(dtype, lattice=True)

    def f(t):
        return npstn.grid_sample(t, grid, **options)

    def adjoint(d):
        return npstn.grid_sample_vjp(d, x, grid, **options)[0]

    dot_test(f, adjoint, x, d_out, tolerance=0)


@pytest.mark.parametrize("options", OPTIONS, ids=ids)
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_module_is_adjoint_on_random_data(options, dtype):
    x, theta = image(dtype), thetas(np.float64, (B, K))
    d_out = np.random.default_rng(1).standard_normal((B, K, HO, WO, C)).astype(dtype)

    def f(t):
        return npstn.spatial_transformer_network(t, theta, (HO, WO), **options)

    def adjoint(d):
        return npstn.spatial_transformer_network_vjp(d, x, theta, **options)[0]

    dot_test(f, adjoint, x, d_out)
