"""How kernels are compiled and called."""

import os
import subprocess
import sys

import numpy as np
import pytest

import npstn
from npstn.kernels import compiler, known, sample2d
from npstn.kernels.eft import two_sum

pytestmark = pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: nothing is compiled")


def double(task, x, out):
    """A kernel of one entry a task."""
    out[task], _ = two_sum(x[task], x[task])


double.__module__ = "npstn.kernels.test"


@pytest.fixture(autouse=True)
def no_work_is_small(monkeypatch):
    monkeypatch.setattr(compiler, "SMALL", 0)


@pytest.fixture
def one_by_one(monkeypatch):
    monkeypatch.setattr(compiler, "_parallel", False)


def test_call_runs_every_task():
    x, out = np.arange(100.0), np.zeros(100)
    compiler.call(double, 100, x, out, work=0)
    assert (out == 2 * x).all()
    compiler.call(double, 0, x, out, work=0)


def test_without_threads_the_tasks_run_one_by_one(one_by_one):
    assert compiler.threads() == 1
    x, out = np.arange(7.0), np.zeros(7)
    compiler.call(double, 7, x, out, work=0)
    assert (out == 2 * x).all()


def test_a_launcher_for_each_signature():
    before = len(compiler._launchers)
    for dtype in (np.float32, np.float64, np.float32, np.float64):
        x, out = np.arange(3, dtype=dtype), np.zeros(3, dtype)
        compiler.call(double, 3, x, out, work=0)
        assert (out == 2 * x).all()
    assert len(compiler._launchers) - before <= 2
    assert compiler.threads() >= 1


def test_small_work_wakes_no_threads(monkeypatch):
    monkeypatch.setattr(compiler, "SMALL", 10)
    monkeypatch.setattr(compiler, "_launcher", None)
    out = np.zeros(3)
    compiler.call(double, 3, np.ones(3), out, work=9)
    assert (out == 2).all()
    with pytest.raises(TypeError):
        compiler.call(double, 3, np.ones(3), out, work=10)


def test_a_fork_while_known_answers_are_recorded(monkeypatch):
    for name in ("_lock", "_parallel"):
        monkeypatch.setattr(compiler, name, getattr(compiler, name))
    monkeypatch.setattr(known, "recorded", {})
    compiler._after_fork()
    assert known.recorded is None


def test_an_error_in_a_kernel_is_not_swallowed():
    def wrong(task, x):
        x[task] = x.no_such_attribute

    with pytest.raises(Exception, match="no_such_attribute"):
        compiler.call(wrong, 1, np.zeros(1), work=0)
    npstn.affine_grid(np.ones((1, 6)), (2, 2))  # the lock is free again


@pytest.mark.slow
@pytest.mark.skipif(not os.uname().machine.startswith("x86"), reason="looks for x86 mnemonics")
def test_no_fused_multiply_add(monkeypatch):
    """A product and a sum stay two roundings: no vfmadd and its kin in any machine code."""
    theta, x = np.ones((1, 6)), np.ones((1, 3, 3, 2))
    npstn.spatial_transformer_network_vjp(npstn.spatial_transformer_network(x, theta), x, theta)
    monkeypatch.setenv("NPSTN_CACHE", "0")  # code from the cache cannot be listed
    code = []
    for kernel in sample2d.sample, sample2d.sample_vjp_x, sample2d.sample_vjp_theta:
        twin = compiler.compiled.__wrapped__(kernel)
        compiler._compile(twin, compiler.compiled(kernel).signatures[0])
        code += twin.inspect_asm().values()
    for asm in code:
        assert "mulsd" in asm or "mulpd" in asm
        assert not [
            line
            for line in asm.splitlines()
            if "fmadd" in line or "fmsub" in line or "fnmadd" in line
        ]


def test_the_switch():
    """NPSTN_JIT=0 never imports numba."""
    code = (
        "import sys, numpy as np, npstn;"
        "npstn.spatial_transformer_network(np.ones((1, 2, 2, 1)), np.ones((1, 6)));"
        "sys.exit('numba' in sys.modules)"
    )
    env = {**os.environ, "NPSTN_JIT": "0"}
    assert (
        subprocess.run([sys.executable, "-c", code], env=env, timeout=60, check=False).returncode
        == 0
    )
