"""An exact result, and all that an honest backend may be off from it."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..grid import Floats
from ..oracle._exact_terms import Term

Objects = NDArray[np.object_]


class Spread(NamedTuple):
    """Arrays of one shape; a linear map takes each of them along."""

    value: Objects  # Fractions; floats where it is not finite
    magnitude: Objects  # M, the sum of the absolute terms
    count: NDArray[Any]  # their number n
    low: (
        Floats  # from the value to the least one that counts as right: across a kink, a tie, a gate
    )
    high: Floats
    shift: Floats  # what the rounding of coordinates may do
    slack: Floats  # what is multiplied with weights that may vanish, where their rounding does not

    @classmethod
    def of(cls, term: Term) -> "Spread":
        """Make one without tolerances."""
        zero = np.zeros(term.value.shape)
        return cls(*term, zero, zero, zero, zero)

    def each(self, change: Callable[[Any], Any]) -> "Spread":
        """Change all arrays, their layout for instance."""
        return Spread(*map(change, self))

    def times(self, a: Objects) -> "Spread":
        """Multiply by a matrix (m, n) of Fractions, on the first axis."""
        floats = a.astype(np.float64)
        size, up, down = abs(floats), np.maximum(floats, 0.0), np.minimum(floats, 0.0)
        return Spread(
            a @ self.value,
            abs(a) @ self.magnitude,
            (a != 0).astype(int) @ self.count,
            up @ self.low + down @ self.high,
            up @ self.high + down @ self.low,
            size @ self.shift,
            size @ self.slack,
        )


def fractions(a: NDArray[Any]) -> Objects:
    """The numbers as Fractions, but for those that are not finite."""
    flat = [Fraction(float(v)) if np.isfinite(v) else float(v) for v in a.flat]
    found = np.empty(a.shape, object)
    found.flat = flat
    return found
