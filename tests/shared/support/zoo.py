"""Inputs on which bugs show: those of `support.dialects`, and some that are extreme."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from npstn import dialects
from npstn.conformance._kinds import own_maps
from npstn.conformance._ops import positional
from npstn.conformance.case import Case
from npstn.dialects._signature import roles_of
from npstn.dialects.row import Convention
from support.dialects import cases, function_of

KINDS = ("random", "kinks", "ties", "outside", "single", "nan", "inf", "huge")


def inputs(system: str, name: str) -> Iterator[Case]:
    """Yield cases of a function: the kind, the options and the arguments by name."""
    function = function_of(system, name)
    roles = roles_of(function)
    kind = "float64" if "float64" in function.convention.dtypes else "float32"
    channels = max(function.convention.channels, default=2)
    for case in cases(system, name, kinds=KINDS, channels=channels):
        if case.dtype != kind:
            continue
        given = dict(case.given)
        for role in ("fill", "scalar"):
            if role in roles:
                given[roles[role]] = 3.0
        yield replace(case, given=given)
        if "x" in roles and case.kind in ("random", "outside"):
            x = np.array(given[roles["x"]])
            x[...] = np.inf
            yield replace(case, kind="infinite", given={**given, roles["x"]: x})
        if "theta" in roles and case.kind == "random":
            yield from _extreme(case, given, roles, function.convention)


def _extreme(case: Case, given: dict[str, Any], roles: dict[str, str], rule: Convention) -> Any:
    """The identity, translations, and outputs of one column."""
    theta, one = np.array(given[roles["theta"]]), own_maps(rule, np.eye(len(case.size) + 1)[None])
    same = np.eye(len(theta)) if "offset" in roles else np.resize(one, theta.shape)
    yield replace(case, kind="identity", given={**given, roles["theta"]: same.astype(theta.dtype)})
    for value in (1.75, np.nan, np.inf, 2.0**40):
        base = (
            theta if abs(value) > 2 or np.isnan(value) else same
        )  # an inverse has inf where not 0
        far, more = base.astype(theta.dtype), dict(given)
        if "offset" in roles:
            more[roles["offset"]] = np.full(len(theta), value)
        else:
            flat = far.reshape(-1, one.size)
            flat[:, len(case.size)] = value
        yield replace(case, kind="moved", given={**more, roles["theta"]: far})
    column = {roles[r]: (*given[roles[r]][:-1], 1) for r in roles.keys() & {"shape", "size"}}
    column |= {roles[r]: 1 for r in roles.keys() & {"width"}}
    if column:
        yield replace(case, kind="column", given={**given, **column})


def call(system: str, name: str, case: Case) -> tuple[list[Any], dict[str, Any]]:
    """Arrays and sizes by position, and options, as a backend gets them."""
    function = function_of(system, name)
    first = positional(function)
    arrays = [case.given[n] for n in first if n in case.given]
    return arrays, {n: v for n, v in case.given.items() if n not in first}


def functions() -> list[tuple[str, str]]:
    """All functions of the newest rows that can have a bug."""
    return [
        (system, f.name)
        for system in dict.fromkeys(row.system for row in dialects.ROWS)
        for f in dialects.get(system).row.functions
        if f.op != "matrix"
    ]
