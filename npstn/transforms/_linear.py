"""Families whose grid is linear in the (x, y) of K points: ``grid = M S points``.

M has a row for each point of the lattice. It depends on the lattice and the control points alone,
and comes by bands of output rows, so that no size of output needs much memory; each family keeps
its latest bands, 256 MiB at the most. A band is a sparse array, or the transpose of a dense one. S
is a small matrix, for some families none.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._arrays import flat, wide
from .._check import Array
from ..grid import Floats, base
from ..jit.compiler import call
from ..kernels import basis
from ._core import Core, Dims

KEPT = 2**25  # numbers in the bands that a family keeps

Band = Callable[[Dims, bool, int, int], Any]


@dataclass(frozen=True, eq=False)
class Linear(Core):
    """Bands of M, and S."""

    identities: Mapping[int, Floats]  # (2 K,): the control points
    width: int  # numbers in a row of M
    block: int  # numbers in a band, if it has more than one row of output
    band: Band  # rows of M of the output rows [first, last)
    solution: Floats | None = None  # S (any, K)

    @np.errstate(all="ignore")
    def grid(self, p: Floats, dims: Dims, align: bool) -> Floats:
        """Multiply the points by S, then by M, band by band."""
        points = p.reshape(len(p), len(self.identities[2]) // 2, 2)
        if self.solution is not None:
            points = self.solution @ points
        grid = np.empty((len(p), dims[0] * dims[1], 2))
        for first, last in self._bands(dims):
            basis_sum(self.band(dims, align, first, last), points, first * dims[1], grid)
        return grid.reshape(len(p), *dims, 2)

    def t_grid(self, p: Floats, t_p: Floats, dims: Dims, align: bool) -> Floats:
        """Compute the grid of the tangent: the map is linear."""
        return self.grid(t_p, dims, align)

    @np.errstate(all="ignore")
    def grid_vjp(self, d_grid: Array, p: Floats, align: bool) -> Floats:
        """Multiply the cotangent by the transposes of M and S."""
        maps, *dims, _ = d_grid.shape
        d = d_grid.reshape(maps, dims[0] * dims[1], 2).astype(np.float64, copy=False)
        count = len(self.identities[2]) // 2 if self.solution is None else len(self.solution)
        d_points = np.zeros((maps, count, 2))
        for first, last in self._bands((dims[0], dims[1])):
            part = self.band((dims[0], dims[1]), align, first, last)
            d_points += basis_vjp(part, d, first * dims[1])
        if self.solution is not None:
            d_points = self.solution.T @ d_points
        return d_points.reshape(p.shape)

    def _bands(self, dims: Dims) -> Iterator[tuple[int, int]]:
        if dims[1]:
            step = max(1, self.block // (dims[1] * self.width))
            for first in range(0, dims[0], step):
                yield first, min(first + step, dims[0])


def basis_sum(band: Any, points: Floats, first: int, grid: Floats) -> None:
    """Write a band of M times the points (N, any, 2) into grid (N, all, 2), from row ``first``."""
    if isinstance(band, np.ndarray):
        args = wide(band), wide(points), _dims(band, grid, first), flat(grid)
        call(basis.combine, basis.tasks(band.shape[1]), *args, work=len(grid) * band.size)
    else:
        for n, one in enumerate(points):
            grid[n, first : first + band.shape[0]] = band @ one


def basis_vjp(band: Any, d_grid: Array, first: int) -> Floats:
    """Compute the cotangent (N, any, 2) of the points of :func:`basis_sum`."""
    if isinstance(band, np.ndarray):
        sums = np.empty((basis.tasks(band.shape[1]), len(d_grid), len(band), 2))
        args = wide(band), wide(d_grid), _dims(band, d_grid, first), flat(sums)
        space = 8 * len(d_grid) * len(band), 1
        call(basis.combine_vjp, len(sums), *args, work=len(d_grid) * band.size, space=space)
        return np.asarray(sums.sum(0))
    d_band = d_grid[:, first : first + band.shape[0]]
    return np.array([band.T @ one for one in d_band]).reshape(len(d_grid), band.shape[1], 2)


def _dims(band: Array, grid: Array, first: int) -> Array:
    return np.array([len(grid), *band.shape, first, grid.shape[1]])


def lattice_rows(dims: Dims, align: bool, first: int, last: int) -> tuple[Floats, Floats]:
    """Compute the base lattice x_j (Wo,), and the y_i (rows,) of output rows [first, last)."""
    (ys, high), (xs, broad) = (base(n, align) for n in dims)
    return xs / broad, ys[first:last] / high
