"""Name the convention that a function implements, or the nearest one and what is wrong with it.

Some thirty probes are asked in the terms of a dialect. What the function gives is compared with
what the dialect's own function would, then with each bug of the zoo, then with two of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..dialects._names import SYSTEMS
from . import _ops
from ._backend import Backend
from ._bug import Bug
from ._candidates import Candidate
from ._candidates import dialects as _dialects
from ._search import Trial, explained, ranked, same, trials
from ._terms import Asked, names
from .adapters import load, operations

__all__ = ["Identity", "identify"]


@dataclass(frozen=True)
class Identity:
    """The convention that a function implements, or the nearest one."""

    dialects: tuple[str, ...]  # those with which it agrees on every probe
    dialect: str  # the first of them, or the nearest
    options: Mapping[str, Any]  # what it does where it has no such option, by the dialect's names
    clause: str | None  # the first one that it breaks
    sentence: str
    share: float  # of the probes on which it agrees with the dialect
    probes: int = 0
    bugs: tuple[str, ...] = ()  # those of the zoo that explain all the rest

    def __str__(self) -> str:
        clause = f" ({self.clause})" if self.clause else ""
        lines = [f"{self.sentence}{clause}"]
        if self.bugs:
            share = _percent(self.share)
            lines.append(f"Nearest: {self.dialect}, with {share} of {self.probes} probes.")
        lines += [f"Without that option, it has {_listed(self.options)}."] if self.options else []
        return "\n".join(lines)


def identify(
    fn: str | Callable[..., Any],
    op: str = "grid_sample",
    dialect: str | None = None,
    vjp: str | Callable[..., Any] | None = None,
    *,
    dtype: str = "float32",
    version: str | None = None,
) -> Identity:
    """Identify the convention of a function; it is called in this process.

    Parameters
    ----------
    fn : str or function
        Function, or what :func:`npstn.conformance.adapters.load` takes.
    op : str
        Operation, a generic name ("grid_sample") or a dialect's own ("remap").
    dialect : str, optional
        Dialect in whose terms it is called. By default all are tried, with other layouts and
        orders of coordinates too.
    vjp : str or function, optional
        Its vjp. Without it gradients are left out.
    dtype : {"float32", "float64"}
        Of the arrays that it is given.
    version : str, optional
        Version of the dialect.

    Returns
    -------
    Identity
        Its dialects, or the nearest one and what is wrong.

    Raises
    ------
    ImportError, TypeError, ValueError
        If there is no such function, operation or dialect.
    """
    if dialect is not None:
        backend = load(fn, op=op, dialect=dialect, vjp=vjp, version=version)
        row = _ops.row_of(dialect, backend.version)
        own = Candidate(row, _ops.function_of(row, backend.op))
        others = [c for part in _of(op) for c in part if c.row.system != own.row.system]
        return _identified(backend, [own], [], others, dtype)
    first, rest = _of(op)
    backend = _loaded(fn, op, vjp, [*first, *rest], version)
    return _identified(backend, [*first, *rest], first, [*first, *rest], dtype)


def _of(op: str) -> tuple[list[Candidate], list[Candidate]]:
    rows = {name: _ops.row_of(name) for name in SYSTEMS}
    return _dialects(op, rows)


def _loaded(fn: Any, op: str, vjp: Any, every: list[Candidate], version: str | None) -> Backend:
    """Find a backend whose dialect is not known: its own name of the operation may be another."""
    if callable(fn) or ":" in fn:
        return load(fn, vjp=vjp)
    try:
        return load(fn, op=op, vjp=vjp, version=version)
    except ValueError:
        own = {c.function.name for c in every}
        known = [name for name in operations(fn) if name in own]
        if not known:
            raise
        return load(fn, op=known[0], vjp=vjp, version=version)


def _identified(
    backend: Backend,
    right: list[Candidate],
    movable: list[Candidate],
    others: list[Candidate],
    dtype: str,
) -> Identity:
    asked = Asked(backend.dtype or dtype, backend.rank, backend.vjp is not None)
    found = [t for c in right for t in trials(backend, c, asked)]
    near = ranked(found)
    if not (near and near[0].agrees):
        moved = [t for c in movable for v in c.variants() for t in trials(backend, v, asked)]
        both = [*near, *ranked(moved)]
        near = sorted(both, key=lambda trial: trial.rank, reverse=True)
    if not near:
        return _raising(found)
    best = near[0]
    if best.agrees:
        equal = [t.right for t in near if t.rank == best.rank and not t.right.moved]
        return _agreeing(best, equal, others)
    cause = explained(near)
    return _nearest(best) if cause is None else _buggy(*cause)


def _agreeing(trial: Trial, equal: list[Candidate], others: list[Candidate]) -> Identity:
    alike = [c for c in others if _alike(trial, c)]
    systems = [c.row.system for c in (trial.right, *equal, *alike)]
    dialects = tuple(dict.fromkeys(systems))
    count = trial.rank[0]
    sentence = f"agrees with {', '.join(dialects)} on all {count} probes"
    if trial.right.moved:
        sentence += f", but {' and '.join(trial.right.moved)}"
    lacking = [str(v) for given in trial.lacking.values() for v in given]
    if lacking:
        sentence += f"; it has no {', '.join(lacking)}"
    clause = "R4" if trial.right.moved else None
    return Identity(dialects, dialects[0], _options(trial), clause, sentence, 1.0, count)


def _alike(trial: Trial, other: Candidate) -> bool:
    """Whether another dialect means the same by all probes, under its own names of options."""
    if not trial.right.same_arrays(other):
        return False
    for question, heard in trial.live:
        asked = trial.right.translated(question, other)
        if asked is None or not same(question, heard, other.answer(asked)):
            return False
    return True


def _buggy(trial: Trial, bugs: tuple[Bug, ...]) -> Identity:
    count, share = trial.rank[1], trial.share
    clauses = sorted((bug.clause for bug in bugs), key=lambda clause: int(clause[1:]))
    sentence = "; and ".join((*trial.right.moved, *(bug.sentence for bug in bugs)))
    named = tuple(bug.name for bug in bugs)
    system = trial.right.row.system
    return Identity((), system, _options(trial), clauses[0], sentence, share, count, named)


def _nearest(trial: Trial) -> Identity:
    system, share = trial.right.row.system, trial.share
    moved = "".join(f" (but {text})" for text in trial.right.moved)
    kinds = list(dict.fromkeys(question.name.partition(",")[0] for question, _ in trial.wrong))
    more = ", ..." if len(kinds) > 3 else ""
    sentence = (
        f"none of ours; nearest is {system}{moved} with {_percent(share)} of the probes;"
        f" what differs: {', '.join(kinds[:3])}{more}"
    )
    count = len(trial.live)
    return Identity((), system, _options(trial), trial.wrong[0][0].clause, sentence, share, count)


def _raising(found: list[Trial]) -> Identity:
    first = found[0]
    sentence = f"none of ours; it raises on every probe: {first.failure}"
    count = len(first.live)
    return Identity((), first.right.row.system, {}, "R44", sentence, 0.0, count)


def _options(trial: Trial) -> dict[str, Any]:
    own = names(trial.right.function)
    return {own[role]: value for role, value in trial.fixed.items()}


def _listed(options: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in options.items())


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
