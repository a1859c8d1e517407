"""The families by name: a new one is a file with its core and public functions, and a row here."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from .. import _values
from .._check import Array
from ..grid import Floats
from . import _door as door
from ._affine import Affine
from ._core import AffineCore, Core, bind
from .attention import Attention
from .piecewise_affine import Mesh
from .projective import Projective
from .rigid import Rigid
from .rst import Rst
from .similarity import Similarity
from .tps import Spline

Theta = tuple[Callable[..., Floats], Callable[..., tuple[Floats, Floats]], Callable[..., Array]]


@dataclass(frozen=True)
class Family:
    """A family of transformations, with its options if any are bound.

    Attributes
    ----------
    name : str
        Its key in :data:`FAMILIES`.
    core : callable
        ``core(**options)``: its functions on rows of parameters, which check nothing.
    ranks : tuple of int
        Of the inputs it transforms: 2 for images, 3 for volumes.
    linear : tuple of int
        Those of the ranks in which the grid is linear in the parameters.
    """

    name: str
    core: Callable[..., Core]
    ranks: tuple[int, ...]
    linear: tuple[int, ...]

    def grid(
        self, params: Array, out_dims: tuple[int, ...], *, align_corners: bool = True
    ) -> Floats:
        """Compute the sampling grid."""
        return door.grid(self.core(), params, out_dims, align_corners)

    def jvp(
        self,
        params: Array,
        t_params: Array,
        out_dims: tuple[int, ...],
        *,
        align_corners: bool = True,
    ) -> tuple[Floats, Floats]:
        """Compute the grid and its tangent."""
        return door.grid_jvp(self.core(), params, t_params, out_dims, align_corners)

    def vjp(self, d_grid: Array, params: Array, *, align_corners: bool = True) -> Array:
        """Compute the cotangent of the parameters from that of the grid."""
        return door.grid_vjp(self.core(), d_grid, params, align_corners)

    def identity(self, rank: int | None = None) -> Floats:
        """Copy the parameters (P,) of the identity, of the lowest of the ranks by default."""
        return self.core().identity(rank)

    @property
    def theta(self) -> Theta | None:
        """Three functions of a family of affine maps, None for others.

        ``theta(params)``, ``theta_jvp(params, t_params) -> (theta, t_theta)`` and
        ``theta_vjp(d_theta, params) -> d_params``.
        """
        core = self.core()
        if not isinstance(core, AffineCore):
            return None
        return (
            partial(door.theta, core),
            partial(door.theta_jvp, core),
            partial(door.theta_vjp, core),
        )


def family(name: str, **options: Any) -> Family:
    """Bind the options of a family.

    Parameters
    ----------
    name : str
        One of :data:`FAMILIES`: affine, attention, rst, rigid, similarity, projective, tps,
        piecewise_affine.
    options
        Those of its grid: for rst ``rotation``, ``scale`` and ``translation``, for tps
        ``control_points``, ``regularization`` and ``units``, for piecewise_affine
        ``control_points``. Arrays are copied.

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
    _values.choice("name", name, dict.fromkeys(FAMILIES, 0))
    row = FAMILIES[name]
    values = {o: v.copy() if isinstance(v, np.ndarray) else v for o, v in options.items()}
    core = bind(name, row.core, values)  # a wrong option is found here, not later
    ranks = tuple(core.identities)
    linear = tuple(rank for rank in row.linear if rank in ranks)
    return replace(row, core=partial(row.core, **values), ranks=ranks, linear=linear)


FAMILIES = {
    row.name: row
    for row in (
        Family("affine", Affine, ranks=(2, 3), linear=(2, 3)),
        Family("attention", Attention, ranks=(2,), linear=(2,)),
        Family("rst", Rst, ranks=(2,), linear=()),
        Family("rigid", Rigid, ranks=(2, 3), linear=()),
        Family("similarity", Similarity, ranks=(2, 3), linear=(2,)),
        Family("projective", Projective, ranks=(2, 3), linear=()),
        Family("tps", Spline, ranks=(2, 3), linear=(2, 3)),
        Family("piecewise_affine", Mesh, ranks=(2,), linear=(2,)),
    )
}
