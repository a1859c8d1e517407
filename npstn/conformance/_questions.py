"""The questions that a function is asked: all probes that fit it, under all its options."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..dialects._maps import AFFINE
from ..dialects.row import Function
from . import _ops
from ._probes import PROBES, WILD, Probe
from ._terms import Asked, Question, Terms, names


def values(function: Function) -> dict[str, list[Any]]:
    """The values of each option that a function has, one for each meaning."""
    rule, own = function.convention, names(function)
    found = {"mode": _distinct(rule.modes), "padding": _distinct(rule.paddings)}
    found |= {"align": [True, False], "gate": list(rule.gates)}
    return {role: given for role, given in found.items() if role in own}


def questions(
    function: Function, asked: Asked, fixed: Mapping[str, Any] | None = None
) -> Iterator[Question]:
    """Ask a function all that fits it, under all options but those that are fixed, by role."""
    rule = replace(function.convention, layout=function.convention.layout.split("|")[0])
    ours = replace(function, convention=rule)
    free = values(ours)
    free |= {role: [value] for role, value in (fixed or {}).items() if role in free}
    for probe in PROBES[function.op]:
        if _fits(ours, probe, asked):
            yield from _asked(ours, probe, asked, free)


def _fits(function: Function, probe: Probe, asked: Asked) -> bool:
    rule = function.convention
    other = function.otherwise.ranks if function.otherwise else ()
    rank = probe.rank if 2 in rule.ranks else probe.rank + 1
    known = rank in (*rule.ranks, *other) and asked.rank in (None, rank)
    batch = probe.batch == 1 or "N" in (rule.layout if function.op != "grid" else rule.points)
    form = probe.name != "projective" or rule.form not in AFFINE
    sized = not probe.single or function.op != "warp" or bool({*_ops.SIZES} & {*names(function)})
    return known and batch and form and sized and (asked.vjp or not probe.vjp)


def _asked(
    function: Function, probe: Probe, asked: Asked, free: Mapping[str, list[Any]]
) -> Iterator[Question]:
    rule = function.convention
    modes = free.get("mode", [next(iter(rule.modes))])
    paddings = free.get("padding", [next(iter(rule.paddings))])
    aligns = free.get("align", [function.constants.get("align")])
    gates = free.get("gate", [None])
    wanted = [m for m in modes if rule.modes[m] in probe.modes or function.op == "grid"]
    if probe.places in WILD:
        wanted = sorted(wanted, key=lambda m: probe.modes.index(rule.modes[m]))[:1]
    if probe.paddings in ("zeros", "border"):
        of_mode = [p for p in paddings if rule.paddings[p].mode == probe.paddings]
        paddings = of_mode or (paddings[:1] if probe.places in ("nan", "infinite") else [])
    for mode in wanted:
        for padding in paddings[:1] if probe.paddings == "first" else paddings:
            folded = rule.paddings[padding]
            every = probe.aligns == "each" or (
                probe.aligns == "reflection" and folded.mode == "reflection"
            )
            for align in aligns if every else aligns[:1]:
                for gate in gates if probe.gates == "each" else gates[:1]:
                    chosen = {"mode": mode, "padding": padding, "align": align, "gate": gate}
                    own = {role: value for role, value in chosen.items() if role in free}
                    made = Terms(function, probe, asked, chosen, own)
                    if made.fits:
                        yield made.question()


def _distinct(names_of: Mapping[Any, Any]) -> list[Any]:
    """The names with different meanings: the first one of each."""
    meanings = list(names_of.values())
    return [name for k, name in enumerate(names_of) if meanings[k] not in meanings[:k]]
