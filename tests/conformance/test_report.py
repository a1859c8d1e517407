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


def test_many_findings_of_a_clause_are_one_line():
    found = report()
    options = [f"choice {k}" for k in range(6)]
    found.lines += [Line("R14", o, "float32", 1, 8, 2.0, 0.0, 0, 2) for o in options]
    ratios = enumerate(options)
    found.findings += [Finding("R14", o, "float32", "out", "m", ratio=2.0 + k) for k, o in ratios]
    text = str(found)
    assert "R14 (choice 5, float32): m; and under 5 more choices of options" in text
    assert text.count("R14") == 2  # and a line of the table
    (line,) = (row for row in text.splitlines() if row.startswith("R14"))
    assert line.split()[1:3] == ["6", "choices"]
    assert "12 WRONG" in line
