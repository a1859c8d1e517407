"""Where to sample: the points of a grid or of an affine map, and the way back to theta."""

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ._arrays import flat
from ._check import Array
from .grid import Floats, bases, lattice, pixel_scale
from .jit.compiler import call
from .kernels import affine, tables


class Points(NamedTuple):
    """Where to sample: an affine map of a lattice, or a grid (the other is empty)."""

    theta: Floats  # (N, R, R + 1)
    lattice: Floats  # (R, numbers), c, d and div in front: see kernels.tables
    grid: Array  # (N, *out_dims, R)
    leading: tuple[int, ...]  # (B,) or (B, K)
    out_dims: tuple[int, ...]


def grid_points(
    grid: Array,
    leading: tuple[int, ...],
    size: tuple[int, ...],
    align_corners: bool,
    normalized: bool = True,
) -> Points:
    """The points of a grid (N, *out_dims, R) over an input of ``size`` = (H, W) or (D, H, W)."""
    rank, grid = len(size), np.ascontiguousarray(grid).view()
    grid.flags.writeable = False
    lines = np.ones((rank, 4))
    for a, n in enumerate(reversed(size)):
        lines[a, :2] = pixel_scale(n, align_corners) if normalized else (1.0, 0.0)
    lines.flags.writeable = False
    theta = np.empty((0, rank, rank + 1))
    return Points(theta, lines, grid, leading, grid.shape[1:-1])


def map_points(
    theta: Floats,
    leading: tuple[int, ...],
    size: tuple[int, ...],
    dims: tuple[int, ...],
    align_corners: bool,
    dtype: np.dtype[Any],
) -> Points:
    """The points of affine maps (N, R, R + 1) over an input of ``size``."""
    lines = _lattice_lines(
        dims if len(theta) * math.prod(dims) else (0,) * len(size), size, align_corners
    )
    # An empty grid of the dtype of x: so it shares the compiled kernels.
    grid = np.empty((0, *dims, len(size)), dtype)
    grid.flags.writeable = False
    return Points(theta, lines, grid, leading, dims)


@lru_cache(16)
def _lattice_lines(dims: tuple[int, ...], size: tuple[int, ...], align_corners: bool) -> Floats:
    """The lattice of each coordinate as the kernels read it: see :mod:`.kernels.tables`."""
    found = [lattice(dims, *pixel_scale(n, align_corners), align_corners) for n in reversed(size)]
    lines = [[np.array([*f.scale, 0.0]), *map(padded, (f.xs, f.ys, f.zs))] for f in found]
    rows = np.array([np.concatenate(line) for line in lines])
    rows.flags.writeable = False
    return rows


def padded(line: Floats) -> Floats:
    """A line with room for four numbers more, that repeat the last one."""
    last = line[-1:] if len(line) else np.zeros(1)
    return np.concatenate([line, np.repeat(last, tables.padded(len(line)) - len(line))])


def affine_adjoint(d_grid: Array, align_corners: bool) -> Floats:
    """d_theta (N, R, R + 1) of the affine map that made a grid, from d_grid (N, *out_dims, R)."""
    maps, *dims, rank = d_grid.shape
    d_theta = np.zeros((maps, rank, rank + 1))
    if d_grid.size:
        base_x, base_rows, den = bases(tuple(dims), align_corners)
        lines = d_grid.reshape(maps, -1, dims[-1], rank)
        lines.flags.writeable = False
        sums, tasks = np.empty(lines.shape[1] * maps * rank * 2), maps * lines.shape[1]
        call(affine.affine_grid_vjp, tasks, lines, base_x, sums, work=d_grid.size)
        theta_from(sums, 1, base_rows, np.ones(rank), den, d_theta)
    return d_theta


def theta_from(
    sums: Array, parts: int, base_rows: Floats, c: Floats, den: Floats, d_theta: Floats
) -> None:
    """Write d_theta from the sums of the parts of rows, for p = c * lattice / den."""
    rank = len(c)
    factors = np.ones((2, rank, rank + 1))
    factors[0], factors[1, :, :rank] = c[:, None], den
    args = sums, parts, flat(base_rows), factors, d_theta
    call(affine.theta_from_sums, len(d_theta), *args, work=len(sums), space=(16, 1))
