"""The switch between compiled and plain kernels: nothing else in the tests knows where it is."""

import pytest

from npstn.jit import compiler

ENGINES = ("compiled", "plain") if compiler.JIT else ("plain",)  # NPSTN_JIT=0: nothing is compiled


def choose(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every kernel as compiled code, or as plain Python."""
    monkeypatch.setattr(compiler, "JIT", engine == "compiled")
