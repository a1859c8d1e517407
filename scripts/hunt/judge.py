"""Judge a case: each of its results against the exact value, in units of the stated bound."""

from collections.abc import Iterator
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from npstn.contract import FLOOR, SLACK, bound
from npstn.oracle._exact_terms import Term
from npstn.oracle.bounds import ratios

from .case import GRID, Array, Case, calls
from .exactly import exact_terms, texels

OVERFLOW = {np.dtype(np.float32): 2**120, np.dtype(np.float64): 2**1000}


class Verdict(NamedTuple):
    """A result, its exact value, and error over bound of every number."""

    name: str
    found: Array
    value: NDArray[np.object_]
    ratios: NDArray[np.float64]

    @property
    def worst(self) -> float:
        """The largest ratio."""
        return float(self.ratios.max(initial=0.0))


def judge(case: Case) -> Iterator[Verdict]:
    """Yield a verdict on each result of a case.

    None for a result of which the contract says nothing: if a product may overflow, if reflection
    has to fold an infinite coordinate, or if a texel that takes part is not finite.
    """
    terms: dict[str, Term] = {}
    ran: dict[str, tuple[Array, ...]] = {}
    least = min(OVERFLOW[a.dtype] for a in case.arrays.values())
    if not _finite_where_read(case):
        return
    for name in (name for name in case.results if _size(case, name) < least):
        call = calls(case.function)[name]
        try:
            terms = terms if name in terms else exact_terms(case, name)
        except ValueError as e:
            if "pixel coordinate" not in str(e):
                raise
            return
        if call.function not in ran:
            ran[call.function] = case.run(call)
        found = case.channels_last(name, ran[call.function][call.which])
        yield Verdict(name, found, *_compared(case, name, found, terms[name]))


def _compared(
    case: Case, name: str, found: Array, term: Term
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return the exact values and the ratios of error and bound, in the shape of the result."""
    value = term.value.reshape(found.shape)
    if name == "grid":  # rounded once
        right = np.array([_rounded(v) for v in term.value.flat]).reshape(found.shape)
        return value, np.where(found == right, 0.0, 2.0)
    if case.function == GRID:  # the adjoint has one bound in any rank
        limit, channels = bound(name), 0
    else:
        limit, channels = bound(name, case.options["mode"], case.rank), case.channels
    floor = FLOOR * _size(case, name)

    def factor(n: int) -> int:
        return limit.factor(n, channels, case.out_dims)

    return value, ratios(found, term, factor, slack=_slack(case, name), floor=floor)


def _rounded(value: Any) -> float:
    """Return the float64 next to a value, which is infinite beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def _slack(case: Case, name: str) -> Fraction | int:
    """Return what derivatives of a cubic kernel may add: they vanish between texels."""
    if case.options.get("mode") != "bicubic" or name in ("out", "d_x"):
        return 0
    # Times all that it is multiplied with: all texels, channels and points, and second derivatives
    # of the other axis of up to 6.
    times = 4**case.rank * 6 * case.channels * prod(case.out_dims)
    slack: Fraction = SLACK * times * _size(case, name)
    return slack


def _size(case: Case, name: str) -> Fraction:
    """Return a size of the terms of a result, at least 1: what all factors may multiply to."""
    one = Fraction(1)
    largest = {k: max(one, Fraction(_top(a))) for k, a in case.arrays.items()}
    x, t_x, d = (largest.get(k, one) for k in ("x", "t_x", "d_out"))
    x = max(x, abs(Fraction(case.options.get("fill_value", 0.0))))
    rate = 1 if case.options.get("coordinates") == "pixel" else max(2, *case.size)
    t = largest.get(f"t_{case.points}", one) * rate * (case.rank + 1)
    sizes = {"grid": one, "out": x, "d_x": d, "dd_x": d * t}
    sizes |= {"t_out": t_x + t * x, "dd_out": t_x + t * x}
    sizes |= {f"d_{case.points}": d * x * rate, f"dd_{case.points}": d * rate * (t_x + t * x)}
    return sizes[name] * largest.get("d_grid", one)


def _top(array: Array) -> float:
    """Return the largest finite magnitude."""
    return float(np.abs(array, where=np.isfinite(array), out=np.zeros_like(array)).max(initial=0))


def _finite_where_read(case: Case) -> bool:
    """Whether all texels of the cells are finite: the others reach nothing, and are 0 here."""
    strange = ~np.isfinite(case.arrays.get("x", np.zeros(1))).all(axis=-1)
    return not (strange.any() and (strange & texels(case)).any())
