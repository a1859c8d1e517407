"""How kernels are compiled and called."""

import itertools
import os
import subprocess
import sys
from functools import partial

import numpy as np
import pytest

import npstn
from npstn.jit import answers, compiler
from npstn.kernels import sizes
from npstn.kernels.eft import two_sum
from npstn.kernels.window import copy_box

pytestmark = pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: nothing is compiled")

FACTOR = 2.0


def multiply(task, scratch, index, x, out):
    """A kernel of one entry a task."""
    scratch[1], index[0] = FACTOR, task
    out[index[0]], _ = two_sum(x[task] * scratch[1], 0.0)


@pytest.fixture(autouse=True)
def no_work_is_small(monkeypatch):
    monkeypatch.setattr(compiler, "SMALL", 0)


@pytest.fixture
def one_by_one(monkeypatch):
    monkeypatch.setattr(compiler, "_parallel", False)


@pytest.fixture
def launched(monkeypatch):
    """What runs the tasks in threads is plain, and leaves those in ``left_out`` undone."""
    calls = []

    def launcher(entry, first, last, workers, scratch, index, done, args):
        calls.append((first, last, workers))
        for task in range(first, last):
            if task not in launcher.left_out:
                entry(task, scratch[0], index[0], *args)
                done[task] = 1

    launcher.left_out, launcher.calls = (), calls
    bound = lambda key, args: partial(launcher, compiler._entries[key])  # noqa: E731
    monkeypatch.setattr(compiler, "_launcher", bound)
    return launcher


def run(tasks, work=0, **constants):
    """Multiply numbers; they, and what becomes of them."""
    x, out = np.arange(1.0, 1.0 + tasks), np.zeros(tasks)
    compiler.call(multiply, tasks, x, out, work=work, space=(2, 1), **constants)
    return x, out


def test_call_runs_every_task():
    for tasks in 100, 1, 0, 3:
        x, out = run(tasks)
        assert (out == 2 * x).all()


def test_without_threads_the_tasks_run_one_by_one(one_by_one):
    assert compiler.threads() == 1
    x, out = run(7)
    assert (out == 2 * x).all()


def test_constants_replace_globals(one_by_one):
    for factor in 3.0, 2.0, -1.5, 3.0:
        x, out = run(5, FACTOR=factor, OTHER=factor)
        assert (out == factor * x).all()
    assert FACTOR == 2.0


def test_plain_kernels_get_constants_and_space(monkeypatch):
    monkeypatch.setattr(compiler, "JIT", False)
    assert compiler.threads() == 1
    x, out = run(5, FACTOR=3.0)
    assert (out == 3 * x).all()


def test_one_loop_for_all_kernels_of_a_signature():
    for dtype in (np.float32, np.float64, np.float32, np.float64):
        x, out = np.arange(3, dtype=dtype), np.zeros(3, dtype)
        compiler.call(multiply, 3, x, out, work=0, space=(2, 1))
        assert (out == 2 * x).all()
    before = len(compiler._loops)
    for factor in 3.0, 4.0:
        x, out = run(3, FACTOR=factor)
        assert (out == factor * x).all()
    assert len(compiler._loops) == before
    assert compiler.threads() >= 1


def test_small_work_wakes_no_threads(monkeypatch):
    monkeypatch.setattr(compiler, "SMALL", 10)
    monkeypatch.setattr(compiler, "_launcher", None)
    x, out = run(3, work=9)
    assert (out == 2 * x).all()
    with pytest.raises(TypeError):
        run(3, work=10)


def test_space_is_made_once_and_has_a_row_for_each_worker(monkeypatch):
    monkeypatch.setattr(compiler, "_spaces", {})
    for workers, numbers, indices in (1, 5, 3), (2, 4, 3), (2, 4, 9), (1, 1, 1), (3, 1, 1):
        scratch, index = compiler._space(workers, numbers, indices)
        assert (scratch.dtype, index.dtype) == (np.float64, np.int32)
        assert min(len(scratch), len(index)) >= workers
        assert scratch.shape[1] >= numbers
        assert index.shape[1] >= indices
        assert [*map(id, compiler._space(workers, numbers, indices))] == [id(scratch), id(index)]


def test_signals_are_seen_between_portions(launched, monkeypatch):
    """Work of unknown speed comes in portions: a small one first, then as many as take a while."""
    monkeypatch.setattr(compiler, "PORTION", 0.0)
    x, out = run(20, work=2**18)
    assert (out == 2 * x).all()
    firsts, lasts, workers = zip(*launched.calls, strict=True)
    assert firsts == (0, *lasts[:-1])
    assert lasts[-1] == 20
    assert lasts[0] == max(workers[0], 5)
    assert {last - first for first, last, _ in launched.calls[1:-1]} == {workers[0]}
    launched.calls.clear()
    monkeypatch.setattr(compiler, "PORTION", 1e9)  # a quick portion says little about the next
    run(200, work=2**16 * 40)
    assert [call[:2] for call in launched.calls] == [(0, 5), (5, 25), (25, 105), (105, 200)]
    launched.calls.clear()
    run(20, work=2**16)
    assert [call[:2] for call in launched.calls] == [(0, 20)]


def test_what_is_not_done_runs_again(launched):
    """A task whose thread fails leaves no mark."""
    launched.left_out = 0, 3, 19
    x, out = run(20)
    assert (out == 2 * x).all()
    launched.left_out = range(20)
    x, out = run(20)
    assert (out == 2 * x).all()


def test_an_error_of_what_runs_again_reaches_the_caller(launched):
    def fails(task, scratch, index, out):
        if task == 2:
            raise ZeroDivisionError
        out[task] = 1.0

    out = np.zeros(4)
    launched.left_out = 1, 2, 3
    with pytest.raises(ZeroDivisionError):
        compiler.call(fails, 4, out, work=0)
    assert out.tolist() == [1.0, 1.0, 0.0, 0.0]
    run(3)  # the lock is free again


def test_an_error_in_a_thread_reaches_the_caller():
    def fails(task, scratch, index, x, out):
        if task == 2:
            raise ZeroDivisionError
        out[task] = x[task]

    x, out = np.arange(1.0, 9.0), np.zeros(8)
    with pytest.raises((ZeroDivisionError, SystemError)) as error:
        compiler.call(fails, 8, x, out, work=0)
    found = error.value.__cause__ or error.value  # the cause, if this thread was that one
    assert isinstance(found, ZeroDivisionError)
    assert out[:2].tolist() == [1.0, 2.0]
    run(3)


def test_a_fork_while_known_answers_are_recorded(monkeypatch):
    for name in ("_lock", "_parallel"):
        monkeypatch.setattr(compiler, name, getattr(compiler, name))
    monkeypatch.setattr(answers, "recorded", {})
    compiler._after_fork()
    assert answers.recorded is None


def test_an_error_in_a_kernel_is_not_swallowed():
    def wrong(task, scratch, index, x):
        x[task] = x.no_such_attribute

    with pytest.raises(Exception, match="no_such_attribute"):
        compiler.call(wrong, 1, np.zeros(1), work=0)
    npstn.affine_grid(np.ones((1, 6)), (2, 2))  # the lock is free again


@pytest.mark.parametrize("how", ["environment", "config"])
def test_the_switch_of_numba(how):
    """DISABLE_JIT means NPSTN_JIT=0, however it was set."""
    code = (
        "import numba, numpy as np, npstn;"
        f"numba.config.DISABLE_JIT |= {int(how == 'config')};"
        "out = npstn.spatial_transformer_network(np.ones((1, 2, 2, 1)), np.ones((1, 6)));"
        "npstn.warmup();"  # which would take hours
        "from npstn.jit import compiler;"
        "print(out.sum() >= 0, compiler.is_compiled(), compiler.threads(), compiler._entries)"
    )
    env = {**os.environ, "NUMBA_DISABLE_JIT": str(int(how == "environment"))}
    run = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120
    )
    assert (run.returncode, run.stdout) == (0, "True False 1 {}\n"), run.stderr


def test_a_switch_that_says_neither():
    env = {**os.environ, "NPSTN_JIT": "flase"}
    command = [sys.executable, "-c", "import npstn; npstn.affine_grid"]
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert "ValueError: NPSTN_JIT is 'flase', expected 0 or 1" in run.stderr


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


def copy(task, scratch, index, x, dims, out):
    """A kernel whose callee is so long that it stays a function."""
    copy_box(dims, (x, 0, 0, x[:0], 0), 0, 0, 0, 2, 2, 1, 8, 0, scratch)
    for k in range(len(out)):
        out[k] = scratch[k]


def test_clones_with_the_numbers_of_others(monkeypatch):
    """Numba numbers functions in each process anew, and the cache mixes those of several."""
    from numba.core.bytecode import FunctionIdentity

    x, dims = np.arange(1.0, 13.0), np.zeros(17, np.int64)
    dims[[sizes.GROUPS, sizes.CHANNELS, sizes.SIZE, sizes.SIZE + 1, sizes.SIZE + 2]] = 1, 1, 4, 3, 1
    for room in 1, 4:
        monkeypatch.setattr(FunctionIdentity, "_unique_ids", itertools.count(10**6))
        out = np.zeros(16)
        compiler.call(copy, 1, x, dims, out, work=0, space=(99, 1), ROOM=room)
        assert out[[0, room, 8, 8 + room]].tolist() == [1.0, 2.0, 5.0, 6.0]
