"""Composition of sampling grids: one is sampled at the points of another.

``outer`` is applied to what ``inner`` gives, as in outer(inner(q)), so images are warped by it
first.
"""

from typing import Any

import numpy as np

from .. import _check
from .._arithmetic import ieee
from .._arrays import like
from .._check import Array
from .._options import Coordinates
from ..grid import Floats
from ..sample import grid_sample, grid_sample_jvp, grid_sample_vjp
from . import _params as check


@ieee
def compose_grids(
    outer: Array,
    inner: Array,
    *,
    coordinates: Coordinates = "normalized",
    align_corners: bool = True,
) -> Floats:
    """Compose two grids to ``outer(inner(q))``: the outer one, sampled at the points of the inner.

    With ``warp(x, grid) = grid_sample(x, grid)``, to interpolation error, ``warp(warp(x, outer),
    inner) = warp(x, compose_grids(outer, inner))``.

    Parameters
    ----------
    outer : (B, H, W, 2) or (B, K, H, W, 2) float32 or float64, or that of a volume
        The grid by which images are warped first. Its points may lie in an input of any size.
    inner : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64, or that of a volume
        The grid by which they are warped next: points in an image of the size of ``outer``.
    coordinates, align_corners
        As in :func:`npstn.grid_sample`, for both grids and the result.

    Returns
    -------
    shape of ``inner``, float64
        The grid of the composition: where inner points at a pixel, the point of outer, exactly.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value, or ``outer`` is empty.

    Notes
    -----
    Sampling is bilinear with padding "border": beyond its border a grid is what it is there. So the
    formula holds everywhere if the second warp has padding_mode "border". With "zeros" it differs
    where ``inner`` points outside: there two warps give 0.

    See Also
    --------
    compose : the same for affine and projective maps, exactly.
    """
    a, b, leading, rule = _arguments(outer, inner, coordinates, align_corners)
    return sampled(a, b, rule).reshape(*leading, *b.shape[1:])


@ieee
def compose_grids_jvp(
    outer: Array,
    inner: Array,
    t_outer: Array,
    t_inner: Array,
    *,
    coordinates: Coordinates = "normalized",
    align_corners: bool = True,
) -> tuple[Floats, Floats]:
    """Compose two grids, with the tangent of the composition.

    Parameters
    ----------
    outer, inner
        As in :func:`compose_grids`.
    t_outer, t_inner : shapes of ``outer`` and ``inner``, float32 or float64
        Tangents of the grids.
    coordinates, align_corners
        As in :func:`compose_grids`.

    Returns
    -------
    grid, t_grid : as of :func:`compose_grids`

    Raises
    ------
    TypeError, ValueError
        As :func:`compose_grids`.
    """
    a, b, leading, rule = _arguments(outer, inner, coordinates, align_corners)
    t_a = check.tangent(t_outer, outer, "t_outer").reshape(a.shape)
    t_b = check.tangent(t_inner, inner, "t_inner").reshape(b.shape)
    grid, t_grid = grid_sample_jvp(a, b, t_a, t_b, **rule)
    shape = *leading, *b.shape[1:]
    return grid.reshape(shape), t_grid.reshape(shape)


@ieee
def compose_grids_vjp(
    d_grid: Array,
    outer: Array,
    inner: Array,
    *,
    coordinates: Coordinates = "normalized",
    align_corners: bool = True,
) -> tuple[Array, Array]:
    """Compute the cotangents of both grids from that of their composition.

    Parameters
    ----------
    d_grid : shape of ``inner``, float32 or float64
        Cotangent of the composition.
    outer, inner, coordinates, align_corners
        As in :func:`compose_grids`.

    Returns
    -------
    d_outer, d_inner : shapes and (native) dtypes of ``outer`` and ``inner``

    Raises
    ------
    TypeError, ValueError
        As :func:`compose_grids`.

    Notes
    -----
    Sub-gradients are those of :func:`npstn.grid_sample_vjp` with padding "border": right
    derivatives where ``inner`` points at a pixel, and 0 where it is on the border or beyond.
    """
    a, b, _, rule = _arguments(outer, inner, coordinates, align_corners)
    d = like("d_grid", d_grid, inner.shape, "inner").reshape(b.shape)
    d_a, d_b = grid_sample_vjp(d, a, b, **rule)
    return check.cast_like(d_a, outer), check.cast_like(d_b, inner)


def border_rule(rank: int, coordinates: object, align_corners: object) -> dict[str, Any]:
    """Build the options by which a grid or a field (N, *dims, R) is sampled like an image."""
    layout = "NHWC" if rank == 2 else "NDHWC"
    unit = {"coordinates": coordinates, "align_corners": align_corners}
    return {"padding_mode": "border", "layout": layout, **unit}


def sampled(outer: Floats, points: Array, rule: dict[str, Any]) -> Floats:
    """Sample a grid or a field (N, *dims, R) at points (N, ..., R)."""
    return grid_sample(outer, points, **rule).astype(np.float64, copy=False)


def filled(name: str, value: object) -> tuple[Floats, tuple[int, ...]]:
    """Check a grid or a field to be sampled: (N, *dims, R) in float64, and (B,) or (B, K)."""
    given, leading = _check.grid(value, name=name, ranks=(2, 3))
    if 0 in given.shape[1:-1]:
        shape = *leading, *given.shape[1:]
        raise ValueError(f"{name} has shape {shape}, expected one point or more on each axis")
    return given.astype(np.float64), leading


def _arguments(
    outer: object, inner: object, coordinates: object, align_corners: object
) -> tuple[Floats, Array, tuple[int, ...], dict[str, Any]]:
    a, leading = filled("outer", outer)
    b, found = _check.grid(inner, name="inner", ranks=(a.shape[-1],))
    check.same_maps("inner", found, leading, "outer")
    return a, b, leading, border_rule(a.shape[-1], coordinates, align_corners)
