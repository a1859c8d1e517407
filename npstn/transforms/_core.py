"""A family with its options bound: functions on rows of parameters, which check nothing.

``read`` is the door: it makes rows (N, P) of float64 out of parameters, or raises. All other
methods believe what they get. There are N maps of P parameters; ``dims`` is the size of the output,
R its rank, and ``align`` is align_corners.
"""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import numpy as np

from .._check import Array
from .._points import affine_adjoint
from ..grid import Floats
from . import _params as check
from .affine import mapped_lattice

Dims = tuple[int, ...]


class Rows(NamedTuple):
    """Checked parameters."""

    p: Floats  # (N, P)
    leading: tuple[int, ...]  # (B,) or (B, K), N in all
    rank: int  # R


class Core(ABC):
    """Grid, tangent and adjoint of a family of transformations."""

    identities: Mapping[int, Floats]  # by rank: parameters (P,) of the identity

    def identity(self, rank: object = None) -> Floats:
        """Copy the parameters of the identity, of the lowest rank if none is asked for."""
        return self.identities[check.rank(rank, tuple(self.identities))].copy()

    def read(self, name: str, value: object, rank: int | None = None) -> Rows:
        """Check parameters (B, P) or (B, K, P): P says the rank, if none is asked for."""
        ranks = {len(one): r for r, one in self.identities.items() if rank in (None, r)}
        if not ranks:
            expected = " or ".join(map(str, self.identities))
            raise ValueError(f"{name} is for a rank of {rank}, expected {expected}")
        p, leading = check.params(value, tuple(ranks), name)
        return Rows(p, leading, ranks[p.shape[1]])

    @abstractmethod
    def grid(self, p: Floats, dims: Dims, align: bool) -> Floats:
        """Compute the grid (N, *dims, R)."""

    @abstractmethod
    def t_grid(self, p: Floats, t_p: Floats, dims: Dims, align: bool) -> Floats:
        """Compute the tangent of the grid."""

    def jvp(self, p: Floats, t_p: Floats, dims: Dims, align: bool) -> tuple[Floats, Floats]:
        """Compute the grid and its tangent: a family overrides it if they share work."""
        return self.grid(p, dims, align), self.t_grid(p, t_p, dims, align)

    @abstractmethod
    def grid_vjp(self, d_grid: Array, p: Floats, align: bool) -> Floats:
        """Compute d_p (N, P) from the cotangent (N, *dims, R) of the grid."""


class AffineCore(Core):
    """Affine maps by other parameters: a family writes theta (N, R, R + 1), and gets its grid."""

    @abstractmethod
    def theta(self, p: Floats) -> Floats:
        """Compute theta."""

    def t_theta(self, p: Floats, t_p: Floats) -> Floats:
        """Compute the tangent of theta: theta of t_p, for a family linear in its parameters."""
        return self.theta(t_p)

    @abstractmethod
    def theta_vjp(self, d_theta: Floats, p: Floats) -> Floats:
        """Compute d_p (N, P) from the cotangent of theta."""

    def grid(self, p: Floats, dims: Dims, align: bool) -> Floats:
        """Map the lattice by theta."""
        return mapped_lattice(self.theta(p), dims, align)

    def t_grid(self, p: Floats, t_p: Floats, dims: Dims, align: bool) -> Floats:
        """Map the lattice by the tangent of theta: a grid is linear in theta."""
        return mapped_lattice(self.t_theta(p, t_p), dims, align)

    def grid_vjp(self, d_grid: Array, p: Floats, align: bool) -> Floats:
        """Take the adjoints of both steps, in reverse."""
        return self.theta_vjp(affine_adjoint(d_grid, align), p)


def joined(linear: Floats, offset: Floats) -> Floats:
    """Join to theta = [linear | offset] (N, R, R + 1)."""
    return np.concatenate([linear, offset[:, :, None]], 2)


C = TypeVar("C", bound=Core)


def bind(family: str, core: Callable[..., C], options: dict[str, Any]) -> C:
    """Bind the options of a family, or raise if it has no such option."""
    known = _options(core)
    unknown = [name for name in options if name not in known]
    if unknown:
        expected = f"expected one of {', '.join(known)}" if known else "which has none"
        raise TypeError(f"{unknown[0]} is no option of the family {family!r}, {expected}")
    return core(**options)


@lru_cache
def _options(core: Callable[..., Core]) -> tuple[str, ...]:
    return tuple(inspect.signature(core).parameters)
