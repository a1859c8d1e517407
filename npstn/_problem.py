"""One sampling problem: checked arguments in the shapes the kernels want, and the calls to them.

Nearest and bilinear in two dimensions, and their cotangents, are what is asked for most: they go to
the fast loops of :mod:`.kernels.sample2d`. All else goes to :mod:`.kernels.tensor`.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _check
from ._arrays import alike, flat, like, narrow, wide
from ._check import Array
from .grid import Floats, bases, pixel_scale
from .kernels import affine, sample2d, tensor
from .kernels.axis import BICUBIC
from .kernels.compiler import call, threads
from .kernels.near import MOST

Integers = NDArray[np.int64]

_BAND = 2**22  # float64 accumulators of all tasks at work that sum into d_x: 32 MiB


class Points(NamedTuple):
    """Where to sample: an affine map of a lattice, or a grid (the other is empty)."""

    theta: Floats  # (N, R, R + 1)
    xs: Floats  # (R, Wo)
    ys: Floats  # (R, Ho)
    zs: Floats  # (R, Do), or (R, 1) in two dimensions
    scale: Floats  # (R, 3): c, d, div of each coordinate, x first
    grid: Array  # (N, *out_dims, R)
    leading: tuple[int, ...]  # (B,) or (B, K)
    out_dims: tuple[int, ...]


def grid_points(
    grid: object, x: Array, size: tuple[int, ...], align_corners: bool, normalized: bool
) -> Points:
    """The points of a grid over an input x of ``size`` = (H, W) or (D, H, W)."""
    rank = len(size)
    given, leading = _check.grid(grid, len(x), ranks=(rank,))
    scale = np.ones((rank, 3))
    for a, n in enumerate(reversed(size)):
        scale[a, :2] = pixel_scale(n, align_corners) if normalized else (1.0, 0.0)
    none = np.empty((0, 0))
    theta = np.empty((0, rank, rank + 1))
    return Points(theta, none, none, none, scale, given, leading, given.shape[1:-1])


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
        call(affine.pull, 1, sums, flat(base_rows), np.ones(rank), den, d_theta, work=0)
    return d_theta


@dataclass(frozen=True)
class Problem:
    """Sample ``x`` at ``points`` by ``rule``: the output, and its derivatives."""

    x: Array
    first: int  # the axis of its height or depth: 1 with channels last, 2 with channels first
    points: Points
    rule: tuple[int, int, int]  # mode, padding, align

    @property
    def size(self) -> tuple[int, ...]:
        """(H, W) or (D, H, W) of x."""
        return self.x.shape[self.first : self.first + self.x.ndim - 2]

    @property
    def _channels(self) -> tuple[int, int]:
        """Groups of x, and channels of a group."""
        return (1, self.x.shape[-1]) if self.first == 1 else (self.x.shape[1], 1)

    @property
    def fast(self) -> bool:
        """Whether there are loops for it alone."""
        return self.x.ndim == 4 and self.rule[0] != BICUBIC

    def out_shape(self) -> tuple[int, ...]:
        """Shape of the output as the caller sees it."""
        leading, dims = self.points.leading, self.points.out_dims
        if self.first == 1:
            return (*leading, *dims, self.x.shape[-1])
        return (*leading, self.x.shape[1], *dims)

    def d_out(self, value: object, name: str = "d_out") -> Array:
        """The cotangent of the output, checked."""
        return like(name, value, self.out_shape(), "the output")

    def t_x(self, value: object, name: str = "t_x") -> Array:
        """A tangent of x, checked."""
        return like(name, value, self.x.shape, "x")

    def t_grid(self, value: object, name: str = "t_grid") -> Array:
        """A tangent of the grid, checked."""
        return like(name, value, (*self.points.leading, *self.points.grid.shape[1:]), "grid")

    def sample(self) -> Array:
        """The output, in the dtype of x."""
        if not self.fast:
            return self.forward(None, None)[0]
        out = np.empty(self.out_shape(), self.x.dtype)
        if out.size:
            tasks, place, rest = self._rows(True)
            args = flat(self.x), *place, *rest, flat(out)
            call(sample2d.sample, tasks, *args, work=out.size)
        return out

    def forward(self, t_x: Array | None, t_points: Array | None) -> tuple[Array, Floats]:
        """The output and its tangent, if there is one; t_points is in the unit of the grid."""
        out = np.empty(self.out_shape(), self.x.dtype)
        t_out = np.empty(0) if t_x is None else np.zeros(out.shape)
        if out.size:
            tasks, place, rest = self._rows(False)
            args = flat(self.x), wide(t_x), *place, wide(t_points), *rest
            call(tensor.sample, tasks, *args, flat(out), flat(t_out), work=out.size)
        return out, t_out

    def jvp(self, t_x: Array, t_points: Array) -> tuple[Array, Array]:
        """The output and its tangent, in the dtype of x."""
        out, t_out = self.forward(t_x, t_points)
        return out, narrow(t_out, self.x.dtype)

    def vjp_x(self, d_out: Array, t_points: Array | None = None) -> Array:
        """d_x, in the dtype of x; with t_points, its derivative in their direction."""
        fast = self.fast and t_points is None
        dtype = self.x.dtype if fast else np.result_type(self.x, d_out)
        d_x = np.zeros(self.x.shape, dtype)
        if d_out.size:
            tasks, place, rest = self._bands(fast)
            if fast:
                args = flat(d_out), *place, *rest, flat(d_x)
                call(sample2d.sample_vjp_x, tasks, *args, work=d_out.size)
            else:
                args = *alike(d_out, d_x)[:1], *place, wide(t_points), *rest, flat(d_x)
                call(tensor.sample_vjp_x, tasks, *args, work=d_out.size)
        return narrow(d_x, self.x.dtype)

    def vjp_points(
        self, d_out: Array, t_x: Array | None = None, t_points: Array | None = None
    ) -> Floats:
        """d_grid (N, *out_dims, R); with tangents, its derivative in their direction."""
        d_points = np.zeros((math.prod(self.points.leading), *self.points.out_dims, len(self.size)))
        if d_out.size:
            tasks, place, rest = self._rows(False)
            args = *alike(d_out, self.x), wide(t_x), *place, wide(t_points), *rest
            call(tensor.sample_vjp_points, tasks, *args, flat(d_points), work=d_out.size)
        return d_points

    def vjp_vjp(self, d_out: Array, t_x: Array, t_points: Array) -> tuple[Array, Array, Floats]:
        """Cotangents of d_out, x and points of (d_x, d_points), from those of the results."""
        _, t_out = self.forward(t_x, t_points)
        d_d_out = narrow(t_out, d_out.dtype)
        return d_d_out, self.vjp_x(d_out, t_points), self.vjp_points(d_out, t_x, t_points)

    def entries(self) -> tuple[Integers, Floats, Integers]:
        """Texels (points, MOST) and weights of the operator, and whether a point is inside."""
        count = math.prod(self.points.leading) * math.prod(self.points.out_dims)
        texels, inside = np.empty((count, MOST), np.int64), np.empty(count, np.int64)
        weights = np.empty((count, MOST))
        if count:
            tasks, place, rest = self._rows(False)
            found = texels.reshape(-1), flat(weights), inside
            call(tensor.entries, tasks, *place, *rest, *found, work=count * MOST)
        return texels, weights, inside

    def vjp_grid(self, d_out: Array) -> Array:
        """d_grid (N, *out_dims, R), in the dtype of the grid."""
        dtype = self.points.grid.dtype
        if not self.fast:
            return narrow(self.vjp_points(d_out), dtype)
        d_grid = np.zeros(self.points.grid.shape, dtype)
        if d_out.size:
            tasks, place, rest = self._rows(True)
            args = flat(d_out), flat(self.x), *place, *rest, flat(d_grid)
            call(sample2d.sample_vjp_grid, tasks, *args, work=d_out.size)
        return d_grid

    def vjp_theta(self, d_out: Array, dtype: np.dtype[Any]) -> Array:
        """d_theta (N, R, R + 1)."""
        maps, rank, dims = len(self.points.theta), len(self.size), self.points.out_dims
        d_theta = np.zeros((maps, rank, rank + 1), dtype.newbyteorder("="))
        if d_out.size:
            tasks, place, rest = self._rows(self.fast)
            base_x, base_rows, den = bases(dims, bool(self.rule[2]))
            sums = np.empty(maps * math.prod(dims[:-1]) * rank * 2)
            if self.fast:
                args = flat(d_out), flat(self.x), *place, *rest, base_x, sums
                call(sample2d.sample_vjp_theta, tasks, *args, work=d_out.size)
            else:
                args = *alike(d_out, self.x), *place, *rest, base_x, sums
                call(tensor.sample_vjp_theta, tasks, *args, work=d_out.size)
            c = self.points.scale[:, 0] / self.points.scale[:, 2]
            call(affine.pull, 1, sums, flat(base_rows), c, den, d_theta, work=0)
        return d_theta

    def _rows(self, fast: bool) -> tuple[Any, ...]:
        """Split by rows of the output, a few tasks for each thread: (tasks, points, rest)."""
        maps, height = math.prod(self.points.leading), math.prod(self.points.out_dims[:-1])
        rows = -(-height // max(1, 8 * threads() // maps))
        return (maps * -(-height // rows), *self._seen(fast, rows))

    def _bands(self, fast: bool) -> tuple[Any, ...]:
        """Split by rows of d_x, so that a task's sums stay small: (tasks, points, rest)."""
        *others, width = self.size
        height = math.prod(others)
        groups, channels = self._channels
        # Every band looks at every point of a grid; of a map, only at those that may touch it.
        affine = not self.points.grid.size
        rows = -(-height // -(-threads() * (2 if affine else 1) // len(self.x)))
        if fast or affine:  # else more bands would cost more than the memory of their float64 sums
            row = groups * ((width + 2) * (4 if channels == 3 else channels) + 8)  # at most
            rows = max(1, min(rows, _BAND // threads() // row))
        return (len(self.x) * -(-height // rows), *self._seen(fast, rows))

    def _seen(self, fast: bool, rows: int) -> tuple[Any, ...]:
        """What the kernels see of points, and of sizes, rule and rows of a task."""
        groups, channels = self._channels
        theta, xs, ys, _, scale, grid, (_, *many), out_dims = self.points
        ones = [] if fast else [1] * (3 - len(self.size))
        sizes = groups, *ones, *self.size, channels, math.prod(many), *ones, *out_dims
        rest = np.array([*sizes, *self.rule]), rows
        place = (theta, xs, ys, scale, flat(grid)) if fast else (*self.points[:5], wide(grid))
        return place, rest
