"""One sampling problem: checked arguments in the shapes the kernels want, and the calls to them."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from . import _check
from ._check import Array
from .grid import Floats, bases, pixel_scale
from .kernels import affine, sample2d
from .kernels.compiler import call, threads

_BAND = 2**22  # float64 accumulators of all tasks at work that sum into d_x: 32 MiB


class Points(NamedTuple):
    """Where to sample: an affine map of a lattice, or a grid (the other is empty)."""

    theta: Floats  # (N, 2, 3)
    xs: Floats  # (2, Wo)
    ys: Floats  # (2, Ho)
    scale: Floats  # (2, 3): c, d, div of the x and the y coordinate
    grid: Array  # (N, Ho, Wo, 2)
    leading: tuple[int, ...]  # (B,) or (B, K)
    out_dims: tuple[int, int]

    @property
    def place(self) -> tuple[Any, ...]:
        """What the kernels see."""
        return (*self[:4], flat(self.grid))


def grid_points(
    grid: object, x: Array, size: tuple[int, int], align_corners: bool, normalized: bool
) -> Points:
    """The points of a grid over an input x of ``size`` = (H, W)."""
    given, leading = _check.grid(grid, len(x))
    scale = np.zeros((2, 3))
    for a, n in enumerate(reversed(size)):
        scale[a, :2] = pixel_scale(n, align_corners) if normalized else (1.0, 0.0)
    none = np.empty((0, 0))
    return Points(np.empty((0, 2, 3)), none, none, scale, given, leading, given.shape[1:3])


@dataclass(frozen=True)
class Problem:
    """Sample ``x`` at ``points`` by ``rule``: the output, and its cotangents."""

    x: Array
    first: int  # the axis of its height: 1 in NHWC, 2 in NCHW
    points: Points
    rule: tuple[int, int, int]  # mode, padding, align

    def out_shape(self) -> tuple[int, ...]:
        """Shape of the output as the caller sees it."""
        leading, dims, channels = self.points.leading, self.points.out_dims, self.x.shape[-1]
        if self.first == 1:
            return (*leading, *dims, channels)
        return (*leading, self.x.shape[1], *dims)

    def d_out(self, value: object) -> Array:
        """The cotangent of the output, checked."""
        given = _check.array("d_out", value, f"of shape {self.out_shape()}")
        if given.shape != self.out_shape():
            msg = f"expected that of the output, {self.out_shape()}"
            raise ValueError(f"d_out has shape {given.shape}, {msg}")
        return given

    def sample(self) -> Array:
        """The output, in the dtype of x."""
        out = np.empty(self.out_shape(), self.x.dtype)
        if out.size:
            tasks, *args = self._rows()
            call(
                sample2d.sample,
                tasks,
                flat(self.x),
                *args,
                flat(out),
                work=out.size,
            )
        return out

    def vjp_x(self, d_out: Array) -> Array:
        """d_x, in the dtype of x."""
        d_x = np.zeros(self.x.shape, self.x.dtype)
        if d_out.size:
            tasks, *args = self._bands()
            call(
                sample2d.sample_vjp_x,
                tasks,
                flat(d_out),
                *args,
                flat(d_x),
                work=d_out.size,
            )
        return d_x

    def vjp_grid(self, d_out: Array) -> Array:
        """d_grid (N, Ho, Wo, 2), in the dtype of the grid."""
        d_grid = np.zeros(self.points.grid.shape, self.points.grid.dtype)
        if d_out.size:
            tasks, *args = self._rows()
            given = flat(d_out), flat(self.x)
            call(sample2d.sample_vjp_grid, tasks, *given, *args, flat(d_grid), work=d_out.size)
        return d_grid

    def vjp_theta(self, d_out: Array, dtype: np.dtype[Any]) -> Array:
        """d_theta (N, 2, 3)."""
        maps, (height, _) = len(self.points.theta), self.points.out_dims
        d_theta: Array = np.zeros((maps, 2, 3), dtype.newbyteorder("="))
        if d_out.size:
            tasks, *args = self._rows()
            given = flat(d_out), flat(self.x)
            base_x, base_y, den = bases(self.points.out_dims, bool(self.rule[2]))
            sums = np.empty(maps * height * 4)
            call(sample2d.sample_vjp_theta, tasks, *given, *args, base_x, sums, work=d_out.size)
            c = self.points.scale[:, 0] / self.points.scale[:, 2]
            call(affine.pull, 1, sums, base_y, c, den, d_theta, work=0)
        return d_theta

    def _rows(self) -> tuple[Any, ...]:
        """Split by rows of the output, a few tasks for each thread: (tasks, arguments)."""
        maps, height = math.prod(self.points.leading), self.points.out_dims[0]
        rows = -(-height // max(1, 8 * threads() // maps))
        return (maps * -(-height // rows), *self.points.place, self._dims(), rows)

    def _bands(self) -> tuple[Any, ...]:
        """Split by rows of d_x, so that a task's float64 sums stay small: (tasks, arguments)."""
        height, width = self.x.shape[self.first : self.first + 2]
        channels = self.x.size // (len(self.x) * height * width)
        # Every band looks at every point of a grid; of a map, only at those that may touch it.
        bands = -(-threads() * (1 if self.points.grid.size else 2) // len(self.x))
        most = _BAND // threads() // ((width + 2) * channels + 6)  # with the frame of the sums
        rows = max(1, min(-(-height // bands), most))
        return (len(self.x) * -(-height // rows), *self.points.place, self._dims(), rows)

    def _dims(self) -> Array:
        """What the kernels call dims: sizes of x and out, and the rule."""
        first, (_, *shape) = self.first, self.x.shape
        size = (1, *shape) if first == 1 else (*shape, 1)
        maps = math.prod(self.points.leading[1:])
        return np.array([*size, maps, *self.points.out_dims, *self.rule])


def flat(a: Array) -> Array:
    """All numbers of a contiguous array, in one row."""
    return a.reshape(-1)
