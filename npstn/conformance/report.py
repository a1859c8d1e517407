"""The report of a check: a line for each clause and choice of options, and what is wrong."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .case import Case
from .judge import MOST

FEW = 4  # wrong lines of a clause that are written out
HEADS = ("clause", "options", "dtype", "cases", "numbers", "worst", "coordinate", "beside", "")


@dataclass
class Line:
    """All numbers of a clause under one choice of options.

    Attributes
    ----------
    clause, options, dtype : str
        Of which it is.
    cases, numbers, wrong : int
        How many were judged, and how many numbers are wrong.
    worst, coordinate : float
        The largest error, over what is allowed, "any" in the table where nothing is; and the
        share of the rounding of coordinates in what is allowed there.
    beside : int
        Numbers that are right as the other side of a kink, a tie or a gate has them.
    """

    clause: str
    options: str
    dtype: str
    cases: int = 0
    numbers: int = 0
    worst: float = 0.0
    coordinate: float = 0.0
    beside: int = 0
    wrong: int = 0

    def joined(self, other: "Line") -> "Line":
        """Count another line in."""
        last = max(self, other, key=lambda line: line.worst)
        return Line(
            self.clause,
            self.options,
            self.dtype,
            self.cases + other.cases,
            self.numbers + other.numbers,
            last.worst,
            last.coordinate,
            self.beside + other.beside,
            self.wrong + other.wrong,
        )

    def cells(self) -> tuple[str, ...]:
        """The cells of a table."""
        verdict = f"{self.wrong} WRONG" if self.wrong else "right"
        counts = str(self.cases), str(self.numbers)
        worst = "any" if self.worst >= MOST else f"{self.worst:.3g}"
        rates = worst, f"{self.coordinate:.0%}", str(self.beside)
        return (self.clause, self.options, self.dtype, *counts, *rates, verdict)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: the worst case of a clause under one choice of options.

    Attributes
    ----------
    clause, options, dtype, result : str
        "R13", "bilinear zeros", "float32", "d_x".
    message : str
        What is wrong, in words.
    case : Case or None
        The worst case, with its arguments.
    index : tuple of int
        Of its worst number.
    got, want : float or None, Fraction or float
        That number, and the exact one.
    ratio : float
        The error, over what is allowed.
    errors : array or None
        That of each number of the result.
    """

    clause: str
    options: str
    dtype: str
    result: str
    message: str
    case: Case | None = None
    index: tuple[int, ...] = ()
    got: float | None = None
    want: Fraction | float | None = None
    ratio: float = np.inf
    errors: NDArray[np.floating[Any]] | None = None

    def __str__(self) -> str:
        """Write it on one line."""
        return f"{self.clause} ({self.options}, {self.dtype}): {self.message}"


@dataclass
class Report:
    """What a check found.

    Attributes
    ----------
    title : str
        Backend, operation and dialect.
    lines : list of Line
        By clause, options and dtype.
    findings : list of Finding
        All that is wrong; empty if the backend passed.
    left_out, notes : list of str
        What was not checked, and why; how it was checked.
    versions : dict of str to str
        Packages that ran.
    seconds : float
        How long it took.
    """

    title: str
    lines: list[Line] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether something was checked, and nothing is wrong."""
        return bool(self.lines) and not self.findings

    def data(self) -> dict[str, Any]:
        """Put it into plain dictionaries and lists, for JSON."""
        words = ("clause", "options", "dtype", "result", "message", "index", "ratio")
        found = [{word: getattr(f, word) for word in words} for f in self.findings]
        for finding in found:
            finding["ratio"] = float(min(finding["ratio"], MOST))
        rest = ("title", "passed", "left_out", "notes", "versions", "seconds")
        own = {name: getattr(self, name) for name in rest}
        return {**own, "lines": [asdict(line) for line in self.lines], "findings": found}

    def __str__(self) -> str:
        """Write the summary, a table, what is wrong, and what was left out."""
        return "\n".join(self.text())

    def text(self, *, every: bool = False) -> Iterator[str]:
        """Write it line by line; ``every`` choice of options, or the right ones of a clause as one.

        Parameters
        ----------
        every : bool
            Whether each choice of options has a line of its own.

        Yields
        ------
        str
            A line.
        """
        cases, numbers = (sum(getattr(a, n) for a in self.lines) for n in ("cases", "numbers"))
        failed = f"FAILED, {len(self.findings)} findings" if self.lines else "NOTHING CHECKED"
        state = "passed" if self.passed else failed
        yield f"{self.title}: {state}"
        yield f"{cases} results, {numbers} numbers in {self.seconds:.1f} s"
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        if versions:
            yield versions
        yield ""
        yield from table(self.lines if every else list(summarised(self.lines)))
        wrong = list(briefly(self.findings))
        parts = {"What is wrong:": wrong, "Left out:": self.left_out, "Notes:": self.notes}
        for head, rows in parts.items():
            if rows:
                yield from ("", head, *(f"  {row}" for row in rows))


def table(lines: list[Line]) -> Iterator[str]:
    """Write lines in columns; the worst error is in units of what is allowed."""
    rows = [HEADS, *(line.cells() for line in sorted(lines, key=_place))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        left = [cell.ljust(w) for cell, w in zip(row[:3], widths, strict=False)]
        right = [cell.rjust(w) for cell, w in zip(row[3:], widths[3:], strict=True)]
        yield "  ".join([*left, *right]).rstrip()


def summarised(lines: list[Line]) -> Iterator[Line]:
    """The lines, with those of a clause and dtype as one: the right ones, and many wrong ones."""
    alike: dict[tuple[str, str, bool], list[Line]] = {}
    for line in lines:
        alike.setdefault((line.clause, line.dtype, bool(line.wrong)), []).append(line)
    for (clause, dtype, wrong), found in alike.items():
        if len(found) == 1 or (wrong and len(found) <= FEW):
            yield from found
            continue
        total = Line(clause, f"{len(found)} choices", dtype)
        for line in found:
            total = total.joined(line)
        yield total


def briefly(findings: list[Finding]) -> Iterator[str]:
    """Write findings, and of many of a clause the worst with their number."""
    alike: dict[str, list[Finding]] = {}
    for finding in findings:
        alike.setdefault(finding.clause, []).append(finding)
    for found in alike.values():
        if len(found) <= FEW:
            yield from map(str, found)
        else:
            worst = max(found, key=lambda f: f.ratio)
            yield f"{worst}; and under {len(found) - 1} more choices of options"


def _place(line: Line) -> tuple[Any, ...]:
    return int(line.clause[1:]), line.options, line.dtype
