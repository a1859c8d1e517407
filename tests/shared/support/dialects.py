"""Comparing a dialect with the real system: cases in the system's own terms, bounds, figures.

A case has images and points (or maps) of one kind, in one dtype, under one choice of all options.
The system is called with its own keyword arguments on NumPy arrays. Two results agree if they are
within the precision of the dtype: rounding of sums, and of coordinates times the steepest slope.
NPSTN_EVERY=3 compares a third of the cases, as continuous integration does.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from npstn import dialects
from npstn.conformance._draw import draw
from npstn.conformance._numbers import Numbers
from npstn.conformance.case import Case
from npstn.dialects._layouts import canonical
from npstn.dialects.row import Difference, Function

KINDS = ("random", "lattice", "kinks", "ties", "outside", "single", "nan", "inf", "huge")
GRADIENT_KINDS = ("random", "lattice", "kinks", "outside", "single")
EVERY = int(os.environ.get("NPSTN_EVERY", "1"))  # one case of so many, drawn; all by default

RECORDS: list[tuple[str, str | None, str, "Figures"]] = []  # of all comparisons of a run


@dataclass
class Figures:
    """What a comparison found."""

    cases: int = 0
    worst: dict[str, float] = field(default_factory=dict)  # by "float32 out", "float64 gradient"
    named: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, value: float) -> None:
        self.worst[name] = max(self.worst.get(name, 0.0), value)


def function_of(system: str, name: str, version: str | None = None) -> Function:
    """The data of a function."""
    rows = dialects.get(system, version=version).row.functions
    found = next(f for f in rows if f.name == name)
    first, other = (
        rule and replace(rule, layout=rule.layout.split("|")[0])
        for rule in (found.convention, found.otherwise)
    )
    return replace(found, convention=first or found.convention, otherwise=other)


def every(system: str, version: str | None = None) -> list[Difference]:
    """All differences of a system that a line shows, in their order."""
    row = dialects.get(system, version=version).row
    found = [*row.differences, *(d for f in row.functions for d in f.differences)]
    return [d for d in found if d.shown_by]


def cases(
    system: str,
    name: str,
    *,
    version: str | None = None,
    kinds: tuple[str, ...] = KINDS,
    channels: int = 2,
    **fixed: Any,
) -> Iterator[Case]:
    """Every option, rank, dtype and kind; ``fixed`` are arguments with one value."""
    return draw(function_of(system, name, version), kinds, channels=channels, fixed=fixed)


def compare(
    system: str,
    name: str,
    real: Callable[..., Any],
    real_vjp: Callable[..., Any] | None = None,
    *,
    version: str | None = None,
    named: Callable[[Case], str | None] = lambda case: None,
    kinds: tuple[str, ...] = KINDS,
    slack: float = 32.0,
    precision: str | None = None,
    **fixed: Any,
) -> Figures:
    """Compare a dialect's function and its vjp with the real ones on all cases.

    ``named`` gives the name of the known difference that a case may show, or None. A name that
    explains nothing is an error: then the row is out of date. ``precision`` is the dtype that the
    system computes in, where that is not the one of the case.
    """
    dialect = dialects.get(system, version=version)
    ours, ours_vjp = getattr(dialect, name), getattr(dialect, f"{name}_vjp")
    figures, seen, turns = Figures(), set(), Numbers(1)
    layout = function_of(system, name, version).convention.layout
    for case in cases(system, name, version=version, kinds=kinds, **fixed):
        if turns.bits() % EVERY:
            continue
        known, unit = named(case), precision or case.dtype
        seen |= {known} - {None}
        figures.cases += 1
        wrong = _wrong(
            case, "out", ours(**case.given), real(**case.given), slack, figures, known, layout, unit
        )
        if real_vjp is not None and case.kind in GRADIENT_KINDS:
            d = case.d_out
            got, want = ours_vjp(d, **case.given), real_vjp(d, **case.given)
            got, want = (v if isinstance(v, tuple | list) else (v,) for v in (got, want))
            for k, (a, b) in enumerate(zip(got, want, strict=True)):
                if b is not None:
                    what = f"gradient {k}"
                    wrong |= _wrong(case, what, a, b, slack, figures, known, layout, unit)
        if wrong:
            figures.named[known] += 1
    RECORDS.append((system, version, name, figures))
    stale = seen - set(figures.named)
    assert EVERY > 1 or not stale, f"{system}.{name}: named, but no case shows it: {stale}"
    return figures


def _wrong(case, what, got, want, slack, figures, known, layout, unit) -> bool:
    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    assert got.shape == want.shape, f"{case}: {what} has shape {got.shape}, theirs {want.shape}"
    same = (got == want) | (np.isnan(got) & np.isnan(want))
    with np.errstate(invalid="ignore"):
        off = np.where(same, 0.0, np.abs(got - want))
    bound = _bound(case, what, unit, slack)
    if (off <= bound).all():
        figures.add(f"{case.dtype} {what.split()[0]}", float(off.max(initial=0.0)))
        return False
    if known is None:
        at = np.unravel_index(np.argmax(np.where(np.isnan(off), np.inf, off)), off.shape)
        detail = (
            f"at {tuple(map(int, at))}: ours {got[at]!r}, theirs {want[at]!r}, bound {bound:.2e}"
        )
        if case.points is not None and what == "out":
            where = np.argwhere(np.isclose(canonical(off, layout), off[at], equal_nan=True))[0][:-1]
            detail += f"; the pixel point is {case.points[tuple(where)]}"
        raise AssertionError(f"{case}: {what} {detail}")
    return True


def _bound(case: Case, what: str, dtype: str, slack: float) -> float:
    """What rounding can do: 0 on the lattice, but for sums of many terms and maps."""
    if case.kind == "lattice" and case.points is not None and case.mode != "bicubic":
        return 0.0
    unit = 2.0**-53 if dtype == "float64" else 2.0**-24
    reach = max(case.size) + max(case.out) + 8.0
    if what == "out":
        return slack * unit * 9.0 * reach  # texels are below 4; slopes below 8 a texel
    points = float(np.prod(case.out))
    return slack * unit * 9.0 * reach * points * max(case.size)
