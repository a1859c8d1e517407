"""Composition of displacement fields: one is sampled at the points of another.

``outer`` is applied to what ``inner`` gives, as in outer(inner(q)), so images are warped by it
first.
"""

from typing import Any

from .._arithmetic import ieee
from .._arrays import like
from .._check import Array
from .._options import Coordinates
from ..grid import Floats
from ..sample import grid_sample_jvp, grid_sample_vjp
from . import _params as check
from .composition import border_rule, filled, sampled
from .displacement import Indexing, Placement, placement


@ieee
def compose_displacements(
    outer: Array,
    inner: Array,
    *,
    units: Coordinates,
    indexing: Indexing,
    align_corners: bool = True,
) -> Floats:
    """Compose two displacement fields: ``inner + outer(q + inner)``, a field again.

    With ``warp(x, flow) = grid_sample(x, displacement_grid(flow))``, to interpolation error,
    ``warp(warp(x, outer), inner) = warp(x, compose_displacements(outer, inner))``.

    Parameters
    ----------
    outer : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64, or that of a volume
        The field by which images are warped first.
    inner : shape of ``outer``, float32 or float64
        The field by which they are warped next.
    units, indexing, align_corners
        As in :func:`displacement_grid`, for both fields and the result.

    Returns
    -------
    shape of ``outer``, float64
        The field of the composition. Exact for whole numbers of pixels.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value, or the fields are empty.

    Notes
    -----
    Sampling is bilinear with padding "border": beyond its border a field is what it is there, so
    that shifts compose to shifts everywhere. :func:`compose_grids` goes on with the point instead,
    and differs where ``q + inner`` is outside.
    """
    a, b, place, rule = _arguments(outer, inner, units, indexing, align_corners)
    return (b + sampled(a, place.grid(b), rule)).reshape(outer.shape)


@ieee
def compose_displacements_jvp(
    outer: Array,
    inner: Array,
    t_outer: Array,
    t_inner: Array,
    *,
    units: Coordinates,
    indexing: Indexing,
    align_corners: bool = True,
) -> tuple[Floats, Floats]:
    """Compose two displacement fields, with the tangent of the composition.

    Parameters
    ----------
    outer, inner
        As in :func:`compose_displacements`.
    t_outer, t_inner : shape of ``outer``, float32 or float64
        Tangents of the fields.
    units, indexing, align_corners
        As in :func:`compose_displacements`.

    Returns
    -------
    flow, t_flow : as of :func:`compose_displacements`

    Raises
    ------
    TypeError, ValueError
        As :func:`compose_displacements`.
    """
    a, b, place, rule = _arguments(outer, inner, units, indexing, align_corners)
    t_a = check.tangent(t_outer, outer, "t_outer").reshape(a.shape)
    t_b = check.tangent(t_inner, inner, "t_inner").reshape(b.shape)
    moved, t_moved = grid_sample_jvp(a, place.grid(b), t_a, place.t_grid(t_b), **rule)
    return (b + moved).reshape(outer.shape), (t_b + t_moved).reshape(outer.shape)


@ieee
def compose_displacements_vjp(
    d_flow: Array,
    outer: Array,
    inner: Array,
    *,
    units: Coordinates,
    indexing: Indexing,
    align_corners: bool = True,
) -> tuple[Array, Array]:
    """Compute the cotangents of both displacement fields from that of their composition.

    Parameters
    ----------
    d_flow : shape of ``outer``, float32 or float64
        Cotangent of the composition.
    outer, inner, units, indexing, align_corners
        As in :func:`compose_displacements`.

    Returns
    -------
    d_outer, d_inner : shapes and (native) dtypes of ``outer`` and ``inner``

    Raises
    ------
    TypeError, ValueError
        As :func:`compose_displacements`.

    Notes
    -----
    Sub-gradients as in :func:`compose_grids_vjp`.
    """
    a, b, place, rule = _arguments(outer, inner, units, indexing, align_corners)
    d = like("d_flow", d_flow, outer.shape, "outer").reshape(a.shape)
    d_a, d_points = grid_sample_vjp(d, a, place.grid(b), **rule)
    return check.cast_like(d_a, outer), check.cast_like(d + place.d_flow(d_points), inner)


def _arguments(
    outer: object, inner: object, units: object, indexing: object, align_corners: object
) -> tuple[Floats, Array, Placement, dict[str, Any]]:
    a, leading = filled("outer", outer)
    b = like("inner", inner, (*leading, *a.shape[1:]), "outer").reshape(a.shape)
    place = placement(a.shape[1:-1], units, indexing, "pixel", align_corners)
    return a, b, place, border_rule(a.shape[-1], "pixel", align_corners)
