"""Functions that a backend may be: those of dialects, with bugs of the zoo and other layouts.

All run on the sampler in plain NumPy: a probe is small, and kernels would be loaded for it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._arithmetic import ieee
from .._hints import shown
from ..dialects._functions import PROBLEMS, build
from ..dialects.row import Convention, Function, Row
from . import _ops
from ._bug import Bug
from ._plain import Plain
from ._terms import Question, names

Answer = tuple[NDArray[Any], ...] | None  # None: it raises
_ARRAYS = "layout", "points", "unit", "shrink", "through", "origin", "order", "sign"
_MAPS = "form", "direction", "several"


@dataclass(frozen=True)
class Candidate:
    """A function of a dialect, right or with bugs, or called with other layouts."""

    row: Row
    function: Function
    bugs: tuple[Bug, ...] = ()
    moved: tuple[str, ...] = ()  # how its arrays differ from those of the dialect
    _known: dict[str, Answer] = field(default_factory=dict, repr=False, compare=False)

    def answer(self, question: Question) -> Answer:
        """The results of a call."""
        key = f"{question.name} {question.options}"
        if key not in self._known:
            self._known[key] = self._answer(question)
        return self._known[key]

    @ieee
    def _answer(self, question: Question) -> Answer:
        fn, vjp = self._functions
        given = [question.d_out, *question.positional] if question.vjp else question.positional
        try:
            found = (vjp if question.vjp else fn)(*given, **question.options)
        except (ValueError, TypeError):
            return None
        return tuple(map(np.asarray, found if isinstance(found, tuple) else (found,)))

    @cached_property
    def _functions(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        kind, changed = self.function.op, self.function
        for bug in self.bugs:
            changed = bug.change(changed)
        parts = tuple(bug.mixins[kind] for bug in self.bugs if kind in bug.mixins)
        samplers = tuple(bug.sampler for bug in self.bugs if bug.sampler is not None)
        own = [part for part in samplers if not issubclass(Plain, part)]
        sampling = type("Sampler", (*own, Plain), {})
        base = PROBLEMS[kind]
        made = type(base.__name__, (*parts, base), {"sampling": sampling})
        (_, fn), (_, vjp) = build(self.row, changed, {kind: made})
        function = self.function
        return _ops.as_backend(fn, function), _ops.as_backend(vjp, function, 1)

    def with_bugs(self, *bugs: Bug) -> "Candidate":
        """The same with bugs."""
        return Candidate(self.row, self.function, bugs, self.moved)

    def variants(self) -> Iterator["Candidate"]:
        """The same with other layouts and orders of coordinates, the fewest changes first."""
        rule = self.function.convention
        layouts = {"N*C": "NC*", "NC*": "N*C"}
        points = {"N*R": "NR*", "NR*": "N*R"}
        orders = {"xy": "ij", "ij": "xy"}
        wanted = [
            (rule.layout, layouts.get(rule.layout)) if "x" in names(self.function) else (None,),
            (rule.points, points.get(rule.points)),
            (rule.order, orders[rule.order]),
        ]
        fields = "layout", "points", "order"
        for changed in sorted(product(*wanted), key=lambda c: sum(map(_is_new, wanted, c))):
            new: dict[str, Any] = {
                name: value
                for name, value, pair in zip(fields, changed, wanted, strict=True)
                if _is_new(pair, value) and value is not None
            }
            if new and len(new) == sum(map(_is_new, wanted, changed)):
                first, other = self.function.convention, self.function.otherwise
                changed_to = replace(
                    self.function,
                    convention=replace(first, **new),
                    otherwise=other and replace(other, **new),
                )
                said = tuple(_said(name, value) for name, value in new.items())
                yield Candidate(self.row, changed_to, (), said)

    def same_arrays(self, other: "Candidate") -> bool:
        """Whether another one is called with the same arrays."""
        a, b = self.function, other.function
        fields = (*_ARRAYS, *(_MAPS if a.op != "sample" else ()))
        if a.op == "grid":
            fields = tuple(name for name in fields if name != "layout")
        roles = [_of_arrays(f) for f in (a, b)]
        return (
            a.op == b.op
            and roles[0] == roles[1]
            and all(_field(a.convention, n) == _field(b.convention, n) for n in fields)
        )

    def translated(self, question: Question, other: "Candidate") -> Question | None:
        """The question as another one is asked it; None if it has no such option."""
        rule, theirs = self.function.convention, other.function.convention
        own: dict[str, Any] = {}
        given = names(other.function)
        for role, value in question.chosen.items():
            if role == "align" and role in given:
                own[given[role]] = value
            elif role in given:
                own |= _named(given[role], _meanings(rule, role)[value], _meanings(theirs, role))
        if len(own) != len(question.chosen):
            return None
        for role in ("fill", "scalar"):
            if role in given:
                here = names(self.function).get(role, "")
                own[given[role]] = question.options.get(here, 0.0)
        return question._replace(options=own)


def dialects(op: str, rows: Mapping[str, Row]) -> tuple[list[Candidate], list[Candidate]]:
    """The functions that an operation names, and the others of that kind."""
    found = [Candidate(row, f) for row in rows.values() for f in row.functions]
    fits = _ops.GENERIC.get(op)
    named = {id(c) for c in found if (fits(c.function) if fits else c.function.name == op)}
    kinds = {c.function.op for c in found if id(c) in named}
    if not kinds - {"matrix"}:
        known = ", ".join(_ops.GENERIC)
        raise ValueError(f"op is {shown(op)}, expected one of {known}, or the name of a function")
    first = [c for c in found if id(c) in named]
    return first, [c for c in found if c.function.op in kinds and id(c) not in named]


def _is_new(pair: tuple[Any, ...], value: Any) -> bool:
    return bool(value != pair[0])


def _field(rule: Convention, name: str) -> Any:
    value = getattr(rule, name)
    return value.split("|")[0] if isinstance(value, str) else value


def _of_arrays(function: Function) -> list[str]:
    own = names(function).items()
    return [role for role, _ in own if role in _ops.POSITIONAL]


def _meanings(rule: Convention, role: str) -> dict[Any, Any]:
    """What the values of an option mean; of paddings only the mode."""
    if role == "padding":
        return {name: padding.mode for name, padding in rule.paddings.items()}
    return dict(rule.modes if role == "mode" else rule.gates)


def _named(option: str, meaning: Any, meanings: Mapping[Any, Any]) -> dict[str, Any]:
    """An option with the first value of a meaning, if it has one."""
    found = [name for name, own in meanings.items() if own == meaning]
    return {option: found[0]} if found else {}


def _said(name: str, value: str) -> str:
    """What a layout or an order is, in words."""
    shapes = {
        "layout": {"N*C": "images are (N, H, W, C)", "NC*": "images are (N, C, H, W)"},
        "points": {"N*R": "points are (N, H, W, 2)", "NR*": "points are (N, 2, H, W)"},
        "order": {"xy": "coordinates are x first", "ij": "coordinates are y first"},
    }
    return shapes[name][value]
