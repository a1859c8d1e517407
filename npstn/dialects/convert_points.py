"""Conversion of grids, flows and coordinates from one system's convention to another's."""

from typing import NamedTuple

import numpy as np

from .. import _check, _values
from .._arithmetic import ieee
from .._arrays import like
from .._check import Array
from ..grid import Floats
from . import _layouts, _names
from ._frames import Frame, Sizes, frame, fused
from .convert import Dialect
from .row import Convention


@ieee
def convert_points(
    points: Array,
    source: Dialect,
    target: Dialect,
    in_size: tuple[int, ...],
    *,
    source_align: bool | None = None,
    target_align: bool | None = None,
) -> Floats:
    """Convert the points of a grid, a flow or coordinates into those of another system.

    ``g' = (g a + b - b') / a'`` with p = g a + b the pixel coordinate of the source's g, on each
    axis; a flow has the lattice of the output as its b.

    Parameters
    ----------
    points : array in the layout of the source, float32 or float64
        Points; where a system has an array for each axis, the points are their stack along the
        last.
    source, target : str or System
        Systems by name, "scipy", or with their function, "tfa.dense_image_warp"; or a System of a
        certain version. Without a function it is the first of the system's that has points.
    in_size : (int, int) or (int, int, int)
        Size (H, W) or (D, H, W) of the input, of 1 or more.
    source_align, target_align : bool, or 0 or 1, optional
        The option align_corners of either, where it has one; its own default by default.

    Returns
    -------
    array in the layout of the target, float64
        With a batch if source and target have one; a target without takes a batch of one.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, shape or value; or if the target has no unit on an axis
        of one texel that the source has.
    """
    problem = _points(points, source, target, in_size, source_align, target_align)
    return problem.converted()


@ieee
def convert_points_jvp(
    points: Array,
    t_points: Array,
    source: Dialect,
    target: Dialect,
    in_size: tuple[int, ...],
    *,
    source_align: bool | None = None,
    target_align: bool | None = None,
) -> tuple[Floats, Floats]:
    """Convert points, with their tangent.

    Parameters
    ----------
    points
        As in :func:`convert_points`.
    t_points : shape of ``points``, float32 or float64
        Tangent of the points.
    source, target, in_size, source_align, target_align
        As in :func:`convert_points`.

    Returns
    -------
    points, t_points : as of :func:`convert_points`

    Raises
    ------
    TypeError, ValueError
        As :func:`convert_points`.
    """
    problem = _points(points, source, target, in_size, source_align, target_align)
    t = _canonical(like("t_points", t_points, points.shape, "points"), problem.source)
    return problem.converted(), problem.laid(t * problem.rate)


@ieee
def convert_points_vjp(
    d_points: Array,
    points: Array,
    source: Dialect,
    target: Dialect,
    in_size: tuple[int, ...],
    *,
    source_align: bool | None = None,
    target_align: bool | None = None,
) -> Array:
    """Cotangent of the points of :func:`convert_points` from that of its result.

    Parameters
    ----------
    d_points : shape of the result, float32 or float64
        Cotangent of the converted points.
    points, source, target, in_size, source_align, target_align
        As in :func:`convert_points`.

    Returns
    -------
    shape and (native) dtype of ``points``
        Cotangent of the points.

    Raises
    ------
    TypeError, ValueError
        As :func:`convert_points`.
    """
    problem = _points(points, source, target, in_size, source_align, target_align)
    shape = problem.laid(problem.g).shape
    d = _canonical(like("d_points", d_points, shape, "the result"), problem.target)
    return _laid(d * problem.rate, problem.source).astype(points.dtype)


class _Points(NamedTuple):
    """Points (N, *out, R), x first, between two conventions."""

    g: Floats
    source: Convention
    target: Convention
    frames: tuple[Frame, Frame]

    def converted(self) -> Floats:
        """The points of the target; where both frames are one, nothing is computed."""
        (a, b), (a_new, b_new) = self.frames
        if (a == a_new).all() and (b == b_new).all():
            return self.laid(self.g)
        return self.laid((fused(self.g, a, b) - b_new) / a_new)

    @property
    def rate(self) -> Floats:
        """The derivative dg'/dg of each axis."""
        return np.asarray(self.frames[0].a / self.frames[1].a)

    def laid(self, g: Floats) -> Floats:
        """Points in the layout and order of the target."""
        if "N" not in self.target.points and len(g) != 1:
            raise ValueError(f"points is a batch of {len(g)}, and the target takes one at a time")
        return _laid(g, self.target)


def _points(
    points: object,
    source: object,
    target: object,
    in_size: object,
    source_align: object,
    target_align: object,
) -> _Points:
    """The arguments of :func:`convert_points`, checked."""
    size: Sizes = _values.sizes("in_size", in_size, ranks=(2, 3), least=1)
    old = _names.function("source", source, _names.POINTS)
    new = _names.function("target", target, _names.POINTS)
    found, frames = _read(points, old.convention, len(size)), []
    for name, function, align in (("source", old, source_align), ("target", new, target_align)):
        rule = function.convention
        within = found.shape[1:-1] if rule.unit == "flow" else size
        if len(within) != len(size):
            raise ValueError(f"{name} is a flow, expected points of {len(size)} axes")
        frames.append(frame(rule, within, _names.align(f"{name}_align", align, function)))
    if (frames[1].a == 0).any():
        msg = "and the target's -1 and 1 are one point on an axis of one texel"
        raise ValueError(f"in_size is {size}, {msg}")
    return _Points(found, old.convention, new.convention, (frames[0], frames[1]))


def _read(points: object, rule: Convention, rank: int) -> Floats:
    word = rule.points.replace("*", "...").replace("R", str(rank))
    expected = f"of layout ({', '.join(word.replace('...', '*'))})"
    given = _check.array("points", points, expected)
    axes = _layouts.spatial(rule.points, given.ndim)
    found = _layouts.canonical(given, rule.points) if axes >= 0 else given
    if axes < 0 or found.shape[-1] != rank:
        raise ValueError(f"points has shape {given.shape}, expected one {expected}")
    return _canonical(given, rule)


def _canonical(given: Array, rule: Convention) -> Floats:
    found = _layouts.canonical(given, rule.points)
    return (found if rule.order == "xy" else found[..., ::-1]).astype(np.float64)


def _laid(g: Floats, rule: Convention) -> Floats:
    return np.asarray(
        _layouts.original(g if rule.order == "xy" else g[..., ::-1], rule.points), np.float64
    )
