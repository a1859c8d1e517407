"""The tier "hard", of points: beside edges, on kinks and ties, far away, and not finite."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import NamedTuple

import numpy as np

from .._numbers import Numbers
from .golden import Array, Expected, Golden
from .lattice import OUT, SIZES, points
from .recipe import (
    DTYPES,
    MODES,
    PADDINGS,
    Call,
    Choice,
    Dims,
    Recipe,
    choices,
    numbers_of,
    ordered,
)

NORMALIZED, EVERY = ("aligned", "unaligned"), ("aligned", "unaligned", "pixel")
VALUES, FIRST = ("out", "d_x"), ("out", "d_x", "d_grid")
FAR = 2.0**40  # as good as an infinite coordinate, with padding zeros and border
KINK = Fraction(1, 2**10)  # less than a texel, in |g| + 1
ROUNDING = {"float32": Fraction(1, 2**20), "float64": Fraction(1, 2**49)}
HUGE = {"float32": [1e10, -1e10, 3e18, 1e30], "float64": [1e10, -1e10, 3e18, 1e30, -1e300]}
WILD = [np.nan, np.inf, -np.inf]


class Kind(NamedTuple):
    """A difficulty, and which modes and units meet it."""

    about: str
    clauses: tuple[str, ...]
    modes: tuple[str, ...] = MODES
    units: tuple[str, ...] = NORMALIZED
    results: tuple[str, ...] = FIRST


KINDS = {
    "edges": Kind(
        "a unit in the last place beside whole and half texels, where cells and folds begin",
        ("R27", "R32"),
        ("bilinear", "bicubic"),
    ),
    "turns": Kind(
        "a unit in the last place beside half texels, where another texel is the nearest",
        ("R10",),
        ("nearest",),
    ),
    "beside": Kind(
        "a unit in the last place beside whole and half texels, where nothing rounds a coordinate",
        ("R9", "R10"),
        units=("pixel",),
    ),
    "kinks": Kind(
        "at whole texels: between low and high, the derivatives to the left and to the right",
        ("R29", "R30", "R31", "R32"),
        ("bilinear",),
        EVERY,
    ),
    "ties": Kind("between two texels: the even one", ("R11",), ("nearest",), EVERY),
    "cancel": Kind("large texels of which little is left", ("R39",), results=FIRST),
    "single": Kind("axes of one texel", ("R24",)),
    "leak": Kind(
        "an infinite texel in no cell", ("R20",), units=("pixel",), results=("out", "d_x")
    ),
    "huge": Kind("finite points very far away", ("R23",), units=("pixel",), results=VALUES),
    "wild": Kind("points that are not finite", ("R21", "R22"), units=EVERY),
    "empty": Kind("no images, no channels, or no points", ("R25",), ("bilinear",)),
}
BESIDE = ("edges", "turns", "beside")  # kinds
EMPTY = {"zeros": "batch", "border": "channels", "reflection": "points", "wrap": "batch"}


def recipes(small: bool) -> Iterator[Recipe]:
    """All cases; of a small set, those of one dtype each, and few of volumes."""
    dtypes = ("",) if small else DTYPES
    for kind, rule in KINDS.items():
        for choice in choices(dtypes, EVERY):
            if choice.mode not in rule.modes or choice.unit not in rule.units:
                continue
            if small and choice.unit != _unit(kind, choice):
                continue
            name = f"hard-{kind}-grid_sample-{choice}"
            yield Recipe(name, "hard", partial(golden, name, kind, choice))


def _unit(kind: str, choice: Choice) -> str:
    """The unit of a case in a small set: all units take turns; of volumes, few are in it."""
    units = KINDS[kind].units
    if choice.rank == 3 and kind not in ("kinks", "wild", "ties", "huge"):
        return "none"
    modes, paddings = MODES.index(choice.mode), PADDINGS.index(choice.padding)
    return units[(choice.rank + modes + paddings) % len(units)]


def golden(name: str, kind: str, choice: Choice) -> Golden:
    """A golden of grid_sample of some kind."""
    rule, numbers, rank = KINDS[kind], numbers_of(name), choice.rank
    size, out = SIZES[rank, choice.unit], OUT[rank]
    if kind == "single":
        size = (1, *size[1:]) if rank == 2 else (size[0], 1, 1)
    if kind == "leak":
        size = (*size[:-1], 8)
    batch, channels = 2, 1
    if kind == "empty":
        lacks = EMPTY[choice.padding]
        batch, channels = batch * (lacks != "batch"), channels * (lacks != "channels")
        out = (0, *out[1:]) if lacks == "points" else out
    with np.errstate(over="ignore"):
        p = pixels(kind, numbers, choice, (batch, *out), size)
        a, b = choice.frame(size)
        grid = np.where(a != 0, (p - b) / np.where(a != 0, a, 1.0), p).astype(choice.dtype)
    if kind in BESIDE:
        way = np.where(numbers.integers(grid.shape, 0, 1) > 0, np.inf, -np.inf)
        grid = np.nextafter(grid, way.astype(choice.dtype))
    x = numbers.integers((batch, *size, channels), -3, 3)
    if kind == "cancel":
        sign = 1 - 2 * (np.indices(size).sum(0) % 2)
        x = 2.0**20 * sign[..., None] + x
    d_out = numbers.integers((batch, *out, channels), -3, 3)
    arrays = {"x": x.astype(choice.dtype), "grid": grid, "d_out": d_out.astype(choice.dtype)}
    call = Call("grid_sample", arrays, choice.options, out)
    clauses = ordered([*choice.clauses(call.op, rule.results), *rule.clauses])
    if kind == "wild":
        results = wild(call)
    else:
        step = KINK if kind == "kinks" else ROUNDING[choice.dtype] if kind == "edges" else None
        step = step if choice.mode == "bilinear" else None  # a cubic kernel has no kinks
        results = call.answers("rational", rule.results, step)
    if kind == "leak":
        arrays["x"][..., -1, :] = np.inf  # after the answers, to which it does not matter
    about = f"{rule.about}; {EMPTY[choice.padding]} lack" if kind == "empty" else rule.about
    return Golden(name, "hard", call.op, clauses, about, call.options, {}, arrays, results)


def pixels(kind: str, numbers: Numbers, choice: Choice, shape: Dims, size: Dims) -> Array:
    """Points in pixels, x first."""
    if kind in BESIDE:
        return np.stack([numbers.integers(shape, -n - 1, 3 * n) / 2 for n in reversed(size)], -1)
    if kind == "leak":  # far from the last column
        return numbers.integers((*shape, choice.rank), 4, 15) / 4 + 0.125
    if kind in ("kinks", "ties"):
        p = points(numbers, shape, size, True, 4)
        return p + 0.5 * (kind == "ties")
    p = points(numbers, shape, size, False, 4)
    if kind not in ("huge", "wild"):
        return p
    values = HUGE[choice.dtype] if kind == "huge" else WILD
    some, axis = numbers.integers(shape, 0, 2), numbers.integers(shape, 0, choice.rank - 1)
    there = (some[..., None] > 0) & (np.arange(choice.rank) == axis[..., None])
    there |= numbers.integers(there.shape, 0, 7) == 0
    return np.where(there, numbers.choice(values, there.shape), p)


def wild(call: Call) -> dict[str, Expected]:
    """Answers at points of which some are not finite, by R21 and R22.

    A point with NaN is NaN, as is an infinite one where reflection and wrap have no limit: it adds
    nothing to d_x. Zeros and border have one, which they reach long before.
    """
    grid = call.arrays["grid"]
    lost: Array = np.isnan(grid)
    if call.options["padding_mode"] in ("reflection", "wrap"):
        lost |= np.isinf(grid)
    nan = np.asarray(lost.any(-1))
    finite = np.where(np.isfinite(grid), grid, np.where(grid > 0, FAR, -FAR))
    finite = np.where(nan[..., None], 0, finite).astype(grid.dtype)
    d_out = np.where(nan[..., None], 0, call.arrays["d_out"]).astype(grid.dtype)
    arrays = {**call.arrays, "grid": finite, "d_out": d_out}
    found = call._replace(arrays=arrays).answers("rational", FIRST)
    for name in "out", "d_grid":
        value, exact = found[name].value.copy(), found[name].exact
        value[nan] = np.nan
        exact = value if exact is None else np.where(nan[..., None], np.nan, exact)
        found[name] = replace(found[name], value=value, exact=exact)
    return found
