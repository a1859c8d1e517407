"""The ledger of a check: what was judged, and the worst of what is wrong."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._clauses import clause, padding_of, role
from ._precision import LEAST
from ._where import inside_of
from .answers import Answer, Answers
from .case import Case
from .judge import MOST, Judgement, judge
from .report import Finding, Line

Key = tuple[str, str, str]


class Ledger:
    """Lines and findings by clause, options and dtype."""

    def __init__(self) -> None:
        self.lines: dict[Key, Line] = {}
        self.findings: dict[Key, Finding] = {}
        self.said: set[tuple[str, ...]] = set()  # what is wrong with many options is said once

    def line(self, number: str, case: Case) -> Line:
        """The line of a clause, for the options of a case."""
        key = number, case.label, case.dtype
        return self.lines.setdefault(key, Line(*key))

    def find(self, number: str, case: Case, result: str, words: str) -> None:
        """Note something that is wrong, with the first case of it."""
        self.line(number, case).wrong += 1
        key = number, case.label, case.dtype
        words, alike = " ".join(words.split()), (number, case.dtype, result, words)
        if key not in self.findings and alike not in self.said:
            self.findings[key] = Finding(*key, result, f"{words} ({case})", case)
        self.said.add(alike)

    def judge(self, case: Case, result: str, got: NDArray[Any], answers: Answers) -> None:
        """Judge a result, and count its numbers under their clauses."""
        answer = answers.results[result]
        shape = answer.value.shape
        if got.shape != shape or got.dtype.kind not in "fV":
            words = f"{result} has shape {got.shape} and dtype {got.dtype}, "
            words += f"expected {shape} and {case.dtype}"
            self.find("R44", case, result, words)
            return
        judged = judge(got, answer, exact=case.exact, floor=64 * LEAST[case.dtype])
        for inside in (True, False):
            mask = inside_of(case, result, answers, shape, inside)
            if mask.any():
                number = clause(case, role(case, result), padding_of(case), inside)
                self._count(number, case, result, got, answer, judged, mask)

    def shaped(self, case: Case, got: NDArray[Any]) -> None:
        """Judge the shape of an output that has no numbers."""
        self.line("R25", case).cases += 1
        if got.shape != case.d_out.shape:
            words = f"out has shape {got.shape}, expected {case.d_out.shape}"
            self.find("R25", case, "out", words)

    def _count(
        self,
        number: str,
        case: Case,
        result: str,
        got: NDArray[Any],
        answer: Answer,
        judged: Judgement,
        mask: NDArray[np.bool_],
    ) -> None:
        line = self.line(number, case)
        ratio = np.where(mask, judged.ratio, 0.0)
        at = tuple(map(int, np.unravel_index(int(np.argmax(ratio)), ratio.shape)))
        wrong = int((ratio > 1).sum())
        line.cases += 1
        line.numbers += int(mask.sum())
        line.beside += int((mask & judged.beside).sum())
        line.wrong += wrong
        worst = float(ratio[at])
        if worst >= line.worst:
            line.worst, line.coordinate = worst, float(judged.coordinate[at])
        key = number, case.label, case.dtype
        if wrong and (key not in self.findings or self.findings[key].ratio < worst):
            have, want = float(got[at]), answer.value[at]
            words = f"{result}{list(at)} is {have!r}, expected {float(want)!r}"
            size = "no error is allowed" if worst >= MOST else f"{worst:.3g} times what is allowed"
            words += f": {size}; {wrong} of {ratio.size} numbers"
            words += f" are wrong ({case})"
            self.findings[key] = Finding(*key, result, words, case, at, have, want, worst, ratio)
