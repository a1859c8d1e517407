"""Figures of their own: a transform before and after, and many images side by side."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from .. import _values
from .._points import grid_points
from ..operator import inside
from .image import image_values, show_image, value_limits
from .marks import Array, draw_legend
from .mesh import draw_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, NARROW, HIGH = 12.0, 6.5, 8.0  # of a figure, and of a panel, in inches
EDGE, GAP, TITLE, STRIP = 0.15, 0.2, 0.55, 0.35
INK, FAINT = "#1d1d22", "#6b6b76"


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

    If at least half of the points are outside, as :func:`npstn.coverage` counts them, the second
    panel says how many.

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
    image, result = image_values(x, "x"), image_values(out, "out")
    if result.shape[:2] != np.shape(grid)[:2]:
        raise ValueError(
            f"out has size {result.shape[:2]}, expected that of the grid, {np.shape(grid)[:2]}"
        )
    limits = value_limits(image) if limits is None else limits
    figure, panels = _panels(3)
    for ax, shown in zip(panels, (image, image, result), strict=True):
        show_image(ax, shown, limits=limits, edges=shown is result)
    _draw_over(panels[1], grid, image.shape[:2], every, align_corners, coordinates)
    shown_sizes = {"input": image, "sampling grid": result, "output": result}
    for ax, (title, values) in zip(panels, shown_sizes.items(), strict=True):
        _title(ax, title, values.shape[:2])
    _arrange(figure, panels, 3, legend=True)
    return figure


def gallery(
    images: Sequence[ArrayLike] | Array,
    *,
    titles: Sequence[str] | None = None,
    grids: Sequence[ArrayLike | None] | Array | None = None,
    align_corners: bool = True,
    coordinates: Literal["normalized", "pixel"] = "normalized",
    every: int | None = None,
    limits: tuple[float, float] | None = None,
    columns: int | None = None,
    sizes: bool = True,
) -> "Figure":
    """Show many images, all in one scale of values and with one legend.

    Parameters
    ----------
    images : sequence of (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) real arrays
        At least one, as in :func:`show_image`; their sizes may differ. A batch will do.
    titles : sequence of str, optional
        What stands above them; by default their indices.
    grids : sequence of (Ho, Wo, 2) real arrays, optional
        The grid to draw over each image, as in :func:`before_after`; None for one without.
    align_corners, coordinates, every
        As in :func:`draw_grid`.
    limits : (float, float), optional
        As in :func:`show_image`; by default found from all images.
    columns : int, optional
        How many images a row has. By default all rows together are about as high as wide.
    sizes : bool
        Whether the size of each image stands below its title.

    Returns
    -------
    matplotlib.figure.Figure
        It belongs to no window and needs no closing.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, shape or value.
    """
    shown = [image_values(image, f"images[{i}]") for i, image in enumerate(images)]
    if not shown:
        raise ValueError("images is empty, expected at least one image")
    for name, given in ("titles", titles), ("grids", grids):
        if given is not None and len(given) != len(shown):
            raise ValueError(
                f"{name} has length {len(given)}, expected that of images, {len(shown)}"
            )
    if columns is not None:
        columns = _values.integer("columns", columns)
    if limits is None:
        limits = value_limits(np.concatenate([v[..., :3].reshape(-1, 1, 1) for v in shown]))
    figure, panels = _panels(len(shown))
    for i, (ax, values) in enumerate(zip(panels, shown, strict=True)):
        show_image(ax, values, limits=limits)
        grid = None if grids is None else grids[i]
        if grid is not None:
            _draw_over(ax, grid, values.shape[:2], every, align_corners, coordinates)
        _title(ax, str(i) if titles is None else titles[i], values.shape[:2] if sizes else None)
    aspect = float(np.median([_aspect(ax) for ax in panels]))
    for ax in panels:
        _widen(ax, aspect)
    columns = min(columns or math.ceil(math.sqrt(len(shown) / aspect)), len(shown))
    grey = any(values.shape[2] == 1 for values in shown)
    _arrange(figure, panels, columns, grids is not None, limits if grey else None)
    return figure


def _panels(count: int) -> tuple["Figure", list["Axes"]]:
    """Make a figure and its panels, which :func:`_arrange` will put into their places."""
    from matplotlib.figure import Figure

    figure = Figure()
    return figure, [figure.add_axes((0, 0, 1, 1), label=str(i)) for i in range(count)]


def _draw_over(
    ax: "Axes",
    grid: ArrayLike,
    size: tuple[int, int],
    every: int | None,
    align_corners: bool,
    coordinates: Literal["normalized", "pixel"],
) -> None:
    """Draw a grid, and say how much of it is outside if that is at least half."""
    draw_grid(
        grid,
        ax,
        size=size,
        align_corners=align_corners,
        coordinates=coordinates,
        every=every,
    )
    given = np.asarray(grid, np.float64)[None]
    points = grid_points(given, (1,), size, align_corners, coordinates == "normalized")
    valid = inside(points, size)
    missed = valid.size - np.count_nonzero(valid)
    if 2 * missed >= valid.size:
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 3}
        text = f"{100 * missed // valid.size} % of the points\nare outside"
        where: dict[str, Any] = {"transform": ax.transAxes, "ha": "center", "va": "bottom"}
        ax.text(0.5, 0.03, text, color=INK, size=11, bbox=box, zorder=6, **where)


def _title(ax: "Axes", title: str, size: tuple[int, int] | None) -> None:
    above: dict[str, Any] = {"xy": (0.5, 1), "xycoords": "axes fraction", "ha": "center"}
    above["textcoords"] = "offset points"
    ax.annotate(title, xytext=(0, 18 if size else 6), size=12, color=INK, **above)
    if size:
        ax.annotate(f"(H, W) = {size}", xytext=(0, 6), size=9, color=FAINT, **above)


def _aspect(ax: "Axes") -> float:
    """Width of the view over its height."""
    return float(np.ptp(ax.get_xbound()) / np.ptp(ax.get_ybound()))


def _widen(ax: "Axes", aspect: float) -> None:
    """Widen the view about its centre to this ratio of width to height."""
    (left, right), (top, bottom) = ax.get_xbound(), ax.get_ybound()
    wide = max(right - left, (bottom - top) * aspect)
    ax.set_xbound((left + right - wide) / 2, (left + right + wide) / 2)
    ax.set_ybound((top + bottom - wide / aspect) / 2, (top + bottom + wide / aspect) / 2)


def _arrange(
    figure: "Figure",
    panels: list["Axes"],
    columns: int,
    legend: bool,
    limits: tuple[float, float] | None = None,
) -> None:
    """Put the panels into rows of one height that fill the figure; legend and scale go below."""
    wide = [max(map(_aspect, panels[k::columns])) for k in range(columns)]
    rows, between = -(-len(panels) // columns), 2 * EDGE + GAP * (columns - 1)
    high = min((WIDTH - between) / sum(wide), HIGH)
    width = max(high * sum(wide) + between, NARROW)
    entries = 4 if width > 10.5 else 2
    below = EDGE + (4 // entries * STRIP if legend else 0.0) + (STRIP if limits else 0.0)
    height = rows * (high + TITLE) + below
    figure.set_size_inches(width, height)
    lefts = (width - high * sum(wide) - between) / 2 + EDGE + np.cumsum([0.0, *wide[:-1]]) * high
    for i, ax in enumerate(panels):
        row, column = divmod(i, columns)
        left, bottom = lefts[column] + GAP * column, height - (row + 1) * (high + TITLE)
        place = left / width, bottom / height, wide[column] * high / width, high / height
        ax.set_position(place)
    if legend:
        draw_legend(figure, columns=entries)
    if limits:
        bottom, middle = (below - 0.8 * STRIP) / height, 0.5
        bar = figure.add_axes((middle - 1 / width, bottom, 2 / width, 0.4 * STRIP / height))
        bar.imshow(np.linspace(0.0, 1.0, 256)[None], cmap="gray", aspect="auto")
        bar.set(xticks=[], yticks=[])
        for value, side, align in zip(limits, (-0.03, 1.03), ("right", "left"), strict=True):
            where: dict[str, Any] = {"transform": bar.transAxes, "ha": align, "va": "center"}
            bar.text(side, 0.5, f"{value:.4g}", size=9, color=INK, **where)
