"""Calls in this process and in a child: whatever a backend does is an outcome."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from support import ROOT, frozen

from npstn.conformance import adapters
from npstn.conformance.isolation import InProcess, Isolated

X = frozen(np.arange(12.0).reshape(1, 3, 4, 1))
GRID = frozen(np.zeros((1, 2, 2, 2)))
D_OUT = frozen(np.ones((1, 3, 4, 1)))


def isolated(name, vjp=None, timeout=30.0):
    vjp = vjp and f"support.backends:{vjp}"
    return Isolated(f"support.backends:{name}", vjp=vjp, timeout=timeout)


def here(name, vjp=None):
    vjp = vjp and f"support.backends:{vjp}"
    return InProcess(adapters.load(f"support.backends:{name}", vjp=vjp))


BOTH = pytest.mark.parametrize("runner", [isolated, here])


@BOTH
def test_a_good_backend(runner):
    with runner("good", "good_vjp") as backend:
        out = backend.call("fn", (X, GRID), {"align_corners": False})
        d_x, d_grid = backend.call("vjp", (X, GRID), {}, D_OUT).results
        assert backend.backend.options == {"x", "grid", "align_corners"}
    np.testing.assert_array_equal(out.results, [2 * X[:, :2]])
    assert (out.failure, out.written, out.types) == (None, (), ("numpy.ndarray",))
    np.testing.assert_array_equal(d_x, 1 + X)
    np.testing.assert_array_equal(d_grid, GRID)


@BOTH
def test_no_vjp(runner):
    with runner("good") as backend, pytest.raises(ValueError, match="backends:good has no vjp"):
        backend.call("vjp", (X, GRID), {}, D_OUT)


@BOTH
@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("raises", "raised", 'ArithmeticError: no such image [{}: raise ArithmeticError("no such'),
        ("leaves", "exited", "SystemExit: 4"),
        ("returns_none", "raised", "TypeError: the result is None, expected an array"),
        ("good", "raised", "got an unexpected keyword argument 'mode'"),
    ],
)
def test_what_is_caught(runner, name, kind, text):
    with runner(name) as backend:
        found = backend.call("fn", (X, GRID), {"mode": "nearest"})
    assert found.results == ()
    assert found.failure.kind == kind
    for part in text.split("{}"):
        assert part.split("[")[0] in found.failure.text
    assert ("backends.py" in found.failure.text) == ("{}" in text)


@BOTH
def test_an_input_that_is_written_to(runner):
    x, grid, d_out = X.copy(), GRID.copy(), D_OUT.copy()
    with runner("writes", "writes_vjp") as backend:
        assert backend.call("fn", (x, grid), {}).written == (1,)
        assert backend.call("vjp", (x, grid), {}, d_out).written == (-1,)
    for now, before in ((x, X), (grid, GRID), (d_out, D_OUT)):
        np.testing.assert_array_equal(now, before)


@BOTH
def test_results_of_another_type_and_shape(runner):
    with runner("returns_a_list") as backend:
        found = backend.call("fn", (X, GRID), {})
    assert found.types == ("list",)
    np.testing.assert_array_equal(found.results[0], X)
    with runner("wrong_shape") as backend:
        assert backend.call("fn", (X, GRID), {}).results[0].shape == X.shape[1:]


def test_results_are_copies():
    with here("wrong_shape") as backend:
        (out,) = backend.call("fn", (X, GRID), {}).results
    assert out.base is None


def test_prints_and_input_do_not_break_the_channel():
    with isolated("prints") as backend:
        for _ in range(2):
            np.testing.assert_array_equal(backend.call("fn", (X, GRID), {}).results[0], X)
    with isolated("reads") as backend:
        np.testing.assert_array_equal(backend.call("fn", (X, GRID), {}).results[0], X)


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("hangs", "hung", "no answer in 1 s"),
        ("exits", "exited", "exit code 3: the end of it"),
        ("dies", "died", "SIGSEGV"),
    ],
)
def test_a_child_that_ends_is_started_again(name, kind, text):
    with isolated(name, "good_vjp", timeout=1.0) as backend:
        for _ in range(2):
            found = backend.call("fn", (X, GRID), {})
            assert found.failure == (kind, text)
            assert found.results == ()
            np.testing.assert_array_equal(
                backend.call("vjp", (X, GRID), {}, D_OUT).results[0], 1 + X
            )


def test_what_hung_has_less_time_then():
    """Thrice what a call took, or a tenth, or a second: whatever is most."""
    with isolated("hangs", "late_vjp", timeout=4.0) as backend:
        assert backend.call("vjp", (X, GRID), {}, D_OUT).failure is None
        for seconds in (4, 3):
            kind, text = backend.call("fn", (X, GRID), {}).failure
            assert kind == "hung"
            assert text.startswith(f"no answer in {seconds}")


def test_a_large_input_to_a_child_that_hangs():
    with isolated("hangs", timeout=0.5) as backend:
        assert backend.call("fn", (np.zeros(10**6), GRID), {}).failure.kind == "hung"


@pytest.mark.parametrize(
    ("target", "error", "text"),
    [
        ("tortch", ValueError, "target is 'tortch', expected one of npstn, torch"),
        ("nowhere.at_all:f", ImportError, "No module named 'nowhere'"),
        ("support.ends_at_once:f", RuntimeError, "does not load: exit code 5"),
    ],
)
def test_what_does_not_load(target, error, text):
    with pytest.raises(error, match=text), Isolated(target):
        pass


def test_a_function_is_found_by_name():
    from support import backends

    with Isolated(backends.good, vjp=backends.good_vjp) as backend:
        assert backend.backend.name == "support.backends:good"
        assert backend.call("vjp", (X, GRID), {}, D_OUT).failure is None
        with pytest.raises(RuntimeError, match="in a child process"):
            backend.backend.fn(X, GRID)
    for function in (lambda x, grid: x, here.__get__(1)):
        with pytest.raises(ValueError, match="cannot be imported by name"):
            Isolated(function)


@pytest.mark.slow
def test_the_segmentation_fault_of_torch():
    pytest.importorskip("torch", reason="the fault is PyTorch's")
    x, grid, d_out = np.ones((1, 1, 8, 8)), np.full((1, 8, 8, 2), np.nan), np.ones((1, 1, 8, 8))
    options = {"mode": "bilinear", "padding_mode": "border", "align_corners": False}
    x, grid, d_out = (a.astype(np.float32) for a in (x, grid, d_out))
    with Isolated("torch", op="grid_sample", timeout=30.0) as backend:
        assert backend.call("fn", (x, grid), options).failure is None
        found = backend.call("vjp", (x, grid), options, d_out)
        again = backend.call("vjp", (x, 0 * x[0, ..., None] + np.zeros(2, "f")), options, d_out)
    assert found.failure == ("died", "SIGSEGV")
    assert again.failure is None


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="it sets a timer")
def test_an_interrupted_call_answers_no_other():
    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with isolated("late", "good_vjp") as backend:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with pytest.raises(KeyboardInterrupt):
                backend.call("fn", (X, GRID), {})
            found = backend.call("vjp", (X, GRID), {}, D_OUT)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert len(found.results) == 2


INTERRUPTED = """
from signal import SIGINT, default_int_handler, signal as handle
handle(SIGINT, default_int_handler)  # a shell may have had it ignored
import numpy as np
from npstn.conformance.isolation import Isolated
with Isolated("support.backends:hangs", timeout=60.0) as backend:
    print(backend._child._process.pid, flush=True)
    backend.call("fn", (np.zeros(1), np.zeros(1)), {})
"""


@pytest.mark.skipif(os.name != "posix", reason="it sends a signal")
def test_ctrl_c_ends_the_child():
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    args = [sys.executable, "-c", INTERRUPTED]
    with subprocess.Popen(
        args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd=ROOT
    ) as parent:
        pid = int(parent.stdout.readline())
        time.sleep(0.3)
        os.kill(parent.pid, signal.SIGINT)
        assert b"KeyboardInterrupt" in parent.communicate(timeout=30)[1]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
