"""Warming up: afterwards nothing is compiled, neither in this process nor in the next."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from support import ROOT
from support.engine import ENGINES, choose

import npstn
from npstn import _points, _problem, _split, _warmup
from npstn._hints import shown
from npstn.jit import answers, clones, compiler, notice
from npstn.transforms import _linear, affine

SCRIPT = """
import sys
import numpy as np
import npstn
from numba.core.event import install_recorder

def compiled(job):
    with install_recorder("numba:compile") as recorder:
        job()
    return len(recorder.buffer)

def calls():
    for dtype in ("float32",):
        for side in 4, 200:
            x, theta = np.ones((2, side, side, 1), dtype), np.ones((2, 6), dtype)
            grid = npstn.affine_grid(theta, (side, side)).astype(dtype)
            npstn.affine_grid_vjp(grid)
            params = np.ones((2, 32), dtype)
            npstn.transforms.tps_grid_vjp(npstn.transforms.tps_grid(params, (side, side)), params)
            for layout, x in (("NHWC", x), ("NCHW", x.reshape(2, 1, side, side))):
                options = {"layout": layout}
                out = npstn.spatial_transformer_network(x, theta, (side, side), **options)
                npstn.spatial_transformer_network_vjp(out, x, theta, **options)
                npstn.grid_sample(x, grid, **options)
                npstn.grid_sample_vjp(out, x, grid, **options)

warmup = lambda: npstn.warmup(ranks=[2], modes=["bilinear"], dtypes=["float32"])
print(compiled(warmup), compiled(calls), "numba.np.linalg" in sys.modules)
"""
PLANTED = "import numba\nprint(compiled(numba.njit(lambda: None)))"


def python(script, **environment):
    """What a fresh interpreter prints; no warning is allowed."""
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c", script]
    env = {**os.environ, **environment}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.slow
@pytest.mark.skipif("compiled" not in ENGINES, reason="NPSTN_JIT=0: nothing is compiled")
def test_nothing_is_left_to_compile():
    assert python(SCRIPT)[1] == "0"
    *found, planted = python(SCRIPT + PLANTED)
    assert found == ["0", "0", "False"]  # all was loaded, without what Numba compiles with
    assert planted != "0"


def test_there_is_nothing_to_compile_in_plain_python(plain, monkeypatch):
    called = []
    monkeypatch.setattr(_warmup, "problems", lambda *given: [("x", map(called.append, "f"))])
    npstn.warmup()
    assert called == []
    choose("compiled", monkeypatch)
    npstn.warmup()
    assert called == ["f"]


@pytest.mark.skipif("compiled" not in ENGINES, reason="NPSTN_JIT=0: nothing is compiled")
def test_progress_is_for_terminals(capfd, monkeypatch):
    monkeypatch.setattr(notice, "AFTER", 600)  # however long it takes to compile
    monkeypatch.setenv("NPSTN_QUIET", "0")
    chosen = {"ranks": [2], "modes": ["bilinear"], "dtypes": ["float32"]}
    npstn.warmup(**chosen)
    assert capfd.readouterr() == ("", "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    npstn.warmup(**chosen)
    out, err = capfd.readouterr()
    assert out == ""
    assert "npstn: grid_sample_vjp, float32" in err
    assert err.endswith("npstn: all functions are ready\n")
    assert err.count("\n") == 1
    monkeypatch.setenv("NPSTN_QUIET", "1")
    npstn.warmup(**chosen)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("dtype", ["float16", "no dtype", 5, np.eye(9), np.longlong])
def test_other_dtypes(dtype):
    said = rf"dtypes has {re.escape(shown(dtype))}, expected float32 or float64$"
    with pytest.raises(TypeError, match=said):
        npstn.warmup(dtypes=["float32", dtype])


@pytest.mark.parametrize(
    "chosen", [{"ranks": [4]}, {"modes": ["cubic"]}, {"ranks": [2, 1]}, {"ranks": [[2]]}]
)
def test_other_ranks_and_modes(chosen):
    with pytest.raises(ValueError, match=r"(ranks has|modes\[0\] is) .*, expected"):
        npstn.warmup(**chosen)


def test_every_kernel_has_known_answers(monkeypatch):
    """Without them the cache keeps nothing: each process would compile the kernel anew."""
    called = set()

    def record(kernel, tasks, *args, work, space=(1, 1), **constants):
        called.add((kernel, clones.chosen(kernel, tuple(sorted(constants.items())))))

    with monkeypatch.context() as patch:
        for module in (_points, _problem, _split, _linear, affine):
            if hasattr(module, "call"):
                patch.setattr(module, "call", record)
        patch.setattr(compiler, "call", record)
        for _, calls in _warmup.problems(
            (2, 3), ("nearest", "bilinear", "bicubic"), _warmup.DTYPES
        ):
            list(calls)
    assert len(called) > 100
    missing = [(kernel.__name__, c) for kernel, c in called if not answers.examples(kernel, c)]
    assert missing == []
