"""Where a point reads: its cell, and the cells that the rounding of its coordinate may take it to.

A rule changes the coordinate first (:mod:`._rule`). Everything else that a padding does is to
repeat, mirror or fill texels, so that each axis goes on for ever, and a place on it is a cell k and
the position 0 <= t <= 1 in that cell.
"""

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..grid import Floats
from ._rule import Rule
from ._spread import ZERO, Mask, Objects, floats

MOST = 1.5  # texels: where a coordinate may be off by more, nothing is known of its cell
EXACT = 2.0**52  # from here on a fold, or a turn, is not promised to be exact
ALIKE = 2.0**-10  # places in a cell this near to each other are one: slopes tell the rest
NOISE = 2.0**-50  # of coordinates in float64 here, relative to them

Place = tuple[int, float, bool]


class Places(NamedTuple):
    """Points (P, R) with up to K places on each axis, the first that of the exact coordinate."""

    q: Objects  # (P, R): the coordinate that counts
    number: NDArray[np.intp]  # (P, R): of places
    cell: NDArray[np.int64]  # (P, R, K)
    t: Floats
    inside: Mask
    lost: Mask  # (P,): the precision does not say where the point is


def places(rule: Rule, p: Objects, delta: Floats, size: tuple[int, ...]) -> Places:
    """Find the places of points (P, R) of which each coordinate may be off by delta (P, R)."""
    near = floats(p)
    lost = ~(delta <= MOST)
    if rule.turns:
        lost |= abs(near) >= EXACT
    delta = np.where(lost, 0.0, delta)
    steady = rule.steady(near, delta + NOISE * (1 + abs(near)), np.array(size, np.float64))
    q = p.copy()
    found: dict[tuple[int, ...], list[Place]] = {}
    for at in np.ndindex(*p.shape):
        if not (steady[at] and rule.plain):
            moves = [ZERO] if steady[at] else _moves(float(delta[at]))
            q[at], found[at] = _found(rule, p.item(at), moves, size[at[1]])
    number = np.ones(p.shape, np.intp)
    for at, here in found.items():
        number[at] = len(here)
    shape = *p.shape, int(number.max(initial=1))
    rest = _near(near, rule, np.array(size, np.float64))
    cell, t = np.zeros(shape, np.int64), np.zeros(shape)
    cell[..., 0] = np.floor(rest)
    t[..., 0] = rest - np.floor(rest)
    inside = np.ones(shape, bool)
    for at, here in found.items():
        for k, place in enumerate(here):
            cell[(*at, k)], t[(*at, k)], inside[(*at, k)] = place
    return Places(q, number, cell, t, inside, np.asarray(lost.any(1)))


def _moves(delta: float) -> list[Fraction]:
    """How far a coordinate may move, in steps of half a texel at most; first not at all."""
    steps, off = math.ceil(2 * delta), Fraction(delta)
    return [ZERO, *(off * k / steps for k in range(-steps, steps + 1) if k)]


def _found(
    rule: Rule, p: Fraction, moves: list[Fraction], size: int
) -> tuple[Fraction, list[Place]]:
    """The coordinate that counts, and all places near it."""
    q, here = p, list[Place]()
    for move in moves:
        placed, inside = rule.placed(p + move, size)
        q = q if move else placed
        for cell, t in _cells(_folded(placed, rule, size), rule.mode):
            if not any(a == (cell, inside) and abs(t - b) < ALIKE for a, b in map(_split, here)):
                here.append((cell, t, inside))
    return q, here


def _split(place: Place) -> tuple[tuple[int, bool], float]:
    return (place[0], place[2]), place[1]


def _cells(q: Fraction, mode: str) -> list[tuple[int, float]]:
    """The cell right of q, and where q is on a texel also the one to its left."""
    if mode == "nearest":
        return [(round(q), 0.0)]
    k = math.floor(q)
    return [(k, float(q - k))] if q != k else [(k, 0.0), (k - 1, 1.0)]


def _folded(q: Fraction, rule: Rule, size: int) -> Fraction:
    """A coordinate near the image that reads alike: numbers of cells stay small."""
    period = rule.period(size)
    return q % period if period else min(max(q, Fraction(-4)), Fraction(size + 3))


def _near(q: Floats, rule: Rule, size: Floats) -> Floats:
    """The same of many."""
    period = np.array([rule.period(int(n)) for n in size])
    return np.asarray(np.mod(q, period) if period.all() else np.clip(q, -4.0, size + 3))
