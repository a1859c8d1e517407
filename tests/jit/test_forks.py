"""Forks while other threads import or compile."""

import os
import subprocess
import sys
import threading
import time

import pytest
from support import ROOT

from npstn.jit import compiler, forks

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here"),
    # Other tests leave threads behind: Python 3.12 and JAX warn of them, and are right.
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*fork:RuntimeWarning"),
]


def child(work):
    """The exit status of a forked child that does some work."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = work()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_fork_waits_for_who_compiles():
    held, ends = threading.Event(), []

    def compiles():
        with forks.lock:
            held.set()
            time.sleep(0.3)
            ends.append(time.monotonic())

    thread = threading.Thread(target=compiles)
    thread.start()
    held.wait()
    assert child(lambda: 0 if forks.lock.acquire(blocking=False) else 2) == 0
    assert ends
    assert time.monotonic() >= ends[0]
    thread.join()
    assert forks.lock.acquire(blocking=False)
    forks.lock.release()


def test_who_compiles_may_fork():
    with forks.lock:
        assert child(lambda: 0) == 0
    assert not forks._taken


SCRIPT = """
import os, signal, sys, threading, time
import numpy as np, npstn
x, theta = np.ones((1, 4, 5, 2)), np.array([[0.7, 0.1, 0, 0, 0.8, 0.1]])

def work():
    return npstn.spatial_transformer_network(x, theta).tobytes()

results = []
thread = threading.Thread(target=lambda: results.append(work()))
thread.start()
time.sleep(float(sys.argv[1]))
pid = os.fork()
if pid == 0:
    signal.alarm(100)
    os._exit(0 if len(work()) == 320 else 3)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
thread.join()
assert len(results[0]) == 320
"""


@pytest.mark.slow
@pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: nothing is compiled")
@pytest.mark.parametrize("after", ["0.0", "0.03", "0.1", "0.4", "1.0", "2.0"])
def test_a_fork_during_the_first_call_of_another_thread(after, tmp_path):
    """The modules of npstn are imported first, then Numba, which then compiles."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NPSTN_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-c", SCRIPT, after]
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=250, check=False)
    assert (run.returncode, run.stdout) == (0, "0\n"), run.stderr
