"""Look at a transform: images, and sampling grids drawn over them.

The functions draw into the axes they are given, or into a figure of their own that no global state
knows; they need no display. Save a figure with ``figure.savefig("name.png")``. Axes are in pixel
coordinates, as in :mod:`npstn`: x to the right, y down, integers at the centres of the texels.
"""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .grid import pixel_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["before_after", "draw_grid", "show_image"]

Array = NDArray[Any]

MESH, SHADOW, ALONG_X, ALONG_Y = "#ffd23f", "#0000004d", "#ff4b5c", "#35c4f0"
MISSING, OUTSIDE = "#b000b0", "#e8e8ec"

_FAR = 1e6


def show_image(
    ax: "Axes", image: ArrayLike, *, limits: tuple[float, float] | None = None, edges: bool = False
) -> None:
    """Show an image in pixel coordinates, without ticks.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    image : (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) real array
        Grey, red-green-blue, or with opacity in [0, 1]. Bytes are divided by 255. Texels that
        are not finite are shown in magenta.
    limits : (float, float), optional
        The values shown as black and as full intensity; what lies beyond is clipped. By default
        (0, 1), or the range of the finite values if that does not lie within.
    edges : bool
        Mark the first row and column as :func:`draw_grid` marks those of a grid.

    Raises
    ------
    TypeError, ValueError
        If the image is not a real array of such a shape, or empty, or limits is not increasing.
    """
    from matplotlib.colors import to_rgb

    values = _image(image, "image")
    low, high = _value_limits(values) if limits is None else limits
    if not low < high:
        raise ValueError(f"limits is {limits!r}, expected (low, high) with low < high")
    colours = values[..., :3].repeat(3 if values.shape[2] == 1 else 1, axis=2)
    missing = ~np.isfinite(colours).all(axis=2)
    colours = np.clip((np.nan_to_num(colours) - low) / (high - low), 0.0, 1.0)
    colours[missing] = to_rgb(MISSING)
    if values.shape[2] == 4:
        opacity = np.where(missing, 1.0, np.clip(np.nan_to_num(values[..., 3]), 0.0, 1.0))
        colours = np.concatenate([colours, opacity[..., None]], axis=2)
    ax.imshow(colours, interpolation="nearest")
    ax.set(xticks=[], yticks=[], facecolor=OUTSIDE)
    ax.spines[:].set_visible(False)
    if edges:
        height, width = values.shape[:2]
        _mark_edges(ax, np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=2), False)


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
    direction of the output's x; the first column is blue, with an arrow along y; a dot marks the
    point of the output's top-left pixel. Lines stop at points that are not finite. The view grows
    to show points outside, on each side by half its longer side at most.

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
    if every is not None and every < 1:
        raise ValueError(f"every is {every!r}, expected a positive integer")
    _grow(ax, points)
    rows, columns = ([*range(0, n - 1, every or -(-n // 12)), n - 1] for n in points.shape[:2])
    mesh = [*points[rows], *points[:, columns].swapaxes(0, 1)]
    for colour, width in ((SHADOW, 1.8), (MESH, 0.8)):
        ax.add_collection(LineCollection(mesh, colors=colour, linewidths=width), autolim=False)
    _mark_edges(ax, points)


def before_after(
    x: ArrayLike,
    grid: ArrayLike,
    out: ArrayLike,
    *,
    align_corners: bool = True,
    coordinates: Literal["normalized", "pixel"] = "normalized",
    every: int | None = None,
    limits: tuple[float, float] | None = None,
) -> "Figure":
    """Show a transform in three panels: input, input with the grid drawn over it, output.

    Parameters
    ----------
    x : (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) real array
        One input image.
    grid : (Ho, Wo, 2) real array
        The points at which it was sampled.
    out : (Ho, Wo), (Ho, Wo, 1), (Ho, Wo, 3) or (Ho, Wo, 4) real array
        The result.
    align_corners, coordinates, every
        As in :func:`draw_grid`.
    limits : (float, float), optional
        As in :func:`show_image`; by default found from `x`, for all panels.

    Returns
    -------
    matplotlib.figure.Figure
        It belongs to no window and needs no closing.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, shape or value.
    """
    from matplotlib.figure import Figure

    image, result = _image(x, "x"), _image(out, "out")
    if result.shape[:2] != np.shape(grid)[:2]:
        raise ValueError(
            f"out has size {result.shape[:2]}, expected that of the grid, {np.shape(grid)[:2]}"
        )
    limits = _value_limits(image) if limits is None else limits
    figure = Figure(figsize=(12.0, 4.4), layout="constrained")
    panels = figure.subplots(1, 3, gridspec_kw={"wspace": 0.03})
    for ax, shown in zip(panels, (image, image, result), strict=True):
        show_image(ax, shown, limits=limits, edges=shown is result)
    for ax, title in zip(panels, ("input", "sampling grid", "output"), strict=True):
        ax.set_title(title)
    size = (image.shape[0], image.shape[1])
    options: dict[str, Any] = {"align_corners": align_corners, "coordinates": coordinates}
    draw_grid(grid, panels[1], size=size, every=every, **options)
    shapes = [abs(np.ptp(ax.get_xlim()) / np.ptp(ax.get_ylim())) for ax in panels]
    panels[0].get_gridspec().set_width_ratios(shapes)
    figure.set_figheight(min(max(12.0 / sum(shapes), 2.0), 8.0) + 0.4)
    return figure


def _image(image: ArrayLike, name: str) -> Array:
    """Return the image as float64 (H, W, C), bytes as fractions of 255."""
    array = np.asarray(image)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers")
    values = array.astype(np.float64) / (255.0 if array.dtype == np.uint8 else 1.0)
    values = values[..., None] if values.ndim == 2 else values
    if values.ndim != 3 or values.shape[2] not in (1, 3, 4) or values.size == 0:
        raise ValueError(f"{name} has shape {array.shape}, expected (H, W[, C]) with C = 1, 3, 4")
    return values


def _value_limits(values: Array) -> tuple[float, float]:
    """Return (0, 1), or the range of the finite values if that does not lie within."""
    colours = values[..., :3]
    finite = colours[np.isfinite(colours)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low >= 0.0 and high <= 1.0:
        return 0.0, 1.0
    return low, high if high > low else low + 1.0


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
        raise ValueError(f"coordinates is {coordinates!r}, expected 'normalized' or 'pixel'")
    points = array.astype(np.float64)
    points[~np.isfinite(points).all(axis=2)] = np.nan
    if coordinates == "normalized":
        if size is None or len(size) != 2 or min(size) < 1:
            raise ValueError(f"size is {size!r}, expected (H, W) of the input, each at least 1")
        scale = [pixel_scale(n, align_corners) for n in reversed(size)]
        points = points * [c for c, _ in scale] + [d for _, d in scale]
    return np.clip(points, -_FAR, _FAR)


def _mark_edges(ax: "Axes", points: Array, clip: bool = True) -> None:
    """Draw the first column and row as arrows, and a dot at the first point."""
    from matplotlib.collections import LineCollection

    ax.autoscale(False)
    for line, colour in ((points[:, 0], ALONG_Y), (points[0], ALONG_X)):
        row = LineCollection([line], colors=colour, linewidths=2.2, clip_on=clip)
        ax.add_collection(row, autolim=False)
        line = line[np.isfinite(line).all(axis=1)]
        before = line[(line != line[-1:]).any(axis=1)]
        if len(before):
            arrow = {"arrowstyle": "-|>", "color": colour, "shrinkA": 0, "shrinkB": 0}
            ax.annotate("", line[-1], before[-1], arrowprops={**arrow, "mutation_scale": 14})
    x, y = points[0, 0]
    ax.scatter(x, y, s=32, c="white", edgecolors="black", zorder=5, clip_on=clip)


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
