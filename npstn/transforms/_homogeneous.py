"""Affine and projective parameters as square matrices, in plain sums and products.

No BLAS and no LAPACK: the same bits on every machine.
"""

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from .. import _check
from .._check import Array
from ..grid import Floats

_EPS = float(np.finfo(np.float64).eps)
_LEAST = 2.0**-960  # of a determinant: in what is smaller, products may have underflowed
_SHAPES = "(B, 6), (B, 2, 3), (B, 12), (B, 3, 4) or (B, 8), or (B, K, ...) of these"


@dataclass(frozen=True)
class Form:
    """Layout of parameters: their shape, and the matrices behind them."""

    shape: tuple[int, ...]
    leading: tuple[int, ...]
    rank: int
    projective: bool

    @property
    def _numbers(self) -> int:
        return 8 if self.projective else self.rank * (self.rank + 1)

    def matrices(self, given: Array, last: float = 1.0) -> Floats:
        """Build (N, R + 1, R + 1) with a last row (0, ..., 0, last), or entry for 8 parameters."""
        n = self.rank + 1
        rows = given.reshape(int(np.prod(self.leading)), self._numbers).astype(np.float64)
        full = np.zeros((len(rows), n * n))
        full[:, : rows.shape[1]] = rows
        full[:, -1] = last
        return full.reshape(-1, n, n)

    def params(self, matrices: Floats) -> Floats:
        """Take the parameters out of matrices, in their own shape."""
        entries = matrices.reshape(len(matrices), (self.rank + 1) ** 2)
        return entries[:, : self._numbers].reshape(self.shape)

    def index(self, n: int) -> list[int]:
        """Find the place of matrix n among the parameters."""
        return [int(i) for i in np.unravel_index(n, self.leading)]


def form_of(name: str, value: object) -> tuple[Array, Form]:
    """Check affine or projective parameters, told apart by their shape."""
    given = _check.array(name, value, f"of shape {_SHAPES}")
    last = given.shape[-1] if given.ndim else 0
    if last == 8 and given.ndim in (2, 3):
        return given, Form(given.shape, given.shape[:-1], 2, True)
    if last not in (6, 3, 12, 4):
        raise ValueError(f"{name} has shape {given.shape}, expected {_SHAPES}")
    rank = 2 if last in (6, 3) else 3
    _, leading = _check.theta(given, rank=rank, name=name)
    return given, Form(given.shape, leading, rank, False)


def times(a: Floats, b: Floats) -> Floats:
    """Multiply two stacks of matrices (N, n, n)."""
    total = a[:, :, :1] * b[:, :1]
    for k in range(1, a.shape[2]):
        total = total + a[:, :, k : k + 1] * b[:, k : k + 1]
    return total


def inverse(name: str, m: Floats, form: Form) -> Floats:
    """Invert matrices (N, R + 1, R + 1)."""
    if form.projective:
        result = _inverse(name, m, form)
    else:
        linear = _inverse(name, m[:, :-1, :-1], form)
        result = np.zeros(m.shape)
        result[:, :-1, :-1] = linear
        result[:, :-1, -1:] = 0.0 - times(linear, m[:, :-1, -1:])
        result[:, -1, -1] = 1.0
    finite = np.asarray(np.isfinite(m).all((1, 2)))
    bad = np.flatnonzero(finite & ~np.isfinite(result).all((1, 2)))
    if len(bad):
        found = f"{name} at {form.index(bad[0])} has an inverse that is too large for float64"
        raise ValueError(f"{found}, expected a map that can be inverted")
    return result


def scaled(name: str, m: Floats, form: Form) -> tuple[Floats, Floats]:
    """Divide matrices by their last entry; the entry (N, 1, 1) is returned as well."""
    last = m[:, -1:, -1:]
    bad = np.flatnonzero(last == 0.0)
    if len(bad):
        msg = f"{name} at {form.index(bad[0])} has a last entry of 0 for its matrix"
        raise ValueError(f"{msg}, expected a map that keeps the centre in sight")
    return m / last, last


def _inverse(name: str, m: Floats, form: Form) -> Floats:
    """Divide the adjugate by the determinant.

    Rows are scaled by powers of two to entries of about 1: so nothing overflows, and what could
    underflow is refused.
    """
    finite = np.asarray(np.isfinite(m).all((1, 2)))
    powers = np.where(finite[:, None], np.frexp(np.abs(m).max(2))[1], 0)
    m = np.ldexp(m, -powers[:, :, None])
    if m.shape[1] == 2:
        (a, b), (c, d) = m[:, 0].T, m[:, 1].T
        adjugate = np.stack([d, 0.0 - b, 0.0 - c, a], 1).reshape(m.shape)
    else:
        r, s, t = m[:, 0], m[:, 1], m[:, 2]
        adjugate = np.stack([np.cross(s, t), np.cross(t, r), np.cross(r, s)], 2)
    determinant = (m[:, 0] * adjugate[:, :, 0]).sum(1)
    columns = range(m.shape[1])
    products = sum(np.abs(m[:, columns, order]).prod(1) for order in permutations(columns))
    bad = np.flatnonzero(np.abs(determinant) <= np.maximum(4 * _EPS * products, _LEAST))
    if len(bad):
        found = f"{name} at {form.index(bad[0])} has the determinant 0, up to rounding"
        raise ValueError(f"{found}, expected a map that can be inverted")
    result: Floats = np.ldexp(adjugate / determinant[:, None, None], -powers[:, None, :])
    return result
