"""Families whose grid is linear in their parameters, the (x, y) of K points: ``grid = M S points``.

M has a row for each point of the lattice. It depends on that and on the control points alone, and
comes by bands of output rows, so that no size of output needs much memory; each family keeps the
bands it was asked for last, 256 MiB at the most. A band is a sparse array, or the transpose of a
dense one. S is a small matrix, for some families none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import _check
from .._arrays import flat, wide
from .._check import Array
from ..grid import Floats, base
from ..kernels import linear
from ..kernels.compiler import call
from . import _params as check

KEPT = 2**25  # numbers in the bands that a family keeps

Band = Callable[[tuple[int, int], bool, int, int], Any]


@dataclass(frozen=True)
class Linear:
    """The three functions of a family."""

    count: int  # K
    width: int  # numbers in a row of M
    numbers: int  # in a band, or there is but one row of output in it
    band: Band  # of output rows [first, last)
    solution: Floats | None = None  # S (any, K)

    def grid(self, params: Array, out_dims: object, align_corners: object) -> Floats:
        """The grid (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2)."""
        p, leading = check.params(params, 2 * self.count)
        dims = _check.out_dims(out_dims, 2 * len(p))
        return self._apply(p, dims, align_corners).reshape(*leading, *dims, 2)

    def jvp(
        self, params: Array, t_params: Array, out_dims: object, align_corners: object
    ) -> tuple[Floats, Floats]:
        """The grid and its tangent."""
        grid = self.grid(params, out_dims, align_corners)
        return grid, self.grid(check.tangent(t_params, params), out_dims, align_corners)

    @np.errstate(all="ignore")
    def vjp(self, d_grid: Array, params: Array, align_corners: object) -> Array:
        """The cotangent of the parameters."""
        p, leading = check.params(params, 2 * self.count)
        d = check.d_grid(d_grid, leading)
        align = _check.flag("align_corners", align_corners)
        dims = d.shape[-3], d.shape[-2]
        lines = d.reshape(len(p), dims[0] * dims[1], 2).astype(np.float64, copy=False)
        rows = self.count if self.solution is None else len(self.solution)
        d_points = np.zeros((len(p), rows, 2))
        for first, last in self._bands(dims):
            part = self.band(dims, align, first, last)
            d_points += _pull(part, lines, first * dims[1])
        if self.solution is not None:
            d_points = self.solution.T @ d_points
        return check.like(d_points, params)

    @np.errstate(all="ignore")
    def _apply(self, p: Floats, dims: tuple[int, ...], align_corners: object) -> Floats:
        align = _check.flag("align_corners", align_corners)
        size = dims[0], dims[1]
        points = p.reshape(len(p), self.count, 2)
        if self.solution is not None:
            points = self.solution @ points
        grid = np.empty((len(p), size[0] * size[1], 2))
        for first, last in self._bands(size):
            _push(self.band(size, align, first, last), points, first * size[1], grid)
        return grid

    def _bands(self, dims: tuple[int, int]) -> Iterator[tuple[int, int]]:
        if dims[1]:
            step = max(1, self.numbers // (dims[1] * self.width))
            for first in range(0, dims[0], step):
                yield first, min(first + step, dims[0])


def _push(part: Any, points: Floats, first: int, grid: Floats) -> None:
    """The rows of M from ``first`` on times the points (N, any, 2), into the grid (N, all, 2)."""
    if isinstance(part, np.ndarray):
        args = wide(part), wide(points), _dims(part, grid, first), flat(grid)
        call(linear.combine, linear.tasks(part.shape[1]), *args, work=len(grid) * part.size)
    else:
        for n, one in enumerate(points):
            grid[n, first : first + part.shape[0]] = part @ one


def _pull(part: Any, d_grid: Array, first: int) -> Floats:
    """The adjoint of :func:`_push`: the cotangent of the points."""
    if isinstance(part, np.ndarray):
        sums = np.empty((linear.tasks(part.shape[1]), len(d_grid), len(part), 2))
        args = wide(part), wide(d_grid), _dims(part, d_grid, first), flat(sums)
        call(linear.combine_vjp, len(sums), *args, work=len(d_grid) * part.size)
        return np.asarray(sums.sum(0))
    of_part = d_grid[:, first : first + part.shape[0]]
    return np.array([part.T @ one for one in of_part]).reshape(len(d_grid), part.shape[1], 2)


def _dims(part: Array, grid: Array, first: int) -> Array:
    return np.array([len(grid), *part.shape, first, grid.shape[1]])


def lattice_rows(
    dims: tuple[int, int], align: bool, first: int, last: int
) -> tuple[Floats, Floats]:
    """The base lattice x_j (Wo,) and the y_i (rows,) of output rows [first, last)."""
    (ys, high), (xs, broad) = (base(n, align) for n in dims)
    return xs / broad, ys[first:last] / high
