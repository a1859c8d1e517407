"""One-sided derivatives of piecewise smooth functions.

Bilinear sampling is piecewise linear in each single input. Inside a cell a difference quotient
has no truncation error, whatever the step, so the step should be large; at a cell edge the slope
jumps, so each side is looked at alone. :func:`.derivatives.check_vjp` states the criterion.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ._given import total
from ._report import Entry

Array = NDArray[Any]

_SAFETY = 4.0
_RATIO = 4.0
_COLUMNS = 3
_UNRESOLVED = 0.05


@dataclass(frozen=True)
class Differences:
    """Derivatives of <probe(x), d_out> with respect to single entries of x; `out` is probe(x)."""

    probe: Callable[[Array], Array]
    x: Array
    out: Array
    d_out: Array

    def judge(self, at: int, cotangent: Array, kinks: str) -> Entry:
        """Hold one entry of the cotangent, by its flat index, against both sides of x."""
        with np.errstate(all="ignore"):  # in f as well: it is we who move x where it may overflow
            analytic, eps = float(cotangent.flat[at]), float(np.finfo(cotangent.dtype).eps)
            sides = [self._side(at, sign) for sign in (-1, 1)]
            clear = [side for side in sides if side[2]]
            (left, left_error, _), (right, right_error, _) = clear * 2 if len(clear) == 1 else sides
            low, high, noise = min(left, right), max(left, right), max(left_error, right_error)
            kind: Literal["smooth", "kink", "unresolved"] = "smooth" if clear else "unresolved"
            if clear and high - low > _SAFETY * (left_error + right_error):
                kind = "kink"
                if kinks == "right":
                    low, high, noise = right, right, right_error
            allowed = _SAFETY * noise + 8 * eps * max(abs(analytic), abs(left), abs(right))
            index = tuple(int(i) for i in np.unravel_index(at, self.x.shape))
            error = max(low - analytic, analytic - high, 0.0)
            return Entry(index, kind, analytic, left, right, error, allowed)

    def _side(self, at: int, sign: int) -> tuple[float, float, bool]:
        """Return the derivative on one side, its estimated error, and whether that is small."""
        x = self.x
        eps, eps_x = (float(np.finfo(a.dtype).eps) for a in (self.out, x))
        scale = float(np.abs(x).max()) or 1.0
        base, weight = self.out.astype(np.float64), self.d_out.astype(np.float64)
        seen, largest = np.zeros(base.shape, bool), np.abs(base).max(initial=0.0)
        ladder: list[tuple[float, float, float]] = []
        for rung in range(math.ceil(-math.log(max(eps, eps_x), _RATIO) / 2) + 1):
            moved = x.copy()
            moved.flat[at] += x.dtype.type(sign * scale * _RATIO**-rung)
            step = float(moved.flat[at]) - float(x.flat[at])
            result = self.probe(moved).astype(np.float64)
            change = result - base
            if step == 0.0 or not (math.isfinite(step) and np.isfinite(change).all()):
                continue
            seen |= change != 0.0
            slope = total(change[seen] * weight[seen]) / step
            if not math.isfinite(slope):
                continue
            size = max(np.abs(result).max(initial=0.0), largest) * np.abs(weight[seen]).sum()
            # An output that no step changes can hide one rounding at the largest step, no more.
            hidden = np.abs(base * weight)[~seen].sum() / abs(ladder[0][0] if ladder else step)
            noise = eps * ((size + scale * abs(slope)) / abs(step) + hidden)
            ladder.append((step, slope, noise))
        if len(ladder) < 2:
            return math.nan, math.inf, False
        value, error = _limit(*np.array(ladder).T)
        natural = max(abs(value), float(np.abs(base * weight).sum()) / scale)
        return value, error, error <= _UNRESOLVED * natural


def _limit(steps: Array, values: Array, noise: Array) -> tuple[float, float]:
    """Extrapolate to step 0; return the value of least estimated error, and that error."""
    best = (math.nan, math.inf)
    for column in range(min(_COLUMNS, len(steps) - 1)):
        if column:
            far, near = np.abs(steps[:-column]), np.abs(steps[column:])
            values = (far * values[1:] - near * values[:-1]) / (far - near)
            noise = (far * noise[1:] + near * noise[:-1]) / (far - near)
        for k in range(len(values) - 1):
            excess = np.abs(values[k + 1 :] - values[k])
            excess[1:] -= noise[k + 2 :]
            error = float(noise[k] + excess.max())
            if error < best[1]:
                best = (float(values[k]), error)
    return best
