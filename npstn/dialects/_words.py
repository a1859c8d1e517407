"""Words for the convention of a function, in docstrings and in tables alike."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ._maps import shape_of
from ._signature import ranks, roles_of
from .row import Function, Gate, Padding

_SPACE = {2: "H, W", 3: "D, H, W"}
_TIES = {"even": "to even", "away": "away from 0", "up": "up", "floor": "down"}
_WAYS = {"pull": "from output to input", "push": "from input to output"}
_KINKS = {
    "padded": "at a texel it is that right of the point which padding has folded",
    "zero": "at a texel it is 0",
    "missing": (
        "at a texel it is that right of the point which padding has folded, with 0 for texels"
        " outside; where the point is clamped it is 0"
    ),
    "clamped": "at a texel it is 0, at the last one that from the left",
}


def shape(word: str, function: Function, space: str = "") -> str:
    """The shapes of a layout, (N, C, H, W) or (N, C, D, H, W); or with other spatial axes."""
    found = []
    for layout in word.split("|"):
        for rank in ranks(function):
            words = {"*": space or _SPACE[rank], "R": str(rank)}
            found.append(f"({', '.join(words.get(letter, letter) for letter in layout)})")
    return " or ".join(dict.fromkeys(found))


def points_shape(function: Function) -> str:
    """The shapes of points, or of their coordinates: with any axes in between, but for a flow."""
    word, own = function.convention.points, roles_of(function)
    return shape(
        word if "points" in own or function.op == "grid" else word.replace("R", ""),
        function,
        "" if function.op == "grid" or function.convention.unit == "flow" else "...",
    )


def map_shape(function: Function) -> str:
    """The shapes of the parameters of maps."""
    rule = function.convention
    if "offset" in roles_of(function):
        known = " or ".join(map(str, ranks(function)))
        return f"(R, R), (R,), (R, R + 1) or (R + 1, R + 1), R = {known}"
    lead = ["N", "K"][: ("N" in rule.layout) * (1 + rule.several)]
    found = []
    for rank in ranks(function):
        axes = [*lead, *map(str, shape_of(rule, rank))]
        found.append(f"({', '.join(axes)}{',' * (len(axes) == 1)})")
    return " or ".join(found)


def modes(function: Function) -> str:
    """The names of modes and their meanings; the meaning alone where there is no argument."""
    rule = function.convention
    ties = "up" if rule.matrix_quantum else rule.ties  # fixed point adds a half and cuts
    more = {
        "bilinear": "",
        "nearest": f", ties {_TIES[ties]}",
        "bicubic": f", a = {rule.cubic_coefficient:g}",
    }
    table = {name: mode + more[mode] for name, mode in rule.modes.items()}
    return _names(table, bool({"mode", "flags"} & roles_of(function).keys()))


def paddings(function: Function) -> str:
    """The names of paddings and their meanings; the meaning alone where there is no argument."""
    table = {name: _padding(p, function) for name, p in function.convention.paddings.items()}
    return _names(table, "padding" in roles_of(function))


def gates(function: Function) -> str:
    """The names of gates and the points that count by each."""
    table = function.convention.gates
    return _names({k: f"those in {_interval(g)}" if g else "all" for k, g in table.items()}, True)


def unit(function: Function) -> str:
    """The pixel p of a coordinate g, as a formula."""
    rule = function.convention
    aligned = function.constants.get("align")
    if rule.unit == "normalized":
        if rule.shrink is None and not aligned:
            return "p = (g + 1)(S - 1)/2 with align_corners, ((g + 1)S - 1)/2 without"
        return f"p = (g + 1){_half(1.0 if rule.shrink is None else rule.shrink)}"
    if rule.unit == "flow":
        scale = "" if rule.shrink is None else f" {_half(rule.shrink)}"
        found = f"lattice {'+' if rule.sign > 0 else '-'} flow{scale}"
    else:
        found = {"texel": "g", "corner": "g - 1/2", "centre": "g + (S - 1)/2"}[rule.origin]
    if rule.through != "align" or aligned:
        return f"p = {found}"
    inner = found if found == "g" else f"({found})"
    return f"p = {found} with align_corners, {inner} S/(S - 1) - 1/2 without"


def axes(function: Function) -> str:
    """The order of coordinates."""
    orders = {"xy": {2: "(x, y)", 3: "(x, y, z)"}}
    orders["ij"] = {2: "(row, column)", 3: "(slice, row, column)"}
    return " or ".join(orders[function.convention.order][rank] for rank in ranks(function))


def direction(function: Function) -> str:
    """The way that maps go; none where there is no map."""
    if function.op == "sample":
        return ""
    way = _WAYS[function.convention.direction]
    return f"{way}, or {_WAYS['pull']} by flag 16" if "flags" in roles_of(function) else way


def numbers(function: Function) -> list[str]:
    """How coordinates are computed, and how they are rounded."""
    rule, own = function.convention, "points" if function.op == "sample" else "map"
    if function.op == "matrix":
        return []
    cast = f"the dtype of the {own}" if rule.cast == "given" else rule.cast
    found = [f"coordinates are computed in {cast}"]
    if rule.lattice == "steps" and function.op != "sample":
        found.append("the lattice is -1 + i step, the step rounded first")
    if function.op != "sample" and rule.one:
        found.append(f"where the output has one point on an axis, it is at {_one(function)}")
    if function.op != "grid":
        found += _sampled(function)
    return found


def derivatives(function: Function) -> list[str]:
    """What differs from the derivative of bilinear right of p."""
    rule = function.convention
    if function.op in ("grid", "matrix"):
        return []
    found = [_KINKS[rule.kink]] if rule.kink in _KINKS else []
    if rule.edge == "open":
        found.append("where p = -1 it is 0")
    if rule.number("quantum", "bilinear"):
        found.append("it is that without rounding, at the rounded point")
    return found


def others(function: Function) -> str:
    """What differs for images of the second convention."""
    if function.otherwise is None:
        return ""
    rule, other = function.convention, replace(function, convention=function.otherwise)
    lines = [line for line in numbers(other) if line not in numbers(function)]
    lines += [
        f"{head} {of(other)}"
        for head, of in (("interpolation is", modes), ("outside is", paddings))
        if of(other) != of(function)
    ]
    slopes = [line for line in derivatives(other) if line not in derivatives(function)]
    lines += [f"derivative of bilinear: {line}" for line in slopes]
    who = "volumes"
    if rule.ranks == function.otherwise.ranks:
        *counts, last = map(str, rule.channels)
        who = (
            f"images other than {', '.join(rule.dtypes)} of {', '.join(counts)} or {last} channels"
        )
    return f"{who}: {'; '.join(lines)}" if lines else ""


def _names(table: Mapping[Any, str], chosen: bool) -> str:
    """Names by meaning; a name that starts its meaning stands for that part of it."""
    names: dict[str, list[Any]] = {}
    for name, meaning in table.items():
        names.setdefault(meaning, []).append(name)
    if not chosen:
        return next(iter(names))
    found = []
    for meaning, alike in names.items():
        more = meaning
        if len(alike) == 1 and meaning.replace(",", " ").split()[0] == alike[0]:
            more = meaning.removeprefix(alike[0]).lstrip(", ")
        found.append(" or ".join(map(repr, alike)) + (f" ({more})" if more else ""))
    return ", ".join(found)


def _padding(padding: Padding, function: Function) -> str:
    fill = "the fill" if {"fill", "scalar"} & roles_of(function).keys() else ""
    gate = padding.gate
    if padding.turns:
        return "TensorFlow's own wrap"
    if padding.period is not None:
        return f"the period S - {padding.period:g}"
    if gate is not None and gate.low > -(2.0**31):  # others are about numbers too large
        return f"{'border, but ' * (gate.low < 0)}{fill or 0} outside {_interval(gate)}"
    found: str = fill or "zeros" if padding.mode == "zeros" else padding.mode
    if padding.mode == "reflection":
        align = function.constants.get("align") if padding.align is None else padding.align
        found += "" if align is None else f" about the {'centres' if align else 'edges'}"
    found += ", where nearest at S - 1/2 is S - 2" if padding.late else ""
    return found + (", once, then border" if padding.folds is not None else "")


def _interval(gate: Gate) -> str:
    high = f"S {'+' if gate.high > 0 else '-'} {abs(gate.high):g}" if gate.high else "S"
    return f"{'(['[gate.low_closed]}{gate.low:g}, {high}{')]'[gate.high_closed]}"


def _half(shrink: float) -> str:
    return f"(S - {shrink:g})/2" if shrink else "S/2"


def _one(function: Function) -> str:
    rule = function.convention
    at = "NaN" if math.isnan(rule.one) else f"{rule.one:g}"
    if "align" not in roles_of(function):
        return at
    return f"{at} with align_corners, at 0 without"


def _sampled(function: Function) -> list[str]:
    rule, found = function.convention, []
    if rule.through:
        chosen = " with align_corners" if "align" in roles_of(function) else ""
        other = ", moved by -1/2 without" if chosen and rule.through == "align" else ""
        found.append(f"on an axis of one texel each coordinate is 0{chosen}{other}")
    steps = {mode: rule.number("quantum", mode) for mode in rule.modes.values()}
    if rule.matrix_quantum:
        where = ", ".join(mode for mode, step in steps.items() if step)
        step = rule.matrix_quantum
        found.append(f"products of map and lattice are rounded to 1/{1 / step:g} pixel in {where}")
    fine = {mode: step for mode, step in steps.items() if step and mode != "nearest"}
    if fine:
        step = next(iter(fine.values()))
        found.append(f"coordinates are rounded to 1/{1 / step:g} pixel in {', '.join(fine)}")
    raw = rule.tie_stage == "raw" or steps.get("nearest")
    if raw and {"reflection", "wrap"} & {p.mode for p in rule.paddings.values()}:
        found.append("nearest rounds before padding folds")
    return found
