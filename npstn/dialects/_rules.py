"""Rules on pixel coordinates: what a system does to p before it samples, in its own order."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..grid import Floats
from .row import Convention, Gate, Padding

_FAR = 2.0**40  # outside of every image
Mask = NDArray[np.bool_]


class Ruled(NamedTuple):
    """Points to sample at, and whether each counts."""

    p: Floats  # (N, *out, R)
    inside: Mask | None  # (N, *out, 1)
    padding: str
    align: bool


@np.errstate(all="ignore")
def ruled(
    rule: Convention,
    padding: Padding,
    mode: str,
    p: Floats,
    size: Floats,
    align: bool,
    faithful: bool,
) -> Ruled:
    """Apply all rules but those of derivatives; ``size`` is that of the input, x first."""
    align = align if padding.align is None else padding.align
    if faithful:
        p = _nonfinite(rule, padding, mode, p, size)
        quantum = rule.number("quantum", mode)
        if quantum:
            p = np.rint(p / quantum) * quantum
    inside = None if padding.gate is None else _inside(padding.gate, p, size)
    name: str = padding.mode
    if padding.period is not None:
        turn = size - padding.period
        p = np.where(turn > 0, np.mod(p, turn), 0.0)
    if padding.folds == 1 and name == "reflection":
        p, name = _mirrored_once(p, size, align), "border"
    if name == "border" and mode == "bicubic" and rule.cubic_stage == "point":
        p = np.clip(p, 0.0, size - 1)
    if mode == "nearest":
        p, name = _rounded(rule, name, p, size, align)
    return Ruled(p, inside, name, align)


def _nonfinite(rule: Convention, padding: Padding, mode: str, p: Floats, size: Floats) -> Floats:
    nan, inf = (
        v.get(mode, "") if isinstance(v, Mapping) else v for v in (padding.nan, padding.inf)
    )
    reads: dict[Any, Any] = {"nan": np.nan, "first": 0.0, "outside": -_FAR, "last": size - 1}
    is_nan, is_inf = np.isnan(p), np.abs(p) >= rule.number("huge", mode)
    at_inf = inf if isinstance(inf, float) else reads.get(inf, np.copysign(np.inf, p))
    at_nan = nan if isinstance(nan, float) else reads.get(nan, np.nan)
    return np.asarray(np.where(is_nan, at_nan, np.where(is_inf, at_inf, p)))


def _inside(gate: Gate, p: Floats, size: Floats) -> Mask:
    above = p >= gate.low if gate.low_closed else p > gate.low
    last = size + gate.high
    below = p <= last if gate.high_closed else p < last
    return np.asarray((above & below).all(-1, keepdims=True))


def _mirrored_once(p: Floats, size: Floats, align: bool) -> Floats:
    low = 0.0 if align else -0.5
    high = size - 1 - low
    p = np.where(p < low, 2 * low - p, p)
    return np.where(p > high, 2 * high - p, p)


def _rounded(
    rule: Convention, name: str, p: Floats, size: Floats, align: bool
) -> tuple[Floats, str]:
    """The texel nearest to p, its ties as the system has them."""
    if rule.tie_stage == "folded":
        if rule.ties == "even":
            return p, name
        if name == "reflection":
            low = 0.0 if align else -0.5
            span = size - 1 - 2 * low
            q = np.where(span > 0, np.mod(p - low, 2 * span), 0.0)
            p, name = low + np.minimum(q, 2 * span - q), "border"
        if name == "border":
            p = np.clip(p, 0.0, size - 1)
    return _ROUNDED[rule.ties](p), name


_ROUNDED: dict[str, Callable[[Floats], Floats]] = {
    "even": np.rint,
    "up": lambda p: np.floor(p + 0.5),
    "floor": lambda p: np.ceil(p - 0.5),
    "away": lambda p: np.copysign(np.floor(np.abs(p) + 0.5), p),
}
