"""An exact result, and all that an honest backend may be off from it."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..grid import Floats
from ..oracle._exact_terms import Sums

Objects = NDArray[Any]  # of Fractions
Mask = NDArray[np.bool_]
ZERO = Fraction(0)


@dataclass(frozen=True)
class Spread:
    """Arrays of one shape; a linear map takes each of them along."""

    value: Objects  # Fractions; floats where it is not finite
    magnitude: Floats  # M, the sum of the absolute terms
    count: NDArray[np.int64]  # their number n
    low: Floats  # from the value to the least that is right: across a kink, a tie, a gate
    high: Floats
    shift: Floats  # what the rounding of coordinates may do
    slack: Floats  # what is multiplied with weights that may vanish, where their rounding does not

    @classmethod
    def of(cls, value: Objects, magnitude: Floats, count: NDArray[np.int64]) -> "Spread":
        """Make one without tolerances."""
        zero = np.zeros(value.shape)
        return cls(value, magnitude, count, zero, zero, zero, zero)

    @classmethod
    def of_sums(cls, sums: Sums, last: int) -> "Spread":
        """Make one of exact sums, as rows of a length."""
        value, magnitude, count = np.moveaxis(sums.terms.reshape(-1, last, 3), -1, 0)
        unit = sums.unit
        exact = np.frompyfunc(lambda i: Fraction(i, unit) if i else ZERO, 1, 1)
        size = np.frompyfunc(lambda i: i / unit, 1, 1)
        found = np.asarray(exact(value), object), np.asarray(size(magnitude), np.float64)
        return cls.of(*found, count.astype(np.int64))

    def each(self, change: Callable[[Any], Any]) -> "Spread":
        """Change all arrays, their layout for instance."""
        return Spread(*(change(getattr(self, field.name)) for field in fields(self)))

    def scaled(self, factor: Objects) -> "Spread":
        """Multiply each number by a factor, which may be negative."""
        a = factor.astype(np.float64)
        size, ends = abs(a), (self.low * a, self.high * a)
        return Spread(
            self.value * factor,
            self.magnitude * size,
            self.count,
            np.minimum(*ends),
            np.maximum(*ends),
            self.shift * size,
            self.slack * size,
        )

    def mapped(self, a: Floats, value: Objects) -> "Spread":
        """Multiply by a matrix (m, n), on the first axis; ``value`` is the exact product."""
        size, up, down = abs(a), np.maximum(a, 0.0), np.minimum(a, 0.0)
        return Spread(
            value,
            size @ self.magnitude,
            (a != 0).astype(np.int64) @ self.count,
            up @ self.low + down @ self.high,
            up @ self.high + down @ self.low,
            size @ self.shift,
            size @ self.slack,
        )


def fractions(a: NDArray[Any]) -> Objects:
    """Convert numbers to Fractions, but for those that are not finite."""
    exact = np.frompyfunc(lambda v: Fraction(v) if np.isfinite(v) else v, 1, 1)
    return np.asarray(exact(a.astype(np.float64).astype(object)), object)


def floats(a: Objects) -> Floats:
    """Round Fractions to float64; those that it does not hold are infinite."""
    return np.asarray(np.frompyfunc(_rounded, 1, 1)(a), np.float64)


def product(a: Objects, b: Objects) -> Objects:
    """Multiply matrices of Fractions, as integers over two denominators."""
    try:
        (x, one), (y, other) = _whole(a), _whole(b)
    except (ValueError, OverflowError):  # NaN, infinite
        return np.asarray(a @ b, object)
    unit = one * other
    return np.asarray(np.frompyfunc(lambda i: Fraction(i, unit), 1, 1)(x @ y), object)


def _whole(a: Objects) -> tuple[Objects, int]:
    ratios = [v.as_integer_ratio() for v in a.flat]
    unit = lcm(*(d for _, d in ratios))
    found = np.empty(a.size, object)
    found[:] = [n * (unit // d) for n, d in ratios]
    return found.reshape(a.shape), unit


def _rounded(v: Any) -> float:
    try:
        return float(v)
    except OverflowError:
        return float("inf") if v > 0 else float("-inf")
