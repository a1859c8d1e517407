"""The module of the paper: a family of transformations in front of a sampling problem."""

from dataclasses import dataclass

import numpy as np

from . import _check, _options, _values
from ._arrays import like
from ._check import Array
from ._points import grid_points
from ._problem import Problem
from .grid import Floats
from .transforms._core import AffineCore, Core
from .transforms._params import cast_like
from .transforms.affine import affine_points
from .transforms.families import FAMILIES, Family


@dataclass(frozen=True)
class Module:
    """A sampling problem at the points of a transformation, and the way back to its parameters."""

    problem: Problem
    theta: Array
    family: Family
    core: Core
    p: Floats  # theta as rows of parameters (N, P)

    @property
    def _align(self) -> bool:
        return self.problem.options.align

    def t_grid(self, t_theta: Array | None, name: str = "t_theta") -> Array | None:
        """Compute the tangent of the grid from that of the parameters; None is zero."""
        if t_theta is None:
            return None
        dims = self.problem.points.out_dims
        given = like(name, t_theta, self.theta.shape, "theta")
        t_p = given.reshape(self.p.shape).astype(np.float64)
        t_grid = self.core.t_grid(self.p, t_p, dims, self._align)
        return t_grid.reshape(*self.problem.points.leading, *t_grid.shape[1:])

    def d_theta(self, d_out: Array) -> Array:
        """Compute the cotangent of the parameters from that of the output."""
        if isinstance(self.core, AffineCore):
            d_p = self.core.theta_vjp(self.problem.vjp_theta(d_out), self.p)
            return cast_like(d_p, self.theta)
        return self._d_params(self.problem.vjp_points(d_out))

    def vjp_vjp(
        self, d_out: Array, dd_x: Array | None, dd_theta: Array | None
    ) -> tuple[Array, Array, Array]:
        """Cotangents of d_out, x and theta of (d_x, d_theta), from those of the results."""
        rank = len(self.problem.size)
        if rank not in self.family.linear:
            linear = [name for name, family in FAMILIES.items() if rank in family.linear]
            expected = f"expected one that is linear in its parameters: {', '.join(linear)}"
            raise ValueError(f"transform is {self.family.name!r}, {expected}")
        t_grid = self.t_grid(dd_theta, "dd_theta")
        d_d_out, d_x, d_points = self.problem.vjp_vjp(d_out, dd_x, t_grid)
        return d_d_out, d_x, self._d_params(d_points)

    def _d_params(self, d_points: Array) -> Array:
        """Take the cotangent of the points (N, *out_dims, R) to the parameters."""
        return cast_like(self.core.grid_vjp(d_points, self.p, self._align), self.theta)


def module(
    x: object,
    theta: Array,
    out_dims: object,
    transform: object,
    mode: object,
    padding_mode: object,
    align_corners: object,
    layout: object,
    fill_value: object,
    cubic_coefficient: object,
) -> Module:
    """The arguments of :func:`npstn.spatial_transformer_network`, checked."""
    image, size = _check.image(x, layout)
    options = _options.options(mode, padding_mode, align_corners, layout, cubic_coefficient)
    channels = _check.channels(image, options)
    fill = _check.fill_value(fill_value, channels, options.padding)
    rank, align = len(size), options.align
    chosen = _family(transform, rank)
    core = chosen.core()
    p, leading, _ = core.read("theta", theta, rank)
    _check.same_batch("theta", theta, leading, len(image))
    if isinstance(core, AffineCore):
        points = affine_points(core.theta(p), leading, image, size, out_dims, align)
    else:
        numbers = len(p) * max(channels, rank)
        dims = _values.sizes("out_dims", out_dims, numbers, 8, size, (rank,))
        points = grid_points(core.grid(p, dims, align), leading, size, align)
    return Module(Problem(image, points, options, fill), theta, chosen, core, p)


def _family(transform: object, rank: int) -> Family:
    if isinstance(transform, Family):
        chosen = transform
    else:
        _values.choice("transform", transform, dict.fromkeys(FAMILIES, 0))
        chosen = FAMILIES[str(transform)]
    if rank not in chosen.ranks:
        names = [repr(name) for name, family in FAMILIES.items() if rank in family.ranks]
        here, there = ("images", "volumes") if rank == 3 else ("volumes", "images")
        expected = f"expected {' or '.join(names)} for {there}"
        raise ValueError(f"transform is {chosen.name!r} for {here}, {expected}")
    return chosen
