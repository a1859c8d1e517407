"""A run of a check: each case is called, judged and entered into a ledger."""

from collections.abc import Callable, Iterable
from typing import Any

from .._memory import free_memory
from ..dialects._signature import argument, roles_of
from ..dialects.row import REQUIRED
from . import _ops
from ._choices import WILD
from ._clauses import KINDS
from ._deadly import deadly
from ._formula import Formula
from ._large import large_answers
from ._ledger import Ledger
from ._precision import UNITS
from .answers import answers
from .case import LARGE, Case
from .isolation import Caller, InProcess, Outcome
from .report import Finding, Report

FORWARD = (*WILD, *LARGE, "leak", "empty")  # kinds of which no gradient is asked
AGAIN = 16  # each so many cases are called twice, for their bits
Progress = Callable[[int, int], None]


class Run:
    """All cases of a backend."""

    def __init__(self, caller: Caller, strict: bool) -> None:
        self.caller, self.backend, self.strict = caller, caller.backend, strict
        row = _ops.row_of(self.backend.dialect, self.backend.version)
        self.function = _ops.function_of(row, self.backend.op)
        self.ledger = Ledger()
        self.left_out: dict[str, None] = {}
        self.notes: dict[str, None] = {}
        self.refused: dict[tuple[str, str], str] = {}  # the first error of a choice of options
        self.done: set[tuple[str, str]] = set()  # the choices that gave a result

    def report(self, known: Iterable[Case], progress: Progress | None = None) -> Report:
        """Judge all cases that the backend takes, and report."""
        drawn = [case for case in known if self._takes(case) and self._fits(case)]
        cases = [case for case in drawn if not deadly(self.backend.dialect, case)]
        cases += [case for case in drawn if self._survives(case)]
        for count, case in enumerate(cases):
            if progress is not None:
                progress(count, len(cases))
            self._case(case, twice=count % AGAIN == 0)
        if progress is not None:
            progress(len(cases), len(cases))
        self._refusals()
        backend, ledger = self.backend, self.ledger
        found = Report(f"{backend.name}: {backend.op} of {backend.dialect}")
        found.lines = list(ledger.lines.values())
        found.findings = sorted(ledger.findings.values(), key=lambda f: int(f.clause[1:]))
        found.left_out, found.versions = list(self.left_out), dict(backend.versions)
        found.notes = list(self.notes)
        if backend.vjp is None:
            found.left_out.append("Gradients: there is no vjp.")
        return found

    def _takes(self, case: Case) -> bool:
        """Whether the backend takes the dtype, rank and options of a case, or has them fixed."""
        backend = self.backend
        if backend.dtype not in (None, case.dtype) or backend.rank not in (None, len(case.size)):
            return False
        align = roles_of(self.function).get("align")
        for name, value in case.options.items():
            default = argument(self.function.arguments[name]).default
            if name in backend.fixed:
                if value != backend.fixed[name]:
                    return False
            elif backend.options is not None and name not in backend.options:
                if default is REQUIRED:
                    self.left_out[f"Option {name}: not taken, and it has no default."] = None
                    return False
                self.left_out[f"Option {name}: not taken, so only {default!r} is checked."] = None
                if value != (False if name == align and default is None else default):
                    return False
        return True

    def _fits(self, case: Case) -> bool:
        """Whether there is memory for a case, and for a copy of it that the backend may make."""
        need = 2 * sum(a.nbytes for a in case.given.values() if isinstance(a, Formula))
        free = free_memory() if need else None
        if free is not None and need > free:
            self.left_out[f"{case}: needs {need:,} bytes, and {free:,} are free."] = None
            return False
        return True

    def _survives(self, case: Case) -> bool:
        """Whether a case that is known to kill can be called."""
        words = deadly(self.backend.dialect, case)
        if words and isinstance(self.caller, InProcess):
            self.left_out[f"Without isolate=True: {words}"] = None
            return False
        return bool(words)

    def _options(self, case: Case) -> dict[str, Any]:
        taken = self.backend.options
        return {k: v for k, v in case.options.items() if taken is None or k in taken}

    def _case(self, case: Case, twice: bool) -> None:
        ledger, options = self.ledger, self._options(case)
        outcome = self.caller.call("fn", case.positional, options)
        if outcome.failure is not None:
            self._failed(case, outcome)
            return
        self.done.add((case.label, case.dtype))
        self._kept(case, outcome)
        if (
            twice
            and case.kind not in LARGE
            and not _alike(outcome, self.caller.call("fn", case.positional, options))
        ):
            ledger.find("R42", case, "out", "another call gives other bits")
        if case.kind == "empty":
            ledger.shaped(case, outcome.results[0])
            return
        if outcome.results[0].dtype.itemsize > case.d_out.dtype.itemsize:
            self.notes[f"Results are {outcome.results[0].dtype} for arrays of {case.dtype}."] = None
        vjp = self.backend.vjp is not None and case.kind not in FORWARD
        unit = 0.0 if case.exact else UNITS[case.dtype]  # on the lattice a tie has one side
        if case.kind in LARGE:
            right = large_answers(case, unit)
        else:
            right = answers(case.function, case.given, case.d_out if vjp else None, unit=unit)
        ledger.judge(case, "out", outcome.results[0], right)
        if not vjp:
            return
        outcome = self.caller.call("vjp", case.positional, options, case.d_out)
        if outcome.failure is not None:
            self._failed(case, outcome, "gradient")
            return
        self._kept(case, outcome)
        if len(outcome.results) != len(case.arrays):
            count = f"{len(outcome.results)} arrays, expected {len(case.arrays)}"
            ledger.find("R44", case, "gradient", f"the vjp gives {count}")
            return
        for name, result in zip(case.arrays, outcome.results, strict=True):
            if f"d_{name}" in right.results:
                ledger.judge(case, f"d_{name}", result, right)

    def _failed(self, case: Case, outcome: Outcome, result: str = "out") -> None:
        """A call without a result: an option that is refused, if all of its calls raise."""
        failure, key = outcome.failure, (case.label, case.dtype)
        if failure is None:
            return
        if failure.kind == "raised" and result == "out" and key not in self.done:
            self.refused.setdefault(key, failure.text)
            return
        number = KINDS.get(case.kind, "R45")
        self.ledger.find(number, case, result, f"{failure.kind}: {failure.text}")

    def _refusals(self) -> None:
        """What raised and never gave a result is left out; what did once is wrong."""
        alike: dict[str, list[str]] = {}
        for key, text in self.refused.items():
            words = f"refused: {text}"
            if key in self.done or self.strict:
                number = ("R45", *key, "out")
                self.ledger.findings[number] = Finding(*number, words)
            else:
                alike.setdefault(f"{key[1]}: {words}", []).append(key[0])
        for words, labels in alike.items():
            more = [f"{len(labels) - 3} more"] if len(labels) > 4 else labels[3:]
            self.left_out[", ".join([*labels[:3], *more, words])] = None

    def _kept(self, case: Case, outcome: Outcome) -> None:
        if outcome.written:
            names = ["d_out", *self.function.arguments]
            which = ", ".join(names[k + 1] for k in outcome.written)
            self.ledger.find("R43", case, "out", f"writes into {which}")


def _alike(first: Outcome, second: Outcome) -> bool:
    if second.failure is not None:
        return False
    pairs = zip(first.results, second.results, strict=True)
    return all(a.tobytes() == b.tobytes() for a, b in pairs)
