"""One-sided derivatives of piecewise smooth functions, and the report on a comparison with them.

Bilinear sampling is piecewise linear in each single input. Inside a cell a difference quotient
has no truncation error, whatever the step, so the step should be large; at a cell edge the slope
jumps, so each side is looked at alone. :func:`npstn.testing.check_vjp` states the criterion.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_SAFETY = 4.0
_RATIO = 4.0
_COLUMNS = 3
_UNRESOLVED = 0.05
_HEAD = "input checked smooth kinks unresolved failed worst analytic left right error allowed"


@dataclass(frozen=True)
class Entry:
    """One checked entry: its index, its derivatives, the error and what was allowed."""

    index: tuple[int, ...]
    kind: Literal["smooth", "kink", "unresolved"]
    analytic: float
    left: float
    right: float
    error: float
    allowed: float

    @property
    def ratio(self) -> float:
        """The error over what was allowed; 0 where there is no error."""
        if self.error == 0.0:
            return 0.0
        return self.error / self.allowed if self.allowed else math.inf


@dataclass(frozen=True)
class InputReport:
    """What was found for one input; `relative` is its largest error over its largest derivative."""

    name: str
    total: int
    checked: int
    smooth: int
    kinks: int
    unresolved: int
    failed: int
    relative: float
    worst: Entry | None


@dataclass(frozen=True)
class Report:
    """What `check_vjp` found; ``str(report)`` is a table with one line per input."""

    inputs: tuple[InputReport, ...]

    @property
    def worst(self) -> float:
        """The largest error over what was allowed; at most 1 if the check passed."""
        return max((i.worst.ratio for i in self.inputs if i.worst), default=0.0)

    @property
    def relative(self) -> float:
        """The largest error of an input over the largest derivative of that input."""
        return max((i.relative for i in self.inputs), default=0.0)

    def __str__(self) -> str:
        """Return the table: counts, and the worst entry of each input."""
        rows = [[*_HEAD.split(), "relative"]]
        for i in self.inputs:
            counts = (f"{i.checked}/{i.total}", i.smooth, i.kinks, i.unresolved, i.failed)
            row = [i.name, *map(str, counts)]
            if (w := i.worst) is not None:
                row += [str(list(w.index)), *(f"{v:.9g}" for v in (w.analytic, w.left, w.right))]
                row += [f"{v:.1e}" for v in (w.error, w.allowed, i.relative)]
            rows.append(row + ["-"] * (len(rows[0]) - len(row)))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


@dataclass(frozen=True)
class Differences:
    """Derivatives of <probe(x), d_out> with respect to single entries of x; `out` is probe(x)."""

    probe: Callable[[Array], Array]
    x: Array
    out: Array
    d_out: Array

    def judge(self, at: int, cotangent: Array, kinks: str) -> Entry:
        """Hold one entry of the cotangent, by its flat index, against both sides of x."""
        analytic = float(cotangent.flat[at])
        sides = [self._side(at, sign) for sign in (-1, 1)]
        clear = [side for side in sides if side[2]]
        (left, left_error, _), (right, right_error, _) = clear * 2 if len(clear) == 1 else sides
        low, high, noise = min(left, right), max(left, right), max(left_error, right_error)
        kind: Literal["smooth", "kink", "unresolved"] = "smooth" if clear else "unresolved"
        if clear and high - low > _SAFETY * (left_error + right_error):
            kind = "kink"
            if kinks == "right":
                low, high, noise = right, right, right_error
        eps = float(np.finfo(cotangent.dtype).eps)
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
            with np.errstate(all="ignore"):
                moved.flat[at] += x.dtype.type(sign * scale * _RATIO**-rung)
                step = float(moved.flat[at]) - float(x.flat[at])
                result = self.probe(moved).astype(np.float64)
                change = result - base
            if step == 0.0 or not (math.isfinite(step) and np.isfinite(change).all()):
                continue
            seen |= change != 0.0
            slope = math.fsum(change[seen] * weight[seen]) / step
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


def summarise(name: str, total: int, entries: list[Entry]) -> InputReport:
    """Count the kinds and find the worst of the checked entries of one input."""
    kinds = [e.kind for e in entries]
    largest = max((max(abs(e.analytic), abs(e.left), abs(e.right)) for e in entries), default=0.0)
    error = max((e.error for e in entries), default=0.0)
    return InputReport(
        name=name,
        total=total,
        checked=len(entries),
        smooth=kinds.count("smooth"),
        kinks=kinds.count("kink"),
        unresolved=kinds.count("unresolved"),
        failed=sum(e.ratio > 1.0 for e in entries),
        relative=error / largest if error else 0.0,
        worst=max(entries, key=lambda e: e.ratio, default=None),
    )
