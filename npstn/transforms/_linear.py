"""Families whose grid is linear in the coordinates of K points: ``grid = M S points``.

M has a row for each point of the lattice. It depends on the lattice and the control points alone,
and comes by bands of output rows, so that no size of output needs much memory; each family keeps
its latest bands, 256 MiB at the most. A band is a sparse array, or the transpose of a dense one. S
is a small matrix, for some families none.
"""

import math
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np

from .._arrays import flat, wide
from .._check import Array
from .._memory import empty
from ..grid import Floats, bases
from ..jit.compiler import call
from ..kernels import basis
from ._core import Core, Dims

KEPT = 2**25  # numbers in the bands that a family keeps


class Linear(Core):
    """Bands of M, and S. The identity (R K,) is the control points."""

    @abstractmethod
    def band(self, dims: Dims, align: bool, first: int, last: int) -> Any:
        """Compute the rows of M of the output rows [first, last)."""

    @abstractmethod
    def points_in_band(self, rank: int) -> int:
        """How many points of the output a band has, if it has more than one row."""

    def solution(self, dims: Dims, align: bool) -> Floats | None:
        """Compute S (any, K), if there is one."""
        return None

    def grid(self, p: Floats, dims: Dims, align: bool) -> Floats:
        """Multiply the points by S, then by M, band by band."""
        rank, solution = len(dims), self.solution(dims, align)
        points = p.reshape(len(p), p.shape[1] // rank, rank)
        if solution is not None:
            points = solution @ points
        grid = empty((len(p), math.prod(dims), rank))
        for first, last in self._bands(len(p), dims):
            basis_sum(self.band(dims, align, first, last), points, first * dims[-1], grid)
        return grid.reshape(len(p), *dims, rank)

    def t_grid(self, p: Floats, t_p: Floats, dims: Dims, align: bool) -> Floats:
        """Compute the grid of the tangent: the map is linear."""
        return self.grid(t_p, dims, align)

    def grid_vjp(self, d_grid: Array, p: Floats, align: bool) -> Floats:
        """Multiply the cotangent by the transposes of M and S."""
        maps, *sizes, rank = d_grid.shape
        dims = tuple(sizes)
        solution = self.solution(dims, align)
        d = d_grid.reshape(maps, math.prod(dims), rank).astype(np.float64, copy=False)
        count = p.shape[1] // rank if solution is None else len(solution)
        d_points = np.zeros((maps, count, rank))
        for first, last in self._bands(maps, dims):
            d_points += basis_vjp(self.band(dims, align, first, last), d, first * dims[-1])
        if solution is not None:
            d_points = solution.T @ d_points
        return d_points.reshape(p.shape)

    def _bands(self, maps: int, dims: Dims) -> Iterator[tuple[int, int]]:
        if maps and dims[-1]:
            rows = math.prod(dims[:-1])
            step = max(1, self.points_in_band(len(dims)) // dims[-1])
            for first in range(0, rows, step):
                yield first, min(first + step, rows)


def basis_sum(band: Any, points: Floats, first: int, grid: Floats) -> None:
    """Write a band of M times the points (N, any, R) into grid (N, all, R), from row ``first``."""
    if isinstance(band, np.ndarray):
        args = wide(band), wide(points), _dims(band, grid, first), flat(grid)
        call(basis.combine, basis.tasks(band.shape[1]), *args, work=len(grid) * band.size)
    else:
        for n, one in enumerate(points):
            grid[n, first : first + band.shape[0]] = band @ one


def basis_vjp(band: Any, d_grid: Array, first: int) -> Floats:
    """Compute the cotangent (N, any, R) of the points of :func:`basis_sum`."""
    if isinstance(band, np.ndarray):
        rank = d_grid.shape[2]
        sums = np.empty((basis.tasks(band.shape[1]), len(d_grid), len(band), rank))
        args = wide(band), wide(d_grid), _dims(band, d_grid, first), flat(sums)
        space = 4 * rank * len(d_grid) * len(band), 1
        call(basis.combine_vjp, len(sums), *args, work=len(d_grid) * band.size, space=space)
        return np.asarray(sums.sum(0))
    d_band = d_grid[:, first : first + band.shape[0]]
    d_points = np.array([band.T @ one for one in d_band])
    return d_points.reshape(len(d_grid), band.shape[1], d_grid.shape[2])


def _dims(band: Array, grid: Array, first: int) -> Array:
    return np.array([len(grid), *band.shape, first, *grid.shape[1:]])


def lattice_rows(dims: Dims, align: bool, first: int, last: int) -> tuple[Floats, ...]:
    """Compute the base lattice: x_j (Wo,), and the y_i (rows, 1) of output rows [first, last).

    In a volume their z_l (rows, 1) as well.
    """
    xs, others, den = bases(dims, align)
    return xs / den[0], *(others[:, first:last, None] / den[1:, None, None])
