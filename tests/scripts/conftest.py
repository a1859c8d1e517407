"""Fixtures of the tests of ``scripts/benchmark``."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from npstn.jit import compiler

SCRIPTS = Path(__file__).parents[2] / "scripts"
TINY = (2, 6, 5, 3)


@pytest.fixture(scope="module")
def script():
    sys.path.insert(0, str(SCRIPTS))
    modules = ("workloads", "contestants", "limits", "agreement", "races", "stopwatch")
    modules += ("processes", "goals", "report", "further", "cases", "machine", "command")
    found = {name: importlib.import_module(f"benchmark.{name}") for name in modules}
    workload = found["workloads"].Workload(TINY)
    yield SimpleNamespace(**found, workload=workload)
    sys.path.remove(str(SCRIPTS))


@pytest.fixture
def tiny(script, monkeypatch):
    """The script with one small workload, in plain Python, its clock without pauses."""
    monkeypatch.setattr(compiler, "JIT", False)
    monkeypatch.setattr(script.cases, "WORKLOADS", {"tiny": script.workload})
    variants = {name: w._replace(shape=TINY) for name, w in script.workloads.VARIANTS.items()}
    monkeypatch.setattr(script.cases, "VARIANTS", variants)
    monkeypatch.setattr(script.cases, "TWO_THREADS", {"tiny": script.workload})
    monkeypatch.setattr(script.cases, "START", "tiny")
    monkeypatch.setattr(script.further, "VOLUME", (1, 3, 4, 5, 1))
    monkeypatch.setattr(script.further, "PHOTOS", TINY)
    monkeypatch.setattr(script.further, "SMALL", (1, 4, 3, 1))
    monkeypatch.setattr(script.races, "SIZES", (4, 6))
    monkeypatch.setattr(script.races, "LARGE", 4)
    monkeypatch.setattr(script.races, "CHANNELS", (1, 3))
    monkeypatch.setattr(script.races, "set_threads", lambda threads: None)
    monkeypatch.setattr(script.stopwatch, "SETTLE", 0)
    monkeypatch.setattr(script.stopwatch, "SHORT", 0)
    monkeypatch.setattr(script.cases, "QUICK", script.stopwatch.Patience(2, 2, 0.0))
    plain = script.limits.gather
    monkeypatch.setattr(script.limits, "gather", lambda channels: plain(channels).py_func)
    return script
