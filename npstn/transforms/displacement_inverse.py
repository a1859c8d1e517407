"""The inverse of a displacement field, by fixed point iteration."""

from typing import Any

import numpy as np

from .. import _values
from .._arithmetic import ieee
from .._check import Array
from .._options import Coordinates
from ..grid import Floats
from .composition import border_rule, filled, sampled
from .displacement import Indexing, Placement, placement
from .jacobian import jacobian_determinant


@ieee
def invert_displacement(
    flow: Array,
    *,
    units: Coordinates,
    indexing: Indexing,
    align_corners: bool = True,
    tolerance: float = 1e-6,
    max_iterations: int = 100,
    strict: bool = True,
) -> tuple[Floats, Floats]:
    """Invert a displacement field: the v of ``v(q) = -u(q + v(q))``, by fixed point iteration.

    From v = 0 on, v becomes ``-u(q + v)`` until the two are within the tolerance of each other. So
    the map of u, applied to that of v, is the identity: ``compose_displacements(u, v)`` is 0.

    Parameters
    ----------
    flow : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64, or that of a volume
        The field u.
    units, indexing, align_corners
        As in :func:`displacement_grid`, for the field and its inverse.
    tolerance : float
        Largest residual, in pixels.
    max_iterations : int
        Steps of a field; those of a batch are inverted one by one.
    strict : bool
        Whether to raise if a field folds or its residual stays above the tolerance. Otherwise the
        last v is returned, and the residual says what it is worth.

    Returns
    -------
    inverse : shape of ``flow``, float64
        The field v, in the unit and order of ``flow``. Exact for shifts by whole pixels.
    residual : shape of ``flow`` without its last axis, float64
        Length of ``v(q) + u(q + v(q))`` in pixels, at each point.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value, or the field is empty or not
        finite; if strict and a field has no inverse, or none is found.

    Notes
    -----
    Sampling is bilinear, and beyond its border u is what it is there, so that points whose origin
    is outside have an inverse too. With a Lipschitz constant L < 1 of u, in pixels a pixel, there
    is one inverse, and each step leaves at most L times the error. At L >= 1, as where the map
    doubles distances or turns by 60 degrees, an inverse may exist and not be found. A field that
    folds has none, even if the iteration settles: the :func:`jacobian_determinant` of its grid is 0
    or less somewhere. (It is so too if the map mirrors; then L is at least 2.)

    References
    ----------
    Chen et al., A simple fixed-point approach to invert a deformation field, Medical Physics, 2008.
    """
    u, leading = filled("flow", flow)
    if not np.isfinite(u).all():
        raise ValueError("flow has an entry that is NaN or Inf, expected finite numbers")
    place = placement(u.shape[1:-1], units, indexing, "pixel", align_corners)
    tolerance = _values.number("tolerance", tolerance, 0.0)
    steps = _values.integer("max_iterations", max_iterations)
    rule, strict = border_rule(u.shape[-1], "pixel", align_corners), _values.flag("strict", strict)
    inverse, residual = np.empty(u.shape), np.empty(u.shape[:-1])
    for n, field in enumerate(u):
        name = f"flow at {[int(i) for i in np.unravel_index(n, leading)]}"
        if strict:
            _check_folds(name, place.grid(field[None]))
        inverse[n], residual[n] = _fixed_point(field[None], place, rule, tolerance, steps)
        if strict and not residual[n].max() <= tolerance:
            msg = f"{name} has a residual of {residual[n].max():.3g} pixels"
            msg = f"{msg} after {steps} iterations, expected at most {tolerance:g}"
            raise ValueError(f"{msg} (strict=False returns it)")
    return inverse.reshape(flow.shape), residual.reshape(flow.shape[:-1])


def _fixed_point(
    u: Floats, place: Placement, rule: dict[str, Any], tolerance: float, steps: int
) -> tuple[Floats, Floats]:
    """Iterate on one field (1, *dims, R), and compute the residual of the last iterate."""
    inverse = np.zeros(u.shape)
    for step in range(steps + 1):  # pragma: no branch: the last step breaks
        moved = sampled(u, place.grid(inverse), rule)
        residual = np.sqrt((place.t_grid(inverse + moved) ** 2).sum(-1))
        if step == steps or residual.max() <= tolerance:
            break
        inverse = 0.0 - moved
    return inverse[0], residual[0]


def _check_folds(name: str, grid: Floats) -> None:
    least = jacobian_determinant(grid, coordinates="pixel").min()
    if not least > 0.0:
        msg = f"{name} has a Jacobian determinant of {least:.3g}, expected more than 0"
        raise ValueError(f"{msg}: it folds, or mirrors (strict=False tries all the same)")
