"""The check of a backend: cases of all options, each result judged against exact answers."""

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..dialects import _layouts
from ..dialects._arguments import argument
from ..dialects.row import Function
from . import _ops
from ._backend import Backend, Fn
from ._clauses import clause, padding_of
from ._draw import WILD, Case, draw
from ._precision import LEAST, UNITS
from .adapters import load
from .answers import Answer, Answers, answers
from .isolation import InProcess, Isolated, Outcome
from .judge import judge
from .report import Finding, Line, Report

TIERS = {
    "lattice": ("lattice", "kinks", "ties"),
    "hard": ("edges", "outside", "single", "empty", "leak", *WILD),
    "random": ("random", "wide"),
}
EXACT = ("lattice", "kinks", "ties")
FORWARD = (*WILD, "leak", "empty")  # kinds of which no gradient is asked
Progress = Callable[[int, int], None]


def check(
    fn: str | Fn,
    op: str | None = None,
    dialect: str | None = None,
    dtype: str | Iterable[str] | None = None,
    vjp: str | Fn | None = None,
    *,
    tiers: Iterable[str] = tuple(TIERS),
    strict: bool = False,
    isolate: bool = False,
    timeout: float = 10.0,
    progress: Progress | None = None,
    **found: Any,
) -> Report:
    """Check a backend.

    Parameters
    ----------
    fn : function or str
        The backend: ``fn(*arrays and sizes, **options)`` as the dialect's function is called. Or
        what :func:`npstn.conformance.load` finds: "torch", "package.module:function", a file.
    op : str, optional
        Operation: "grid_sample", "affine_grid", ..., or the dialect's own name. By default the
        first that samples.
    dialect : str, optional
        Dialect of its arguments; that of the system, or "npstn".
    dtype : str or several, optional
        Of the arrays, and the precision that is expected: "float64", "float32", "float16" or
        "bfloat16" (in arrays of float32). By default those of the dialect.
    vjp : function or str, optional
        ``vjp(d_out, *arrays and sizes, **options)``, which returns the cotangents of the arrays.
    tiers : several of {"lattice", "hard", "random"}
        Kinds of cases.
    strict : bool
        Whether an option that is not taken is a finding.
    isolate : bool
        Whether to call it in a child process, which may hang and die; ``fn`` must then be
        importable by name. Otherwise it is called in this process, and all that is known to kill
        a process is left out.
    timeout : float
        Seconds for a call in a child process.
    progress : function, optional
        Called with the number of cases done, and of all.
    **found
        Other arguments of :func:`npstn.conformance.load`.

    Returns
    -------
    Report
        With ``passed`` and ``findings``; ``str()`` is its table.

    Raises
    ------
    TypeError, ValueError, ImportError
        If there is no such backend, operation, dialect, dtype or tier.
    """
    chosen = {"op": op, "dialect": dialect, "vjp": vjp, **found}
    with _caller(fn, chosen, isolate, timeout) as caller:
        return _Check(caller, caller.backend, strict).run(_dtypes(dtype), _kinds(tiers), progress)


def _caller(
    fn: str | Fn, chosen: dict[str, Any], isolate: bool, timeout: float
) -> AbstractContextManager[Any]:
    if isolate:
        return Isolated(fn, timeout=timeout, **chosen)
    return InProcess(load(fn, **chosen))


class _Check:
    """A check that goes on."""

    def __init__(self, caller: Any, backend: Backend, strict: bool) -> None:
        self.caller, self.backend, self.strict = caller, backend, strict
        row = _ops.row_of(backend.dialect, backend.version)
        self.function: Function = _ops.function_of(row, backend.op)
        self.lines: dict[tuple[str, str, str], Line] = {}
        self.worst: dict[tuple[str, str, str], Finding] = {}
        self.left_out: dict[str, None] = {}
        self.refused: dict[str, list[str]] = {}
        self.right: set[str] = set()

    def run(self, dtypes: tuple[str, ...], kinds: tuple[str, ...], progress: Progress | None) -> Report:
        """Check all cases, and make the report."""
        start = time.perf_counter()
        known = [case for case in draw(self.function, kinds, dtypes) if self._takes(case)]
        for done, case in enumerate(known):
            if progress is not None:
                progress(done, len(known))
            self._case(case, again=done % 16 == 0)
        if progress is not None:
            progress(len(known), len(known))
        self._refusals()
        backend = self.backend
        title = f"{backend.name}: {backend.op} of {backend.dialect}"
        report = Report(title, list(self.lines.values()), list(self.worst.values()))
        report.left_out, report.versions = list(self.left_out), dict(backend.versions)
        if isinstance(self.caller, InProcess):
            report.notes.append("Called in this process: isolate=True calls it in a child.")
        if backend.vjp is None:
            report.left_out.append("Gradients: there is no vjp.")
        report.seconds = time.perf_counter() - start
        return report

    def _takes(self, case: Case) -> bool:
        """Whether the backend takes the options of a case, or has them fixed."""
        backend, own = self.backend, self.function.arguments
        if backend.dtype not in (None, case.dtype) or backend.rank not in (None, len(case.size)):
            return False
        for name, value in case.options.items():
            default = backend.fixed.get(name, argument(own[name]).default)
            fixed = name in backend.fixed
            if fixed or (backend.options is not None and name not in backend.options):
                if not fixed:
                    self.left_out[f"Option {name}: not taken, only {default!r} is checked."] = None
                if value != default:
                    return False
        return True

    def _options(self, case: Case) -> dict[str, Any]:
        taken = self.backend.options
        return {k: v for k, v in case.options.items() if taken is None or k in taken}

    def _case(self, case: Case, again: bool) -> None:
        options = self._options(case)
        outcome: Outcome = self.caller.call("fn", case.positional, options)
        label = _label(case)
        if outcome.failure is not None:
            self._failed(case, label, "out", outcome)
            return
        self.right.add(f"{label} {case.dtype}")
        gradient = self.backend.vjp is not None and case.kind not in FORWARD
        found = None if case.kind == "empty" else answers(
            self.function_of(case), case.given, case.d_out if gradient else None,
            unit=UNITS[case.dtype],
        )
        self._written(case, label, outcome)
        self._judged(case, label, "out", outcome.results[0], found)
        if again and not self._same(outcome, self.caller.call("fn", case.positional, options)):
            self._find("R42", case, label, "out", "another call gives other bits")
        if not gradient:
            return
        outcome = self.caller.call("vjp", case.positional, options, case.d_out)
        if outcome.failure is not None:
            self._failed(case, label, "gradient", outcome)
            return
        self._written(case, label, outcome)
        if len(outcome.results) != len(case.arrays):
            count = f"{len(outcome.results)} arrays, expected {len(case.arrays)}"
            self._find("R44", case, label, "gradient", f"the vjp gives {count}")
            return
        for name, result in zip(case.arrays, outcome.results, strict=True):
            self._judged(case, label, f"d_{name}", result, found)

    def function_of(self, case: Case) -> Function:
        return case.function

    def _judged(
        self, case: Case, label: str, result: str, got: NDArray[Any], found: Answers | None
    ) -> None:
        """Judge one result, and put its numbers under their clauses."""
        if found is None:
            shape: tuple[int, ...] = case.d_out.shape
            self._line(clause(case, result, padding_of(case), True), label, case).cases += 1
            if got.shape != shape:
                self._find("R25", case, label, result, f"shape {got.shape}, expected {shape}")
            return
        answer = found.results[result]
        if got.shape != answer.value.shape or got.dtype.kind != "f":
            words = f"shape {got.shape} and dtype {got.dtype}, expected {answer.value.shape}"
            self._find("R44", case, label, result, words)
            return
        rule = self.function.convention
        exact = case.kind in EXACT and case.function.op == "sample" and not rule.through
        exact = exact and case.mode != "bicubic" and self.function.op == "sample"
        judged = judge(got, answer, exact=exact, floor=64 * LEAST[case.dtype])
        for inside in (True, False):
            mask = self._where(case, result, found, got.shape, inside)
            if mask is None or not mask.any():
                continue
            kind = clause(case, self._kind(result), padding_of(case), inside)
            line = self._line(kind, label, case)
            ratio = np.where(mask, judged.ratio, 0.0)
            at = np.unravel_index(int(np.argmax(ratio)), ratio.shape)
            line.cases += 1
            line.numbers += int(mask.sum())
            line.beside += int((mask & judged.beside).sum())
            line.wrong += int((ratio > 1).sum())
            if ratio[at] >= line.worst:
                line.worst, line.coordinate = float(ratio[at]), float(judged.coordinate[at])
            if ratio[at] > 1:
                self._wrong(kind, case, label, result, got, answer, ratio, at, found)

    def _kind(self, result: str) -> str:
        """The general name of a result: d_x, d_grid or d_theta, or out."""
        if result == "out":
            return result
        role = argument(self.function.arguments[result[2:]]).role
        return {"x": "d_x", "theta": "d_theta", "offset": "d_theta"}.get(role, "d_grid")

    def _where(
        self, case: Case, result: str, found: Answers, shape: tuple[int, ...], inside: bool
    ) -> NDArray[np.bool_] | None:
        """Which numbers of a result are of points inside of the image, or outside."""
        kind = self._kind(result)
        if found.inside is None or kind in ("d_x", "d_theta"):
            return np.ones(shape, bool) if inside else None
        chosen = found.inside if inside else ~found.inside
        rule = case.function.convention
        if kind == "out":
            word, last = rule.layout.split("|")[0], shape[_axis(rule.layout, len(shape))]
            last = last if "C" in word else 1
        else:
            word = rule.points
            if f"d_{_ops.arrays(self.function)[1]}" == result and result[2:] not in (
                n for n, v in self.function.arguments.items() if argument(v).role == "points"
            ):
                word = word.replace("R", "")
            word = word if _role(self.function, result) == "points" else rule.points.replace("R", "")
            last = len(case.size)
        whole = np.broadcast_to(chosen[..., None], (*chosen.shape, last))
        whole = whole if "R" in word or "C" in word else whole[..., :1]
        found_mask = _layouts.original(whole, word)
        if found_mask.shape != shape:  # one grid for all images
            return np.ones(shape, bool) if inside else None
        return found_mask

    def _line(self, kind: str, label: str, case: Case) -> Line:
        key = kind, label, case.dtype
        return self.lines.setdefault(key, Line(*key))

    def _wrong(
        self,
        kind: str,
        case: Case,
        label: str,
        result: str,
        got: NDArray[Any],
        answer: Answer,
        ratio: NDArray[Any],
        at: tuple[Any, ...],
        found: Answers,
    ) -> None:
        key = kind, label, case.dtype
        if key in self.worst and self.worst[key].ratio >= ratio[at]:
            return
        index = tuple(map(int, at))
        value, want = float(got[at]), answer.value[at]
        text = f"{result}{list(index)} of {case.kind} is {value!r}, expected {_shown(want)}"
        text += f", {ratio[at]:.3g} times what is allowed; {int((ratio > 1).sum())} of {ratio.size}"
        self.worst[key] = Finding(
            kind, label, result, text, case, index, value, want, float(ratio[at])
        )

    def _find(self, kind: str, case: Case, label: str, result: str, text: str) -> None:
        self._line(kind, label, case).wrong += 1
        key = kind, label, case.dtype
        self.worst.setdefault(key, Finding(kind, label, result, f"{text} ({case})", case))

    def _failed(self, case: Case, label: str, result: str, outcome: Outcome) -> None:
        """A call without a result: an option that is refused, if all of its calls are."""
        failure = outcome.failure
        assert failure is not None
        key = f"{label} {case.dtype}"
        if failure.kind == "raised" and result == "out":
            self.refused.setdefault(key, []).append(failure.text)
            if key not in self.right:
                return
        self._find("R45", case, label, result, f"{failure.kind}: {failure.text}")

    def _refusals(self) -> None:
        for key, texts in self.refused.items():
            if key not in self.right:
                self.left_out[f"{key}: refused, {texts[0]}"] = None
                if self.strict:
                    label, _, dtype = key.rpartition(" ")
                    words = f"refused: {texts[0]}"
                    self.worst["R45", label, dtype] = Finding("R45", label, "out", words)

    def _written(self, case: Case, label: str, outcome: Outcome) -> None:
        if outcome.written:
            self._find("R43", case, label, "out", f"writes into arguments {outcome.written}")

    @staticmethod
    def _same(first: Outcome, second: Outcome) -> bool:
        if second.failure is not None:
            return False
        pairs = zip(first.results, second.results, strict=True)
        return all(a.tobytes() == b.tobytes() for a, b in pairs)


def _role(function: Function, result: str) -> str:
    return argument(function.arguments[result[2:]]).role


def _axis(layout: str, ndim: int) -> int:
    word = layout.split("|")[0]
    return -1 if word.endswith("C") else word.index("C") if "C" in word else 0


def _label(case: Case) -> str:
    """The options of a case as words."""
    words = [case.mode, *([] if case.padding is None else [str(case.padding)])]
    if case.align is not None and _ops_align(case):
        words.append("aligned" if case.align else "not aligned")
    return " ".join([*words, f"{len(case.size)}-D"])


def _ops_align(case: Case) -> bool:
    return any(argument(v).role == "align" for v in case.function.arguments.values())


def _shown(want: Any) -> str:
    return repr(float(want))


def _dtypes(dtype: str | Iterable[str] | None) -> tuple[str, ...]:
    names = () if dtype is None else (dtype,) if isinstance(dtype, str) else tuple(dtype)
    for name in names:
        if str(name) not in UNITS:
            raise ValueError(f"dtype is {name!r}, expected one of {', '.join(UNITS)}")
    return tuple(map(str, names))


def _kinds(tiers: Iterable[str]) -> tuple[str, ...]:
    names = tuple(tiers)
    for name in names:
        if name not in TIERS:
            raise ValueError(f"tiers has {name!r}, expected some of {', '.join(TIERS)}")
    return tuple(kind for name in names for kind in TIERS[name])
