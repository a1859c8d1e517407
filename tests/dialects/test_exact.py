"""Certification of the rows: with ``faithful=False`` a dialect is its formulas, exactly.

The answers are those of the judge, made of the fields of the row and of the exact oracle alone.
"""

from dataclasses import replace

import numpy as np
import pytest
from support.dialects import cases

from npstn import dialects
from npstn.conformance.answers import answers
from npstn.conformance.judge import judge
from npstn.dialects._frames import pixels
from npstn.dialects._layouts import canonical
from npstn.dialects._signature import roles_of

SAMPLERS = [
    (row, function)
    for row in dialects.ROWS
    for function in row.functions
    if function.op == "sample"
]
IDS = [f"{row.system}-{row.since}-{function.name}" for row, function in SAMPLERS]
KINDS = ("random", "lattice", "ties", "outside", "single")


def chosen(row, function):
    """Every choice of options once, in kinds and dtypes by turns: exact arithmetic is slow."""
    seen = {}
    for case in cases(row.system, function.name, version=row.since, kinds=KINDS):
        key = len(case.size), case.mode, case.padding, case.align
        seen.setdefault(key, []).append(case)
    for turn, alike in enumerate(seen.values()):
        yield alike[3 * turn % len(alike)]


def unfaithful(function):
    """The function with the formulas of its convention alone, not the numbers of the system."""
    rules = function.convention, function.otherwise
    changes = {"cast": "given", "quantum": 0.0}
    first, other = (rule and replace(rule, **changes) for rule in rules)
    return replace(function, convention=first, otherwise=other)


def beyond(case, rule):
    """Whether the exact oracle has no such rule: texels folded once, points that are clamped."""
    padding = rule.paddings[case.padding] if case.padding is not None else None
    clamped = rule.cubic_stage == "point" and padding and padding.mode == "border"
    return case.mode == "bicubic" and padding and (padding.folds or clamped)


@pytest.mark.parametrize(("row", "function"), SAMPLERS, ids=IDS)
def test_outputs_are_certified(row, function):
    made = getattr(dialects.System(row), function.name)
    roles, checked = roles_of(function), 0
    for case in chosen(row, function):
        given, rule = case.given, case.function.convention
        if beyond(case, rule):
            continue
        found = answers(unfaithful(function), given, unit=2.0**-53)
        names = [roles[r] for r in ("points_x", "points_y", "points_z") if r in roles]
        g = given[roles["points"]] if "points" in roles else np.stack([given[n] for n in names], -1)
        g = canonical(g, rule.points)
        g = g if rule.order == "xy" else g[..., ::-1]
        p = pixels(rule, g, case.size, bool(case.align), False)
        largest = np.maximum(abs(p), max(case.size) if rule.through else 1e-300)
        ulps = 3 if rule.through else 1.5  # S / (S - 1) is no float, nor is the exact point
        assert (abs(p - found.points) <= ulps * np.spacing(largest)).all()
        out = made(**given, faithful=False)
        last = np.where(out.dtype == np.float32, np.spacing(abs(out)) / 2, 0.0)
        judged = judge(out, found.results["out"], floor=last)
        assert judged.ratio.max() <= 1, case
        checked += 1
    assert checked
