"""Ctrl-C while something is compiled."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from support import ROOT

from npstn.jit import compiler, interrupts

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX are sent")


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture(autouse=True)
def python_listens():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_happens_at_the_end():
    steps = []

    def work():
        with interrupts.deferred():
            interrupt()
            steps.append("went on")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert steps == ["went on"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    interrupts.check()  # it happens once


def test_an_interrupt_happens_where_it_does_no_harm():
    with interrupts.deferred():
        interrupts.check()
        interrupt()
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()
    interrupts.check()


def test_a_second_interrupt_does_not_wait():
    with interrupts.deferred():
        interrupt()
        with pytest.raises(KeyboardInterrupt):
            interrupt()


def test_an_error_is_not_lost():
    def work():
        with interrupts.deferred():
            interrupt()
            raise ZeroDivisionError

    with pytest.raises(KeyboardInterrupt) as found:
        work()
    assert isinstance(found.value.__context__, ZeroDivisionError)


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL])
def test_a_signal_that_python_does_not_handle_is_left_alone(handler):
    signal.signal(signal.SIGINT, handler)
    with interrupts.deferred():
        assert signal.getsignal(signal.SIGINT) == handler


def test_the_handler_of_a_program_is_called():
    seen = []
    signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    with interrupts.deferred():
        interrupt()
        assert seen == []
    assert seen == [signal.SIGINT]


def test_other_threads_have_no_signals():
    states = []

    def work():
        with interrupts.deferred():
            states.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert states == [signal.default_int_handler]


SCRIPT = """
import os, signal, sys, threading, time
import numpy as np, npstn
from npstn.jit import compiler
signal.signal(signal.SIGINT, signal.default_int_handler)
x, theta = np.sin(np.arange(90.0)).reshape(1, 6, 5, 3), np.array([[0.7, 0.1, 0, 0.1, 0.8, 0.1]])

def work():
    return npstn.spatial_transformer_network_vjp(x, x, theta)[0].tobytes()

def interrupted(after):
    timer, finished = threading.Timer(after, lambda: os.kill(os.getpid(), signal.SIGINT)), False
    timer.start()
    try:
        work()
        finished = True
        timer.join()
        time.sleep(0.1)
    except KeyboardInterrupt:
        return not finished

compiler.JIT = False
want = work()
compiler.JIT = True
found = [interrupted(after) for after in (0.1, 0.7, 1.5, 2.2)]
assert any(found) and work() == want, found
print("right")
"""


@pytest.mark.slow
@pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: nothing is compiled")
def test_what_was_interrupted_is_compiled_again(tmp_path):
    """No callback of the compiler loses it, and the cache stays as it was."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NPSTN_QUIET": "1"}
    env["NPSTN_CACHE"] = str(tmp_path / "cache")
    command = [sys.executable, "-W", "error", "-c", SCRIPT]
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "right\n", "")
