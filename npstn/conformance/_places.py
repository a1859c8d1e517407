"""Where a point reads: its cell, and the cells that the rounding of its coordinate may take it to.

A rule changes the coordinate of a point first: a quantum, a period, one fold. Everything else that
a padding does is to repeat, mirror or fill texels, so that each axis goes on for ever, and a place
on it is a cell k and the position 0 <= t <= 1 in that cell.
"""

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..dialects.row import Convention, Padding
from ..grid import Floats
from ._spread import Objects

MOST = 8  # halves of a texel: a wider interval says nothing about a point
HALF = Fraction(1, 2)


class Rule(NamedTuple):
    """All that decides where a point of an axis reads."""

    rule: Convention
    padding: Padding
    mode: str
    align: bool  # where reflection mirrors

    def placed(self, p: Fraction, size: int) -> tuple[Fraction, bool]:
        """The coordinate that counts, and whether it does."""
        padding = self.padding
        quantum = self.rule.number("quantum", self.mode)
        if quantum:
            p = round(p / Fraction(quantum)) * Fraction(quantum)
        inside = True
        if padding.gate is not None:
            low, low_closed, high, high_closed = padding.gate
            high = size + Fraction(high)
            inside = p >= low if low_closed else p > low
            inside = inside and (p <= high if high_closed else p < high)
        if padding.period is not None:
            turn = size - Fraction(padding.period)
            q = p % turn if turn else Fraction(0)
            p = turn if (q == 0 and p < 0) or p == turn else q  # each end from its own side
        if padding.turns and not 0 <= p <= size - 1:
            p = p - size * math.trunc(p / (size - 1)) * (size > 1) + size * (p < 0)
        if padding.folds == 1 and padding.mode == "reflection":
            low = Fraction(0) if self.align else -HALF
            high = size - 1 - low
            p = 2 * low - p if p < low else p
            p = min(max(2 * high - p if p > high else p, Fraction(0)), Fraction(size - 1))
        return (self.rounded(p, size) if self.mode == "nearest" else p), inside

    def rounded(self, p: Fraction, size: int) -> Fraction:
        """The texel nearest to p, ties as the system has them."""
        if self.rule.tie_stage == "folded":
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


class Places(NamedTuple):
    """Points (P, R) with K places on each axis, the first one that of the exact coordinate."""

    q: Objects  # (P, R): the coordinate that counts
    cell: NDArray[np.int64]  # (P, R, K)
    t: Floats
    inside: NDArray[np.bool_]
    lost: NDArray[np.bool_]  # (P,): the precision does not say where the point is

    @property
    def jumps(self) -> NDArray[np.bool_]:
        """Whether a point may be in another cell (P,)."""
        moved = (self.cell != self.cell[..., :1]) | (self.inside != self.inside[..., :1])
        return np.asarray(moved.any((1, 2)))


def places(rule: Rule, p: Objects, delta: Floats, size: tuple[int, ...]) -> Places:
    """Find the places of points (P, R) of which each coordinate may be off by delta (P, R)."""
    points, rank = p.shape
    q = np.empty(p.shape, object)
    found: list[list[tuple[int, float, bool]]] = []
    lost = np.zeros(points, bool)
    for at in np.ndindex(points, rank):
        texels = size[at[1]]
        steps = math.ceil(2 * delta[at]) if delta[at] < MOST / 2 else 0
        lost[at[0]] |= steps > MOST or not delta[at] < MOST / 2
        off = Fraction(float(delta[at])) if delta[at] < MOST / 2 else Fraction(0)
        moves = [Fraction(0)]
        if off:
            moves += [off * k / steps for k in range(-steps, steps + 1) if k]
        here: list[tuple[int, float, bool]] = []
        for move in moves:
            place, inside = rule.placed(p[at] + move, texels)
            if not move:
                q[at] = place
            here += [(*cell, inside) for cell in _cells(_near(place, rule, texels), rule.mode)]
        found.append(list(dict.fromkeys(here)))
    width = max(map(len, found), default=1)
    table = [row + row[:1] * (width - len(row)) for row in found]
    shape = points, rank, width
    cell, t, inside = (
        np.array([[place[k] for place in row] for row in table], kind).reshape(shape)
        for k, kind in enumerate((np.int64, np.float64, bool))
    )
    return Places(q, cell, t, inside, lost)


def _cells(q: Fraction, mode: str) -> list[tuple[int, float]]:
    """The cell right of q, and where q is on a texel also the one to its left."""
    if mode == "nearest":
        return [(round(q), 0.0)]
    k = math.floor(q)
    return [(k, float(q - k))] if q != k else [(k, 0.0), (k - 1, 1.0)]


def _near(q: Fraction, rule: Rule, size: int) -> Fraction:
    """A coordinate near the image that reads alike: numbers of cells stay small."""
    if rule.padding.mode == "wrap":
        return q % size
    if rule.padding.mode == "reflection":
        return q % (2 * max(size - 1, 1) if rule.align else 2 * size)
    return min(max(q, Fraction(-4)), Fraction(size + 3))
