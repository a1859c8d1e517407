"""Arrays between pages that nobody may touch, and coordinates of random bits."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from npstn.jit import compiler

SCRIPTS = Path(__file__).parents[2] / "scripts"

pytestmark = [
    pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: NumPy checks every index"),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mprotect"),
]


@pytest.fixture(scope="module")
def fences() -> Iterator[ModuleType]:
    sys.path.insert(0, str(SCRIPTS))
    import fences

    yield fences
    sys.path.remove(str(SCRIPTS))


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=SCRIPTS,
        env={**os.environ, "PYTHONPATH": str(SCRIPTS.parent)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.slow
def test_no_fence_is_touched():
    run = _run("fences.py", "--patterns", "300", "--part", "1/7")
    assert run.returncode == 0, run.stdout + run.stderr
    *digests, patterns = run.stdout.splitlines()
    assert len(digests) == 2  # arrays end beside a fence, and begin beside one
    assert all(line.endswith("pairs of fences: 0 differ") for line in digests)
    assert patterns == "18 combinations of 300 coordinates: 0 differ"


@pytest.mark.parametrize(("first", "at"), [(False, 3), (True, -1)])
def test_a_fence_that_is_touched_ends_the_process(first, at):
    """The first number beyond either end; those within are there."""

    def code(at: int) -> str:
        return (
            "import ctypes, numpy as np, fences\n"
            f"made = fences.Fences()\nmade.first = {first}\na = made.empty(3, np.float32)\n"
            f"print(ctypes.c_float.from_address(a.ctypes.data + 4 * {at}).value)\n"
        )

    for inside in 0, 2:
        assert _run("-c", code(inside)).stdout == "0.0\n"
    assert _run("-c", code(at)).returncode == -signal.SIGSEGV


def test_coordinates(fences):
    """Every exponent, both signs, NaN of several payloads, subnormal numbers; half are near."""
    rng = np.random.default_rng(0)
    for dtype, bits in (np.float32, 32), (np.float64, 64):
        numbers = fences.coordinates(rng, (2**17,), dtype)
        raw = numbers.view(f"u{bits // 8}")
        mantissa = np.finfo(dtype).nmant
        exponents = (raw >> mantissa) & (2 ** (bits - 1 - mantissa) - 1)
        assert len(np.unique(exponents)) == 2 ** (bits - 1 - mantissa)
        assert len(np.unique(raw[np.isnan(numbers)])) > 10
        tiny = (numbers != 0) & (np.abs(numbers) < np.finfo(dtype).tiny)
        assert tiny.any()
        size = np.abs(numbers)
        assert 0.49 < np.mean((size >= 2.0**-8) & (size < 16)) < 0.56
        assert 0.49 < np.signbit(numbers).mean() < 0.51


def test_a_difference_is_found(fences, monkeypatch):
    monkeypatch.setattr(compiler, "JIT", True)
    assert fences.agree(lambda: [np.ones(2)])
    assert not fences.agree(lambda: [np.ones(2) + compiler.JIT])
    assert not fences.agree(lambda: [np.array([-0.0 if compiler.JIT else 0.0])])
