"""What is marked on images and grids: the first row and column of the output, and its origin."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import _values

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[Any]

MESH, ALONG_X, ALONG_Y = "#ffd23f", "#ff4b5c", "#35c4f0"


def mark_edges(ax: "Axes", points: Array, clip: bool = True) -> None:
    """Draw the first column and row as arrows, and a dot at the first point."""
    from matplotlib.collections import LineCollection

    ax.autoscale(False)
    for line, colour in ((points[:, 0], ALONG_Y), (points[0], ALONG_X)):
        row = LineCollection([line], colors=colour, linewidths=2.2, clip_on=clip)
        ax.add_collection(row, autolim=False)
        line = line[np.isfinite(line).all(axis=1)]
        line = _until_it_leaves(line, ax.get_xbound(), ax.get_ybound())
        before = line[(line != line[-1:]).any(axis=1)]
        if len(before):
            arrow = {"arrowstyle": "-|>", "color": colour, "shrinkA": 0, "shrinkB": 0}
            ax.annotate("", line[-1], before[-1], arrowprops={**arrow, "mutation_scale": 14})
    x, y = points[0, 0]
    ax.scatter(x, y, s=32, c="white", edgecolors="black", zorder=5, clip_on=clip)


def _until_it_leaves(line: Array, *view: tuple[float, float]) -> Array:
    """A line up to where it leaves the view for good, and nothing of one that is never in it."""
    low, high = np.transpose(view)
    seen = np.flatnonzero(((line >= low) & (line <= high)).all(axis=1))
    if not len(seen) or seen[-1] + 1 == len(line):
        return line[: len(line) if len(seen) else 0]
    inner, outer = line[seen[-1]], line[seen[-1] + 1]
    step = outer - inner
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = (np.where(step > 0, high, low) - inner) / step
    return np.vstack([line[: seen[-1] + 1], inner + np.nanmin(parts[step != 0]) * step])


def draw_legend(figure: "Figure", *, columns: int = 4) -> None:
    """Explain below all panels what the marks mean.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Where to draw: at the lower edge, where there must be room.
    columns : int
        Of the legend, which has four entries.

    Raises
    ------
    TypeError, ValueError
        If columns is no positive integer.
    """
    from matplotlib.legend_handler import HandlerPatch
    from matplotlib.lines import Line2D
    from matplotlib.patches import FancyArrowPatch

    columns = _values.integer("columns", columns)

    def arrow(width: float, height: float, **_: Any) -> FancyArrowPatch:
        style: dict[str, Any] = {
            "arrowstyle": "-|>",
            "mutation_scale": 14,
            "shrinkA": 0,
            "shrinkB": 0,
        }
        return FancyArrowPatch((0, height / 2), (width, height / 2), **style)

    dot = {"marker": "o", "markersize": 6, "markeredgecolor": "black", "color": "white"}
    marks = {
        "the output's first row, along its x": FancyArrowPatch((0, 0), (1, 0), color=ALONG_X, lw=2),
        "its first column, along its y": FancyArrowPatch((0, 0), (1, 0), color=ALONG_Y, lw=2),
        "its top-left pixel": Line2D([], [], linestyle="none", **dot),  # type: ignore[arg-type]
        "some of its other rows and columns": Line2D([], [], color=MESH, lw=2),
    }
    figure.legend(
        list(marks.values()),
        list(marks),
        handler_map={FancyArrowPatch: HandlerPatch(patch_func=arrow)},
        loc="lower center",
        ncols=columns,
        frameon=False,
    )
