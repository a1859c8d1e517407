"""Rules on pixel coordinates: what a system does to p before it samples, in its own order."""

from collections.abc import Callable
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
    inside = None
    if faithful:
        if padding.mode != "zeros":
            inside = _reads(rule, padding, mode, p)
        p = _nonfinite(rule, padding, mode, p, size)
        if rule.quantum:
            p = np.rint(p / rule.quantum) * rule.quantum
    if padding.gate is not None:
        gated = _inside(padding.gate, p, size)
        inside = gated if inside is None else inside & gated
    name: str = padding.mode
    if padding.period is not None:
        p = _turned(p, size - padding.period)
    if padding.turns:
        turn = np.where(size > 1, size - 1, np.inf)
        moved = p - size * np.trunc(p / turn) + size * (p < 0)
        p = np.where((p < 0) | (p > size - 1), moved, p)
    if padding.folds == 1 and name == "reflection":
        p, name = _mirrored_once(p, size, align), "border"
    if name == "border" and mode == "bicubic" and rule.cubic_stage == "point":
        p = np.clip(p, 0.0, size - 1)
    if mode == "nearest":
        p, name = _rounded(rule, name, p, size, align)
    return Ruled(p, inside, name, align)


def _nonfinite(rule: Convention, padding: Padding, mode: str, p: Floats, size: Floats) -> Floats:
    nan, inf = _tables(padding, mode)
    reads: dict[str, Any] = {"nan": np.nan, "first": 0.0, "outside": -_FAR, "last": size - 1}
    is_nan, is_inf = np.isnan(p), np.abs(p) >= rule.huge
    p = np.where(is_inf, reads.get(inf, np.copysign(np.inf, p)), p)
    return np.asarray(np.where(is_nan, reads.get(nan, np.nan), p))


def _reads(rule: Convention, padding: Padding, mode: str, p: Floats) -> Mask | None:
    """Whether points read a texel, although outside is one; None if all do."""
    nan, inf = _tables(padding, mode)
    if "outside" not in (nan, inf):
        return None
    none = np.isnan(p) & (nan == "outside") | (np.abs(p) >= rule.huge) & (inf == "outside")
    return np.asarray(~none.any(-1, keepdims=True))


def _tables(padding: Padding, mode: str) -> tuple[str, ...]:
    """What a NaN and an infinite coordinate read in a mode."""
    return tuple(v if isinstance(v, str) else v.get(mode, "") for v in (padding.nan, padding.inf))


def _inside(gate: Gate, p: Floats, size: Floats) -> Mask:
    above = p >= gate.low if gate.low_closed else p > gate.low
    last = size + gate.high
    below = p <= last if gate.high_closed else p < last
    # Whoever has NaN outside says so, and then it is not NaN any more (_nonfinite).
    return np.asarray((above & below).all(-1, keepdims=True) | np.isnan(p).any(-1, keepdims=True))


def _turned(p: Floats, turn: Floats) -> Floats:
    """p modulo a period, of whose two ends each is kept, and is met from its own side."""
    q = np.mod(p, turn)
    q = np.where((q == 0.0) & (p < 0.0) | (p == turn), turn, q)
    return np.where(turn > 0, q, 0.0)


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
