"""The tests and their sub-processes share a cache of compiled functions, and say nothing of it."""

import os
from collections.abc import Callable

import numpy as np
import pytest
from support import ROOT, frozen
from support.engine import ENGINES, choose

if not os.environ.get("NPSTN_CACHE"):
    os.environ["NPSTN_CACHE"] = str(ROOT / ".npstn_cache")
os.environ["NPSTN_QUIET"] = "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests run last: most faults are found by quick ones."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The test runs twice: with compiled kernels, and with plain Python."""
    choose(request.param, monkeypatch)
    return request.param


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test runs in plain Python, which is quicker than to compile what small arrays need."""
    choose("plain", monkeypatch)


@pytest.fixture
def readonly() -> Callable[..., tuple[np.ndarray, ...]]:
    """Make read-only copies of arrays; one that was written to all the same fails the test."""
    given = []

    def freeze(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        copies = tuple(map(frozen, arrays))
        given.extend((copy, copy.tobytes()) for copy in copies)
        return copies

    yield freeze
    for array, content in given:
        assert array.tobytes() == content, "an argument was written to"
