"""A sampling grid as a mesh over the input it samples."""

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from .. import _values
from .._hints import shown
from ..grid import pixel_scale
from .marks import MESH, Array, mark_edges

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADOW = "#0000004d"

_FAR = 1e6


def draw_grid(
    grid: ArrayLike,
    ax: "Axes",
    *,
    size: tuple[int, int] | None = None,
    align_corners: bool = True,
    coordinates: Literal["normalized", "pixel"] = "normalized",
    every: int | None = None,
) -> None:
    """Draw a sampling grid as a mesh over the input it samples.

    A line joins the points of one output row or column. The first row is red, with an arrow in the
    direction of the output's x; the first column is blue, with an arrow along y (at the edge of the
    view, if they go on outside); a dot marks the point of the output's top-left pixel. Lines stop
    at points that are not finite. The view grows to show points outside, on each side by half its
    longer side at most.

    Parameters
    ----------
    grid : (Ho, Wo, 2) real array
        Points (x, y) as given to :func:`npstn.grid_sample`; they may lie outside the input.
    ax : matplotlib.axes.Axes
        Where to draw: axes in pixel coordinates, as :func:`show_image` leaves them.
    size : (int, int), optional
        Height and width of the input. Needed for normalised coordinates, unused for others.
    align_corners : bool
        Whether -1 and 1 are the centres of the outermost texels, or their outer edges.
    coordinates : {"normalized", "pixel"}
        Unit of the points.
    every : int, optional
        Draw each such row and column, and the last ones. By default about twelve of each.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, shape or value.
    """
    from matplotlib.collections import LineCollection

    points = _pixels(grid, size, align_corners, coordinates)
    if every is not None:
        every = _values.integer("every", every)
    _grow(ax, points)
    rows, columns = ([*range(0, n - 1, every or -(-n // 12)), n - 1] for n in points.shape[:2])
    mesh = [*points[rows], *points[:, columns].swapaxes(0, 1)]
    for colour, width in ((SHADOW, 1.8), (MESH, 0.8)):
        ax.add_collection(LineCollection(mesh, colors=colour, linewidths=width), autolim=False)
    mark_edges(ax, points)


def _pixels(
    grid: ArrayLike, size: tuple[int, int] | None, align_corners: bool, coordinates: str
) -> Array:
    """Return the points in pixel coordinates, NaN where they are not finite."""
    array = np.asarray(grid)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"grid has dtype {array.dtype}, expected real numbers")
    if array.ndim != 3 or array.shape[2] != 2 or array.size == 0:
        raise ValueError(f"grid has shape {array.shape}, expected (Ho, Wo, 2)")
    if coordinates not in ("normalized", "pixel"):
        raise ValueError(f"coordinates is {shown(coordinates)}, expected 'normalized' or 'pixel'")
    points = array.astype(np.float64)
    points[~np.isfinite(points).all(axis=2)] = np.nan
    if coordinates == "normalized":
        if size is None or len(size) != 2 or min(size) < 1:
            raise ValueError(
                f"size is {shown(size)}, expected (H, W) of the input, each at least 1"
            )
        scale = [pixel_scale(n, _values.align(align_corners)) for n in reversed(size)]
        points = points * [c for c, _ in scale] + [d for _, d in scale]
    return np.clip(points, -_FAR, _FAR)


def _grow(ax: "Axes", points: Array) -> None:
    """Widen the view to show the points, on each side by half its longer side at most."""
    finite = points[np.isfinite(points).all(axis=2)]
    view = np.array([ax.get_xbound(), ax.get_ybound()])
    room = np.ptp(view, axis=1).max() / 2
    margin = room / 25
    for (low, high), values, put in zip(
        view, finite.T, (ax.set_xbound, ax.set_ybound), strict=True
    ):
        least, most = values.min(initial=low), values.max(initial=high)
        put(max(low - room, least - margin), min(high + room, most + margin))
