"""The contract with a fill for missing texels, and with other coefficients of the cubic kernel."""

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import map_coordinates
from support import Numbers, assert_exact
from support.options import FIRST, KINDS, LAST

import npstn
from npstn.contract import SLACK, bound
from npstn.oracle import exact, naive
from npstn.oracle.bounds import ratios

pytestmark = pytest.mark.truth

C = 2
FILL = np.array([0.375, -7.0])
RESULTS = "out", "d_x", "d_grid", "t_out", "dd_out", "dd_x", "dd_grid", "d_fill"
in_plain = pytest.mark.usefixtures("plain")
both_engines = pytest.mark.usefixtures("engine")
every_kind = pytest.mark.parametrize(("rank", "mode"), KINDS)


def case(rank, dtype=np.float64, seed=310):
    """x, grid, d_out and tangents of x and grid; half of the points are outside."""
    numbers = Numbers(seed)
    size, dims = (2, 4, 3)[3 - rank :], (2, 2, 4)[3 - rank :]
    x, t_x = numbers.uniform((2, 2, *size, C)).astype(dtype)
    grid, t_grid = numbers.uniform((2, 2, *dims, rank), -1.7, 1.7).astype(dtype)
    return x, grid, numbers.uniform((2, *dims, C)).astype(dtype), t_x, t_grid


def found(x, grid, d, t_x, t_grid, fill=FILL, **options):
    """All results of the library by name."""
    given = {"layout": LAST[x.ndim - 2], "fill_value": fill, **options}
    every = ("x", "grid", "fill_value")
    d_x, d_grid, d_fill = npstn.grid_sample_vjp(d, x, grid, wrt=every, **given)
    out, t_out = npstn.grid_sample_jvp(x, grid, t_x, t_grid, **given)
    second = npstn.grid_sample_vjp_vjp(t_x, t_grid, d, x, grid, **given)
    assert (out == npstn.grid_sample(x, grid, **given)).all()
    return dict(zip(RESULTS, (out, d_x, d_grid, t_out, *second, d_fill), strict=True))


def wanted(oracle, x, grid, d, t_x, t_grid, fill=FILL, **options):
    """The same of an oracle."""
    given = {"fill_value": fill, **options}
    if oracle is exact:
        first = exact.grid_sample(x, grid, d, **given)[:3]
    else:
        first = naive.grid_sample(x, grid, **given), *naive.grid_sample_vjp(d, x, grid, **given)
    t_out = oracle.grid_sample_jvp(x, grid, t_x, t_grid, **given)
    second = oracle.grid_sample_vjp_vjp(t_x, t_grid, d, x, grid, **given)
    d_fill = oracle.grid_sample_vjp_fill(d, x, grid, **options)
    return dict(zip(RESULTS, (*first, t_out, *second, d_fill), strict=True))


def worst(results, terms, mode, rank):
    """Largest error / bound of all results."""
    largest = 0.0
    for name, term in terms.items():
        limit = bound(name, mode, rank)
        slack = 0 if mode != "bicubic" or name in ("out", "d_x") else SLACK * 4**rank * 6 * 200
        judged = ratios(results[name], term, lambda n, b=limit: b.factor(n, C), slack=slack)
        largest = max(largest, judged.max())
    return largest


@in_plain
@every_kind
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("align", [True, False])
def test_bounds_with_a_fill(rank, mode, dtype, align):
    arguments, options = case(rank, dtype), {"mode": mode, "align_corners": align}
    terms = wanted(exact, *arguments, **options)
    assert worst(found(*arguments, **options), terms, mode, rank) <= 1
    other = found(*arguments, fill=FILL * (1 + 2.0**-20), **options)  # a fault: it must show
    assert worst(other, terms, mode, rank) > (0.5 if dtype == np.float32 else 100)


@both_engines
@every_kind
def test_a_fill_on_the_lattice(rank, mode):
    """Small integers, and coordinates with few fraction bits: tolerance 0."""
    x, grid, d, t_x, t_grid = (np.round(4 * a) for a in case(rank))
    options = {"mode": mode, "coordinates": "pixel"}
    arguments = x, grid / 4, d, t_x, t_grid
    results = found(*arguments, **options)
    for name, term in wanted(exact, *arguments, **options).items():
        assert_exact(results[name], term)


@every_kind
@pytest.mark.parametrize("coefficient", [-1.0, -0.5, -0.3, 0.0])
def test_oracles_agree(rank, mode, coefficient):
    x, grid, *rest = case(rank)
    options = {"cubic_coefficient": coefficient} if mode == "bicubic" else {}
    for points, unit in ((grid, "normalized"), (np.round(2 * grid), "pixel")):
        rule = {"mode": mode, "coordinates": unit, **options}
        terms, dense = (wanted(oracle, x, points, *rest, **rule) for oracle in (exact, naive))
        for name, term in terms.items():
            value = term.value.astype(float).reshape(np.shape(dense[name]))
            np.testing.assert_allclose(dense[name], value, rtol=0, atol=1e-11)


@in_plain
@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection", "wrap"])
@pytest.mark.parametrize("coefficient", [-1.0, -0.5, -0.3, -1e-9, 0.0])
def test_bounds_of_other_cubic_kernels(rank, padding, coefficient):
    """Close to 0 the polynomial of a textbook would cancel, but not what is written here."""
    options = {"mode": "bicubic", "padding_mode": padding, "cubic_coefficient": coefficient}
    arguments = case(rank)
    terms = wanted(exact, *arguments, fill=0.0, **options)
    del terms["d_fill"]
    assert worst(found(*arguments, fill=0.0, **options), terms, "bicubic", rank) <= 1
    other = found(*arguments, fill=0.0, **{**options, "cubic_coefficient": -0.75})
    assert worst(other, terms, "bicubic", rank) > 1e9


@both_engines
def test_layouts_and_fills_of_many_channels():
    """One channel, few and many take different ways; channels first are groups."""
    for rank, channels in ((2, 1), (2, 3), (2, 6), (3, 6)):
        x, grid, *_ = case(rank)
        x = np.concatenate([x, x + 1, x + 2], axis=-1)[..., :channels]
        fill = np.arange(1.0, 1 + channels)
        out = npstn.grid_sample(x, grid, fill_value=fill, layout=LAST[rank])
        for c in range(channels):
            part, one = x[..., c : c + 1], float(fill[c])
            alone = npstn.grid_sample(part, grid, fill_value=one, layout=LAST[rank])
            assert (alone[..., 0] == out[..., c]).all()
        first = np.moveaxis(x, -1, 1)
        turned = npstn.grid_sample(first, grid, fill_value=fill, layout=FIRST[rank])
        assert (np.moveaxis(turned, 1, -1) == out).all()
        d = Numbers(311).uniform(out.shape)
        d_fill = npstn.grid_sample_vjp(
            d, x, grid, layout=LAST[rank], fill_value=fill, wrt=("fill_value",)
        )
        assert d_fill[:2] == (None, None)
        moved = np.moveaxis(d, -1, 1)
        other = npstn.grid_sample_vjp(
            moved, first, grid, layout=FIRST[rank], fill_value=fill, wrt=("fill_value",)
        )
        assert (d_fill[2] == other[2]).all()


@both_engines
@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic"])
def test_far_away_there_is_the_fill(mode):
    """At infinite points, at points far outside, and at those that only just look away."""
    grid = np.array([[np.inf, 0], [-np.inf, np.inf], [1e300, 0], [-9, 0], [0, 99], [2, 2]])
    for channels in (1, 3, 5):
        x = np.full((1, 3, 4, channels), np.nan)
        options = {"mode": mode, "fill_value": np.arange(1.0, 1 + channels), "coordinates": "pixel"}
        x[0, :, :3] = 1.0
        out = npstn.grid_sample(x, grid.reshape(1, 1, -1, 2), **options)
        assert (out[0, 0, :5] == options["fill_value"]).all()
        d = np.ones_like(out)
        _, d_grid, d_fill = npstn.grid_sample_vjp(
            d, x, grid.reshape(1, 1, -1, 2), wrt=("fill_value", "grid", "x"), **options
        )
        assert d_fill.tolist() == [5.0] * channels
        assert (d_grid[0, 0, :5] == 0).all()


def test_nan_coordinates_say_nothing_of_the_fill():
    grid = np.array([np.nan, 0, 0, np.nan, -9.0, 0]).reshape(1, 1, 3, 2)
    x = np.ones((1, 3, 4, 1))
    out = npstn.grid_sample(x, grid, fill_value=5.0)
    assert np.isnan(out[0, 0, :2]).all()
    assert out[0, 0, 2] == 5.0
    d_fill = npstn.grid_sample_vjp(np.ones_like(out), x, grid, wrt=("fill_value",))[2]
    assert d_fill == 1.0
    assert np.shape(d_fill) == ()


def test_a_fill_of_zeros_takes_no_part():
    """0 is the default: what is not there is skipped, even where d_out is infinite."""
    x, grid, d, *_ = case(2)
    d[0] = np.inf
    for fill in (0.0, np.zeros(2), [0, 0], -0.0):
        arguments = d, x, grid
        for a, b in zip(
            npstn.grid_sample_vjp(*arguments, fill_value=fill),
            npstn.grid_sample_vjp(*arguments),
            strict=True,
        ):
            assert a.tobytes() == b.tobytes()


@both_engines
def test_module_is_the_sampler_at_its_points():
    numbers = Numbers(312)
    x, theta = numbers.uniform((2, 4, 5, 2)), numbers.integers((2, 2, 3), -12, 12) / 8
    points = exact.affine_grid(theta, (5, 3)).astype(float)
    grid = (points + 1) * np.array([2.0, 1.5])
    options = {"fill_value": FILL, "mode": "bicubic", "cubic_coefficient": -0.5}
    out = npstn.spatial_transformer_network(x, theta, (5, 3), **options)
    assert (out == npstn.grid_sample(x, grid, coordinates="pixel", **options)).all()
    d = numbers.uniform(out.shape)
    every = ("x", "theta", "fill_value")
    d_x, _, d_fill = npstn.spatial_transformer_network_vjp(d, x, theta, wrt=every, **options)
    of_grid = npstn.grid_sample_vjp(
        d, x, grid, wrt=("x", "fill_value"), coordinates="pixel", **options
    )
    assert (d_x == of_grid[0]).all()
    assert (d_fill == of_grid[2]).all()
    spline = npstn.transforms.tps_identity()[None].repeat(2, 0) * 1.5
    curved = {"transform": "tps", "fill_value": FILL, "wrt": ("fill_value",)}
    assert npstn.spatial_transformer_network_vjp(d, x, spline, **curved)[2].shape == (2,)


def test_matrix_and_fill():
    """As its docstring says: out = S x + (1 - S 1) f."""
    x, grid, *_ = case(2)
    matrix = npstn.sampling_matrix(grid, x.shape[1:3], mode="bicubic", cubic_coefficient=-0.5)
    rest = 1 - matrix @ np.ones((matrix.shape[1], 1))
    options = {"mode": "bicubic", "cubic_coefficient": -0.5, "fill_value": FILL}
    out = npstn.grid_sample(x, grid, **options).reshape(-1, C)
    np.testing.assert_allclose(matrix @ x.reshape(-1, C) + rest * FILL, out, atol=1e-14)


def test_scipy_agrees():
    numbers = Numbers(313)
    x, points = numbers.uniform((1, 5, 9, 1)), numbers.uniform((1, 4, 7, 2), -3.0, 11.0)
    for mode, order in (("nearest", 0), ("bilinear", 1)):
        out = npstn.grid_sample(x, points, mode=mode, fill_value=2.5, coordinates="pixel")
        where = points[0, ..., 1], points[0, ..., 0]
        judged = map_coordinates(x[0, ..., 0], where, order=order, mode="grid-constant", cval=2.5)
        np.testing.assert_allclose(out[0, ..., 0], judged, atol=1e-14)
        assert abs(out[0, ..., 0] - map_coordinates(x[0, ..., 0], where, order=order)).max() > 1


def test_opencv_agrees():
    cv2 = pytest.importorskip("cv2", reason="OpenCV judges fills where it is installed")
    numbers = Numbers(314)
    x, points = numbers.uniform((1, 5, 9, 3)), numbers.integers((1, 4, 7, 2), -96, 352) / 32
    out = npstn.grid_sample(
        x.astype(np.float32), points, fill_value=(2.0, 3.0, 4.0), coordinates="pixel"
    )
    maps = points[0].astype(np.float32)
    rule = {"borderMode": cv2.BORDER_CONSTANT, "borderValue": (2.0, 3.0, 4.0)}
    judged = cv2.remap(x[0].astype(np.float32), maps, None, cv2.INTER_LINEAR, **rule)
    np.testing.assert_allclose(out[0], judged, atol=1e-5)


@pytest.mark.parametrize(("coefficient", "other"), [(-1.0, -0.75), (-0.5, -0.75)])
def test_pillow_agrees(coefficient, other):
    """Its ``transform`` has a = -1, and its ``resize`` a = -1/2: away from the border."""
    x = Numbers(315).uniform((12, 14)).astype(np.float32)
    if coefficient == -1.0:  # to pixel centres at + 1/2
        data = (1, 0, 0.3, 0, 1, 0.4)
        method = Image.Transform.AFFINE
        image = Image.fromarray(x).transform((9, 8), method, data, Image.Resampling.BICUBIC)
        points = np.stack(np.meshgrid(np.arange(9) + 0.3, np.arange(8) + 0.4), -1)
    else:
        image = Image.fromarray(x).resize((42, 36), Image.Resampling.BICUBIC)
        line = [(np.arange(n) + 0.5) / 3 - 0.5 for n in (42, 36)]
        points = np.stack(np.meshgrid(*line), -1)
    inside = (slice(8, -8), slice(8, -8)) if coefficient == -0.5 else (slice(2, -2), slice(2, -2))
    judged = np.asarray(image)[inside]

    def difference(a):
        options = {"mode": "bicubic", "cubic_coefficient": a, "coordinates": "pixel"}
        return abs(
            npstn.grid_sample(x[None, ..., None], points[None], **options)[0, ..., 0][inside]
            - judged
        ).max()

    assert difference(coefficient) < 1e-5
    assert difference(other) > 1e-2


@both_engines
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cotangent_of_a_fill_of_a_large_output(dtype):
    """As large as is shared by threads; each missing texel has a weight of its own."""
    numbers = Numbers(316)
    x, grid = numbers.uniform((1, 3, 4, 3)).astype(dtype), np.zeros((1, 130, 130, 2), dtype)
    grid[..., 0] = (numbers.integers((1, 130, 130), -16, 40) / 8).astype(dtype)
    d = numbers.integers((1, 130, 130, 3), -4, 4).astype(dtype)
    options = {"coordinates": "pixel", "fill_value": (1.0, 0.0, 2.0), "wrt": ("fill_value",)}
    d_fill = npstn.grid_sample_vjp(d, x, grid, **options)[2]
    p = grid[..., :1].astype(float)
    missing = np.clip(np.maximum(-p, p - 3), 0, 1)
    np.testing.assert_array_equal(d_fill, (d * missing).sum((0, 1, 2)))


@pytest.mark.parametrize("shape", [(0, 2, 3), (2, 0, 3)], ids=str)
def test_cotangent_of_a_fill_of_nothing(shape):
    x, grid, d = np.ones((shape[0], 3, 4, 2)), np.ones((*shape, 2)), np.ones((*shape, 2))
    d_fill = npstn.grid_sample_vjp(d, x, grid, fill_value=FILL, wrt=("fill_value",))[2]
    assert d_fill.tolist() == [0.0, 0.0]
    assert npstn.grid_sample_vjp(d, x, grid, wrt=("fill_value",))[2] == 0.0
