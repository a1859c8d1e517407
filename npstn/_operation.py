"""Operations of NumPy arrays with all their derivatives, for frameworks that differentiate.

An operation f of some arrays, its primals, is four functions:

- ``forward(*primals)``: f;
- ``vjp(wanted, d, *primals)``: cotangents of some primals from that of f;
- ``jvp(primals, tangents)``: the tangent of f; None is zero;
- ``vjp_vjp(dd, d, *primals)``: cotangents of d and of the primals, from those of the vjp's results.

No other is needed for two derivatives in any order but forward over forward. The vjp of a jvp is
the vjp, and for the primals the vjp_vjp of the tangents. The jvp of a vjp is the vjp of the
tangent of d, plus the vjp_vjp of the tangents of the primals: second derivatives are symmetric.

The first axis of all arrays is a batch, whose elements know nothing of each other.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any

import numpy as np

from . import _check, _values
from ._check import Array
from ._module import module
from .sample import grid_sample, grid_sample_jvp, grid_sample_vjp, sampling_problem
from .second import grid_sample_vjp_vjp, spatial_transformer_network_vjp_vjp
from .stn import (
    spatial_transformer_network,
    spatial_transformer_network_jvp,
    spatial_transformer_network_vjp,
)
from .transforms.affine import affine_grid, affine_grid_vjp

Maybe = Sequence[Array | None]
LEFT_OUT = {
    "twice": "npstn has no second derivatives forward over forward; use jacfwd of jacrev, "
    "or jacrev twice",
    "third": "npstn has no derivatives of its second derivatives; of products of a Hessian it has "
    "those by vhp, and by a jvp of a grad",
}


@dataclass(frozen=True)
class Operation:
    """An operation; ``options`` are keywords of the functions of npstn."""

    options: tuple[tuple[str, Any], ...]

    def shape(self, *primals: Array) -> tuple[int, ...]:
        """Check the primals, of which no number is read, and give the shape of f."""
        raise NotImplementedError

    def forward(self, *primals: Array) -> Array:
        """Compute f."""
        raise NotImplementedError

    def vjp(self, wanted: Sequence[bool], d: Array, *primals: Array) -> tuple[Array, ...]:
        """Compute the cotangents of the wanted primals."""
        raise NotImplementedError

    def jvp(self, primals: Sequence[Array], tangents: Maybe) -> Array:
        """Compute the tangent of f."""
        raise NotImplementedError

    def vjp_vjp(self, dd: Maybe, d: Array, *primals: Array) -> tuple[Array, ...]:
        """Compute cotangents of d and of the primals from those of the vjp's results."""
        raise NotImplementedError


class Sample(Operation):
    """grid_sample, of x and grid."""

    def shape(self, *primals: Array) -> tuple[int, ...]:
        """Check x and the points, and give the shape of the output."""
        options = {**_keywords(grid_sample), **dict(self.options)}
        x, grid = primals
        return sampling_problem(x, grid, **options).out_shape()

    def forward(self, *primals: Array) -> Array:
        """Compute the output."""
        x, grid = primals
        return grid_sample(x, grid, **dict(self.options))

    def vjp(self, wanted: Sequence[bool], d: Array, *primals: Array) -> tuple[Array, ...]:
        """Compute d_x and d_grid."""
        return _some(grid_sample_vjp, ("x", "grid"), wanted, d, *primals, **dict(self.options))

    def jvp(self, primals: Sequence[Array], tangents: Maybe) -> Array:
        """Compute t_out."""
        (x, grid), (t_x, t_grid) = primals, tangents
        return grid_sample_jvp(x, grid, t_x, t_grid, **dict(self.options))[1]

    def vjp_vjp(self, dd: Maybe, d: Array, *primals: Array) -> tuple[Array, ...]:
        """Compute cotangents of d_out, x and grid."""
        (dd_x, dd_grid), (x, grid) = dd, primals
        return grid_sample_vjp_vjp(dd_x, dd_grid, d, x, grid, **dict(self.options))


@dataclass(frozen=True)
class Module(Operation):
    """spatial_transformer_network, of x and theta."""

    out_dims: tuple[int, ...] | None = None

    def shape(self, *primals: Array) -> tuple[int, ...]:
        """Check x and the points, and give the shape of the output."""
        options = {**_keywords(spatial_transformer_network), **dict(self.options)}
        x, theta = primals
        return module(x, theta, self.out_dims, **options).problem.out_shape()

    def forward(self, *primals: Array) -> Array:
        """Compute the output."""
        x, theta = primals
        return spatial_transformer_network(x, theta, self.out_dims, **dict(self.options))

    def vjp(self, wanted: Sequence[bool], d: Array, *primals: Array) -> tuple[Array, ...]:
        """Compute d_x and d_theta."""
        options = dict(self.options)
        return _some(
            spatial_transformer_network_vjp, ("x", "theta"), wanted, d, *primals, **options
        )

    def jvp(self, primals: Sequence[Array], tangents: Maybe) -> Array:
        """Compute t_out."""
        (x, theta), (t_x, t_theta), options = primals, tangents, dict(self.options)
        found = spatial_transformer_network_jvp(x, theta, t_x, t_theta, self.out_dims, **options)
        return found[1]

    def vjp_vjp(self, dd: Maybe, d: Array, *primals: Array) -> tuple[Array, ...]:
        """Compute cotangents of d_out, x and theta."""
        (dd_x, dd_theta), (x, theta), options = dd, primals, dict(self.options)
        return spatial_transformer_network_vjp_vjp(dd_x, dd_theta, d, x, theta, **options)


@dataclass(frozen=True)
class Grid(Operation):
    """affine_grid of theta (B, R, R + 1), in the dtype of theta; it is linear."""

    out_dims: tuple[int, ...] = ()

    def shape(self, *primals: Array) -> tuple[int, ...]:
        """Check theta and out_dims, and give the shape of the grid."""
        (theta,) = primals
        maps, leading = _check.theta(theta)
        rank = maps.shape[1]
        dims = _values.sizes("out_dims", self.out_dims, rank * len(maps), ranks=(rank,))
        return *leading, *dims, rank

    def forward(self, *primals: Array) -> Array:
        """Compute the grid."""
        (theta,) = primals
        return affine_grid(theta, self.out_dims, **dict(self.options)).astype(theta.dtype)

    def vjp(self, wanted: Sequence[bool], d: Array, *primals: Array) -> tuple[Array, ...]:
        """Compute d_theta."""
        del wanted
        return (affine_grid_vjp(d, **dict(self.options)).astype(primals[0].dtype),)

    def jvp(self, primals: Sequence[Array], tangents: Maybe) -> Array:
        """Compute the grid of t_theta."""
        (theta,), (tangent,) = primals, tangents
        return self.forward(np.zeros_like(theta) if tangent is None else tangent)

    def vjp_vjp(self, dd: Maybe, d: Array, *primals: Array) -> tuple[Array, ...]:
        """Compute the cotangent of d_grid; that of theta is zero."""
        return self.jvp(primals, dd), np.zeros_like(primals[0])


def tupled(value: Any) -> Any:
    """Turn what has elements into a tuple, which can be hashed; leave the rest to be refused."""
    return tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else value


def _keywords(function: Callable[..., Any]) -> dict[str, Any]:
    """The options of a function, with their defaults."""
    found = signature(function).parameters.values()
    return {p.name: p.default for p in found if p.kind == Parameter.KEYWORD_ONLY}


def _some(
    vjp: Any, names: Sequence[str], wanted: Sequence[bool], *args: Array, **options: Any
) -> tuple[Array, ...]:
    """The wanted results of a vjp."""
    wrt = tuple(name for name, want in zip(names, wanted, strict=True) if want)
    found = vjp(*args, **options, wrt=wrt)
    return tuple(a for a in found if a is not None)
