"""Public functions that follow from a forward one: grids of theta, tangents and adjoints.

A family writes its core (:mod:`._core`) and one documented function, its theta or its grid. Every
other function differs between families in its name and options only, so it is made here.
"""

import inspect
from collections.abc import Callable
from itertools import groupby
from typing import Any, Protocol, TypeVar

from .._check import Array
from ..grid import Floats
from . import _door as door
from ._core import AffineCore, Core, bind

F = TypeVar("F", bound=Callable[..., Any])


class ThetaJvp(Protocol):
    """``theta_jvp(params, t_params, **options) -> (theta, t_theta)``."""

    def __call__(self, params: Array, t_params: Array, **options: Any) -> tuple[Floats, Floats]: ...


class ThetaVjp(Protocol):
    """``theta_vjp(d_theta, params, **options) -> d_params``."""

    def __call__(self, d_theta: Array, params: Array, **options: Any) -> Array: ...


class Grid(Protocol):
    """``grid(params, out_dims, **options) -> grid``."""

    def __call__(
        self,
        params: Array,
        out_dims: tuple[int, ...],
        *,
        align_corners: bool = True,
        **options: Any,
    ) -> Floats: ...


class GridJvp(Protocol):
    """``grid_jvp(params, t_params, out_dims, **options) -> (grid, t_grid)``."""

    def __call__(
        self,
        params: Array,
        t_params: Array,
        out_dims: tuple[int, ...],
        *,
        align_corners: bool = True,
        **options: Any,
    ) -> tuple[Floats, Floats]: ...


class GridVjp(Protocol):
    """``grid_vjp(d_grid, params, **options) -> d_params``."""

    def __call__(
        self, d_grid: Array, params: Array, *, align_corners: bool = True, **options: Any
    ) -> Array: ...


def theta_derivatives(
    theta: Callable[..., Floats], core: Callable[..., AffineCore]
) -> tuple[ThetaJvp, ThetaVjp]:
    """Make the tangent and the adjoint of ``NAME_theta``."""
    family = _family(theta)

    def jvp(params: Array, t_params: Array, **options: Any) -> tuple[Floats, Floats]:
        return door.theta_jvp(bind(family, core, options), params, t_params)

    def vjp(d_theta: Array, params: Array, **options: Any) -> Array:
        return door.theta_vjp(bind(family, core, options), d_theta, params)

    return _named(jvp, "theta_jvp", theta), _named(vjp, "theta_vjp", theta)


def grid_of_theta(theta: Callable[..., Floats], core: Callable[..., AffineCore]) -> Grid:
    """Make ``NAME_grid``, the lattice mapped by ``NAME_theta``."""
    family = _family(theta)

    def grid(
        params: Array, out_dims: tuple[int, ...], *, align_corners: bool = True, **options: Any
    ) -> Floats:
        return door.grid(bind(family, core, options), params, out_dims, align_corners)

    return _named(grid, "grid", theta)


def grid_derivatives(
    grid: Callable[..., Floats], core: Callable[..., Core]
) -> tuple[GridJvp, GridVjp]:
    """Make the tangent and the adjoint of ``NAME_grid``."""
    family = _family(grid)

    def jvp(
        params: Array,
        t_params: Array,
        out_dims: tuple[int, ...],
        *,
        align_corners: bool = True,
        **options: Any,
    ) -> tuple[Floats, Floats]:
        bound = bind(family, core, options)
        return door.grid_jvp(bound, params, t_params, out_dims, align_corners)

    def vjp(d_grid: Array, params: Array, *, align_corners: bool = True, **options: Any) -> Array:
        return door.grid_vjp(bind(family, core, options), d_grid, params, align_corners)

    return _named(jvp, "grid_jvp", grid), _named(vjp, "grid_vjp", grid)


def _family(forward: Callable[..., Any]) -> str:
    return forward.__name__.rpartition("_")[0]


def _named(function: F, ending: str, forward: Callable[..., Any]) -> F:
    """Give a function the options of a forward one, and the name and text that follow from it."""
    own, others = (inspect.signature(f).parameters.values() for f in (function, forward))
    options = [p for p in others if p.kind is p.KEYWORD_ONLY and p.name != "align_corners"]
    parameters = [p for p in own if p.kind is not p.VAR_KEYWORD] + options
    result = inspect.signature(function).return_annotation
    made: Any = function
    made.__signature__ = inspect.Signature(parameters, return_annotation=result)
    made.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": result}
    made.__name__ = made.__qualname__ = f"{_family(forward)}_{ending}"
    made.__module__ = forward.__module__
    made.__doc__ = _documentation(ending, [p.name for p in parameters], forward.__name__)
    return function


def _documentation(ending: str, names: list[str], forward: str) -> str:
    claim, returns = (text.format(forward=forward) for text in _CLAIMS[ending])
    entries = []
    for text, group in groupby(names, lambda name: _ARGUMENTS.get(name, _AS_FORWARD)):
        entries.append(text.format(names=", ".join(group), forward=forward))
    return _TEXT.format(claim=claim, entries="\n".join(entries), returns=returns, forward=forward)


_TEXT = """{claim}

Parameters
----------
{entries}

Returns
-------
{returns}

Raises
------
TypeError, ValueError
    If an argument has the wrong type, dtype, shape or value, see :func:`{forward}`.
"""
_CLAIMS = {  # and results
    "theta_jvp": (
        "Compute theta and its tangent, see :func:`{forward}`.",
        "theta, t_theta : as of :func:`{forward}`",
    ),
    "theta_vjp": (
        "Compute the cotangent of the parameters of :func:`{forward}`.",
        "shape and (native) dtype of ``params``\n    Cotangent of the parameters.",
    ),
    "grid": (
        "Compute the sampling grid ``(x, y) = theta @ (x_j, y_i, 1)`` of :func:`{forward}`.",
        "(B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float64, in a volume (..., Do, Ho, Wo, 3)\n"
        "    Normalised coordinates, x first: the exact value of theta's map, rounded once.",
    ),
    "grid_jvp": (
        "Compute the grid and its tangent, see :func:`{forward}`.",
        "grid, t_grid : as of :func:`{forward}`",
    ),
}
_CLAIMS["grid_vjp"] = _CLAIMS["theta_vjp"]
_AS_FORWARD = "{names}\n    As in :func:`{forward}`."
_AS_LATTICE = "{names}\n    As in :func:`npstn.affine_grid`."
_ARGUMENTS = {
    "out_dims": _AS_LATTICE,
    "align_corners": _AS_LATTICE,
    "t_params": "{names} : shape of ``params``, float32 or float64\n    Tangent of the parameters.",
    "d_theta": "{names} : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3) float32 or float64, or that "
    "of a volume\n"
    "    Cotangent of theta.",
    "d_grid": "{names} : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64, or that of a "
    "volume\n"
    "    Cotangent of the grid.",
}
