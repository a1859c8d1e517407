"""The command npstn spec."""

import json

import npstn
from npstn import cli


def test_all_clauses_are_listed(capsys):
    assert cli.main(["spec"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(npstn.SPEC)
    assert lines[12].split() == ["R13", *npstn.SPEC["R13"].title.split()]


def test_a_clause_is_shown_with_its_probe(capsys):
    assert cli.main(["spec", "r13", "R32"]) == 0
    out = capsys.readouterr().out
    for number in ("R13", "R32"):
        assert str(npstn.SPEC[number]) in out


def test_a_clause_is_shown_with_the_bugs_that_break_it(capsys):
    assert cli.main(["spec", "R4"]) == 0
    out = capsys.readouterr().out
    assert "Bugs that break it:\n  swapped-xy: " in out
    assert cli.main(["spec", "--json", "R4"]) == 0
    (clause,) = json.loads(capsys.readouterr().out)
    assert "swapped-xy" in clause["bugs"]


def test_clauses_as_json(capsys):
    assert cli.main(["spec", "--json", "R1"]) == 0
    (clause,) = json.loads(capsys.readouterr().out)
    assert clause["formula"] == npstn.SPEC["R1"].formula
    assert len(clause["probes"]) == len(npstn.SPEC["R1"].probes)


def test_an_unknown_clause_is_an_error(capsys):
    assert cli.main(["spec", "R99"]) == 2
    assert "CLAUSE is 'R99', expected R1 to R45" in capsys.readouterr().err
