"""The families by name: a new one is a file with functions named after it, and a row here."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from .. import _check
from .._check import Array
from ..grid import Floats
from . import _affine, attention, piecewise_affine, projective, rst, similarity, tps


@dataclass(frozen=True)
class Family:
    """A family of transformations: its functions, with their options if any are bound.

    Attributes
    ----------
    name : str
        Its key in :data:`FAMILIES`.
    grid : callable
        ``grid(params, out_dims, *, align_corners=True) -> grid``.
    jvp : callable
        ``jvp(params, t_params, out_dims, *, align_corners=True) -> (grid, t_grid)``.
    vjp : callable
        ``vjp(d_grid, params, *, align_corners=True) -> d_params``.
    identity : callable
        ``identity() -> (P,)``, the parameters of the identity.
    theta : tuple of callables, or None if it is no family of affine maps
        ``theta(params)``, ``theta_jvp(params, t_params) -> (theta, t_theta)`` and
        ``theta_vjp(d_theta, params) -> d_params``.
    linear : bool
        Whether the grid is linear in the parameters.
    """

    name: str
    grid: Callable[..., Floats]
    jvp: Callable[..., tuple[Floats, Floats]]
    vjp: Callable[..., Array]
    identity: Callable[..., Floats]
    theta: (
        tuple[Callable[..., Floats], Callable[..., tuple[Floats, Floats]], Callable[..., Array]]
        | None
    ) = None
    linear: bool = True


def family(name: str, **options: Any) -> Family:
    """A family with its options bound.

    Parameters
    ----------
    name : str
        One of :data:`FAMILIES`: affine, attention, rst, similarity, projective, tps,
        piecewise_affine.
    options
        Those of its grid: for rst ``rotation``, ``scale`` and ``translation``, for tps
        ``control_points`` and ``regularization``, for piecewise_affine ``control_points``. Arrays
        are copied.

    Returns
    -------
    Family
        Its functions, which take no more options but ``align_corners``.

    Raises
    ------
    TypeError, ValueError
        If there is no such family or option, or an option has the wrong type or value.

    Examples
    --------
    >>> spinning = family("rst", scale=False, translation=False)
    >>> spinning.identity()
    array([0.])
    """
    _check.choice("name", name, dict.fromkeys(FAMILIES, 0))
    row = FAMILIES[name]
    known = [o for o in _options(row.grid) if o != "align_corners"]
    unknown = [o for o in options if o not in known]
    if unknown:
        expected = f"expected one of {', '.join(known)}" if known else "which has none"
        raise TypeError(f"{unknown[0]} is no option of the family {name!r}, {expected}")
    values = {o: v.copy() if isinstance(v, np.ndarray) else v for o, v in options.items()}
    bind = partial(_bind, values)
    bound = replace(
        row,
        grid=bind(row.grid),
        jvp=bind(row.jvp),
        vjp=bind(row.vjp),
        identity=bind(row.identity),
        theta=None
        if row.theta is None
        else (bind(row.theta[0]), bind(row.theta[1]), bind(row.theta[2])),
    )
    bound.grid(bound.identity()[None], (0, 0))  # a wrong option is found here, not later
    return bound


def _options(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]


def _bind(values: dict[str, Any], function: Callable[..., Any]) -> Callable[..., Any]:
    known = _options(function)
    return partial(function, **{o: v for o, v in values.items() if o in known})


_CURVED = {"rst", "projective"}


def _row(name: str, module: ModuleType) -> Family:
    """The functions named after a family in its file."""
    grid, jvp, vjp, identity = (
        getattr(module, f"{name}_{of}") for of in ("grid", "grid_jvp", "grid_vjp", "identity")
    )
    theta = None
    if hasattr(module, f"{name}_theta"):
        theta = tuple(getattr(module, f"{name}_{of}") for of in ("theta", "theta_jvp", "theta_vjp"))
    return Family(name, grid, jvp, vjp, identity, theta, name not in _CURVED)


FAMILIES = {
    name: _row(name, module)
    for name, module in {
        "affine": _affine,
        "attention": attention,
        "rst": rst,
        "similarity": similarity,
        "projective": projective,
        "tps": tps,
        "piecewise_affine": piecewise_affine,
    }.items()
}
