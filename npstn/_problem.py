"""One sampling problem: checked arguments in the shapes the kernels want, and the calls to them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _check
from ._arrays import flat, like, narrow
from ._check import Array
from ._memory import empty, zeros
from ._points import padded, theta_from
from ._split import Integers, Split
from .grid import Floats, bases
from .jit.compiler import call
from .kernels import axis, cells, entries, jvp, points_vjp, products, sample, scatter, space


@dataclass(frozen=True)
class Problem(Split):
    """Sample ``x`` at ``points`` as ``options`` say: the output, and its derivatives."""

    def d_out(self, value: object, name: str = "d_out") -> Array:
        """The cotangent of the output, checked."""
        return like(name, value, self.out_shape(), "the output")

    def t_x(self, value: object, name: str = "t_x") -> Array | None:
        """A tangent of x, checked; None is zero."""
        return None if value is None else like(name, value, self.x.shape, "x")

    def t_grid(self, value: object, name: str = "t_grid") -> Array | None:
        """A tangent of the grid, checked; None is zero."""
        if value is None:
            return None
        return like(name, value, (*self.points.leading, *self.points.grid.shape[1:]), "grid")

    def sample(self) -> Array:
        """The output, in the dtype of x."""
        out = empty(self.out_shape(), self.x.dtype)
        if out.size:
            room = space.END + (0 if self._room else self._many), space.ROW
            for part in self._parts():
                args = flat(self.x), self.fill, *part.place, part.dims, part.of(out)
                call(
                    sample.sample,
                    part.tasks,
                    *args,
                    work=out.size,
                    space=room,
                    **self._constants,
                )
        return out

    def jvp(self, t_x: Array | None, t_points: Array | None) -> tuple[Array, Floats]:
        """The output, in the dtype of x, and its tangent; t_points is in the unit of the grid."""
        t_points = self._direction(t_x, t_points)
        out = empty(self.out_shape(), self.x.dtype)
        t_out = zeros(out.shape)
        if out.size:
            t_x = self.x.reshape(-1)[:0] if t_x is None else t_x
            # Many channels are taken four at a time.
            constants = {**self._constants, "ROOM": self._room or 4}
            for part in self._parts():
                t = part.tangent(t_points)
                args = (
                    flat(self.x),
                    flat(t_x),
                    self.fill,
                    *part.place,
                    t,
                    part.dims,
                    part.of(out),
                    part.of(t_out),
                )
                room = space.END, space.ROW
                call(jvp.sample_jvp, part.tasks, *args, work=out.size, space=room, **constants)
        return out, t_out

    def vjp_x(self, d_out: Array, t_points: Array | None = None) -> Array:
        """d_x, in the dtype of x; with t_points, its derivative in their direction."""
        d_x = zeros(self.x.shape, self.x.dtype)
        if d_out.size:
            owners, most = self._owners()
            all_owners = np.array(owners, np.int64)
            room = cells.SUMS + most + 64, space.ROW  # what is loaded together ends there
            for part in self._parts(images=True):
                starts, visited = self._visits(part, owners)
                t = part.tangent(t_points)
                images = len(part.maps) // self._maps
                args = (
                    part.of(d_out),
                    *part.place,
                    t,
                    part.dims,
                    all_owners,
                    starts,
                    visited,
                )
                tasks, first = images * math.prod(owners), part.maps.start // self._maps
                of = flat(d_x[first : first + images])
                call(
                    scatter.scatter,
                    tasks,
                    *args,
                    of,
                    work=d_out.size,
                    space=room,
                    **self._constants,
                )
        return d_x

    def d_fill(self, d_out: Array, fill_value: object, wanted: bool) -> tuple[Floats, ...]:
        """The cotangent of the fill in its shape, as a tuple of one; or of none."""
        if not wanted:
            return ()
        d_fill = self._vjp_fill(d_out)
        return (d_fill if np.ndim(fill_value) else d_fill.sum(),)  # type: ignore[arg-type]

    def _vjp_fill(self, d_out: Array) -> Floats:
        """d_fill (C,): the sums of d_out times the weights of missing texels."""
        last = self.options._replace(first=1)
        blank, one = np.zeros((len(self.x), *self.size, 1)), _check.fill_value(1.0, 1, axis.ZEROS)
        blank.flags.writeable = False
        missing = Problem(blank, self.points, last, one).sample().reshape(-1)
        points = np.flatnonzero((missing == missing) & (missing != 0.0))
        channel = -1 if self.options.first == 1 else len(self.points.leading)
        given = np.moveaxis(d_out, channel, 0).reshape(d_out.shape[channel], len(missing))
        return np.array([np.sum(missing[points] * d[points]) for d in given])

    def vjp_points(
        self,
        d_out: Array,
        t_x: Array | None = None,
        t_points: Array | None = None,
        dtype: np.dtype[Any] | None = None,
    ) -> Array:
        """d_grid (N, *out_dims, R); with tangents, its derivative in their direction."""
        shape = math.prod(self.points.leading), *self.points.out_dims, len(self.size)
        d_points = zeros(shape, dtype or np.float64)
        self._points_vjp(d_out, t_x, t_points, d_points, None)
        return d_points

    def vjp_theta(self, d_out: Array) -> Floats:
        """d_theta (N, R, R + 1)."""
        maps, rank, dims = len(self.points.theta), len(self.size), self.points.out_dims
        d_theta = np.zeros((maps, rank, rank + 1))
        if d_out.size:
            _, base_rows, den = bases(dims, self.options.align)
            parts = -(-dims[-1] // self._tile(products.MANY)[0])
            sums = np.empty((maps, math.prod(dims[:-1]) * parts * rank * 2))
            self._points_vjp(d_out, None, None, None, sums)
            c = self.points.lattice[:, 0] / self.points.lattice[:, 2]
            theta_from(flat(sums), parts, base_rows, c, den, d_theta)
        return d_theta

    def _points_vjp(
        self,
        d_out: Array,
        t_x: Array | None,
        t_points: Array | None,
        d_points: Array | None,
        sums: Floats | None,
    ) -> None:
        if not d_out.size:
            return
        base_x, _, _ = bases(self.points.out_dims, self.options.align)
        t_x = self.x.reshape(-1)[:0] if t_x is None else t_x
        parts = products.PARTS * self._constants["TEXELS"] * products.LONG
        room = products.SUMS + parts + (0 if self._room else self._many), space.ROW
        for part in self._parts(products.MANY):
            t = part.tangent(t_points)
            kind = self.points.grid.dtype
            found = [
                np.empty(0, kind) if d_points is None else part.of(d_points),
                np.empty(0) if sums is None else part.of(sums),
            ]
            args = part.of(d_out), flat(self.x), flat(t_x), self.fill, *part.place, t, part.dims
            args = *args, padded(base_x), *found
            call(
                points_vjp.sample_vjp_points,
                part.tasks,
                *args,
                work=d_out.size,
                space=room,
                **self._constants,
            )

    def _direction(self, t_x: Array | None, t_points: Array | None) -> Array | None:
        """The direction of the points: zeros where neither they nor x move.

        To a kernel, no direction at all is the value itself.
        """
        if t_x is not None or t_points is not None:
            return t_points
        return np.zeros((*self.points.leading, *self.points.out_dims, len(self.size)))

    def vjp_vjp(
        self, d_out: Array, t_x: Array | None, t_points: Array | None
    ) -> tuple[Array, Array, Array]:
        """Cotangents of d_out, x and points of (d_x, d_points), from those of the results."""
        t_points = self._direction(t_x, t_points)
        _, t_out = self.jvp(t_x, t_points)
        d_x = (
            np.zeros(self.x.shape, self.x.dtype)
            if t_points is None
            else self.vjp_x(d_out, t_points)
        )
        return narrow(t_out, d_out.dtype), d_x, self.vjp_points(d_out, t_x, t_points)

    def entries(self) -> tuple[Integers, Floats]:
        """Texels (points, TEXELS) and weights of the operator."""
        count = math.prod(self.points.leading) * math.prod(self.points.out_dims)
        many = axis.TAPS_OF[self.options.mode] ** len(self.size)
        texels, weights = empty((count, many), np.int64), empty((count, many))
        maps = math.prod(self.points.leading)
        if count:
            shape = maps, count // maps * many
            for part in self._parts():
                found = part.of(texels.reshape(shape)), part.of(weights.reshape(shape))
                args = *part.place, part.dims, *found
                room = space.END, space.ROW
                call(
                    entries.entries,
                    part.tasks,
                    *args,
                    work=count * many,
                    space=room,
                    **self._constants,
                )
        return texels, weights
