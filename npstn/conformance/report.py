"""The report of a check: a line for each clause and choice of options, and what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ._draw import Case


@dataclass
class Line:
    """All numbers of a clause under one choice of options."""

    clause: str
    options: str
    dtype: str
    cases: int = 0
    numbers: int = 0
    worst: float = 0.0  # error over what is allowed
    coordinate: float = 0.0  # the share of the coordinate in that, at the worst number
    beside: int = 0  # numbers that are right as another side of a kink, tie or gate has them
    wrong: int = 0

    @property
    def passed(self) -> bool:
        """Whether no number is wrong."""
        return not self.wrong


class Finding(NamedTuple):
    """One thing that is wrong: the worst case of a clause under one choice of options."""

    clause: str
    options: str
    result: str  # "out", "d_x", ...
    message: str
    case: Case | None = None
    index: tuple[int, ...] = ()
    got: float | None = None
    want: Any = None  # a Fraction, or a float that is not finite
    ratio: float = np.inf
    point: tuple[float, ...] = ()  # in pixels, x first

    def __str__(self) -> str:
        """Write it on one line."""
        return f"{self.clause} {self.options}: {self.message}"


@dataclass
class Report:
    """What a check found.

    Attributes
    ----------
    title : str
        Backend, operation, dialect and dtypes.
    lines : list of Line
        By clause and options.
    findings : list of Finding
        All that is wrong; empty if the backend passed.
    left_out : list of str
        What was not checked, and why.
    notes : list of str
        How it was checked.
    versions : dict of str to str
        Packages that ran.
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
        """Whether nothing is wrong."""
        return not self.findings

    def __str__(self) -> str:
        """Write the table, then what is wrong, then what was left out."""
        return "\n".join(self._text())

    def _text(self) -> Iterator[str]:
        cases = sum(line.cases for line in self.lines)
        numbers = sum(line.numbers for line in self.lines)
        state = "passed" if self.passed else f"FAILED, {len(self.findings)} findings"
        yield f"{self.title}: {state}"
        yield f"{cases} cases, {numbers} numbers, {self.seconds:.1f} s"
        yield ""
        yield from table(self.lines)
        if self.findings:
            yield ""
            yield "What is wrong:"
            yield from (f"  {finding}" for finding in self.findings)
        for head, rows in (("Left out:", self.left_out), ("Notes:", self.notes)):
            if rows:
                yield ""
                yield head
                yield from (f"  {row}" for row in rows)


HEADS = ("clause", "options", "dtype", "cases", "numbers", "worst", "coordinate", "beside", "")


def table(lines: list[Line]) -> Iterator[str]:
    """Align the lines of a report in columns."""
    rows = [HEADS] + [cells(line) for line in sorted(lines, key=_place)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        left = [cell.ljust(w) for cell, w in zip(row[:3], widths, strict=False)]
        right = [cell.rjust(w) for cell, w in zip(row[3:], widths[3:], strict=True)]
        yield "  ".join([*left, *right]).rstrip()


def cells(line: Line) -> tuple[str, ...]:
    """The cells of a line; the worst error is in units of what is allowed."""
    numbers = f"{line.worst:.3g}", f"{line.coordinate:.0%}", str(line.beside)
    counts = str(line.cases), str(line.numbers)
    verdict = "right" if line.passed else f"{line.wrong} WRONG"
    return (line.clause, line.options, line.dtype, *counts, *numbers, verdict)


def _place(line: Line) -> tuple[int, str, str]:
    return int(line.clause[1:]), line.options, line.dtype
