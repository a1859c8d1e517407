"""The ledger of a check: what was judged, and the worst of what is wrong."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._arithmetic import ieee
from ..grid import Floats
from ._clauses import clause, padding_of, role
from ._precision import LEAST
from ._spread import Mask
from ._where import points_of, wild
from .answers import Answer, Answers
from .case import Case
from .judge import MOST, Judgement, judge
from .report import Finding, Line

Index = tuple[int, ...]


class Ledger:
    """Lines by clause, options and dtype; findings also by result."""

    def __init__(self) -> None:
        self.lines: dict[tuple[str, str, str], Line] = {}
        self.findings: dict[tuple[str, str, str, str], Finding] = {}
        self.worst: dict[str, tuple[float, str]] = {}  # error of each result, and where it is
        self.said: set[tuple[str, ...]] = set()  # what is wrong with many options is said once

    def line(self, number: str, case: Case) -> Line:
        """The line of a clause, for the options of a case."""
        key = number, case.label, case.dtype
        return self.lines.setdefault(key, Line(*key))

    def find(self, number: str, case: Case, result: str, words: str) -> None:
        """Note something that is wrong, with the first case of it."""
        line = self.line(number, case)
        line.cases, line.wrong = line.cases + 1, line.wrong + 1
        key = number, case.label, case.dtype, result
        words, alike = " ".join(words.split()), (number, case.dtype, result, words)
        if key not in self.findings and alike not in self.said:
            self.findings[key] = Finding(*key, f"{words} ({case})", case)
        self.said.add(alike)

    @ieee
    def judge(
        self,
        case: Case,
        result: str,
        got: NDArray[Any],
        answers: Answers,
        index: Callable[[Index], Index] = tuple,
        floor: float = 0.0,
    ) -> None:
        """Judge a result, and count its numbers, which ``index`` renames, under their clauses.

        An error up to ``floor`` is allowed besides.
        """
        answer = answers.results[result]
        shape = answer.value.shape
        if got.shape != shape or got.dtype.kind not in "fV":
            words = f"{result} has shape {got.shape} and dtype {got.dtype}, "
            words += f"expected {shape} and {case.dtype}"
            self.find("R44", case, result, words)
            return
        judged = judge(got, answer, exact=case.exact, floor=64 * LEAST[case.dtype] + floor)
        at = points_of(case, result, answers, shape)
        entry = _Entry(case, result, got, answer, judged, at, answers.points, index)
        for mask, *sort in _sorts(answers, at, shape):
            self._count(clause(case, role(case, result), padding_of(case), *sort), entry, mask)

    def shaped(self, case: Case, got: NDArray[Any]) -> None:
        """Judge the shape of an output that has no numbers."""
        self.line("R25", case).cases += 1
        if got.shape != case.d_out.shape:
            words = f"out has shape {got.shape}, expected {case.d_out.shape}"
            self.find("R25", case, "out", words)

    def _count(self, number: str, entry: "_Entry", mask: Mask) -> None:
        """Count the numbers of a result that are about a clause."""
        case, judged = entry.case, entry.judged
        ratio = np.where(mask, judged.ratio, 0.0)
        at = tuple(map(int, np.unravel_index(int(np.argmax(ratio)), ratio.shape)))
        worst, wrong = float(ratio[at]), int((ratio > 1).sum())
        line = self.line(number, case)
        line.cases += 1
        line.numbers += int(mask.sum())
        line.beside += int((mask & judged.beside).sum())
        line.wrong += wrong
        if worst >= line.worst:
            line.worst, line.coordinate = worst, float(judged.coordinate[at])
        if worst >= self.worst.get(entry.result, (0.0, ""))[0]:
            self.worst[entry.result] = worst, entry.words(at)
        key = number, case.label, case.dtype, entry.result
        if wrong and (key not in self.findings or self.findings[key].ratio < worst):
            have, want = float(entry.got[at]), entry.answer.value[at]
            words = f"{entry.words(at)}; {wrong} of {ratio.size} numbers are wrong ({case})"
            self.findings[key] = Finding(*key, words, case, at, have, want, worst, ratio)


class _Entry(NamedTuple):
    """A result of a case that was judged."""

    case: Case
    result: str
    got: NDArray[Any]
    answer: Answer
    judged: Judgement
    at: NDArray[np.intp] | None  # the point of each number
    points: Floats | None
    renamed: Callable[[Index], Index]

    def words(self, at: Index) -> str:
        """Say in words what a number is, and what is right."""
        have, want = float(self.got[at]), float(self.answer.value[at])
        name = f"{self.result}{list(self.renamed(at))}"
        ratio = float(self.judged.ratio[at])
        much = "no error is allowed" if ratio >= MOST else f"{ratio:.3g} times what is allowed"
        return f"{name}{self.place(at)} is {have!r}, expected {want!r}: {much}"

    def place(self, index: tuple[int, ...]) -> str:
        """Say in words where a number is read."""
        if self.at is None or self.points is None:
            return ""
        p = self.points.reshape(-1, self.points.shape[-1])[self.at[index]]
        words = f" at p = ({', '.join(map(_written, p))})"
        if wild(p):
            return words
        return f"{words} in cell ({', '.join(str(int(np.floor(v))) for v in p)})"


def _written(coordinate: float) -> str:
    """Nine digits of a coordinate, or all where those would put it on a texel."""
    short = f"{coordinate:.9g}"
    hidden = float(short).is_integer() and float(short) != coordinate
    return repr(float(coordinate)) if hidden else short


def _sorts(
    answers: Answers, at: NDArray[np.intp] | None, shape: tuple[int, ...]
) -> Iterator[tuple[Mask, bool, bool]]:
    """The numbers of a result by the sort of their points: inside of the image, wild."""
    if at is None or answers.inside is None or answers.points is None:
        yield np.ones(shape, bool), True, False
        return
    inside, far = answers.inside.ravel()[at], wild(answers.points).ravel()[at]
    for sort in ((True, False), (False, False), (False, True)):
        mask = (inside == sort[0]) & (far == sort[1])
        if mask.any():
            yield np.asarray(mask), *sort
