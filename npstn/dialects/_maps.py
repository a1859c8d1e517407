"""Maps: the parameters of a system, matrices (N, R + 1, R + 1) of pixels or units, and points.

A matrix takes a point of the output (x, y, 1) to one of the input, x first, as ours do.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._check import Array
from ..grid import Floats
from ..transforms._homogeneous import Form, inverse, times
from ._frames import Sizes, dtype, lattice, require
from .row import Convention

# The numbers of each form in rank R; and whether the last row is among them.
FORMS = {
    "affine": lambda rank: rank * (rank + 1),
    "square": lambda rank: (rank + 1) ** 2,
    "eight": lambda rank: (rank + 1) ** 2 - 1,
    "homogeneous": lambda rank: (rank + 1) ** 2,
}


AFFINE = "affine", "square"  # the forms of which no quotient is taken


def shape_of(rule: Convention, rank: int) -> tuple[int, ...]:
    """The shape of the parameters of one map."""
    n = rank + 1
    shapes = {"affine": (rank, n), "square": (n, n), "homogeneous": (n, n)}
    return shapes.get(rule.form, (FORMS[rule.form](rank),))


def fits(rule: Convention, rank: int, shape: tuple[int, ...]) -> bool:
    """Whether one map may have a shape: that of its matrix, or all numbers in a row."""
    return shape in (shape_of(rule, rank), (FORMS[rule.form](rank),))


def own_matrices(rule: Convention, given: Floats, rank: int, last: float = 1.0) -> Floats:
    """Matrices (N, R + 1, R + 1) of parameters (N, numbers), x first, in their own direction."""
    n = rank + 1
    full = np.zeros((len(given), n * n))
    full[:, -1] = last
    full[:, : given.shape[1]] = given
    return _ordered(rule, full.reshape(-1, n, n))


def own_parameters(rule: Convention, m: Floats) -> Floats:
    """Take the parameters (N, numbers) out of matrices; the adjoint of the other way as well."""
    numbers = FORMS[rule.form](m.shape[1] - 1)
    return _ordered(rule, m).reshape(len(m), m.shape[1] ** 2)[:, :numbers]


def _ordered(rule: Convention, m: Floats) -> Floats:
    """Rows and columns x first; its own inverse."""
    if rule.order == "xy":
        return m
    rank = m.shape[1] - 1
    turn = [*range(rank - 1, -1, -1), rank]
    return m[:, turn][:, :, turn]


@dataclass(frozen=True)
class Maps:
    """Matrices from output to input, and the way back to the parameters."""

    rule: Convention
    name: str
    given: Floats  # (N, numbers)
    rank: int

    def matrices(self) -> Floats:
        """From output to input, x first."""
        m = own_matrices(self.rule, self.given, self.rank)
        if self.rule.direction == "push":
            whole = self.rule.form == "square"
            m = self._whole(m) if whole else inverse(self.name, m, self._form(self.rank))
        return m

    def vjp(self, d_m: Floats) -> Floats:
        """The cotangent (N, numbers) of the parameters."""
        if self.rule.direction == "push":
            x = np.swapaxes(self.matrices(), 1, 2)
            d_m = -times(times(x, d_m), x)
        return own_parameters(self.rule, d_m)

    def _whole(self, m: Floats) -> Floats:
        """The inverse of matrices whose last row is near (0, ..., 0, 1), by blocks."""
        b = inverse(self.name, m, self._form(self.rank))[:, :-1, :-1]
        right, below = -times(b, m[:, :-1, -1:]), -times(m[:, -1:, :-1], b)
        last = m[:, -1:, -1:] + times(m[:, -1:, :-1], right)
        top = [b + times(right, below) / last, right / last]
        rows = [np.concatenate(top, 2), np.concatenate([below / last, 1 / last], 2)]
        return np.concatenate(rows, 1)

    def _form(self, rank: int) -> Form:
        projective = self.rule.form not in AFFINE
        return Form(self.given.shape, (len(self.given),), rank, projective)


class Mapped:
    """Points (N, *out, R) of maps, in the unit of the convention."""

    lattice = staticmethod(lattice)

    def __init__(
        self,
        rule: Convention,
        m: Floats,
        out: Sizes,
        align: bool,
        kind: np.dtype[Any],
        faithful: bool,
        mode: str = "bilinear",
    ) -> None:
        self.rule, self.m, self.out = rule, m, out
        self.quantum = rule.number("quantum", mode) if faithful else 0.0
        kind = dtype(rule, kind) if faithful else np.dtype(np.float64)
        rank = len(out)
        require((len(m), *out, rank), kind, kind.itemsize * sum(out))
        axes = [
            axis.astype(kind).reshape([-1 if k == rank - 1 - a else 1 for k in range(rank)])
            for a, axis in enumerate(self.lattice(rule, out, align, kind if faithful else None))
        ]
        self.axes = axes
        rows = [self._row(m[:, a], axes, kind) for a in range(rank)]
        self.w = None
        if rule.form not in AFFINE:
            self.w = self._row(m[:, rank], axes, kind)
            rows = [row / self.w for row in rows]
        self.points: Array = np.stack(rows, -1)

    def _row(self, m: Floats, axes: list[Array], kind: np.dtype[Any]) -> Array:
        rank = len(axes)
        columns = m.astype(kind).reshape(len(m), m.shape[1], *(1,) * rank)
        quantum = self.rule.matrix_quantum
        if quantum and self.quantum:
            moving = np.rint(columns[:, 0] * axes[0] / quantum)
            still = sum(columns[:, a] * axes[a] for a in range(1, rank)) + columns[:, rank]
            # Fixed point, with half a step of the points added before the rest is cut off.
            step = self.quantum / quantum
            fixed = np.rint(still / quantum) + np.floor(step / 2) + moving
            return np.asarray(np.floor(fixed / step) * self.quantum)
        total = columns[:, 0] * axes[0]
        for a in range(1, rank):
            total = total + columns[:, a] * axes[a]
        return np.broadcast_to(total + columns[:, rank], (len(m), *self.out))

    def vjp(self, d_points: Floats) -> Floats:
        """The cotangent (N, R + 1, R + 1) of the matrices."""
        rank = len(self.out)
        if self.w is not None:
            d_points = d_points / self.w[..., None]
            last = -(d_points * self.points).sum(-1, keepdims=True)
            d_points = np.concatenate([d_points, last], -1)
        d_m = np.zeros((len(self.m), rank + 1, rank + 1))
        inner = tuple(range(1, rank + 1))
        for a in range(d_points.shape[-1]):
            for b in range(rank + 1):
                weight = self.axes[b].astype(np.float64) if b < rank else 1.0
                d_m[:, a, b] = (d_points[..., a] * weight).sum(inner)
        return d_m
