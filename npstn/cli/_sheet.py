"""The picture of the demonstration: its input, sampling grids and outputs on one sheet."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..plot import ALONG_X, ALONG_Y, MESH, draw_grid, show_image
from ..plot.figures import FAINT, INK
from ..plot.marks import Array
from ._photo import DOTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEGEND = 1.5  # inches from its top to the end of the picture


class Example(NamedTuple):
    """A transform of one image: what it is called, its input, theta, grid and output."""

    name: str
    x: Array
    theta: Array
    grid: Array
    out: Array
    milliseconds: float


def sheet(examples: Sequence[Example]) -> "Figure":
    """Draw the input of the first example, the grids of all over their inputs, and the outputs."""
    from matplotlib.figure import Figure

    height, width = examples[0].x.shape[:2]
    aspect = min(max(width / height, 0.6), 1.6)
    cell = (1.87, 1.87 / aspect)
    below = max(0.15, LEGEND - cell[1])
    figure = Figure(figsize=(32 / 3, 2 * cell[1] + 1.05 + below), dpi=DOTS, facecolor="white")

    def place(column: int, row: int) -> Any:
        """Return axes in a cell of the picture; the first column stands apart."""
        left = 0.15 + column * (cell[0] + 0.16) + (0.4 if column else 0.0)
        bottom = below + (1 - row) * (cell[1] + 0.2)
        size = figure.get_size_inches()
        return figure.add_axes((left / size[0], bottom / size[1], *(cell / size)))

    first = place(0, 0)
    show_image(first, examples[0].x)
    fill(first, aspect)
    _title(first, "input", f"{width} × {height} pixels")
    for column, example in enumerate(examples, 1):
        top, bottom = place(column, 0), place(column, 1)
        show_image(top, example.x)
        draw_grid(example.grid, top, size=example.x.shape[:2])
        fill(top, aspect)
        show_image(bottom, example.out, edges=True)
        fill(bottom, aspect)
        upper, lower = (", ".join(f"{v:.2g}" for v in row) for row in example.theta)
        detail = f"θ = [{upper},\n       {lower}]"
        if example.x.shape != examples[0].x.shape:
            rows, columns = example.x.shape[:2]
            detail = f"input: {columns} × {rows} pixels\nθ = [{upper}, {lower}]"
        _title(top, example.name, detail)
        if column == 1:
            for ax, label in ((top, "sampling grid"), (bottom, "output")):
                ax.set_ylabel(label, size=10, color=FAINT, labelpad=7)
    _legend(place(0, 1))
    return figure


def fill(ax: Any, aspect: float) -> None:
    """Widen the view about its centre to this ratio of width to height."""
    (left, right), (bottom, top) = ax.get_xbound(), ax.get_ybound()
    wide = max(right - left, (top - bottom) * aspect) / 2
    x, y = (left + right) / 2, (bottom + top) / 2
    ax.set_xbound(x - wide, x + wide)
    ax.set_ybound(y - wide / aspect, y + wide / aspect)


def _title(ax: Any, name: str, detail: str) -> None:
    above = {"xy": (0, 1), "xycoords": "axes fraction", "textcoords": "offset points"}
    ax.annotate(name, xytext=(0, 36), size=12, weight="bold", color=INK, **above)
    ax.annotate(detail, xytext=(0, 30), size=9, color=FAINT, va="top", **above)


def _legend(ax: Any) -> None:
    """Explain the marks."""
    ax.set_axis_off()
    ax.set(xlim=(0, 1), ylim=(-72 * ax.get_position().height * ax.figure.get_figheight(), 0))
    marks = [
        (-14, ALONG_X, "the output's first row,\nalong its x"),
        (-44, ALONG_Y, "the output's first column,\nalong its y"),
        (-74, MESH, "some of its other rows\nand columns"),
    ]
    for y, colour, text in marks:
        arrow = {"arrowstyle": "-" if colour == MESH else "-|>", "color": colour, "lw": 2.2}
        ax.annotate("", (0.2, y), (0.0, y), arrowprops={**arrow, "mutation_scale": 14})
        ax.text(0.27, y, text, size=9, color=INK, va="center")
    ax.scatter(0.1, -99, s=30, c="white", edgecolors="black", clip_on=False)
    ax.text(0.27, -99, "its top-left pixel", size=9, color=INK, va="center")
