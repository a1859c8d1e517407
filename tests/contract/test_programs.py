"""Programs that call npstn in many threads or processes: the same bits, and they end."""

import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec

import pytest
from support import ROOT

from npstn.jit import compiler

PROGRAM = ROOT / "tests" / "shared" / "support" / "programs" / "parallel.py"
CONTEXTS = ("fork", "spawn", "forkserver")
HOW = [
    "threads",
    "coroutines",
    *(f"processes,{context}" for context in CONTEXTS),
    "pool,fork",
    *(f"joblib,{backend}" for backend in ("loky", "threading", "multiprocessing")),
    *(f"loader,{context}" for context in CONTEXTS),
]
PACKAGES = {"joblib": "joblib", "loader": "torch"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: no threads"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here"),
]


@cache
def _run(*arguments: str) -> list[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_NUM_THREADS": "4"}
    run = subprocess.run(
        [sys.executable, str(PROGRAM), *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.split()


@pytest.mark.parametrize("before", [(), ("before",)], ids=["first call", "after a call"])
@pytest.mark.parametrize("how", HOW)
def test_the_same_bits(how, before):
    package = PACKAGES.get(how.partition(",")[0])
    if package and find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    expected = _run("series")
    assert len(set(expected)) == 6
    assert _run(how, *before) == expected
