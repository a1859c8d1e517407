"""The right answers to a call of a dialect's function, and how far an honest backend may be off.

Values are those of :mod:`npstn.oracle.exact` at the exact points of the convention. What may be
added to them has two parts, for a backend whose numbers have the precision v:

- arithmetic: the bound of :mod:`npstn.contract` with v for u, ``v (k(n) M + WEIGHTS m)``;
- coordinates: each may be off by ``v`` times its rounding (:mod:`._frame`), which moves a result by
  at most that times the largest slope in the cells it may reach, and takes a derivative, a texel or
  a gate to any of these cells.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._arithmetic import ieee
from .._check import Array
from ..contract import Bound, bound
from ..dialects._arguments import Arguments
from ..dialects._signature import roles_of, signature
from ..dialects.row import Function
from ..grid import Floats
from ._grids import grid_spreads
from ._precision import UNITS
from ._samples import sample_spreads
from ._spread import Objects, Spread

# By Horner's rule, whose terms are up to 6 and cancel, a weight of bicubic may be off by 24 v, its
# slope by 16 v; what is multiplied with both, by 32 v.
WEIGHTS = 32


@dataclass(frozen=True)
class Answer:
    """One result: what is right, and what is allowed, in the layout of the dialect."""

    value: Objects  # Fractions, or floats that are not finite
    magnitude: Floats
    count: NDArray[np.int64]
    low: Floats
    high: Floats
    arithmetic: Floats
    coordinate: Floats
    also: Floats | None = None  # right as well: what the specification says of a NaN

    @classmethod
    def of(
        cls, spread: Spread, factor: Callable[[int], float], unit: float, also: Floats | None
    ) -> "Answer":
        """Make one of a spread; ``factor`` is k(n)."""
        low, high = np.minimum(spread.low, 0.0), np.maximum(spread.high, 0.0)
        counts, where = np.unique(spread.count, return_inverse=True)
        k = np.array([factor(int(n)) for n in counts])[where].reshape(spread.count.shape)
        arithmetic = unit * (k * spread.magnitude + WEIGHTS * spread.slack)
        rest = spread.magnitude, spread.count, low, high, arithmetic, spread.shift, also
        return cls(spread.value, *rest)


class Answers(NamedTuple):
    """The answers to a call, and where its points are."""

    results: dict[str, Answer]  # "out", and "d_" with the name of each array with a cotangent
    inside: NDArray[np.bool_] | None = None  # (N, *out): whether a point is between texels
    points: Floats | None = None  # in pixels, x first, (N, *out, R)


@ieee
def answers(
    function: Function, given: dict[str, Any], d: Array | None = None, *, unit: float
) -> Answers:
    """Compute the answers to a call, and to that of its vjp if there is a cotangent.

    Parameters
    ----------
    function : Function
        Of a row of a dialect.
    given : dict
        Its arguments by name.
    d : array, optional
        Cotangent of its result.
    unit : float
        The precision v of the backend: 2**-53, 2**-24, 2**-11 or 2**-8.

    Returns
    -------
    Answers
        What is right, and what is allowed.

    Raises
    ------
    TypeError, ValueError
        As the dialect's function raises.
    """
    bound_to = signature(function).bind(**{k: wide(v) for k, v in given.items()})
    bound_to.apply_defaults()
    arguments = Arguments(function, bound_to.arguments)
    if unit and arguments.rule.cast == "float32":
        unit = max(unit, UNITS["float32"])
    names = roles_of(function)
    also, inside, points = None, None, None
    d = None if d is None else wide(d)
    if function.op == "grid":
        spreads, out = grid_spreads(arguments, d)
        mode, channels, rank = "bilinear", 0, len(out)
    else:
        spreads, also, shape = sample_spreads(arguments, d, unit)
        mode, rank, channels, out, inside, points = shape
    found = {}
    for role, spread in spreads.items():
        own = bound(_RESULTS.get(role, "d_grid"), mode, rank)
        factor = partial(_factor, own, channels, out)
        other = also if role == "out" else None
        key = "out" if role == "out" else f"d_{names[role]}"
        found[key] = Answer.of(spread, factor, unit, other)
    return Answers(found, inside, points)


def wide(value: Any) -> Any:
    """An array of float16 as float32, of the same numbers."""
    narrow = isinstance(value, np.ndarray) and value.dtype == np.float16
    return value.astype(np.float32) if narrow else value


def _factor(own: Bound, channels: int, out: tuple[int, ...], n: int) -> float:
    return float(own.factor(int(n), channels, out))


_RESULTS = {"out": "out", "x": "d_x", "theta": "d_theta", "offset": "d_theta"}
