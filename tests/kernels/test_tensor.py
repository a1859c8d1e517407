"""The loops for any kernel and rank: however work is split and laid out, the bits are the same."""

from itertools import product

import numpy as np
import pytest
from support import Numbers

import npstn
from npstn import _problem

pytestmark = pytest.mark.truth

KINDS = [(2, "nearest"), (2, "bilinear"), (2, "bicubic"), (3, "nearest"), (3, "bilinear")]
LAST, FIRST = {2: "NHWC", 3: "NDHWC"}, {2: "NCHW", 3: "NCDHW"}
SIZE, DIMS = (3, 4, 5), (2, 3, 4)


def problem(rank, channels=2, many=(), lattice=False, seed=80):
    """x, grid, t_x, t_grid, d_out; on the lattice all sums of their products are exact."""
    numbers = Numbers(seed)
    size, dims = SIZE[3 - rank :], DIMS[3 - rank :]
    x, t_x = numbers.uniform((2, 2, *size, channels), -8, 8)
    grid = numbers.uniform((2, *many, *dims, rank), -2.5, 5.5)
    t_grid = numbers.uniform(grid.shape, -4, 4)
    d_out = numbers.uniform((2, *many, *dims, channels), -8, 8)
    arrays = x, grid, t_x, t_grid, d_out
    if lattice:
        arrays = tuple(
            np.round(a * (8 if a is grid else 1)) / (8 if a is grid else 1) for a in arrays
        )
    return arrays


def everything(x, grid, t_x, t_grid, d_out, **options):
    """All there is: out, t_out, d_x, d_grid, and the three second ones."""
    found = [npstn.grid_sample(x, grid, **options)]
    found += npstn.grid_sample_jvp(x, grid, t_x, t_grid, **options)
    found += npstn.grid_sample_vjp(d_out, x, grid, **options)
    return [*found, *npstn.grid_sample_vjp_vjp(t_x, t_grid, d_out, x, grid, **options)]


def same(found, expected):
    assert all(a.shape == b.shape and (a == b).all() for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize(("rank", "mode"), KINDS)
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_forward_and_backward_are_transposed(rank, mode, padding):
    """<d, J t> = <J' d, t> and second derivatives are symmetric, with tolerance 0."""
    x, grid, t_x, t_grid, d = problem(rank, lattice=True)
    options = {"mode": mode, "padding_mode": padding, "coordinates": "pixel", "layout": LAST[rank]}
    out, same_out, t_out, d_x, d_grid, *second = everything(x, grid, t_x, t_grid, d, **options)
    assert (out == same_out).all()
    assert (d * t_out).sum() == (d_x * t_x).sum() + (d_grid * t_grid).sum()
    assert (second[0] == t_out).all()
    s_x, s_grid, _, _, s_d = problem(rank, lattice=True, seed=81)
    s_grid = np.round(s_grid)
    others = npstn.grid_sample_vjp_vjp(s_x, s_grid, s_d, x, grid, **options)
    # the Hessian of <e, out> in (x, grid) for a fixed e, from both sides
    first = npstn.grid_sample_vjp_vjp(t_x, t_grid, s_d, x, grid, **options)
    left = (first[1] * s_x).sum() + (first[2] * s_grid).sum()
    assert left == (others[1] * t_x).sum() + (others[2] * t_grid).sum()


@pytest.mark.parametrize(("rank", "mode"), KINDS)
def test_rows_of_more_points_than_a_tile(rank, mode):
    """A wide output is narrow ones side by side; 129 columns have coordinates of few bits."""
    x, _, t_x, _, _ = problem(rank, 1, lattice=True)
    x, t_x, dims, numbers = x[:1], t_x[:1], (2,) * (rank - 1) + (129,), Numbers(82)
    theta = np.round(numbers.uniform((1, rank, rank + 1), -8, 8)) / 8
    grid = npstn.affine_grid(theta, dims)
    t_grid, d = np.round(numbers.uniform(grid.shape, -4, 4)), np.ones((1, *dims, 1))
    d[..., 0] = np.round(numbers.uniform(dims, -8, 8))
    options = {"mode": mode, "layout": LAST[rank]}
    want = everything(x, grid, t_x, t_grid, d, **options)
    parts = []
    for part in np.s_[..., :60, :], np.s_[..., 60:, :]:
        given = (np.ascontiguousarray(a[part]) for a in (grid, t_grid, d))
        narrow, t_narrow, d_narrow = given
        parts.append(everything(x, narrow, t_x, t_narrow, d_narrow, **options))
    for k, (whole, *both) in enumerate(zip(want, *parts, strict=True)):
        if k in (3, 6):  # sums over points, exact unless bicubic
            np.testing.assert_allclose(whole, sum(both), 0, 1e-9 * (mode == "bicubic"))
        else:
            assert (whole == np.concatenate(both, -2)).all()
    found = [npstn.spatial_transformer_network(x, theta, dims, **options)]
    found += npstn.spatial_transformer_network_vjp(d, x, theta, **options)
    d_theta = npstn.affine_grid_vjp(want[4]).reshape(theta.shape)
    same(found[:2], [want[0], want[3]])
    np.testing.assert_allclose(found[2], d_theta, 0, 1e-9 * (mode == "bicubic"))


@pytest.mark.parametrize(("rank", "mode"), KINDS)
def test_layouts_and_splits(rank, mode, monkeypatch):
    x, grid, t_x, t_grid, d = problem(rank, channels=5, many=(3,))
    options = {"mode": mode, "coordinates": "pixel"}
    want = everything(x, grid, t_x, t_grid, d, layout=LAST[rank], **options)
    of_x = [0, 1, 2, 3, 5, 6]  # what has channels
    planes = (np.moveaxis(a, -1, 1) for a in (x, t_x)), np.moveaxis(d, -1, 2)
    (p_x, p_t), p_d = planes
    found = everything(p_x, grid, p_t, t_grid, p_d, layout=FIRST[rank], **options)
    for k in of_x:
        found[k] = np.moveaxis(found[k], 2 if found[k].ndim == rank + 3 else 1, -1)
    same(found, want)
    monkeypatch.setattr(_problem, "_BAND", 64)
    monkeypatch.setattr(_problem, "threads", lambda: 7)
    same(everything(x, grid, t_x, t_grid, d, layout=LAST[rank], **options), want)
    for k, b in product(range(3), range(2)):
        one = [a[b : b + 1, k] for a in (grid, t_grid, d)]
        found = everything(
            x[b : b + 1], one[0], t_x[b : b + 1], *one[1:], layout=LAST[rank], **options
        )
        for q in (0, 1, 2, 4, 5, 7):
            assert (found[q][0] == want[q][b, k]).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("rank", "mode"), KINDS)
def test_dtypes(rank, mode, dtype):
    """A result has the dtype of what it is for, and float32 is float64 rounded once."""
    arrays = [a.astype(dtype) for a in problem(rank)]
    other = np.float64 if dtype == np.float32 else np.float32
    options = {"mode": mode, "coordinates": "pixel", "layout": LAST[rank]}
    wide = everything(*(a.astype(np.float64) for a in arrays), **options)
    same(everything(*arrays, **options), [a.astype(dtype) for a in wide])
    mixed = [a.astype(t) for a, t in zip(arrays, [dtype, other] * 3, strict=False)]
    types = [dtype] * 4 + [other, dtype, dtype, other]
    wide = everything(*(a.astype(np.float64) for a in mixed), **options)
    same(everything(*mixed, **options), [a.astype(t) for a, t in zip(wide, types, strict=True)])


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("align", [True, False])
def test_one_slice_is_an_image(mode, align):
    """A volume of one slice, whose points are on it, has the bits of two dimensions."""
    x, grid, t_x, t_grid, d = problem(2, channels=3)
    options = {"mode": mode, "coordinates": "pixel", "align_corners": align}
    want = everything(x, grid, t_x, t_grid, d, **options)
    slices = [a[:, None] for a in (x, grid, t_x, t_grid, d)]
    for k in (1, 3):
        slices[k] = np.concatenate([slices[k], np.zeros((*slices[k].shape[:-1], 1))], -1)
    found = [a[:, 0] for a in everything(*slices, layout="NDHWC", **options)]
    found[4], found[7] = found[4][..., :2], found[7][..., :2]
    same(found, want)
    theta = Numbers(82).uniform((2, 2, 3), -1.2, 1.2)
    volume = np.zeros((2, 3, 4))
    volume[:, :2, [0, 1, 3]], volume[:, 2, 2] = theta, 1.0
    out = npstn.spatial_transformer_network(x, theta, (6, 7), mode=mode, align_corners=align)
    options = {"mode": mode, "align_corners": align, "layout": "NDHWC"}
    found = npstn.spatial_transformer_network(x[:, None], volume, (1, 6, 7), **options)
    assert (found[:, 0] == out).all()
    d_out = Numbers(86).uniform(out.shape)
    d_x, d_theta = npstn.spatial_transformer_network_vjp(
        d_out, x, theta, mode=mode, align_corners=align
    )
    arguments = d_out[:, None], x[:, None], volume
    found = npstn.spatial_transformer_network_vjp(*arguments, **options)
    assert (found[0][:, 0] == d_x).all()
    assert (found[1][:, :2, [0, 1, 3]] == d_theta).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("channels", [2, 3, 5])
def test_the_last_texel_of_all_is_the_last_that_is_read(channels, dtype):
    """Several channels are read four at a time, but not behind the end."""
    x = Numbers(83).uniform((1, 4, 4, channels)).astype(dtype)
    grid = np.full((1, 1, 3, 2), 1.625)  # the cell in the middle: all texels take part
    options = {"mode": "bicubic", "coordinates": "pixel"}
    out = npstn.grid_sample(x, grid, **options)
    for c in range(channels):
        alone = npstn.grid_sample(np.ascontiguousarray(x[..., c : c + 1]), grid, **options)
        assert (out[..., c : c + 1] == alone).all()


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_a_nan_coordinate_of_a_volume(at, padding):
    x = Numbers(83).uniform((1, 2, 3, 4, 2))
    grid = np.ones((1, 1, 1, 2, 3))
    grid[0, 0, 0, 0] = -9.0
    grid[0, 0, 0, 0, at] = np.nan
    options = {"padding_mode": padding, "coordinates": "pixel", "layout": "NDHWC"}
    out = npstn.grid_sample(x, grid, **options)
    assert np.isnan(out[0, 0, 0, 0]).all()
    d_x, d_grid = npstn.grid_sample_vjp(np.ones_like(out), x, grid, **options)
    assert d_x.sum() == 2.0
    assert np.isnan(d_grid[0, 0, 0, 0]).all()
    assert not np.isnan(d_grid[0, 0, 0, 1]).any()


@pytest.mark.parametrize(("rank", "mode"), KINDS)
def test_nothing_leaks_from_outside_the_cell(rank, mode):
    """Texels and tangents that take no part may be infinite."""
    size = (4,) * (rank - 1) + (9,)
    x = np.full((1, *size, 1), np.inf)
    x[(0, *[slice(None)] * (rank - 1), slice(0, 4))] = 1.0
    grid = np.full((1,) * (rank + 1) + (rank,), 1.25)
    options = {"mode": mode, "coordinates": "pixel", "layout": LAST[rank]}
    one = np.ones((1,) * (rank + 2))
    out, *others = everything(x, grid, x, np.ones_like(grid), one, **options)
    assert out.item() == 1
    assert all(np.isfinite(a).all() for a in others)


def test_what_is_too_large_for_float32_becomes_inf_in_silence():
    x, grid, _, _, d = (a.astype(np.float32) for a in problem(2))
    huge, large = np.float32(3e37) * x, np.float32(1e6) * d
    options = {"mode": "bicubic"}
    d_x, d_grid = npstn.grid_sample_vjp(np.float32(4e37) * d, huge, grid / 4, **options)
    assert np.isinf(d_grid).any()
    assert d_x.dtype == d_grid.dtype == np.float32
    theta = np.full((2, 6), 0.1, np.float32)
    _, d_theta = npstn.spatial_transformer_network_vjp(large, huge, theta, **options)
    assert np.isinf(d_theta).any()


@pytest.mark.parametrize("at", range(12))
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_theta_of_a_volume_that_is_not_finite(at, value):
    """IEEE arithmetic, as with the grid that NumPy makes of it."""
    x, _, _, _, d = problem(3, seed=84)
    theta = Numbers(85).uniform((2, 12), -0.6, 0.6)
    theta[:, at] = value
    points = [np.linspace(-1, 1, n) for n in DIMS]
    z, y, x_ = np.meshgrid(*points, indexing="ij")
    rows = theta.reshape(2, 3, 4)[:, :, :, None, None, None]
    with np.errstate(invalid="ignore"):
        grid = rows[:, :, 0] * x_ + (rows[:, :, 1] * y + (rows[:, :, 2] * z + rows[:, :, 3]))
    grid = np.moveaxis(grid, 1, -1)
    options = {"layout": "NDHWC", "padding_mode": "border"}
    out = npstn.spatial_transformer_network(x, theta, DIMS, **options)
    np.testing.assert_allclose(out, npstn.grid_sample(x, grid, **options), atol=1e-12)
    d_x, _ = npstn.spatial_transformer_network_vjp(d, x, theta, **options)
    np.testing.assert_allclose(d_x, npstn.grid_sample_vjp(d, x, grid, **options)[0], atol=1e-12)


@pytest.mark.parametrize("value", [np.inf, np.nan])
@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize(("mode", "p"), [("nearest", 1.2), ("bilinear", 7.0)])
def test_what_does_not_move_meets_no_texel(mode, p, rank, value):
    """No derivative of nearest, or of a clamped point, is 0 times an infinite texel."""
    x = np.full((1, *(3,) * rank, 1), value)
    grid, one = np.full((1,) * (rank + 1) + (rank,), p), np.ones((1,) * (rank + 2))
    options = {"mode": mode, "padding_mode": "border", "coordinates": "pixel"}
    options["layout"] = LAST[rank]
    t_x, t_grid = np.ones_like(x), np.ones_like(grid)
    _, t_out = npstn.grid_sample_jvp(x, grid, t_x, t_grid, **options)
    assert t_out.item() == 1  # that of t_x
    _, d_grid = npstn.grid_sample_vjp(one, x, grid, **options)
    assert not d_grid.any()
    d_out, d_x, d_grid = npstn.grid_sample_vjp_vjp(t_x, t_grid, value * one, x, grid, **options)
    assert d_out.item() == 1
    assert not d_x.any()
    assert not d_grid.any()


def test_a_linear_kernel_has_no_curvature_even_next_to_infinity():
    x = np.ones((1, 3, 3, 1))
    x[0, :, 0] = np.inf
    grid = np.array([[[[7.0, 0.5]]]])
    t_grid = np.array([[[[1.0, 0.0]]]])
    options = {"padding_mode": "border", "coordinates": "pixel"}
    *_, d_grid = npstn.grid_sample_vjp_vjp(
        np.ones_like(x), t_grid, np.ones((1, 1, 1, 1)), x, grid, **options
    )
    assert not d_grid.any()


def test_an_infinite_tangent_of_a_point_outside():
    x, grid = np.ones((1, 3, 3, 1)), np.full((1, 1, 1, 2), 50.0)
    t_grid = np.array([[[[np.inf, 0.0]]]])
    assert npstn.grid_sample_jvp(x, grid, x, t_grid, coordinates="pixel")[1].item() == 0


@pytest.mark.parametrize(("rank", "mode"), [k for k in KINDS if k[1] != "nearest"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_an_infinite_cotangent_meets_no_texel_that_takes_no_part(rank, mode, channels):
    """And 0 has the same sign in both layouts: channels are summed in one order, from 0."""
    x, grid, t_x, t_grid, _ = problem(rank, channels)
    grid[:] = Numbers(87).uniform(grid.shape, -1.5, 3.5)
    for d in (np.inf, -np.inf, 0.0, -0.0):
        d_out = np.full((*grid.shape[:-1], channels), d)
        found = []
        for layouts, at in ((LAST, -1), (FIRST, 1)):
            arrays = (np.ascontiguousarray(np.moveaxis(a, -1, at)) for a in (t_x, d_out, x))
            t, e, image = arrays
            options = {"mode": mode, "coordinates": "pixel", "layout": layouts[rank]}
            found.append(npstn.grid_sample_vjp(e, image, grid, **options)[1])
            found.append(npstn.grid_sample_vjp_vjp(t, t_grid, e, image, grid, **options)[2])
        for first, second in ((0, 2), (1, 3)):
            np.testing.assert_array_equal(found[first], found[second])
            numbers = ~np.isnan(found[first])
            signs = (np.signbit(f)[numbers] for f in (found[first], found[second]))
            assert np.array_equal(*signs)
    if mode == "bicubic":
        far = np.full((1,) * (rank + 1) + (rank,), -1.5)  # one texel of sixteen
        e, image = np.full((1, 1, 1, channels), np.inf), np.ones((1, 4, 4, channels))
        options = {"mode": mode, "coordinates": "pixel"}
        assert (npstn.grid_sample_vjp(e, image, far, **options)[1] == np.inf).all()
