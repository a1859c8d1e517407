"""Certification of the rows: with ``faithful=False`` a dialect is its formulas, exactly.

Points are computed again as fractions, from the fields of the row alone; the output at them is that
of the exact oracle, within the bound of the contract.
"""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support import excess
from support.dialects import cases, roles_of

from npstn import dialects
from npstn.contract import bound
from npstn.dialects._frames import pixels
from npstn.dialects._layouts import canonical
from npstn.oracle import exact

SAMPLERS = [
    (row, function)
    for row in dialects.ROWS
    for function in row.functions
    if function.op == "sample"
]
IDS = [f"{row.system}-{row.since}-{function.name}" for row, function in SAMPLERS]
KINDS = ("random", "lattice", "ties", "outside", "single")


def exact_point(rule, g, size, align, at):
    """The pixel coordinate of one number, as the row's fields say it."""
    g = Fraction(float(g))
    if rule.unit == "flow":
        scale = 1 if rule.shrink is None else (size - Fraction(rule.shrink)) / 2
        return through(rule, at + int(rule.sign) * g * scale, size, align)
    if rule.unit == "pixel":
        origin = {"texel": 0, "corner": Fraction(-1, 2), "centre": Fraction(size - 1, 2)}
        return through(rule, g + origin[rule.origin], size, align)
    if rule.shrink is None:
        return (g + 1) * (size - 1) / 2 if align else ((g + 1) * size - 1) / 2
    return (g + 1) * (size - Fraction(rule.shrink)) / 2


def through(rule, p, size, align):
    """The pixel that comes back when pixels are normalised on the way."""
    if rule.through == "align":
        g = 2 * p / max(size - 1, 1) - 1
        return (g + 1) * (size - 1) / 2 if align else ((g + 1) * size - 1) / 2
    return 0 * p if rule.through and align and size == 1 else p


def exact_points(rule, g, size, align):
    """Fractions (N, *out, R), x first, of points (N, *out, R)."""
    found = np.empty(g.shape, object)
    for at in np.ndindex(*g.shape):
        axis = at[-1]
        place = at[1:-1][::-1][axis] if rule.unit == "flow" else 0
        found[at] = exact_point(rule, g[at], size[::-1][axis], align, place)
    return found


def folded(p, size, mode, align):
    """The point that a padding makes of p, as a fraction."""
    if mode == "wrap":
        return p % size
    if mode == "reflection":
        low = Fraction(0) if align else Fraction(-1, 2)
        span = size - 1 - 2 * low
        if span == 0:
            return Fraction(0)
        p = (p - low) % (2 * span)
        p = low + min(p, 2 * span - p)
    return min(max(p, Fraction(0)), Fraction(size - 1)) if mode in ("border", "reflection") else p


def rounded(p, ties):
    """The nearest integer, its ties as the row has them."""
    if ties == "even":
        return round(p)
    if ties == "up":
        return math.floor(p + Fraction(1, 2))
    if ties == "floor":
        return math.ceil(p - Fraction(1, 2))
    return int(math.copysign(math.floor(abs(p) + Fraction(1, 2)), p))


def ruled(rule, padding, mode, p, size, align):
    """(point, whether it counts) of one coordinate."""
    inside = True
    if padding.gate is not None:
        low, low_closed, high, high_closed = padding.gate
        high = size + Fraction(high)
        inside = (p >= low if low_closed else p > low) and (p <= high if high_closed else p < high)
    if padding.period is not None:
        turn = size - Fraction(padding.period)
        q = p % turn if turn else Fraction(0)
        p = turn if (q == 0 and p < 0) or p == turn else q  # each end is met from its own side
    if padding.turns and not 0 <= p <= size - 1:
        p = p - size * math.trunc(p / (size - 1)) * (size > 1) + size * (p < 0)
    align = align if padding.align is None else padding.align
    if padding.folds == 1 and padding.mode == "reflection":
        low = Fraction(0) if align else Fraction(-1, 2)
        high = size - 1 - low
        p = 2 * low - p if p < low else p
        p = min(max(2 * high - p if p > high else p, Fraction(0)), Fraction(size - 1))
    if mode == "bicubic" and padding.mode == "border" and rule.cubic_stage == "point":
        beyond = Fraction(0) if align else Fraction(1, 2)
        if not -beyond <= p <= size - 1 + beyond:
            p = min(max(p, Fraction(0)), Fraction(size - 1))
    if mode == "nearest":
        if rule.tie_stage == "folded":
            p = folded(p, size, padding.mode, align)
        p = Fraction(rounded(p, rule.ties))
    return p, inside


def chosen(row, function):
    """Every choice of options once, in kinds and dtypes by turns: exact arithmetic is slow."""
    seen = {}
    for case in cases(row.system, function.name, version=row.since, kinds=KINDS):
        key = len(case.size), case.mode, case.padding, case.align
        seen.setdefault(key, []).append(case)
    for turn, alike in enumerate(seen.values()):
        yield alike[3 * turn % len(alike)]


def rule_of(function, case):
    """The convention of a case, in the layout that cases have."""
    rule, other = function.convention, function.otherwise
    fits = len(case.size) in rule.ranks and case.dtype in rule.dtypes
    fits = fits and (not rule.channels or 2 in rule.channels)
    found = rule if other is None or fits else other
    return replace(found, layout=rule.layout.split("|")[0])


@pytest.mark.parametrize(("row", "function"), SAMPLERS, ids=IDS)
def test_outputs_are_certified(row, function):
    made = getattr(dialects.System(row), function.name)
    roles, checked = roles_of(function), 0
    for case in chosen(row, function):
        given, rule = case.given, rule_of(function, case)
        if case.mode == "bicubic" and rule.paddings[case.padding].folds:
            continue  # texels folded once: the oracle folds them for ever
        x = canonical(given[roles["x"]], rule.layout)
        if "points" in roles:
            g = canonical(given[roles["points"]], rule.points)
        else:
            names = [roles[r] for r in ("points_x", "points_y", "points_z") if r in roles]
            g = canonical(np.stack([given[name] for name in names], -1), rule.points)
        g = g if rule.order == "xy" else g[..., ::-1]
        align, size = bool(case.align), case.size
        want_p = exact_points(rule, g, size, align)
        got_p = pixels(rule, g, size, align, False)
        for got, want in zip(got_p.flat, want_p.flat, strict=True):
            largest = abs(got) + (max(size) if rule.through else 0.0)  # S / (S - 1) is no float
            ulps = 2 if rule.through else 1
            last = Fraction(float(np.spacing(max(largest, 1e-300))))
            assert abs(Fraction(got) - want) <= ulps * last
        padding = rule.paddings[case.padding]
        if rule.gates:
            padding = replace(padding, gate=rule.gates[given[roles["gate"]]])
        p, inside = np.empty(got_p.shape), np.ones(got_p.shape, bool)
        for at in np.ndindex(*p.shape):
            exactly = Fraction(got_p[at])
            found, inside[at] = ruled(rule, padding, case.mode, exactly, size[::-1][at[-1]], align)
            p[at] = float(found)
        mirror = align if padding.align is None else padding.align
        options = {"mode": case.mode, "padding_mode": padding.mode, "align_corners": mirror}
        if case.mode == "bicubic":
            options["cubic_coefficient"] = rule.cubic_coefficient
        term = exact.grid_sample(x, p, coordinates="pixel", **options).out
        out = canonical(made(**given, faithful=False), rule.layout)
        counts = inside.all(-1)
        assert (out[~counts] == 0).all()
        for part in (term.value, term.magnitude):
            part[~counts] = 0
        factor = bound("out", case.mode, len(size)).factor
        assert excess(out, term, factor) <= 1, case
        checked += 1
    assert checked
