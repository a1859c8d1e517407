"""The self-test: the golden vectors that come with npstn, and a digest of all results."""

import numpy as np
import pytest
from support import engine

from npstn import _selftest
from npstn.conformance import goldens


@pytest.mark.skipif("compiled" not in engine.ENGINES, reason="NPSTN_JIT=0: takes minutes")
def test_all_is_right():
    steps = []
    found = _selftest.self_test(lambda: steps.append(1))
    assert found["passed"], found
    assert found["digest"] == found["expected"] == _selftest.expected_digest()
    assert found["lattice cases that differ"] == 0
    assert found["lattice cases"] + found["other cases"] == len(steps) == _selftest.CASES
    assert 0.0 < found["worst error"] <= 1.0


def some(*tiers):
    """The first two of each tier, in two dimensions."""
    chosen = [g for g in goldens.shipped() if "2d-nearest" in g.id]
    return [g for tier in tiers for g in [g for g in chosen if g.tier == tier][:2]]


@pytest.fixture
def few(monkeypatch):
    cases = some("lattice", "hard", "random")
    monkeypatch.setattr(_selftest, "shipped", lambda: cases)
    digest = _selftest.self_test()["digest"]
    monkeypatch.setattr(_selftest, "expected_digest", lambda: digest)
    assert _selftest.self_test()["passed"]
    return monkeypatch


def wrong_by(few, change, tier):
    """What the self-test says if a result of a tier is changed."""
    original = _selftest.results

    def results(golden):
        found = original(golden)
        if golden.tier == tier:
            found["out"] = change(found["out"])
        return found

    few.setattr(_selftest, "results", results)
    return _selftest.self_test()


def test_a_wrong_number_of_the_lattice_is_found(few):
    found = wrong_by(few, lambda out: out + 1, "lattice")
    assert (found["passed"], found["lattice cases that differ"]) == (False, 2)


def test_a_wrong_number_of_other_tiers_is_found(few):
    found = wrong_by(few, lambda out: out + 1, "hard")
    assert not found["passed"]
    assert found["worst error"] > 1.0


def test_a_changed_bit_is_found(few):
    """Zero with a sign is as exact as zero, but not the same bits."""
    found = wrong_by(few, lambda out: np.where(out == 0, -out, out).astype(out.dtype), "lattice")
    assert (found["lattice cases that differ"], found["worst error"] <= 1.0) == (0, True)
    assert found["passed"] is False
