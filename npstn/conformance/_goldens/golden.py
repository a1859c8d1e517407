"""A case with its exact answers, and how far results are from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..._arithmetic import ieee
from ..._hints import shown
from ...contract import FLOOR, U
from ...grid import Floats
from .._formula import Formula

Array = NDArray[Any]
Kind = Literal["lattice", "rational"]
Call = Literal["fn", "vjp", "jvp", "vjp_vjp"]


@dataclass(frozen=True)
class Expected:
    """The exact answer for one result.

    Attributes
    ----------
    name, dtype : str
        The result, and the dtype that npstn gives it.
    call : {"fn", "vjp", "jvp", "vjp_vjp"}
        Which function of the operation has it.
    kind : {"lattice", "rational"}
    value : ndarray
        Lattice: numerators over ``2**log2_denominator``. Rational: the next float64; NaN where the
        result is NaN.
    bits : int
        Lattice: a binary float of so many digits holds each partial sum.
    magnitude, terms : ndarray, optional
        Rational: M, the sum of the absolute terms, rounded up, and n, the number of terms.
    low, high : ndarray, optional
        Where there are kinks: the least and largest derivative beside the point.
    constant, slack : float
        The tolerance in precision v is ``v ((n + constant) M + slack)``.
    at : ndarray, optional
        Which elements are given, by index in C order; all, unless there are too many.
    exact : ndarray of Fraction, optional
        The answer itself; only written to JSON.
    """

    name: str
    dtype: str
    call: Call
    kind: Kind
    value: Array
    log2_denominator: int = 0
    bits: int = 0
    magnitude: Floats | None = None
    terms: Array | None = None
    low: Floats | None = None
    high: Floats | None = None
    constant: float = 0.0
    slack: float = 0.0
    at: Array | None = None
    exact: Array | None = None

    @property
    @ieee
    def answer(self) -> Floats:
        """The value in float64."""
        return np.asarray(self.value * 2.0**-self.log2_denominator)

    @ieee
    def error(self, found: Array, precision: float = float(U)) -> float:
        """Compute the largest error in units of the tolerance; infinite where that is 0."""
        found = np.asarray(found)
        if self.at is not None:
            found = found.reshape(-1)[self.at]
        if found.shape != self.value.shape:
            shapes = f"{self.name} has shape {found.shape}, expected {self.value.shape}"
            raise ValueError(shapes)
        answer, got = self.answer, found.astype(np.float64)
        low, high = (answer if a is None else a for a in (self.low, self.high))
        away = np.maximum(np.maximum(low - got, got - high), 0.0)
        right = (away == 0) | (got == answer) | (np.isnan(answer) & np.isnan(got))
        return float(np.where(right, 0.0, self._ratio(away, found, precision)).max(initial=0.0))

    def _ratio(self, away: Floats, found: Array, precision: float) -> Floats:
        if self.magnitude is None or self.terms is None:
            return np.full(away.shape, np.inf)
        tolerance = precision * ((self.terms + self.constant) * self.magnitude + self.slack)
        if found.dtype == np.float32:
            unit = np.spacing(abs(found)).astype(np.float64)
            tolerance = tolerance + np.minimum(unit, 2.0**104) / 2  # that of the largest is Inf
        ratio = away / np.where(self.terms > 0, tolerance + float(FLOOR), 0.0)
        return np.where(np.isnan(ratio), np.inf, ratio)


@dataclass(frozen=True)
class Golden:
    """Arguments of an operation, and the exact answers.

    Attributes
    ----------
    id, tier, op, description : str
    clauses : tuple of str
        Numbers of the clauses of ``npstn.SPEC`` that it is about.
    options : mapping
        Keywords of npstn's function.
    sizes : mapping
        Sizes of the output, where the arrays do not tell.
    arrays : mapping of ndarray, or of Formula
        Inputs by name; t_x, t_grid and t_theta are the tangents of a jvp, and what a vjp_vjp calls
        dd_x, dd_grid and dd_theta.
    results : mapping of Expected
    """

    id: str
    tier: str
    op: str
    clauses: tuple[str, ...]
    description: str
    options: Mapping[str, Any]
    sizes: Mapping[str, tuple[int, ...]]
    arrays: Mapping[str, Array | Formula]
    results: Mapping[str, Expected] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.id

    def inputs(self) -> dict[str, Array]:
        """Give all arrays; those of a formula are computed."""
        pairs = self.arrays.items()
        return {name: a.make() if isinstance(a, Formula) else a for name, a in pairs}

    def check(self, results: Mapping[str, Array], precision: float = float(U)) -> dict[str, float]:
        """Compute the errors of results, by name, in units of their tolerance.

        Parameters
        ----------
        results : mapping of ndarray
            Some of those that are expected.
        precision : float
            Of the arithmetic: 2**-53, 2**-24, ... What a rounded coordinate adds is not in it.

        Returns
        -------
        dict of float
            Up to 1 is right. Where the tolerance is 0, an error is infinite.

        Raises
        ------
        ValueError
            For a result that is not expected, or of another shape.
        """
        for name in results:
            if name not in self.results:
                known = ", ".join(self.results)
                raise ValueError(f"results has {shown(name)}, expected some of {known}")
        return {name: self.results[name].error(a, precision) for name, a in results.items()}


def fractions(a: Array) -> Array:
    """Turn finite numbers into Fractions, those that are not finite into 0."""
    flat = [Fraction(float(v)) if np.isfinite(v) else Fraction(0) for v in a.reshape(-1)]
    return np.array([*flat, None], object)[:-1].reshape(a.shape)
