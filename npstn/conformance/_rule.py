"""The rules of an axis: what a convention does to a coordinate before texels are read."""

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from ..dialects.row import Convention, Gate, Padding
from ..grid import Floats
from ..oracle._exact_axis import Mode
from ._spread import Mask

HALF = Fraction(1, 2)


class Rule(NamedTuple):
    """All that decides where a point of an axis reads."""

    rule: Convention
    padding: Padding
    mode: Mode
    align: bool  # where reflection mirrors

    @property
    def quantum(self) -> Fraction:
        """The step of which coordinates are multiples; 0 for none."""
        return Fraction(self.rule.number("quantum", self.mode))

    @property
    def plain(self) -> bool:
        """Whether a coordinate stays as it is."""
        padding = self.padding
        folds = padding.folds == 1 and padding.mode == "reflection"
        changed = self.quantum or padding.gate or padding.period is not None or padding.turns
        return not (changed or folds or self.mode == "nearest")

    @property
    def turns(self) -> bool:
        """Whether a coordinate is folded, or taken modulo a period."""
        padding = self.padding
        return padding.mode in ("reflection", "wrap") or padding.period is not None or padding.turns

    @property
    def breaks(self) -> bool:
        """Whether the output may jump where a coordinate moves."""
        padding = self.padding
        jumps = padding.gate is not None or padding.period is not None or padding.turns
        return bool(jumps or self.mode == "nearest" or self.quantum)

    def period(self, size: int) -> int:
        """After how many texels an axis repeats; 0 for never."""
        mirrored = 2 * max(size - 1, 1) if self.align else 2 * size
        return {"wrap": size, "reflection": mirrored}.get(self.padding.mode, 0)

    def steady(self, p: Floats, delta: Floats, size: Floats) -> Mask:
        """Whether coordinates (P, R) read alike, in one cell, wherever within delta they are.

        Cells, ties, folds and turns end at whole texels and halves, and gates where they say.
        """
        if self.quantum:
            return np.zeros(p.shape, bool)
        steady = abs(p - np.rint(2 * p) / 2) > delta
        if self.padding.gate is not None:
            low, _, high, _ = self.padding.gate
            steady &= (abs(p - low) > delta) & (abs(p - size - high) > delta)
        return np.asarray(steady)

    def rounding(self, p: Floats, size: Floats) -> Floats:
        """How far rounding may take p in the rules, over the unit of a precision.

        Outside of the image, a fold or a turn rounds p - low, the product of a period that it takes
        away, and what is left twice, of up to S. Inside, only low, where it is -1/2, is taken away
        and added again. With that of the frame it is at most R40's 4 (|g| + 1) S + 2.
        """
        if not self.turns:
            return np.zeros(p.shape)
        edges = self.padding.mode == "reflection" and not self.align
        inside = (p >= 0) & (p <= size - 1)
        return np.asarray(np.where(inside, edges * (2 * abs(p) + 1), 2 * abs(p) + 2 * size))

    def placed(self, p: Fraction, size: int) -> tuple[Fraction, bool]:
        """The coordinate that counts, and whether it does."""
        padding = self.padding
        if self.quantum:
            p = round(p / self.quantum) * self.quantum
        inside = padding.gate is None or _passes(padding.gate, p, size)
        if padding.period is not None:
            turn = size - Fraction(padding.period)
            q = p % turn if turn else Fraction(0)
            p = turn if (q == 0 and p < 0) or p == turn else q  # each end from its own side
        if padding.turns and not 0 <= p <= size - 1:
            p = p - size * math.trunc(p / max(size - 1, 1)) * (size > 1) + size * (p < 0)
        if padding.folds == 1 and padding.mode == "reflection":
            low = Fraction(0) if self.align else -HALF
            high = size - 1 - low
            p = 2 * low - p if p < low else p
            p = min(max(2 * high - p if p > high else p, Fraction(0)), Fraction(size - 1))
        return (self.rounded(p, size) if self.mode == "nearest" else p), inside

    def rounded(self, p: Fraction, size: int) -> Fraction:
        """The texel nearest to p, ties as the system has them."""
        late = self.padding.late and p > 0 and p % self.period(size) == size - HALF
        if self.rule.tie_stage == "folded" and not late:
            p = folded(p, size, self.padding.mode, self.align)
        ties = self.rule.ties
        if ties == "even":
            return Fraction(round(p))
        if ties == "up":
            return Fraction(math.floor(p + HALF))
        if ties == "floor":
            return Fraction(math.ceil(p - HALF))
        return Fraction(int(math.copysign(math.floor(abs(p) + HALF), p)))


def folded(p: Fraction, size: int, padding: str, align: bool) -> Fraction:
    """The coordinate in the image that a padding makes of p."""
    if padding == "wrap":
        return p % size
    if padding == "reflection":
        low = Fraction(0) if align else -HALF
        span = size - 1 - 2 * low
        if span == 0:
            return Fraction(0)
        p = (p - low) % (2 * span)
        p = low + min(p, 2 * span - p)
    return min(max(p, Fraction(0)), Fraction(size - 1)) if padding != "zeros" else p


def _passes(gate: Gate, p: Fraction, size: int) -> bool:
    low, low_closed, high, high_closed = gate
    last = size + Fraction(high)
    above = p >= low if low_closed else p > low
    return above and (p <= last if high_closed else p < last)
