"""The comparator of the numerical contract: errors in units of what is allowed.

It judges a result by the terms that `npstn.oracle.exact` gives with the exact value, and by the
factors of `npstn.contract`.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract import FLOOR, U
from ._exact_terms import Term

MOST = 10**300  # a ratio that float64 holds


def ratios(
    result: NDArray[np.floating[Any]],
    term: Term,
    factor: Callable[[int], int],
    *,
    slack: Fraction | int = 0,
    floor: Fraction = FLOOR,
) -> NDArray[np.float64]:
    """Return |result - value| / bound of every number, in the shape of the result.

    The bound is ``factor(n) u M + slack u + floor``, in float32 and half a unit of its last place.
    A ratio up to 1 is truth; that of a number that is not finite is infinite. ValueError is raised
    if the sizes differ.
    """
    if result.size != term.value.size:
        shapes = f"{result.shape}, the exact ones {term.value.shape}"
        raise ValueError(f"results have shape {shapes}: expected as many numbers")
    flat = [a.reshape(-1) for a in (result, *term)]
    found = np.zeros(result.size)
    for at in np.flatnonzero((flat[0] != 0) | (flat[2] != 0)):  # the others are 0, and should be
        got, value, magnitude, count = (a[at] for a in flat)
        found[at] = np.inf
        if np.isfinite(got):
            bound = (factor(int(count)) * magnitude + slack) * U + floor
            if result.dtype == np.float32:
                bound += Fraction(_spacing(got)) / 2
            found[at] = min(abs(Fraction(float(got)) - value) / bound, MOST)
    return found.reshape(result.shape)


def _spacing(got: np.float32) -> float:
    """The unit in the last place of a number, the largest one's like those below it."""
    with np.errstate(all="ignore"):
        return min(float(np.spacing(abs(got))), 2.0**104)
