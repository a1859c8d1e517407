"""The module of the paper: a family of transformations in front of a sampling problem."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import _check
from ._arrays import like
from ._check import Array
from ._problem import Problem, affine_adjoint, grid_points
from .transforms._params import params
from .transforms.affine import affine_grid, affine_points
from .transforms.families import FAMILIES, Family


@dataclass(frozen=True)
class Module:
    """A sampling problem at the points of a transformation, and the way back to its parameters."""

    problem: Problem
    theta: Array
    family: Family

    @property
    def _align(self) -> bool:
        return bool(self.problem.rule[2])

    def t_grid(self, t_theta: Array, name: str = "t_theta") -> Array:
        """The tangent of the grid, from that of the parameters."""
        dims = self.problem.points.out_dims
        given = like(name, t_theta, self.theta.shape, "theta")
        if self.family.theta is None:
            return self.family.jvp(self.theta, given, dims, align_corners=self._align)[1]
        _, t_affine = self.family.theta[1](self.theta, given)
        return affine_grid(t_affine, dims, align_corners=self._align)

    def d_theta(self, d_out: Array) -> Array:
        """The cotangent of the parameters, from that of the output."""
        if self.family.theta is None:
            return self._pull(self.problem.vjp_grid(d_out))
        d_affine = self.problem.vjp_theta(d_out, np.dtype(np.float64))
        return self._of_affine(self.family.theta[2], d_affine)

    def vjp_vjp(self, d_out: Array, dd_x: Array, dd_theta: Array) -> tuple[Array, Array, Array]:
        """Cotangents of d_out, x and theta of (d_x, d_theta), from those of the results."""
        if not self.family.linear:
            linear = [name for name, family in FAMILIES.items() if family.linear]
            expected = f"expected one that is linear in its parameters: {', '.join(linear)}"
            raise ValueError(f"transform is {self.family.name!r}, {expected}")
        t_grid = self.t_grid(dd_theta, "dd_theta")
        d_d_out, d_x, d_points = self.problem.vjp_vjp(d_out, dd_x, t_grid)
        if self.family.theta is None:
            return d_d_out, d_x, self._pull(d_points)
        d_affine = affine_adjoint(d_points, self._align)
        return d_d_out, d_x, self._of_affine(self.family.theta[2], d_affine)

    def _pull(self, d_points: Array) -> Array:
        d_grid = d_points.reshape(*self.problem.points.leading, *d_points.shape[1:])
        return self.family.vjp(d_grid, self.theta, align_corners=self._align)

    def _of_affine(self, vjp: Callable[..., Array], d_affine: Array) -> Array:
        leading = self.problem.points.leading
        return vjp(d_affine.reshape(*leading, *d_affine.shape[1:]), self.theta)


def module(
    x: object,
    theta: Array,
    out_dims: object,
    transform: object,
    mode: object,
    padding_mode: object,
    align_corners: object,
    layout: object,
) -> Module:
    """The arguments of :func:`npstn.spatial_transformer_network`, checked."""
    image, first = _check.image(x, layout)
    rank = image.ndim - 2
    rule = _check.rule(mode, padding_mode, align_corners, rank)
    size, align = image.shape[first : first + rank], bool(rule[2])
    chosen = _family(transform, rank)
    if chosen.name == "affine":
        points = affine_points(theta, image, size, out_dims, align)
        return Module(Problem(image, first, points, rule), theta, chosen)
    given = _check.array("theta", theta, "of parameters (B, P) or (B, K, P)")
    params(given, len(chosen.identity()), "theta")
    _check.same_batch("theta", given, given.shape, len(image))
    if chosen.theta is not None:
        points = affine_points(chosen.theta[0](theta), image, size, out_dims, align)
    else:
        dims = _check.out_dims(out_dims, image.size // max(1, size[0] * size[1]), size)
        grid = chosen.grid(theta, dims, align_corners=align)
        points = grid_points(grid, image, size, align, True)
    return Module(Problem(image, first, points, rule), theta, chosen)


def _family(transform: object, rank: int) -> Family:
    if isinstance(transform, Family):
        chosen = transform
    else:
        _check.choice("transform", transform, dict.fromkeys(FAMILIES, 0))
        chosen = FAMILIES[str(transform)]
    if rank == 3 and chosen.name != "affine":
        raise ValueError(f"transform is {chosen.name!r}, expected 'affine' for volumes")
    return chosen
