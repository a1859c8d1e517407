"""Kernels are judged in plain Python: compiled ones give the same bits, which others show."""

import pytest
from support.engine import choose


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every kernel as plain Python."""
    choose("plain", monkeypatch)
