"""What holds bit for bit beyond the lattice: shifts, layouts, channels, dtypes, and reach."""

from functools import partial

import numpy as np
import pytest
from support import Numbers
from support.engine import choose
from support.options import FIRST, KIND_OPTIONS, LAST, MODES, ids

import npstn
from npstn.testing import check_vjp

pytestmark = [
    pytest.mark.truth,
    pytest.mark.filterwarnings("ignore:(overflow|invalid)"),
]
SIZE, DIMS = (5, 7, 6), (2, 3, 2)
every_option = pytest.mark.parametrize("options", KIND_OPTIONS, ids=ids)


def by_turns(*values):
    """Every option with one of some numbers of channels: plain Python takes its time."""
    turns = [values[(k + k // 2) % len(values)] for k in range(len(KIND_OPTIONS))]
    pairs = zip(KIND_OPTIONS, turns, strict=True)
    chosen = [pytest.param(options, n, id=f"{ids(options)}-{n}") for options, n in pairs]
    return pytest.mark.parametrize(("options", "channels"), chosen)


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    """Compiled code gives the same bits, and there would be much to compile."""
    choose("plain", monkeypatch)


def problem(rank, channels, seed, low=-1.3, high=1.3):
    """x, t_x, d_out; grid, t_grid; theta, t_theta; of an image, in float64."""
    numbers = Numbers(seed)
    size, dims, many = SIZE[3 - rank :], DIMS[3 - rank :], rank * (rank + 1)
    images = [numbers.uniform((1, *n, channels)) for n in (size, size, dims)]
    grids = [numbers.uniform((1, *dims, rank), low, high) for _ in range(2)]
    return images, grids, [numbers.uniform((1, many), low, high) for _ in range(2)]


def results(images, points, **options):
    """All that there is at a grid, or at maps: seven arrays, ``x`` before its points."""
    (x, t_x, d_out), (p, t_p) = images, points
    if p.ndim > 2:
        pair = npstn.grid_sample_jvp(x, p, t_x, t_p, **options)
        pair += npstn.grid_sample_vjp(d_out, x, p, **options)
        return *pair, *npstn.grid_sample_vjp_vjp(t_x, t_p, d_out, x, p, **options)
    first = options["layout"].index("W") - p.shape[1] // 5
    dims = d_out.shape[first : first + 2 + p.shape[1] // 12]
    pair = npstn.spatial_transformer_network_jvp(x, p, t_x, t_p, dims, **options)
    pair += npstn.spatial_transformer_network_vjp(d_out, x, p, **options)
    return *pair, *npstn.spatial_transformer_network_vjp_vjp(t_x, t_p, d_out, x, p, **options)


def options_of(options, layouts=LAST):
    rank = options["rank"]
    return rank, {**{k: v for k, v in options.items() if k != "rank"}, "layout": layouts[rank]}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [*range(1, 20), 63, 64, 65, 100, 127, 128, 129])
def test_whole_shifts_of_a_grid_in_pixels(size, mode):
    """By any number of texels, on axes of any size: theta cannot hold 2k/(W - 1) for most."""
    x = Numbers(600).uniform((1, 2, size, 2))
    for shift in (-size - 3, -2, -1, 0, 1, 3, size // 2):
        grid = np.zeros((1, 2, size, 2))
        grid[..., 0], grid[..., 1] = np.arange(size) + shift, [[0], [1]]
        options = {"mode": mode, "coordinates": "pixel"}
        want = np.zeros_like(x)
        inside = slice(max(0, -shift), max(0, min(size, size - shift)))
        taken = slice(max(0, shift), max(0, min(size, size + shift)))
        want[:, :, inside] = x[:, :, taken]
        assert (npstn.grid_sample(x, grid, **options) == want).all()
        d_x = npstn.grid_sample_vjp(x, x, grid, wrt=("x",), **options)[0]
        back = np.zeros_like(x)
        back[:, :, taken] = x[:, :, inside]
        assert (d_x == back).all()


@pytest.mark.parametrize("padding_mode", ["border", "reflection"])
def test_what_is_zero_by_rule_is_no_right_slope(padding_mode):
    """Where padding clamps or folds a point; as check_vjp says of its kinks."""
    x, grid = Numbers(605).uniform((1, 1, 4, 1)), np.zeros((1, 1, 1, 2))
    options = {"padding_mode": padding_mode, "coordinates": "pixel"}
    names = ("x", "grid")
    f = partial(npstn.grid_sample, **options)
    f_vjp = partial(npstn.grid_sample_vjp, **options)
    assert check_vjp(f, f_vjp, (x, grid), names=names).worst <= 1.0
    with pytest.raises(AssertionError, match="do not confirm grid"):
        check_vjp(f, f_vjp, (x, grid), names=names, kinks="right")


@by_turns(3, 5)
def test_layouts_also_of_what_is_not_a_number(options, channels):
    (rank, last), (_, first) = options_of(options), options_of(options, FIRST)
    images, *kinds = problem(rank, channels, 601)
    for a in images:
        a.reshape(-1)[::7], a.reshape(-1)[1::7], a.reshape(-1)[3::9] = np.nan, np.inf, -np.nan
    kinds[0][0].reshape(-1)[[5, 8]] = np.nan, np.inf
    turned = [np.moveaxis(a, -1, 1) for a in images]
    for points in kinds:
        want = results(images, points, **last)
        got = results(turned, points, **first)
        got = [np.moveaxis(a, 1, -1) if k in (0, 1, 2, 4, 5) else a for k, a in enumerate(got)]
        assert [np.ascontiguousarray(a).tobytes() for a in got] == [a.tobytes() for a in want]


@by_turns(3, 5)
def test_the_order_of_channels(options, channels):
    """It changes no bit but of sums over the channels."""
    rank, given = options_of(options)
    images, *kinds = problem(rank, channels, 602)
    order = list(np.random.default_rng(602).permutation(channels)[::-1])
    for points in kinds:
        want = results(images, points, **given)
        got = results([a[..., order] for a in images], points, **given)
        for k in (0, 1, 2, 4, 5):
            assert (got[k] == want[k][..., order]).all()


@every_option
def test_float32_is_float64_rounded_once(options):
    rank, given = options_of(options)
    images, *kinds = problem(rank, 3, 603)
    images = [a.astype(np.float32) for a in images]
    for points in kinds:
        points = [a.astype(np.float32) for a in points]
        single = results(images, points, **given)
        double = results(
            [a.astype(float) for a in images], [a.astype(float) for a in points], **given
        )
        assert all(a.dtype == np.float32 for a in single)
        for a, b in zip(single, double, strict=True):
            assert (a == b.astype(np.float32)).all()


@by_turns(1, 3, 5)
def test_what_is_outside_all_cells_reaches_nothing(options, channels):
    """Neither the results, nor the first or second derivatives, those of theta included."""
    value = -np.inf if channels == 3 else np.nan
    rank, given = options_of(options)
    images, *kinds = problem(rank, channels, 604, -0.04, 0.04)  # about the middle of the input
    taps = 4 if options["mode"] == "bicubic" else 2
    for a in images[:2]:
        inside = np.zeros(a.shape, bool)
        middle = [slice((n - 1) // 2 - taps // 2, n // 2 + taps // 2 + 1) for n in a.shape[1:-1]]
        inside[(slice(None), *middle)] = True
        assert not inside.all()
        a[~inside] = 0.0
    for points in kinds:
        want = results(images, points, **given)
        assert all(np.isfinite(a).all() for a in want)
        spoilt = []
        for a in images[:2]:
            b = a.copy()
            b[a == 0.0] = value
            spoilt.append(b)
        got = results([*spoilt, images[2]], points, **given)
        assert all((a == b).all() for a, b in zip(got, want, strict=True))
