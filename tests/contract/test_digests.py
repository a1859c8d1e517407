"""The same bits everywhere: committed digests, in sub-processes, for threads, layers and no JIT."""

import json

import numpy as np
import pytest
from support import ROOT
from support.digests import SCRIPT, finish, start

import npstn

COMMITTED = json.loads((ROOT / "tests" / "data" / "digests.json").read_text())


def run(*args: str, **env: str) -> tuple[list[dict[str, str]], str]:
    return finish(start(*args, **env))


def test_truth_version():
    """A changed bit is a new truth version: the file and the package go together."""
    assert COMMITTED["truth_version"] == npstn.TRUTH_VERSION


@pytest.mark.slow
def test_plain_python():
    found, _ = run(NPSTN_JIT="0")
    assert found == [COMMITTED["sha256"]]


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["omp", "workqueue"])
def test_threads(layer):
    """1, 2, 3 and 5 threads, more than there are cores."""
    counts = ["1", "2", "3", "5"]
    env = {"NUMBA_NUM_THREADS": "5", "NUMBA_THREADING_LAYER": layer}
    found, err = run("--threads", *counts, **env)
    assert found == [COMMITTED["sha256"]] * len(counts)
    assert layer in err


@pytest.mark.slow
def test_one_thread_in_all(generic):
    (found,), _ = finish(generic)
    assert len(found) > 4
    assert found.items() <= COMMITTED["sha256"].items()


def test_a_changed_bit_changes_the_digest(monkeypatch):
    """Planted fault: the last bit of one number."""
    monkeypatch.syspath_prepend(SCRIPT.parent)
    import digests

    def digest_of(value: float) -> dict[str, str]:
        monkeypatch.setattr(digests, "results", lambda dtype: [("f", np.array([2.0, value]))])
        for name in ("further_results", "other_results", "larger_results"):
            monkeypatch.setattr(digests, name, lambda dtype: [])
        return digests.digests()

    assert digest_of(1.0) == digest_of(1.0)
    assert digest_of(1.0) != digest_of(np.nextafter(1.0, 2.0))
