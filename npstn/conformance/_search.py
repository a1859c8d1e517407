"""The search for the candidate that gives what a backend gives."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, product
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np

from .._arithmetic import ieee
from ._backend import Backend, Which
from ._bug import Bug
from ._candidates import Answer, Candidate
from ._questions import questions, values
from ._terms import Asked, Question, names
from .isolation import InProcess, Outcome
from .zoo import ZOO

SCREEN = 3  # probes after which a candidate that has no right answer is left
MANY = 24  # candidates in which a bug is looked for
NEAR = 3  # those in which two are


@dataclass
class Trial:
    """A backend that is called as a right candidate is, with options fixed that it does not take.

    ``live`` are the questions that count: those about an option that it never answers do not.
    """

    backend: Backend
    right: Candidate
    asked: Asked
    fixed: Mapping[str, Any]
    _asked: list[Question] = field(init=False)
    _heard: list[Outcome] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._asked = list(questions(self.right.function, self.asked, self.fixed))

    @property
    def promising(self) -> bool:
        """Whether one of the first answers is that of the candidate."""
        first = self._asked[:SCREEN]
        return any(same(q, self._outcome(k), self.right.answer(q)) for k, q in enumerate(first))

    @property
    def answers_any(self) -> bool:
        """Whether one of the first calls gives an answer."""
        return any(self._outcome(k).failure is None for k in range(len(self._asked[:SCREEN])))

    @property
    def failure(self) -> str | None:
        """What it raises first, if it raises always."""
        failures = [self._outcome(k).failure for k in range(len(self._asked))]
        if not failures or None in failures:
            return None
        return next(failure.text for failure in failures if failure)

    @cached_property
    def lacking(self) -> dict[str, list[Any]]:
        """The values of options that it never answers, by role, although it answers others."""
        found: dict[str, list[Any]] = {}
        if self.failure is None:
            for role, given in values(self.right.function).items():
                for value in given if role not in self.fixed else ():
                    about = [k for k, q in enumerate(self._asked) if _has(q, role, value)]
                    if about and all(self._outcome(k).failure for k in about):
                        found.setdefault(role, []).append(value)
        return found

    @cached_property
    def live(self) -> list[tuple[Question, Outcome]]:
        """Questions and what the backend gives."""
        lacking = [(role, value) for role, given in self.lacking.items() for value in given]
        return [
            (question, self._outcome(k))
            for k, question in enumerate(self._asked)
            if not any(_has(question, *pair) for pair in lacking)
        ]

    @cached_property
    def wrong(self) -> list[tuple[Question, Outcome]]:
        """Those that are not as the right candidate has them."""
        return [(q, heard) for q, heard in self.live if not same(q, heard, self.right.answer(q))]

    @cached_property
    def wrong_first(self) -> list[tuple[Question, Outcome]]:
        """All, those that tell most first."""
        wrong = {question.name for question, _ in self.wrong}
        return sorted(self.live, key=lambda pair: pair[0].name not in wrong)

    @cached_property
    def rank(self) -> tuple[int, int]:
        """The number of right answers, and that of all: the larger the nearer."""
        return len(self.live) - len(self.wrong), len(self.live)

    @property
    def share(self) -> float:
        """The share of the right answers."""
        return self.rank[0] / max(self.rank[1], 1)

    @property
    def agrees(self) -> bool:
        """Whether all answers are right."""
        return self.share == 1.0

    def _outcome(self, k: int) -> Outcome:
        while len(self._heard) <= k:
            q = self._asked[len(self._heard)]
            taken = self.backend.options
            passed = {n: v for n, v in q.options.items() if taken is None or n in taken}
            which: Which = "vjp" if q.vjp else "fn"
            caller = InProcess(self.backend)
            with np.errstate(all="ignore"), catch_warnings():
                simplefilter("ignore")  # which may be errors, and would be none of the function's
                outcome = caller.call(which, q.positional, passed, q.d_out)
            self._heard.append(outcome)
        return self._heard[k]


def trials(backend: Backend, candidate: Candidate, asked: Asked) -> Iterator[Trial]:
    """Yield a trial for each value of the options that a backend does not take."""
    own = names(candidate.function)
    missing: dict[str, list[Any]] = {}
    for role, given in values(candidate.function).items():
        if own[role] in backend.fixed:
            missing[role] = [backend.fixed[own[role]]]
        elif backend.options is not None and own[role] not in backend.options:
            missing[role] = given
    for chosen in product(*missing.values()):
        yield Trial(backend, candidate, asked, dict(zip(missing, chosen, strict=True)))


def ranked(found: Iterable[Trial]) -> list[Trial]:
    """The promising trials, or else those with an answer: the nearest first."""
    every = list(found)
    chosen = [trial for trial in every if trial.promising]
    chosen = chosen or [trial for trial in every if trial.answers_any][:MANY]
    return sorted(chosen, key=lambda trial: trial.rank, reverse=True)


def explained(near: list[Trial]) -> tuple[Trial, tuple[Bug, ...]] | None:
    """The first trial whose answers are those of its candidate with a bug, or with two."""
    best = near[0]  # one of another function that is asked less would explain less
    near = [t for t in near if t.right is best.right or t.rank[1] >= best.rank[1]]
    fitting = {id(trial): _fitting(trial) for trial in near}
    for trial in near[:MANY]:
        for bug in fitting[id(trial)]:
            if _agrees(trial, (bug,)):
                return trial, (bug,)
    for trial in near[:NEAR]:
        some = [bug for bug in fitting[id(trial)] if _helps(trial, bug)]
        for pair in combinations(fitting[id(trial)], 2):
            if any(bug in some for bug in pair) and _agrees(trial, pair):
                return trial, pair
    return None


def _fitting(trial: Trial) -> list[Bug]:
    """The bugs that a function can have, and that show."""
    fits = [bug for bug in ZOO if bug.fits_function(trial.right.function)]
    return [bug for bug in fits if trial.asked.vjp or bug.effect == "result"]


def _agrees(trial: Trial, bugs: tuple[Bug, ...]) -> bool:
    """Whether all answers are those of a candidate with bugs; first those that are wrong."""
    try:
        candidate = trial.right.with_bugs(*bugs)
        return all(same(q, heard, candidate.answer(q)) for q, heard in trial.wrong_first)
    except TypeError:  # two bugs that change one thing
        return False


def _helps(trial: Trial, bug: Bug) -> bool:
    """Whether a bug explains a wrong answer."""
    candidate = trial.right.with_bugs(bug)
    return any(same(q, heard, candidate.answer(q)) for q, heard in trial.wrong)


@ieee
def same(question: Question, heard: Outcome, answer: Answer) -> bool:
    """Whether an outcome is an answer, to within the tolerance of the question."""
    if answer is None or heard.failure is not None:
        return False
    return len(answer) == len(heard.results) and all(
        a.shape == b.shape
        and a.dtype.kind in "fiu"
        and bool(np.allclose(a, b, 0.0, question.tolerance, equal_nan=True))
        for a, b in zip(heard.results, answer, strict=True)
    )


def _has(question: Question, role: str, value: Any) -> bool:
    return role in question.chosen and bool(question.chosen[role] == value)
