"""Forks while other threads import or compile."""

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial

import pytest
from support import ROOT

import npstn
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


def takes(lock):
    """Take a lock, or end in a while."""
    signal.alarm(20)
    with lock:
        signal.alarm(0)
    return 0


def test_a_fork_waits_for_who_compiles():
    if compiler.JIT:
        compiler.threads()  # loads Numba and its pool
    numbas = forks._COMPILER, forks._POOL
    locks = [getattr(sys.modules.get(name), lock, None) for name, lock in numbas]
    for lock in forks.lock, *filter(None, locks):
        held, ends = threading.Event(), []

        def works(lock=lock, held=held, ends=ends):
            with lock:
                held.set()
                time.sleep(0.3)
                ends.append(time.monotonic())

        thread = threading.Thread(target=works)
        thread.start()
        held.wait()
        assert child(partial(takes, lock)) == 0
        assert ends
        thread.join()
        assert takes(lock) == 0
    assert all(locks) == compiler.JIT


def test_a_fork_waits_for_who_imports(tmp_path, monkeypatch):
    """The lock of a module is none of ours, and the child wants the module as well."""
    (tmp_path / "slow.py").write_text("import sys, time\nsys.begun.set()\ntime.sleep(0.3)\n")
    monkeypatch.setattr(npstn, "__path__", [str(tmp_path)])
    monkeypatch.setattr(sys, "begun", threading.Event(), raising=False)
    thread = threading.Thread(target=importlib.import_module, args=("npstn.slow",))
    thread.start()
    sys.begun.wait()

    def imports():
        signal.alarm(20)
        return importlib.import_module("npstn.slow").time is not time

    assert child(imports) == 0
    thread.join()
    del sys.modules["npstn.slow"], npstn.slow


def test_a_fork_waits_for_who_looks_for_a_module(tmp_path, monkeypatch):
    """Its lock is held before the module is anywhere to be seen."""
    (tmp_path / "sought.py").write_text("found = True\n")
    monkeypatch.setattr(npstn, "__path__", [str(tmp_path)])
    begun = threading.Event()

    class Finder:
        @staticmethod
        def find_spec(name, path, target=None):
            if name == "npstn.sought":
                begun.set()
                time.sleep(0.3)

    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    thread = threading.Thread(target=importlib.import_module, args=("npstn.sought",))
    thread.start()
    begun.wait()

    def imports():
        signal.alarm(20)
        return not importlib.import_module("npstn.sought").found

    assert child(imports) == 0
    thread.join()
    del sys.modules["npstn.sought"], npstn.sought


def test_a_fork_waits_for_who_imports_meanwhile(tmp_path, monkeypatch):
    """An import may begin while the fork waits for who compiles."""
    (tmp_path / "later.py").write_text("import time\ntime.sleep(0.5)\n")
    monkeypatch.setattr(npstn, "__path__", [str(tmp_path)])
    held = threading.Event()

    def compiles():
        with forks.lock:
            held.set()
            time.sleep(0.3)

    def imports():
        time.sleep(0.1)
        importlib.import_module("npstn.later")

    threads = [threading.Thread(target=work) for work in (compiles, imports)]
    for thread in threads:
        thread.start()
    held.wait()

    def wants():
        signal.alarm(20)
        return importlib.import_module("npstn.later").time is not time

    assert child(wants) == 0
    for thread in threads:
        thread.join()
    del sys.modules["npstn.later"], npstn.later


def test_a_fork_gives_back_what_it_took(monkeypatch):
    """Not what another thread has taken, for a fork of its own, as soon as it could."""

    class Other:
        def release(self):
            raise AssertionError("it is held by another thread")

    class Lock:
        def acquire(self):
            assert not forks._taken

        def release(self):
            forks._taken.append(other)

    other = Other()
    monkeypatch.setattr(forks, "lock", Lock())
    monkeypatch.setattr(forks, "_taken", [])
    forks._before()
    forks._after()
    assert forks._taken == [other]


def test_who_imports_may_fork(tmp_path, monkeypatch):
    code = "import os\npid = os.fork()\nif not pid: os._exit(7)\nended = os.waitpid(pid, 0)[1]\n"
    (tmp_path / "forking.py").write_text(code)
    monkeypatch.setattr(npstn, "__path__", [str(tmp_path)])
    assert os.waitstatus_to_exitcode(importlib.import_module("npstn.forking").ended) == 7
    del sys.modules["npstn.forking"], npstn.forking


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


LARGE = """
import os, signal, sys, threading, time
import numpy as np, npstn
theta = np.array([[0.7, 0.1, 0, 0, 0.8, 0.1]])

def large():
    x = np.ones((1, 64, 64, 4))
    return npstn.spatial_transformer_network(x, theta, (100, 100)).sum() == 40000

def child():
    pid = os.fork()
    if pid == 0:
        signal.alarm(100)
        os._exit(0 if large() else 3)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""
ONE_TASK = """
npstn.grid_sample(np.ones((1, 4, 4, 20000)), np.zeros((1, 1, 2, 2)))
print(child())
"""
LAUNCHED = """
import numba
numba.set_num_threads(1)
print(child())
"""
LAUNCHING = """
from numba.np.ufunc import parallel

before = parallel._launch_threads
began = threading.Event()

def launch():
    with parallel._backend_init_thread_lock:
        began.set()
        time.sleep(0.2)
        before()

parallel._launch_threads = launch
thread = threading.Thread(target=large)
thread.start()
began.wait()
print(child())
thread.join()
"""


@pytest.mark.slow
@pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: nothing is compiled")
@pytest.mark.parametrize("first", [ONE_TASK, LAUNCHED, LAUNCHING])
@pytest.mark.parametrize("layer", ["omp", "workqueue"])
def test_a_fork_after_threads_were_started(first, layer):
    """Whoever did so: a call of one task asks how many there are, a program may set how many."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_THREADING_LAYER": layer}
    command = [sys.executable, "-c", LARGE + first]
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=250, check=False)
    assert (run.returncode, run.stdout) == (0, "0\n"), run.stderr
