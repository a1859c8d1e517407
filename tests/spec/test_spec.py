"""The specification as a whole: its numbers are for ever."""

import pickle
import subprocess
import sys

import pytest
from support import ROOT

import npstn
from npstn.spec import SECTIONS, SPEC, Clause

LISTED = (ROOT / "tests" / "data" / "clauses.txt").read_text("utf-8")


def test_no_clause_is_renumbered():
    """A new one comes last; what is listed stays as it is."""
    assert f"{SPEC}\n" == LISTED
    assert list(SPEC) == [f"R{n + 1}" for n in range(len(SPEC))]
    assert [c for part in SECTIONS.values() for c in part] == list(SPEC.values())


def test_every_clause_is_complete():
    for clause in SPEC.values():
        assert clause.probes
        assert all(probe.answers or probe.raises for probe in clause.probes)
        assert clause.text.endswith(".")
        assert clause.formula


def test_clauses_are_found_by_number():
    assert npstn.SPEC is SPEC
    assert SPEC["R13"].title.startswith("Zeros")
    assert "R13" in SPEC
    assert "R99" not in SPEC
    with pytest.raises(KeyError, match="number is 'R99', expected R1 to R45"):
        SPEC["R99"]
    with pytest.raises(AttributeError, match="SPECS"):
        npstn.SPECS  # noqa: B018


def test_nobody_writes_into_a_clause():
    clause = SPEC["R19"]
    with pytest.raises(AttributeError):
        clause.number = "R1"
    with pytest.raises(TypeError):
        clause.probes[0].options["fill_value"] = 8
    assert hash(clause) == hash(pickle.loads(pickle.dumps(clause)))
    assert isinstance(clause, Clause)


def test_it_is_loaded_when_asked_for():
    code = "import sys, npstn; print('npstn.spec' in sys.modules); npstn.SPEC; print(1)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.split() == ["False", "1"], run.stderr
