"""Faults: values that break arithmetic (rows 1 to 17), processes and threads that break code."""

import os
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
from support import ROOT, Numbers, run_module
from support.options import COORDINATES, LINEAR, MODES, PADDINGS

import npstn

B, H, W, HO, WO, C = 2, 4, 5, 3, 6, 2
V = np.array([3.0, -5, 7, 11, -2])  # along the axis under test
U = np.array([1.0, 2, -1, 4])  # along the other: the point lies on its texel 1
NAN, INF, TINY = np.nan, np.inf, 5e-324
E, F = 2.0**-53, 2.0**-51  # -1 + E and 4 - F are the neighbours of -1 and 4


def point(p, axis, v=V, d=1.0, **options):
    """The point at pixel p of v on an axis: out, (derivative along it, across it), d_x."""
    plane = U[:, None] * V
    plane[1] = U[1] * v
    x = np.tile(plane[..., None], (B, 1, 1, C))
    grid = np.empty((B, HO, WO, 2))
    grid[...] = p, 1.0
    d_out = np.zeros((B, HO, WO, C))
    d_out[1, 2, 4, 0] = d
    if axis:
        x, grid = x.transpose(0, 2, 1, 3), grid[..., ::-1]
    options = {"coordinates": "pixel", **options}
    out = npstn.grid_sample(x, grid, **options)
    d_x, d_grid = npstn.grid_sample_vjp(d_out, x, grid, **options)
    if axis:
        d_x, d_grid = d_x.transpose(0, 2, 1, 3), d_grid[..., ::-1]
    assert len(np.unique(out)) == 1
    assert not d_x[0].any()
    assert not d_x[1, ..., 1].any()
    assert not d_grid[0].any() or not np.isfinite(out).all()
    return out[1, 2, 4, 0], d_grid[1, 2, 4], d_x[1, ..., 0]


# (mode, padding, align): p, value, derivative, {texel: weight}.
NOTHING, FIRST, LAST = (0, 0, {}), (3, 0, {0: 1}), (-2, 0, {4: 1})
LOST = (NAN, NAN, {})
POINTS = {
    ("bilinear", "zeros", True): [
        *((p, *NOTHING) for p in (INF, -INF, 1e30, -1e30, 1.7e308, -1.7e308, 5.0, -1 - 2 * E)),
        (-1.0, 0, 3, {}),
        (-1 + E, 3 * E, 3, {0: E}),
        (-TINY, 3, 3, {0: 1}),
        (-0.0, 3, -8, {0: 1}),
        (TINY, 3, -8, {0: 1, 1: TINY}),
        (4 - F, -2 + 13 * F, -13, {3: F, 4: 1 - F}),
        (4.0, -2, 2, {4: 1}),
        (4 + 2 * F, -2 + 4 * F, 2, {4: 1 - 2 * F}),
        (5 - 2 * F, -4 * F, 2, {4: 2 * F}),
    ],
    ("bilinear", "border", True): [
        *((p, *FIRST) for p in (-INF, -1e30, -1.7e308, -1.0, -TINY, -0.0)),
        *((p, *LAST) for p in (INF, 1e30, 1.7e308, 5.0, 4.0)),
    ],
    ("bilinear", "reflection", True): [
        *((p, *LOST) for p in (INF, -INF)),
        *((p, *FIRST) for p in (1e30, -1e30, 1.7e308, -0.0, 8.0)),
        (-0.5, -1, 8, {0: 0.5, 1: 0.5}),
        (-1.0, -5, -12, {1: 1}),
        (5.0, 11, 13, {3: 1}),
        (4.0, *LAST),
    ],
    ("bilinear", "reflection", False): [
        *((p, *LOST) for p in (INF, -INF)),
        *((p, *FIRST) for p in (-0.5, -1.0, -0.25, -0.0)),
        *((p, *LAST) for p in (-1e30, 4.0, 4.25, 4.5, 5.0)),
        (1e30, 11, 13, {3: 1}),
        (1.7e308, 7, 4, {2: 1}),
        (-1.5, -1, 8, {0: 0.5, 1: 0.5}),
    ],
    ("bilinear", "wrap", True): [
        *((p, *LOST) for p in (INF, -INF)),
        *((p, 3, -8, {0: 1}) for p in (0.0, -0.0, 5.0, -5.0, 10.0**16)),
        *((p, -2, 5, {4: 1}) for p in (4.0, -1.0, -6.0, 10.0**16 - 6)),
        *((p, 0.5, 5, {4: 0.5, 0: 0.5}) for p in (4.5, -0.5, -5.5)),
        (-TINY, 3, 5, {0: 1, 4: TINY}),
        (1e30, -5, 12, {1: 1}),
        (-1e30, -2, 5, {4: 1}),
        (1.7e308, 7, 4, {2: 1}),
    ],
    **{
        ("nearest", *rule): [(p, *(LOST if k is NAN else (V[k], 0, {k: 1}))) for p, k in rows]
        for rule, rows in {
            ("zeros", True): [(-0.5, 0), (0.5, 0), (1.5, 2), (2.5, 2), (2.5 + 4 * E, 3)],
            ("border", True): [(-INF, 0), (-7.5, 0), (1.5, 2), (2.5, 2), (4.5, 4), (1e30, 4)],
            ("reflection", True): [(-0.5, 0), (-1.5, 2), (5.5, 2), (4.5, 4), (INF, NAN)],
            ("reflection", False): [(-0.5, 0), (-1.5, 0), (-2.5, 2), (1e30, 3), (-INF, NAN)],
            ("wrap", True): [(-0.5, 4), (4.5, 4), (4.5 + 8 * E, 0), (5.5, 0), (1e30, 1)],
            ("wrap", False): [(9.5, 4), (-1.5, 4), (-2.5, 2), (-1e30, 4), (-INF, NAN)],
        }.items()
    },
}
POINTS["nearest", "zeros", True] += [(p, *NOTHING) for p in (INF, -1e30, -0.5 - E, 4.5 + 8 * E)]


def test_every_padding_has_its_rows():
    for mode in LINEAR:
        assert {padding for m, padding, _ in POINTS if m == mode} == set(PADDINGS)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("rule", POINTS, ids=str)
def test_odd_coordinates(rule, axis):  # rows 1 to 7 and 16
    options = dict(zip(("mode", "padding_mode", "align_corners"), rule, strict=True))
    for p, value, slope, weights in [*POINTS[rule], (NAN, *LOST)]:
        out, (along, across), d_x = point(p, axis, **options)
        want = np.zeros((H, W))
        for k, w in weights.items():
            want[1, k] = w
        np.testing.assert_array_equal([out, along], [2 * value, 2 * slope], str(p))
        np.testing.assert_array_equal(d_x, want, str(p))
        assert value != 0 or not np.signbit(out)  # row 17
        step = U[2] - U[1] if rule[0] == "bilinear" else 0 * value
        assert across == pytest.approx(step * value, rel=4 * E, abs=0, nan_ok=True)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("axis", [0, 1])
def test_normalised_coordinates_beyond_float64(axis, padding):  # rows 5 and 6
    options = {"padding_mode": padding, "coordinates": "normalized"}
    values = [point(g, axis, **options)[0] for g in (1.7e308, INF, -1.7e308, -INF)]
    np.testing.assert_array_equal(values[::2], values[1::2])
    for g, slope in ((TINY, 4), (-TINY, 12), (-0.0, 4)):
        out, (along, _), _ = point(g, axis, **options)
        assert (out, along) == (U[3] * 7, U[3] * slope * (W - 1) / 2)
    for g, k in ((np.nextafter(-0.25, -1), 1), (0.25, 2), (np.nextafter(0.25, 1), 3)):
        assert point(g, axis, mode="nearest", **options)[0] == U[3] * V[k]


TEXELS = [  # {texel: value}, mode, p, out; rows 8 to 11
    ({2: NAN}, "bilinear", 1.0, NAN),  # weight 0, but in the cell
    ({2: NAN}, "bilinear", 3.0, 22),
    ({2: NAN}, "bilinear", 0.5, -2),
    ({2: NAN}, "nearest", 1.4, -10),
    ({2: NAN}, "nearest", 1.6, NAN),
    ({4: NAN, 0: NAN}, "bilinear", 3.0, NAN),
    ({2: INF}, "bilinear", 1.5, INF),
    ({2: -INF}, "bilinear", 1.0, NAN),
    ({2: INF, 1: -INF}, "bilinear", 1.5, NAN),
    ({2: INF, 1: -INF}, "bilinear", 0.5, -INF),
]


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("axis", [0, 1])
def test_texels_that_are_not_finite(axis, padding):
    for texels, mode, p, want in TEXELS:
        v = V.copy()
        v[list(texels)] = list(texels.values())
        np.testing.assert_equal(point(p, axis, v, padding_mode=padding, mode=mode)[0], want)
    v = np.array([NAN, -5, 7, NAN, -2])
    p, value, slope = {
        "zeros": (-1 - 2 * E, 0, 0),
        "border": (5.0, -2, 0),
        "reflection": (-1.0, -5, -12),
        "wrap": (6.0, -5, 12),
    }[padding]
    out, (along, _), _ = point(p, axis, v, padding_mode=padding)
    assert (out, along) == (2 * value, 2 * slope)
    for d in (NAN, INF):  # row 12: the four corners of the cell, and nothing else
        _, slopes, d_x = point(1.5, axis, d=d, padding_mode=padding)
        assert not np.isfinite(slopes).any()
        assert (np.argwhere(~np.isfinite(d_x)) == [[1, 1], [1, 2], [2, 1], [2, 2]]).all()
        assert np.count_nonzero(d_x) == 4


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("row", [(INF, 1, 2), (1, -INF, 2), (INF, INF, -INF), (NAN, 1, 1)])
def test_theta_that_is_not_finite(row, align):  # rows 14 and 15
    theta = np.array([[*row, 0, 1, 0], [0.0] * 6])
    x, y = (2.0 * np.arange(n) - (n - 1) for n in (WO, HO))
    with np.errstate(invalid="ignore"):
        want = (row[0] * x + row[1] * y[:, None]) + row[2]
    grid = npstn.affine_grid(theta, (HO, WO), align_corners=align)
    np.testing.assert_array_equal(grid[0, ..., 0], want)
    assert np.isfinite(grid[0, ..., 1]).all()
    image, d_out = Numbers(14).integers((B, H, W, C), -9, 9), np.ones((B, HO, WO, C))
    options = {"align_corners": align, "padding_mode": "reflection"}
    out, d_x, d_theta = run_module(image, theta, d_out, (HO, WO), **options)
    assert np.isnan([*out[0].flat, *d_theta[0].flat]).all()
    assert not d_x[0].any()  # and the other transform knows nothing of it:
    assert (out[1] == image[1, 1:3, 2].mean(0)).all()
    assert d_x[1].sum() == d_out[1].sum()
    assert np.isfinite(d_theta[1]).all()


COMMON = """
import os, signal, threading, multiprocessing, numpy as np, npstn
from npstn.jit import compiler
compiler.SMALL = 0

def work(_=0):
    return npstn.spatial_transformer_network(x, theta, (3, 6)).tobytes()

def child():
    pid = os.fork()
    if pid == 0:
        signal.alarm(60), os._exit(0 if work() == want else 3)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

x, theta = np.arange(120.0).reshape(3, 4, 5, 2) ** 2, np.ones((3, 6))
theta[:] = 0.7, 0.3, 0.1, -0.2, 0.9, 0.2
want, results = work(), []
"""
FORKS = """
threads = [threading.Thread(target=lambda: results.extend(map(work, range(20)))) for _ in range(8)]
[t.start() for t in threads], [t.join() for t in threads]
print("threads", len(results), set(results) == {want})
print("child", child())
with compiler._lock:
    taken = threading.Thread(target=lambda: results.append(child()))
    taken.start(), taken.join()
print("child of a locked parent", results[-1])
with multiprocessing.get_context("fork").Pool(2) as pool:
    print("pool", pool.map_async(work, range(4)).get(60) == [want] * 4)
"""
FORKED = "threads 160 True\nchild 0\nchild of a locked parent 0\npool True\n"
# Bounds are checked in serial code: an exception does not leave a parallel loop.
BOUNDS = f"MODES, PADDINGS, COORDINATES = {MODES}, {PADDINGS}, {COORDINATES}"
BOUNDS += """
from itertools import product
compiler._parallel = False
odd = [np.nan, np.inf, -np.inf, 1e30, 2.0**31, 2.0**63, 1e308, 5e-324, -0.0, 1.0, 3.5, 4.0, 5.0]
odd = np.array([*product(odd + [-p for p in odd], repeat=2)]).reshape(1, 26, 26, 2)
x, d = x[:1], np.ones((1, 26, 26, 2))
for m, p, a, c in product(MODES, PADDINGS, (True, False), COORDINATES):
    o = {"mode": m, "padding_mode": p, "align_corners": a, "coordinates": c}
    out = npstn.grid_sample(x, odd, **o)
    d_x, d_grid = npstn.grid_sample_vjp(d, x, odd, **o)
    assert np.isfinite(d_x).all() and (np.isnan(out).any(-1) >= np.isnan(odd).any(-1)).all()
def beyond(task, scratch, index, a): a[task + len(a)] = 1.0
try: compiler.call(beyond, 1, np.zeros(3), work=0)
except IndexError: print("found")
"""
SIZES = {"load": 4, "keep": 4, "store": 4, "add_to": 4, "store_index": 4, "unzip": 8}
GATHERED = {"singles": 1, "pairs": 2, "quads": 4}
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
NO_NUMBA = "import sys; sys.modules['numba'] = None\n" + COMMON + "print(work() == want)"


def python(script, **environment):
    """What a fresh interpreter prints; raises if it fails or takes too long."""
    command = [sys.executable, "-c", script]
    options = {"cwd": ROOT, "env": {**os.environ, **environment}, "timeout": 300, "text": True}
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, **options).stdout


@forks
@pytest.mark.parametrize("layer", ["workqueue", "omp"])
def test_threads_and_forks(layer):
    assert python(COMMON + FORKS, NUMBA_THREADING_LAYER=layer) == FORKED


@forks
def test_a_wrong_child_is_found():
    out = python(COMMON + "x[0] += 1\n" + FORKS, NPSTN_JIT="0")
    assert out == "threads 160 False\nchild 3\nchild of a locked parent 3\npool False\n"


@pytest.mark.slow
def test_no_access_out_of_bounds():
    assert python(COMMON + BOUNDS, NUMBA_BOUNDSCHECK="1") == "found\n"


@pytest.fixture
def watched(monkeypatch):
    """Every read and write of four numbers in plain kernels looks whether they are there."""
    from npstn.jit import clones, compiler, lanes

    def watch(name, plain):
        def looks(a, at, *rest):
            if name in GATHERED:
                first = [int(at[rest[0] + q]) + rest[1] for q in range(4)]
                first, last = min(first), max(first) + GATHERED[name]
            elif "strided" in name:
                first, last = at, at + 3 * rest[0] + 1
            else:
                first, last = at, at + SIZES[name]
            if not 0 <= first < last <= len(a):
                raise IndexError(f"{name} of {first} to {last} of {len(a)}")
            return plain(a, at, *rest)

        return looks

    clones.clone.cache_clear()
    monkeypatch.setattr(compiler, "JIT", False)
    modules = [m for n, m in sys.modules.items() if n.startswith("npstn.kernels.")]
    for name in (*SIZES, *GATHERED, "strided", "store_strided"):
        for module in modules:
            if hasattr(module, name):
                assert getattr(module, name) is getattr(lanes, name)
                monkeypatch.setattr(module, name, watch(name, getattr(lanes, name)))
    yield
    clones.clone.cache_clear()


@pytest.mark.parametrize("mode", MODES)
def test_four_numbers_are_within_bounds(watched, monkeypatch, mode):
    """Compiled, nobody looks."""
    monkeypatch.setattr("npstn.jit.compiler.SMALL", 0)
    numbers = Numbers(18)
    small = product([((1, 1), (1, 1)), ((1, 6), (2, 5)), ((5, 3), (1, 9))], (1, 2, 5), PADDINGS)
    large = ((33, 34), (2, 66)), 1, "zeros"
    for (size, dims), c, padding in [*small, large]:
        for dtype in (np.float64,) if c == 2 else (np.float32,):
            x = numbers.integers((1, *size, c), -9, 9).astype(dtype)
            d = numbers.integers((1, *dims, c), -9, 9).astype(dtype)
            grid = numbers.uniform((1, *dims, 2), -1.3, 1.3).astype(dtype)
            grid[0, 0, 0] = NAN, 1e30
            theta = numbers.uniform((1, 6), -1.3, 1.3).astype(dtype)
            options = {"mode": mode, "padding_mode": padding}
            npstn.grid_sample(x, grid, **options)
            npstn.grid_sample_vjp(d, x, grid, **options)
            npstn.grid_sample_vjp_vjp(x, grid, d, x, grid, **options)
            npstn.spatial_transformer_network(x, theta, dims, **options)
            npstn.spatial_transformer_network_vjp(d, x, theta, **options)
            x, d = (np.ascontiguousarray(np.moveaxis(a, -1, 1)) for a in (x, d))
            npstn.grid_sample_vjp(d, x, grid, layout="NCHW", **options)


def test_four_numbers_out_of_bounds_are_found(watched):
    from npstn.kernels import basis

    args = np.zeros(3), np.zeros(2), np.array([1, 1, 4, 0, 4, 2]), np.zeros(8)
    with pytest.raises(IndexError, match="load of 0 to 4 of 3"):
        basis.combine(0, np.zeros(1), np.zeros(1), *args)


def test_numba_is_needed_only_to_compile():
    assert python(NO_NUMBA, NPSTN_JIT="0") == "True\n"
