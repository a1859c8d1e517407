"""The arithmetic of public functions: neither the thread's nor NumPy's settings change a bit."""

import ctypes
import ctypes.util
import os
import subprocess
import sys
import warnings
from contextlib import contextmanager

import numpy as np
import pytest
from support import ROOT
from support.calls import calls, names

import npstn
from npstn import _arithmetic
from npstn.jit import compiler, environment

FLUSH, UP, DOWN, CUT = 0x8040, 0x4000, 0x2000, 0x6000  # in MXCSR
PROBLEM = {
    FLUSH: "subnormal numbers are zero",
    **dict.fromkeys((UP, DOWN, CUT), "round to nearest"),
}

compiles = pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: nothing is compiled")
x86 = pytest.mark.skipif(environment.IEEE != 0x1F80, reason="sets bits of x86's MXCSR")


@contextmanager
def changed(bits):
    """Change the arithmetic of this thread, as other libraries do."""
    exchange = environment.setter()
    before = exchange(0x1F80 | bits)
    try:
        yield
    finally:
        after = exchange(before)
    assert after & FLUSH | after & CUT == bits, "npstn did not restore what it found"


def bits_of(function):
    return [(a.dtype, a.shape, a.tobytes()) for a in function()]


def extreme(dtype):
    """Calls with subnormal numbers, and with points an ulp before a texel."""
    least = np.finfo(dtype).smallest_subnormal
    whole = np.arange(20, dtype=dtype).reshape(1, 4, 5, 1)
    x = whole * least
    grid = np.full((1, 3, 3, 2), -least, dtype)
    grid[0, 1] = 1.3
    options = {"coordinates": "pixel"}
    return {
        "values": lambda: [npstn.grid_sample(x, grid, **options)],
        "slopes": lambda: npstn.grid_sample_vjp(whole[:, :3, :3], whole, grid, **options),
        "maps": lambda: [npstn.affine_grid(np.full((1, 6), least), (3, 4))],
    }


@compiles
@x86
@pytest.mark.parametrize("bits", PROBLEM)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_state_of_the_thread_changes_no_bit(bits, dtype):
    every = {**calls(dtype), **extreme(dtype)}
    expected = {name: bits_of(call) for name, call in every.items()}
    with changed(bits):
        assert PROBLEM[bits] in " ".join(npstn.check_environment())
        found = {name: bits_of(call) for name, call in every.items()}
    assert npstn.check_environment() == ()
    assert found == expected


@compiles
@x86
@pytest.mark.parametrize("bits", PROBLEM)
def test_a_changed_state_would_change_bits(bits, monkeypatch):
    """The meta-test: without the check, results differ."""
    every = {**calls(np.float64), **extreme(np.float64)}
    expected = {name: bits_of(call) for name, call in every.items()}
    for name in "_rounds_to_nearest", "_keeps_subnormals":
        monkeypatch.setattr(_arithmetic, name, lambda: True)
    with changed(bits):
        found = {name: bits_of(call) for name, call in every.items()}
    assert found != expected


@compiles
@x86
@pytest.mark.parametrize("bits", [FLUSH, UP])
def test_the_state_of_the_workers_changes_no_bit(bits):
    """Threads of a pool begin with the state of who starts them."""
    code = f"""
import sys
import numpy as np
import npstn
from npstn.jit import compiler, environment
from support.calls import calls
compiler.SMALL = 0
exchange = environment.setter()
before = exchange(0x1F80 | {bits} * (sys.argv[1] == "changed"))
import numba
numba.get_num_threads()
exchange(before)
x = (np.arange(99 * 98) * 5e-324).reshape(1, 99, 98, 1)
theta = np.array([[0.9, 0.1, 0.1, -0.1, 0.8, 0.1]])
out = npstn.spatial_transformer_network(x, theta)
d = npstn.spatial_transformer_network_vjp(x / 5e-324, x / 3e-324, theta)
print(*[a.tobytes().hex() for a in (out, *d)])
"""
    env = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'shared'}"}
    env["NUMBA_NUM_THREADS"] = "3"
    command = [sys.executable, "-c", code]
    found = [
        subprocess.run([*command, how], env=env, capture_output=True, check=True, timeout=300)
        for how in ("changed", "as it is")
    ]
    assert found[0].stdout == found[1].stdout != b""


@x86
@compiles  # to change it
def test_without_the_compiler_a_changed_state_is_refused(monkeypatch):
    monkeypatch.setattr(compiler, "JIT", False)
    every = {**calls(np.float64), **calls(np.float32)}
    for bits, problem in PROBLEM.items():
        for name, call in every.items():
            if "identity" not in name:  # these only copy
                with changed(bits), pytest.raises(FloatingPointError, match=problem):
                    call()


@compiles
@x86
def test_on_another_processor_a_changed_state_is_refused(monkeypatch):
    with changed(FLUSH):
        monkeypatch.setattr(environment, "IEEE", None)
        with pytest.raises(FloatingPointError, match="subnormal numbers are zero"):
            npstn.affine_grid(np.ones((1, 6)), (2, 3))
        monkeypatch.undo()


@compiles
@x86
@pytest.mark.parametrize(
    ("library", "how"), [("torch", "set_flush_denormal"), ("jax", "threads of JAX's callbacks")]
)
def test_the_likely_library_is_named(monkeypatch, library, how):
    monkeypatch.setitem(sys.modules, library, None)
    with changed(FLUSH):
        assert how in npstn.check_environment()[0]
        monkeypatch.delitem(sys.modules, library)
        assert how not in npstn.check_environment()[0]


def test_rounding_set_by_c():
    """By the function of C that other libraries call; its constants are those of the processor."""
    modes = {"x86_64": (0x400, 0x800, 0xC00), "aarch64": (0x400000, 0x800000, 0xC00000)}
    library = ctypes.util.find_library("m")
    chosen = modes.get(os.uname().machine if hasattr(os, "uname") else "")
    if not (library and chosen):
        pytest.skip("there is no fesetround of known constants here")
    set_round = ctypes.CDLL(library).fesetround
    for mode in chosen:
        try:
            assert set_round(mode) == 0
            found = npstn.check_environment()
        finally:
            set_round(0)
        assert len(found) == 1
        assert "round to nearest" in found[0]
    assert npstn.check_environment() == ()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_settings_of_numpy_change_nothing(dtype):
    every = {**calls(dtype), **extreme(dtype)}
    expected = {name: bits_of(call) for name, call in every.items()}
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        found = {name: bits_of(call) for name, call in every.items()}
        assert set(np.geterr().values()) == {"raise"}
    assert found == expected


def test_settings_of_numpy_do_not_cost_the_cache(tmp_path):
    """Known answers are computed where NumPy raises for the caller."""
    code = """
import numpy as np, npstn
from npstn.jit import compiler
x = np.full((1, 4, 5, 1), 1e-45, np.float32)
np.seterr(all="raise")
npstn.spatial_transformer_network(x, np.ones((1, 6), np.float32), mode="nearest")
print(sum(sum(f._cache_hits.values()) for f in compiler._entries.values()))
"""
    if not compiler.JIT:
        pytest.skip("NPSTN_JIT=0: nothing is compiled")
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NPSTN_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-W", "error", "-c", code]
    loaded = [
        int(subprocess.run(command, env=env, capture_output=True, check=True, timeout=300).stdout)
        for _ in range(2)
    ]
    assert loaded == [0, 2]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_signalling_nan_says_nothing(dtype):
    quiet = np.array([np.nan], dtype)
    bits = quiet.view(np.int32 if dtype is np.float32 else np.int64)
    signalling = (bits ^ (3 << (21 if dtype is np.float32 else 50))).view(dtype)
    assert np.isnan(signalling).all()
    theta, grid = np.ones((1, 6), dtype), np.zeros((1, 2, 2, 2), dtype)
    x = np.ones((1, 2, 2, 1), dtype)
    theta[0, 1] = grid[0, 0, 0, 0] = x[0, 1, 1] = signalling[0]
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        for out in npstn.grid_sample(x, grid), npstn.spatial_transformer_network(x, theta):
            assert np.isnan(out).any()
        npstn.grid_sample_vjp(x, x, grid)
        npstn.spatial_transformer_network_vjp(x, x, theta)


def test_every_function_is_called():
    for dtype in np.float32, np.float64:
        assert set(calls(dtype)) == names()
