"""Comparing a dialect with the real system: cases in the system's own terms, bounds, figures.

A case has images and points (or maps) of one kind, in one dtype, under one choice of all options.
The system is called with its own keyword arguments on NumPy arrays. Two results agree if they are
within the precision of the dtype: rounding of sums, and of coordinates times the steepest slope.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np

from npstn import dialects
from npstn.dialects._arguments import argument
from npstn.dialects._frames import frame
from npstn.dialects._layouts import canonical, original
from npstn.dialects.row import Convention, Difference, Function
from support import Numbers, frozen

KINDS = ("random", "lattice", "kinks", "ties", "outside", "single", "nan", "inf", "huge")
GRADIENT_KINDS = ("random", "lattice", "kinks", "outside", "single")


RECORDS: list[tuple[str, str | None, str, "Figures"]] = []  # of all comparisons of a run


@dataclass(frozen=True)
class Case:
    """Arguments of a call, and what it is about."""

    kind: str
    dtype: str
    mode: str | None  # npstn's
    padding: Any  # the system's own name
    align: bool | None
    size: tuple[int, ...]
    out: tuple[int, ...]
    given: dict[str, Any]
    points: np.ndarray | None  # in pixels, x first, (N, *out, R)
    d_out: np.ndarray

    def __str__(self) -> str:
        options = f"{self.mode}-{self.padding}-align={self.align}"
        return f"{self.kind}-{self.dtype}-{options}-{self.size}-{self.out}"


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
    function = function_of(system, name, version)
    for rule in (function.convention, function.otherwise):
        if rule is not None:
            rule = replace(rule, layout=rule.layout.split("|")[0])
            yield from _cases(replace(function, convention=rule), kinds, channels, fixed)


def _cases(
    function: Function, kinds: tuple[str, ...], channels: int, fixed: dict[str, Any]
) -> Iterator[Case]:
    rule, roles = function.convention, roles_of(function)
    modes = list(rule.modes) if {"mode", "flags"} & set(roles) else [next(iter(rule.modes))]
    paddings = list(rule.paddings) if "padding" in roles else [next(iter(rule.paddings))]
    gates = list(rule.gates) if "gate" in roles else [None]
    aligns = [True, False] if "align" in roles else [function.constants.get("align")]
    numbers = Numbers(14)
    dtypes = dict.fromkeys((*rule.dtypes, *(function.otherwise or rule).dtypes))
    for rank, dtype, kind in product(rule.ranks, dtypes, kinds):
        if function.op != "sample" and kind in ("nan", "inf", "huge"):
            continue
        for mode, padding, align, gate in product(modes, paddings, aligns, gates):
            if kind == "ties" and rule.modes[mode] != "nearest":
                continue
            if rule.through == "align" and align is False and kind in ("lattice", "kinks", "ties"):
                continue  # p S/(S - 1) - 1/2: no float is exactly there
            if kind != "random" and (
                mode in _again(rule.modes) or padding in _again(rule.paddings)
            ):
                continue
            chosen = {"mode": mode, "flags": mode, "padding": padding, "align": align}
            chosen |= {"gate": gate, "transform": "affine"}
            own = {roles[r]: v for r, v in chosen.items() if r in roles}
            make = _sample_case if function.op == "sample" else _map_case
            aligned = (align is None or bool(align)) if rule.shrink is None else rule.shrink
            yield make(
                function,
                kind,
                dtype,
                rule.modes[mode],
                padding,
                align,
                rank,
                aligned,
                {**own, **fixed},
                numbers,
                channels,
            )


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
    figures, seen = Figures(), set()
    layout = function_of(system, name, version).convention.layout
    for case in cases(system, name, version=version, kinds=kinds, **fixed):
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
    assert not stale, f"{system}.{name}: named, but no case shows it: {stale}"
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


def _again(names: Mapping[Any, Any]) -> list[Any]:
    """The names that mean what an earlier one means."""
    meanings = list(names.values())
    return [name for k, name in enumerate(names) if meanings[k] in meanings[:k]]


def roles_of(function: Function) -> dict[str, str]:
    return {argument(v).role: name for name, v in function.arguments.items()}


def _sizes(kind: str, rank: int, aligned: float) -> tuple[int, ...]:
    """Sizes whose texels a normalised float holds: powers of two, and what is taken from S."""
    if kind == "single":
        return (1, 5, 4)[-rank:] if rank == 3 else (1, 5)
    if kind == "random":
        return (4, 5, 7)[-rank:]
    return tuple(n + int(aligned) for n in (2, 8, 4)[-rank:])


def _images(numbers: Numbers, kind: str, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    if kind == "random":
        return numbers.uniform(shape, -4.0, 4.0).astype(dtype)
    return numbers.integers(shape, -3, 3).astype(dtype)


def _pixels(
    numbers: Numbers, kind: str, shape: tuple[int, ...], size: tuple[int, ...]
) -> np.ndarray:
    """Points in pixels (*shape, R), x first, in and around the image."""
    axes = []
    for n in reversed(size):
        if kind in ("random", "single"):
            axes.append(numbers.uniform(shape, -0.8 * n - 1, 1.8 * n + 1))
        elif kind == "kinks":
            axes.append(numbers.integers(shape, -n, 2 * n))
        elif kind == "ties":
            axes.append(numbers.integers(shape, -2 * n, 4 * n) / 2)
        elif kind == "outside":
            axes.append(numbers.integers(shape, -20 * n, 20 * n) + 0.25)
        else:
            axes.append(numbers.integers(shape, -4 * n, 8 * n) / 4)
    p = np.stack(axes, -1)
    special = {"nan": [np.nan], "inf": [np.inf, -np.inf], "huge": [1e10, -1e10, 3e18, 1e30, -1e30]}
    if kind in special:
        chosen = numbers.choice([*special[kind], 0.25, 1.5], shape)
        at = numbers.integers(shape, 0, len(size) - 1)
        for k in range(len(size)):
            p[..., k] = np.where(at == k, chosen, p[..., k])
    return p


def _in_order(function: Function, given: dict[str, Any]) -> dict[str, Any]:
    """The order of the function's arguments, which is also that of its gradients."""
    return {name: given[name] for name in function.arguments if name in given}


def _sample_case(
    function, kind, dtype, mode, padding, align, rank, aligned, own, numbers, channels
) -> Case:
    rule, roles = function.convention, roles_of(function)
    size, batch = _sizes(kind, rank, aligned), 2 if "N" in rule.layout else 1
    count = channels if "C" in rule.layout else 1
    out = (3, 4, 6)[-rank:] if rule.unit != "flow" else size
    x = _images(numbers, kind, (batch, *size, count), dtype)
    p = _pixels(numbers, kind, (batch, *out), size)
    a, b = frame(rule, size if rule.unit != "flow" else out, bool(align))
    with np.errstate(all="ignore"):
        g = np.where(a != 0, (p - b) / a, p)
    g = (g if rule.order == "xy" else g[..., ::-1]).astype(dtype)
    d_out = _images(numbers, kind, (batch, *out, count), dtype)
    given = {roles["x"]: frozen(original(x, rule.layout))}
    if "points" in roles:
        given[roles["points"]] = frozen(original(g, rule.points))
    else:
        word = rule.points.replace("R", "")
        for k, role in enumerate(("points_x", "points_y", "points_z")[:rank]):
            given[roles[role]] = frozen(original(g[..., [k]], word))
    d = frozen(original(d_out, rule.layout))
    given = _in_order(function, {**given, **own})
    return Case(kind, dtype, mode, padding, align, size, out, given, p, d)


def own_maps(rule: Convention, m: np.ndarray) -> np.ndarray:
    """Parameters (N, numbers) in a system's form of pull matrices (N, R + 1, R + 1), x first."""
    n = m.shape[1]
    if rule.direction == "push":
        m = np.linalg.inv(m)
        m = m / m[:, -1:, -1:]
    if rule.order == "ij":
        turn = [*range(n - 2, -1, -1), n - 1]
        m = m[:, turn][:, :, turn]
    flat = m.reshape(len(m), -1)
    whole = {"eight": flat[:, :-1], "homogeneous": flat, "square": flat}
    return flat[:, :-n] if rule.form == "affine" else whole[rule.form]


def _map_case(
    function, kind, dtype, mode, padding, align, rank, aligned, own, numbers, channels
) -> Case:
    rule, roles = function.convention, roles_of(function)
    size = _sizes(kind, rank, aligned)
    batch = 2 if "N" in rule.layout else 1
    sized = {"size", "size_xy", "dsize", "shape", "height"} & set(roles)
    out = (3, 4, 6)[-rank:] if sized else size
    if kind in ("lattice", "kinks") and sized:
        out = size
    m = np.tile(np.eye(rank + 1), (batch, 1, 1))
    if kind in ("lattice", "kinks", "ties"):
        step = 1.0 if kind == "kinks" else 0.5
        moved = step * numbers.integers((batch, rank), -3, 3)
        if rule.unit == "normalized":
            moved = moved * 0.25
        m[:, :-1, -1] = moved
    elif kind != "single":
        m += 0.3 * numbers.uniform(m.shape)
        m[:, -1] = np.eye(rank + 1)[-1]
        if rule.form not in ("affine", "square"):
            scale = 0.1 if rule.unit == "normalized" else 0.01
            m[:, -1, :-1] = scale * numbers.uniform((batch, rank))
        if kind == "outside":
            m[:, :-1, -1] += 40.0
    shape = (rank, rank + 1) if rule.form == "affine" else (-1,)
    if rule.form in ("homogeneous", "square"):
        shape = (rank + 1, rank + 1)
    theta = own_maps(rule, m).reshape(batch, *((1,) if rule.several else ()), *shape).astype(dtype)
    given: dict[str, Any] = {roles["theta"]: frozen(theta if "N" in rule.layout else theta[0])}
    if "offset" in roles:
        whole = given[roles["theta"]]
        given[roles["theta"]] = frozen(whole[:, :-1])
        given[roles["offset"]] = frozen(whole[:, -1])
    for role, value in {
        "size": out,
        "size_xy": out[::-1],
        "dsize": out[::-1],
        "shape": (batch, 1, *out),
        "height": out[-2],
        "width": out[-1],
        "depth": out[0],
    }.items():
        if role in roles:
            given[roles[role]] = value
    if function.op == "grid":
        grid = (batch, *out, rank)
        d_out = _images(numbers, kind, grid, dtype)
        d = frozen(original(d_out, rule.points))
    else:
        count = channels if "C" in rule.layout else 1
        x = _images(numbers, kind, (batch, *size, count), dtype)
        given[roles["x"]] = frozen(original(x, rule.layout))
        d = frozen(original(_images(numbers, kind, (batch, *out, count), dtype), rule.layout))
    given = _in_order(function, {**given, **own})
    return Case(kind, dtype, mode, padding, align, size, out, given, None, d)
