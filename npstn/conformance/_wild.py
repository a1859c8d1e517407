"""Coordinates that no formula is about: NaN, infinite, or so large that a system says so."""

from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from ..dialects import _rules as rules
from ._call import Call
from ._spread import ZERO, Mask, Objects, floats

FAR = Fraction(2**45)  # outside of every image


class Tamed(NamedTuple):
    """Points (P, R) that are all finite, and what they were."""

    p: Objects
    counts: Mask  # (P,): others read the fill
    nan: Mask  # (P,): the output is NaN


def wild(call: Call) -> Mask:
    """Which coordinates no formula is about."""
    p = floats(call.p)
    return np.asarray(~np.isfinite(p) | (abs(p) >= call.rule.number("huge", call.where.mode)))


def specified(call: Call, wild: Mask) -> Tamed:
    """Points by the specification."""
    return _tamed(call, floats(call.p), wild, np.ones(len(call.p), bool))


def ruled(call: Call, wild: Mask) -> Tamed:
    """Points by the rules of the system."""
    rule = replace(call.rule, cubic_stage="texel", quantum=0.0)
    size, where = np.array(call.size[::-1], np.float64), call.where
    p = floats(call.p)
    found = rules.ruled(rule, where.padding, where.mode, p, size, call.align, True)
    counts = np.ones(len(p), bool)
    if found.inside is not None:
        counts = found.inside[..., 0] | ~wild.any(1)
    return _tamed(call, found.p, wild, counts)


def _tamed(call: Call, found: np.ndarray, wild: Mask, counts: Mask) -> Tamed:
    p, nan = call.p.copy(), np.zeros(len(call.p), bool)
    endless = not call.where.turns
    for at in map(tuple, np.argwhere(wild)):
        v = float(found[at])
        if np.isfinite(v):
            p[at] = Fraction(v)
        elif v == v and endless:
            p[at] = FAR if v > 0 else -FAR
        else:
            p[at], nan[at[0]] = ZERO, True
    nan &= counts
    return Tamed(p, counts & ~nan, nan)
