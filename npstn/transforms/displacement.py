"""Displacement fields, as registration and optical flow have them: field to sampling grid."""

from typing import Literal, NamedTuple

import numpy as np

from .. import _check, _options, _values
from .._arithmetic import ieee
from .._arrays import like
from .._check import Array
from .._memory import empty
from .._options import Coordinates
from ..grid import Floats, pixel_scale

Indexing = Literal["xy", "ij"]

_STEPS = {"xy": 1, "ij": -1}


class Placement(NamedTuple):
    """How the grid of a field is made: ``(start + factor * flow) / divisor``, x first."""

    start: Floats  # (*dims, R)
    factor: Floats  # (R,)
    divisor: Floats  # (R,)
    pixels: Floats  # (R,) pixels in a unit of the field
    step: int  # through the components of the field, for x to come first

    def grid(self, flow: Array) -> Floats:
        """Compute the grid (N, *dims, R) of fields (N, *dims, R)."""
        return (self.start + self.factor * flow[..., :: self.step]) / self.divisor

    def t_grid(self, t_flow: Array) -> Floats:
        """Compute its tangent."""
        return self.factor * t_flow[..., :: self.step] / self.divisor

    def d_flow(self, d_grid: Array) -> Floats:
        """Compute the cotangent of the fields."""
        factor, divisor = self.factor[:: self.step], self.divisor[:: self.step]
        return factor * d_grid[..., :: self.step] / divisor


@ieee
def displacement_grid(
    flow: Array,
    *,
    units: Coordinates,
    indexing: Indexing,
    coordinates: Coordinates = "normalized",
    align_corners: bool = True,
) -> Floats:
    """Compute the sampling grid of a displacement field: the identity grid plus the field.

    Output pixel (i, j) samples the input at the pixel ``(j + u_x[i, j], i + u_y[i, j])``: the field
    says where its pixel comes from. Input and output have the size of the field. What unit a field
    has, and which component comes first, cannot be seen in it, so neither has a default.

    Parameters
    ----------
    flow : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64
        The displacements u; of a volume (B, Do, Ho, Wo, 3) or (B, K, Do, Ho, Wo, 3).
    units : {"pixel", "normalized"}
        Unit of ``flow``. A pixel is ``2 / (S - 1)`` with ``align_corners``, else ``2 / S``, on an
        axis of S pixels.
    indexing : {"xy", "ij"}
        Order of the components of ``flow``: (x, y) or (x, y, z); or that of the axes of an array,
        (row, column) or (slice, row, column).
    coordinates : {"normalized", "pixel"}
        Unit of the grid, as in :func:`npstn.grid_sample`.
    align_corners : bool
        What -1 and 1 stand for, as in :func:`npstn.grid_sample`.

    Returns
    -------
    shape of ``flow``, float64
        The grid, x first. With both units "pixel" it is the exact sum, rounded once, so a field of
        0 or of whole pixels is exact: sampling then copies texels. With coordinates "normalized"
        whole pixels give the very numbers of the identity grid at the pixels they point to.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    The same field elsewhere: ``units="pixel", indexing="xy"`` is optical flow (RAFT, OpenCV);
    ``units="pixel", indexing="ij"`` is VoxelMorph, the offset of coordinates in
    ``scipy.ndimage.map_coordinates``, and, with its sign changed, ``dense_image_warp`` of
    TensorFlow Addons; ``units="normalized", indexing="xy", align_corners=False`` is
    ``torchvision.transforms.functional.elastic_transform``. ITK has (x, y, z) in physical units.

    On an axis of one pixel with ``align_corners`` normalised coordinates cannot say a displacement:
    the component is lost, and its cotangent 0, unless both units are "pixel".
    """
    given, place = _arguments("flow", flow, units, indexing, coordinates, align_corners)
    return place.grid(given).reshape(flow.shape)


@ieee
def displacement_grid_jvp(
    flow: Array,
    t_flow: Array,
    *,
    units: Coordinates,
    indexing: Indexing,
    coordinates: Coordinates = "normalized",
    align_corners: bool = True,
) -> tuple[Floats, Floats]:
    """Compute the grid and its tangent: that of the field in the unit and order of the grid.

    Parameters
    ----------
    flow
        As in :func:`displacement_grid`.
    t_flow : shape of ``flow``, float32 or float64
        Tangent of the field.
    units, indexing, coordinates, align_corners
        As in :func:`displacement_grid`.

    Returns
    -------
    grid, t_grid : as of :func:`displacement_grid`

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    given, place = _arguments("flow", flow, units, indexing, coordinates, align_corners)
    t_given = like("t_flow", t_flow, flow.shape, "flow").reshape(given.shape)
    return place.grid(given).reshape(flow.shape), place.t_grid(t_given).reshape(flow.shape)


@ieee
def displacement_grid_vjp(
    d_grid: Array,
    *,
    units: Coordinates,
    indexing: Indexing,
    coordinates: Coordinates = "normalized",
    align_corners: bool = True,
) -> Floats:
    """Compute the cotangent of the field: the grid is linear in it, so nothing else is needed.

    Parameters
    ----------
    d_grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64, or that of a volume
        Cotangent of the grid.
    units, indexing, coordinates, align_corners
        As in :func:`displacement_grid`.

    Returns
    -------
    shape of ``d_grid``, float64
        Cotangent of the field, in its unit and order.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    given, place = _arguments("d_grid", d_grid, units, indexing, coordinates, align_corners)
    return place.d_flow(given).reshape(d_grid.shape)


def placement(
    dims: tuple[int, ...],
    units: object,
    indexing: object,
    coordinates: object = "pixel",
    align_corners: object = True,
) -> Placement:
    """Check the options of a field of size ``dims``, and place it."""
    to_normalized = _values.choice("coordinates", coordinates, _options.COORDINATES)
    normalized = _values.choice("units", units, _options.COORDINATES)
    step = _values.choice("indexing", indexing, _STEPS)
    align = _values.align(align_corners)
    c, d = np.array([pixel_scale(n, align) for n in reversed(dims)]).T
    start, one = empty((*dims, len(dims))), np.ones(len(dims))
    for a, n in enumerate(reversed(dims) if start.size else ()):
        start[..., a] = np.arange(float(n)).reshape(n, *(1,) * a)
    pixels, divisor = (c if normalized else one), np.where(c == 0.0, 1.0, c)
    if not to_normalized:
        return Placement(start, pixels, one, pixels, step)
    if normalized:
        return Placement((start - d) / divisor, one, one, pixels, step)
    return Placement(start - d, np.where(c == 0.0, 0.0, 1.0), divisor, pixels, step)


def _arguments(
    name: str,
    value: object,
    units: object,
    indexing: object,
    coordinates: object,
    align_corners: object,
) -> tuple[Array, Placement]:
    given, _ = _check.grid(value, name=name, ranks=(2, 3))
    return given, placement(given.shape[1:-1], units, indexing, coordinates, align_corners)
