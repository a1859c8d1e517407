"""Fixtures of the tests of ``scripts/benchmark``."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from npstn.kernels import compiler

SCRIPTS = Path(__file__).parents[1] / "scripts"
TINY = (2, 6, 5, 3)


@pytest.fixture(scope="module")
def script():
    sys.path.insert(0, str(SCRIPTS))
    modules = ("workloads", "contestants", "limits", "agreement", "races", "stopwatch")
    modules += ("processes", "goals", "report", "further", "command")
    found = {name: importlib.import_module(f"benchmark.{name}") for name in modules}
    yield SimpleNamespace(**found, shape=TINY)
    sys.path.remove(str(SCRIPTS))


@pytest.fixture
def tiny(script, monkeypatch):
    """The script with one small workload, in plain Python, its clock without pauses."""
    monkeypatch.setattr(compiler, "JIT", False)
    monkeypatch.setattr(script.command, "WORKLOADS", {"tiny": TINY})
    monkeypatch.setattr(script.command, "TWO_THREADS", {"tiny": TINY})
    monkeypatch.setattr(script.command, "START", ("tiny",))
    monkeypatch.setattr(script.further, "VOLUME", (1, 3, 4, 5, 1))
    monkeypatch.setattr(script.further, "PHOTOS", TINY)
    monkeypatch.setattr(script.races, "SIZES", (4, 6))
    monkeypatch.setattr(script.races, "LARGE", 4)
    monkeypatch.setattr(script.races, "CHANNELS", (1, 3))
    monkeypatch.setattr(script.races, "set_threads", lambda threads: None)
    monkeypatch.setattr(script.stopwatch, "SETTLE", 0)
    monkeypatch.setattr(script.command, "QUICK", script.stopwatch.Patience(2, 2, 0.0))
    plain = script.limits.gather
    monkeypatch.setattr(script.limits, "gather", lambda channels: plain(channels).py_func)
    return script
