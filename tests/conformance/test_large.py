"""The tier "large": its answers are those of the other tiers, and a far fault is found."""

import numpy as np
import pytest

from npstn import dialects
from npstn.conformance import _kinds, _run
from npstn.conformance._formula import Formula
from npstn.conformance._large import large_answers
from npstn.conformance.answers import answers
from npstn.conformance.cases import cases
from npstn.conformance.check import check

UNIT = 2.0**-24
SMALL = {"large": {2: (9, 8), 3: (6, 5, 7)}, "int32": {2: (16, 12), 3: (4, 4, 4)}}


@pytest.fixture
def small(monkeypatch):
    """The same tier with small images."""
    monkeypatch.setattr(_kinds, "LARGE_SIZES", SMALL)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("dialect", ["npstn", "torch", "scipy", "stnbhwd"])
def test_answers_are_those_of_whole_images(dialect):
    """R9, R13, R14: value and count are the same, and what is allowed is hardly more."""
    drawn = cases(dialect=dialect, tiers="large")
    assert {case.kind for case in drawn} == set(SMALL)
    for case in drawn:
        found = large_answers(case, UNIT)
        whole = {k: a.make() if isinstance(a, Formula) else a for k, a in case.given.items()}
        right = answers(case.function, whole, unit=UNIT)
        ours, theirs = found.results["out"], right.results["out"]
        assert (ours.value == theirs.value).all(), str(case)
        assert np.allclose(ours.arithmetic, theirs.arithmetic, rtol=1e-12, atol=0)
        assert (ours.coordinate >= theirs.coordinate * (1 - 1e-9)).all()
        assert ours.coordinate.sum() <= 1.01 * theirs.coordinate.sum()
        assert (found.inside == right.inside).all()
        assert np.allclose(found.points, right.points, rtol=1e-15, atol=0)


def wrong_at_the_end(x, grid, *, padding_mode, align_corners, mode):
    """A sampler to which the last rows are those of a smaller image, as an index of few bits is."""
    del mode
    x = x.copy()
    x[:, :, -2:] = x[:, :, :2]
    options = {"padding_mode": padding_mode, "align_corners": align_corners}
    return dialects.torch.grid_sample(x, grid, **options)


@pytest.mark.usefixtures("small")
def test_a_fault_at_the_far_end_is_found():
    options = {"dialect": "torch", "tiers": "large"}
    report = check(wrong_at_the_end, **options)
    assert {finding.clause for finding in report.findings} >= {"R9", "R14"}
    report = check(lambda *a, **k: dialects.torch.grid_sample(*a, **k), **options)
    assert report.passed, str(report)
    assert sum(line.numbers for line in report.lines) == 2 * 2 * 2 * 2 * 64


def test_what_there_is_no_memory_for_is_left_out(monkeypatch):
    monkeypatch.setattr(_run, "free_memory", lambda: 10**6)
    report = check(lambda *a, **k: dialects.npstn.grid_sample(*a, **k), tiers="large")
    assert not report.passed
    left = [line for line in report.left_out if "bytes" in line]
    need = 2 * 4 * 46342**2
    assert f"int32-float32-bilinear-zeros-align=True-46342x46342: needs {need:,} bytes" in left[
        -1
    ] + "".join(left)
    assert "and 1,000,000 are free" in left[0]
