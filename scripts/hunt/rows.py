"""Rows of theta that are hard on one axis of an input of a size, by kind.

A row is (t_x, t_y, 1) or (t_x, t_y, t_z, 1) against a point (x, y, ..., 1) of the output lattice,
which ``lines`` gives axis by axis.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from npstn.grid import pixel_scale

Random = np.random.Generator
Lines = list[list[Fraction]]
Row = list[float]


def line(n: int, align: bool) -> list[Fraction]:
    """Return the exact lattice of an output axis."""
    steps = max(n - align, 1)
    return [Fraction(2 * j + 1 - n, steps) for j in range(n)]


def aimed(rng: Random, size: int, align: bool) -> Fraction:
    """Return the normalised coordinate of a texel or a place half-way, in the input or beside."""
    c, d = map(Fraction, pixel_scale(size, align))
    p = Fraction(int(rng.integers(-3, 2 * size + 3)), 2)
    return (p - d) / c if c else Fraction(0)


def pick(rng: Random, values: Any) -> Any:
    """Return one of some values."""
    return values[int(rng.integers(len(values)))]


def ulps(rng: Random, value: float, most: int = 2) -> float:
    """Return a number up to some ulps away."""
    for _ in range(int(rng.integers(most + 1))):
        value = float(np.nextafter(value, rng.choice([-np.inf, np.inf])))
    return value


def ordinary(rng: Random, size: int, lines: Lines, align: bool) -> Row:
    """Any map."""
    return list(rng.uniform(-1.5, 1.5, len(lines) + 1))


def quarters(rng: Random, size: int, lines: Lines, align: bool) -> Row:
    """Few bits: many points on texels and folds."""
    found = rng.integers(-6, 7, len(lines) + 1) * rng.integers(0, 2, len(lines) + 1) / 4
    return list(found)


def middle(rng: Random, size: int, lines: Lines, align: bool) -> Row:
    """All points in the middle: a texel, or half-way between two."""
    return [0.0] * (len(lines) + 1)


def next_to_texels(rng: Random, size: int, lines: Lines, align: bool) -> Row:
    """A point of the output that is aimed at a texel, and misses it by rounding errors."""
    scales = 2.0 ** rng.choice([0, 0, -1, 3, 20, -40], len(lines))
    found = (rng.uniform(-1.5, 1.5, len(lines)) * scales).tolist()
    at = [pick(rng, line) for line in lines]
    rest = aimed(rng, size, align) - sum(
        (Fraction(t) * x for t, x in zip(found, at, strict=True)), Fraction(0)
    )
    return [*found, ulps(rng, float(rest))]


def three_scales(rng: Random, size: int, lines: Lines, align: bool) -> Row:
    """Terms that cancel at a point of the output, where what is left decides the cell.

    The first scale is the middle of the input, or a texel where the row has room for it; then come
    two terms that cancel there exactly, or but for an ulp; then the rest of a third scale.
    """
    at = [*(pick(rng, line) for line in lines), Fraction(1)]
    a, b = rng.permutation(len(at))[:2].tolist()
    if not at[b]:
        a, b = (b, a) if at[a] else (a, len(lines))
    scale = Fraction(2) ** -pick(rng, [0, 0, 20, 40, 54, 60, 70, 110])
    scale *= Fraction(pick(rng, [1, 1, 3, -1, rng.uniform(1, 2)]))
    smaller = scale * Fraction(2) ** -pick(rng, [1, 40, 54, 80, 140, 260, 500])
    found = [float(smaller * Fraction(pick(rng, [1, -1, rng.uniform(-2, 2)]))) for _ in at]
    found[a] = float(scale * at[a].denominator * at[b].numerator)
    found[b] = float(-scale * at[a].numerator * at[b].denominator)
    if len(lines) not in (a, b) and rng.random() < 0.5:
        found[-1] = float(aimed(rng, size, align))
    if rng.random() < 0.3:
        found[b] = ulps(rng, found[b])
    return found


def subnormal(rng: Random, size: int, lines: Lines, align: bool) -> Row:
    """Numbers at the lower end of float64 beside ordinary ones."""
    some = [0, 0, 5e-324, -5e-324, 1e-323, 1e-320, -3e-310, 2.3e-308, 1e-290, 1, -1, 0.5, 2]
    return list(rng.choice(some, len(lines) + 1))


def huge(rng: Random, size: int, lines: Lines, align: bool) -> Row:
    """Numbers at the upper end of float64, which cancel, beside ordinary and tiny ones."""
    powers = rng.choice([0, 60, 300, 600, 700, 800, 1000, -300, -800, -900, -1000], len(lines) + 1)
    found = np.ldexp(rng.choice([1, -1, 1.5, rng.uniform(-2, 2)], len(powers)), powers)
    a, b = rng.permutation(len(powers))[:2]
    if rng.random() < 0.6:
        found[b] = -found[a]
    return list(found)


def far(rng: Random, size: int, lines: Lines, align: bool) -> Row:
    """Points many sizes away."""
    powers = rng.choice([0, 10, 25, 34, 40, 45, 50], len(lines) + 1)
    return list(np.ldexp(rng.uniform(-2, 2, len(powers)), powers))


ROWS: dict[str, Callable[[Random, int, Lines, bool], Row]] = {
    "ordinary": ordinary,
    "quarters": quarters,
    "middle": middle,
    "next to texels": next_to_texels,
    "three scales": three_scales,
    "subnormal": subnormal,
    "huge": huge,
    "far": far,
}
