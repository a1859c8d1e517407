"""Rules on pixel coordinates: what a system does to p before it samples, in its own order."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._arithmetic import ieee
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


@ieee
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
        p = _nonfinite(rule, padding, mode, p, size, align)
        quantum = rule.number("quantum", mode)
        if quantum:
            p = np.rint(p / quantum) * quantum
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
        # In bicubic each texel is folded: Sampling extends the image by them, 2 S + 1 on each side.
        p = p + 2 * size + 1 if mode == "bicubic" else _mirrored_once(p, size, align)
        name = "border"
    elif name == "border" and mode == "bicubic" and rule.cubic_stage == "point":
        low = 0.0 if align else -0.5
        p = np.where((p < low) | (p > size - 1 - low), np.clip(p, 0.0, size - 1), p)
    if mode == "nearest":
        p, name = _rounded(rule, padding, name, p, size, align)
    return Ruled(p, inside, name, align)


def _nonfinite(
    rule: Convention, padding: Padding, mode: str, p: Floats, size: Floats, align: bool
) -> Floats:
    nan, inf = _tables(padding, mode)
    reads: dict[Any, Any] = {"nan": np.nan, "first": 0.0, "outside": -_FAR, "last": size - 1}
    reads["edge"] = 0.0 if align else -0.5
    is_nan, is_inf = np.isnan(p), np.abs(p) >= rule.number("huge", mode)
    at_inf = inf if isinstance(inf, float) else reads.get(inf, np.copysign(np.inf, p))
    at_nan = nan if isinstance(nan, float) else reads.get(nan, np.nan)
    return np.asarray(np.where(is_nan, at_nan, np.where(is_inf, at_inf, p)))


def _reads(rule: Convention, padding: Padding, mode: str, p: Floats) -> Mask | None:
    """Whether points read a texel, although outside is one; None if all do."""
    nan, inf = _tables(padding, mode)
    if "outside" not in (nan, inf):
        return None
    huge = np.abs(p) >= rule.number("huge", mode)
    none = np.isnan(p) & (nan == "outside") | huge & (inf == "outside")
    return np.asarray(~none.any(-1, keepdims=True))


def _tables(padding: Padding, mode: str) -> tuple[str | float, ...]:
    """What a NaN and an infinite coordinate read in a mode."""
    both = padding.nan, padding.inf
    return tuple(v.get(mode, "") if isinstance(v, Mapping) else v for v in both)


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
    rule: Convention, padding: Padding, name: str, p: Floats, size: Floats, align: bool
) -> tuple[Floats, str]:
    """The texel nearest to p, its ties as the system has them."""
    if rule.tie_stage == "folded":
        if rule.ties == "even":
            return p, name
        if name == "reflection":
            low = 0.0 if align else -0.5
            span = size - 1 - 2 * low
            q = np.where(span > 0, np.mod(p - low, 2 * span), 0.0)
            if padding.late:
                q = np.where((p > 0) & (q == span + 0.5), _ROUNDED[rule.ties](q), q)
            p, name = low + np.minimum(q, 2 * span - q), "border"
        if name == "border":
            p = np.clip(p, 0.0, size - 1)
    return _ROUNDED[rule.ties](p), name


_ROUNDED: dict[str, Callable[[Floats], Floats]] = {
    "even": np.rint,
    "up": lambda p: np.floor(p + 0.5),
    "floor": lambda p: np.ceil(p - 0.5),
    # Without p + 1/2, which is rounded just below 1/2.
    "away": lambda p: np.copysign(np.floor(np.abs(p)) + (np.mod(np.abs(p), 1.0) >= 0.5), p),
}


def folded_texels(n: int, align: bool) -> NDArray[np.intp]:
    """The texels of an axis of n, and the 2 n + 1 on each side that one fold gives it."""
    p = _mirrored_once(np.arange(-2.0 * n - 1, 3 * n + 1), np.array(float(n)), align)
    return np.clip(p, 0, n - 1).astype(np.intp)


def fold_sign(p: Floats, size: Floats, align: bool) -> Floats:
    """The derivative of one fold: -1 where it mirrors p once."""
    low = 0.0 if align else -0.5
    first = p < low
    last = np.where(first, 2 * low - p, p) > size - 1 - low
    return np.where(first ^ last, -1.0, 1.0)
