"""The checked functions of every family: arguments in, one call of its core, results out."""

import numpy as np

from .. import _check, _values
from .._arithmetic import ieee
from .._check import Array
from .._order import cotangent_first
from ..grid import Floats
from . import _params as check
from ._core import AffineCore, Core, Dims, Rows


@ieee
def theta(core: AffineCore, params: object) -> Floats:
    """Compute theta (B, 2, 3) or (B, K, 2, 3), in a volume (..., 3, 4)."""
    rows = core.read("params", params)
    return _of_leading(core.theta(rows.p), rows)


@ieee
def theta_jvp(core: AffineCore, params: Array, t_params: object) -> tuple[Floats, Floats]:
    """Compute theta and its tangent."""
    rows = core.read("params", params)
    t_theta = core.t_theta(rows.p, _t_rows(t_params, params, rows))
    return _of_leading(core.theta(rows.p), rows), _of_leading(t_theta, rows)


@ieee
@cotangent_first("d_theta", "params")
def theta_vjp(core: AffineCore, d_theta: object, params: Array) -> Array:
    """Compute the cotangent of the parameters from that of theta."""
    rows = core.read("params", params)
    given, leading = _check.theta(d_theta, rank=rows.rank, name="d_theta")
    check.same_maps("d_theta", leading, rows.leading)
    return check.cast_like(core.theta_vjp(given.astype(np.float64), rows.p), params)


@ieee
def grid(core: Core, params: object, out_dims: object, align_corners: object) -> Floats:
    """Compute the grid (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2), in a volume (..., Do, Ho, Wo, 3)."""
    rows, dims, align = lattice_arguments(core, params, out_dims, align_corners)
    return _of_leading(core.grid(rows.p, dims, align), rows)


@ieee
def grid_jvp(
    core: Core, params: Array, t_params: object, out_dims: object, align_corners: object
) -> tuple[Floats, Floats]:
    """Compute the grid and its tangent."""
    rows, dims, align = lattice_arguments(core, params, out_dims, align_corners)
    grid, t_grid = core.jvp(rows.p, _t_rows(t_params, params, rows), dims, align)
    return _of_leading(grid, rows), _of_leading(t_grid, rows)


@ieee
@cotangent_first("d_grid", "params")
def grid_vjp(core: Core, d_grid: object, params: Array, align_corners: object) -> Array:
    """Compute the cotangent of the parameters from that of the grid."""
    rows = core.read("params", params)
    given, leading = _check.grid(d_grid, name="d_grid", ranks=(rows.rank,))
    check.same_maps("d_grid", leading, rows.leading)
    align = _values.align(align_corners)
    return check.cast_like(core.grid_vjp(given, rows.p, align), params)


def lattice_arguments(
    core: Core, params: object, out_dims: object, align_corners: object
) -> tuple[Rows, Dims, bool]:
    """Check the arguments of a grid."""
    rows = core.read("params", params)
    numbers = rows.rank * len(rows.p)
    dims = _values.sizes("out_dims", out_dims, numbers, 8, ranks=(rows.rank,))
    return rows, dims, _values.align(align_corners)


def _t_rows(t_params: object, params: Array, rows: Rows) -> Floats:
    return check.tangent(t_params, params).reshape(rows.p.shape).astype(np.float64)


def _of_leading(values: Floats, rows: Rows) -> Floats:
    """Split the axis of maps (N, ...) into (B, ...) or (B, K, ...)."""
    return values.reshape(*rows.leading, *values.shape[1:])
