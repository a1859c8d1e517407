"""Choices of all options of a function."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

from ..dialects._signature import roles_of
from ..dialects.row import Convention, Function, Padding
from .case import LARGE, LATTICE

WILD = ("nan", "inf", "huge")


class Choice(NamedTuple):
    """One choice of all options, by the system's own names; None for one that it has not."""

    mode: Any
    padding: Any
    align: bool | None
    gate: Any


def choices(function: Function, kind: str) -> Iterator[Choice]:
    """Yield all choices of options that a kind of case is about."""
    rule, roles = function.convention, roles_of(function)
    if function.op != "sample" and kind in (*WILD, *LARGE, "edges", "leak"):
        return
    modes = list(rule.modes) if {"mode", "flags"} & set(roles) else [next(iter(rule.modes))]
    paddings = list(rule.paddings) if "padding" in roles else [next(iter(rule.paddings))]
    gates = list(rule.gates) if "gate" in roles else [None]
    aligns = [True, False] if "align" in roles else [function.constants.get("align")]
    if kind == "many":  # of sizes: one padding is enough, and its gate
        paddings, gates, aligns = paddings[:1], gates[:1], aligns[:1]
    for mode, padding, align, gate in product(modes, paddings, aligns, gates):
        if kind == "ties" and rule.modes[mode] != "nearest":
            continue
        if rule.through == "align" and align is False and kind in LATTICE:
            continue  # p S/(S - 1) - 1/2: no float is exactly there
        if kind == "fill" and not _filled(roles, rule.paddings[padding]):
            continue
        if kind in LARGE and not _plain(rule, mode, padding, gate):
            continue
        if kind != "random" and (mode in _again(rule.modes) or padding in _again(rule.paddings)):
            continue
        yield Choice(mode, padding, align, gate)


def _filled(roles: Mapping[str, str], how: Padding) -> bool:
    """Whether a fill that is given shows outside, other gates being about numbers too large."""
    shut = how.gate is not None and how.gate.low > -(2.0**31)
    return bool({"fill", "scalar"} & set(roles)) and (how.mode == "zeros" or shut)


def _plain(rule: Convention, mode: Any, padding: Any, gate: Any) -> bool:
    """Whether points read one cell, where they are."""
    how = rule.paddings[padding]
    moved = how.gate or how.period is not None or how.turns or rule.number("quantum", "bilinear")
    gated = gate is not None and rule.gates[gate] is not None
    alone = rule.modes[mode] == "bilinear" and how.mode in ("zeros", "border")
    return bool(alone and not (moved or gated or rule.through or rule.unit == "flow"))


def _again(names: Mapping[Any, Any]) -> list[Any]:
    """The names that mean what an earlier one means."""
    meanings = list(names.values())
    return [name for k, name in enumerate(names) if meanings[k] in meanings[:k]]
