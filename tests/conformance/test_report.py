"""The report: its table, and what is wrong in words."""

from fractions import Fraction

from npstn.conformance.report import Finding, Line, Report

LINES = [
    Line("R13", "bilinear zeros 2-D", "float32", 2, 96, 0.5, 0.25, 3),
    Line("R9", "bilinear zeros 2-D", "float32", 1, 48, 0.25),
    Line("R9", "nearest zeros 2-D", "float32", 1, 48, 0.75, 0.5, 1),
    Line("R9", "bicubic zeros 2-D", "float32", 1, 48, 20.0, 0.0, 0, 7),
]
FOUND = Finding("R9", "bicubic zeros 2-D", "float32", "out", "out[0] is 1.0, expected 2.0")
TABLE = """\
fn: grid_sample of npstn: FAILED, 1 findings
5 results, 240 numbers in 1.5 s
numpy 2

clause  options             dtype    cases  numbers  worst  coordinate  beside
R9      2 choices           float32      2       96   0.75         50%       1    right
R9      bicubic zeros 2-D   float32      1       48     20          0%       0  7 WRONG
R13     bilinear zeros 2-D  float32      2       96    0.5         25%       3    right

What is wrong:
  R9 (bicubic zeros 2-D, float32): out[0] is 1.0, expected 2.0

Notes:
  Called in this process."""


def report():
    found = Report("fn: grid_sample of npstn", LINES, [FOUND], [], ["Called in this process."])
    found.versions, found.seconds = {"numpy": "2"}, 1.5
    return found


def test_the_table():
    assert str(report()) == TABLE
    assert not report().passed


def test_every_choice():
    whole = list(report().text(every=True))
    assert len(whole) == len(TABLE.splitlines()) + 1
    assert sum("right" in line for line in whole) == 3


def test_passed():
    assert Report("fn", LINES[:3]).passed
    assert "passed" in str(Report("fn", LINES[:3]))
    assert not Report("fn").passed


def test_a_finding_has_its_numbers():
    found = Finding("R9", "o", "float32", "out", "m", index=(0, 1), got=1.0, want=Fraction(2))
    assert (found.index, found.got, found.want) == ((0, 1), 1.0, 2)
