"""Exact sums that know their terms.

An array of sums is integers over one denominator: as exact as fractions, and much faster. Its last
axis holds value, magnitude and count, which add and multiply alike.
"""

from fractions import Fraction
from math import lcm
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.object_]


class Term(NamedTuple):
    """The sums behind one result: exact value, sum of absolute terms, number of terms.

    The first two hold Fractions. Texels outside the image and zero weights are no terms.
    """

    value: Array
    magnitude: Array
    count: NDArray[np.int64]  # type: ignore[assignment]  # tuple has a method of this name


class Exact(NamedTuple):
    """Output and, if a cotangent was passed, gradients of the images and of the grid or theta."""

    out: Term
    d_x: Term | None = None
    d_coords: Term | None = None


class Sums(NamedTuple):
    """Value, magnitude and count, (..., 3); the first two over unit."""

    terms: Array
    unit: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array of sums."""
        return self.terms.shape[:-1]

    def times(self, n: int) -> Array:
        """Return the terms of n times the sums, where n is a multiple of the unit."""
        factor = n // self.unit
        return np.asarray(self.terms * np.array([factor, factor, 1], dtype=object))

    def term(self) -> Term:
        """Return the sums as fractions."""
        fraction = np.frompyfunc(lambda i: Fraction(i, self.unit), 1, 1)
        value, magnitude, count = np.moveaxis(self.terms, -1, 0)
        value, magnitude = (np.asarray(fraction(i), dtype=object) for i in (value, magnitude))
        return Term(value, magnitude, count.astype(np.int64))


def require(fits: bool, got: str, expected: str) -> None:
    """Raise ValueError unless it fits."""
    if not fits:
        raise ValueError(f"{got}: expected {expected}")


def scaled(name: str, values: ArrayLike, ndims: tuple[int, ...], *tail: int) -> Sums:
    """Return numbers as sums of one term. ValueError for another shape, NaN or an infinity."""
    stored = np.asarray(values).astype(object)
    fits = stored.ndim in ndims and stored.shape[stored.ndim - len(tail) :] == tail
    require(fits, f"{name} of shape {stored.shape}", f"{ndims} axes, the last of them {tail}")
    try:
        ratios = [value.as_integer_ratio() for value in stored.flat]
    except (ValueError, OverflowError):
        raise ValueError(f"{name} holds NaN or an infinity: expected finite numbers") from None
    unit = lcm(*(denominator for _, denominator in ratios))
    integers = [numerator * (unit // denominator) for numerator, denominator in ratios]
    whole = np.array(integers, dtype=object).reshape(stored.shape)
    return Sums(terms(whole, np.ones(stored.shape, int)), unit)


def terms(values: Array, count: NDArray[np.int64]) -> Array:
    """Return value, magnitude and count of sums of one term, or of none."""
    return np.stack([values, abs(values), count.astype(object)], axis=-1)
