"""What the benchmark found, as a chart: how many times as long as npstn everybody takes."""

import textwrap
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullLocator

from .goals import best, ratios
from .report import caption, number

INK, FAINT, RULE = "#1d1d22", "#5f5f6a", "#e4e4ea"
CONTESTANTS = {  # colours that the colour-blind tell apart, and so does a grey print
    "PyTorch": ("#d55e00", "PyTorch"),
    "OpenCV": ("#0072b2", "OpenCV"),
    "OpenVINO": ("#cc79a7", "OpenVINO"),
    "SciPy": ("#009e73", "SciPy"),
    "gather": ("#8f8f99", "limit: gather with all offsets and weights known"),
    "copy": ("#c9c9d1", "limit: copy, one thread"),
}
TICKS = (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)
GAP = 0.9  # between groups of bars, in bars


class Panel(NamedTuple):
    """One task: npstn's milliseconds and everybody's ratio to them, by workload."""

    task: str
    ours: Mapping[str, float]
    bars: Mapping[str, Sequence[tuple[str, float]]]

    @property
    def height(self) -> float:
        """In bars."""
        return sum(len(group) + GAP for group in self.bars.values())

    @property
    def values(self) -> list[float]:
        """All ratios."""
        return [value for group in self.bars.values() for _, value in group]


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Draw one panel for each task that was raced: the forward ones above."""
    rows = [row for row in found["rows"] if row["section"] == "race"]
    panels = [prepare(rows, task) for task in dict.fromkeys(row["task"] for row in rows)]
    lines = [[p for p in panels if ("backward" in p.task) == later] for later in (False, True)]
    lines = [line for line in lines if line]
    heights = [max(p.height for p in line) for line in lines]
    body = 0.21 * sum(heights) + 0.65 * (len(lines) - 1)
    inch = 1 / (body + 1.75)
    figure = Figure(figsize=(11.0, 1 / inch), dpi=120, facecolor="white")
    axes = figure.subplots(len(lines), 2, squeeze=False, height_ratios=heights)
    figure.subplots_adjust(0.11, 0.75 * inch, 0.98, 1 - inch, 0.25, 0.65 * len(lines) / body)
    values = [value for p in panels for value in p.values]
    low, high = min([0.3, *values]), max([3.0, *values])
    room = (high / low) ** 0.15  # for the numbers at the ends of the bars
    for at, line in zip(axes, lines, strict=True):
        for ax in at:
            ax.set_axis_off()
        for ax, shown in zip(at, line, strict=False):
            draw_panel(ax, shown)
            ax.set(xlim=(low / room, high * room), ylim=(max(p.height for p in line) - GAP, -1))
    heading(figure, {row["contestant"] for row in rows})
    note = "\n".join(textwrap.wrap(caption(found), 170))
    figure.text(0.015, 0.1 * inch, note, size=8, color=FAINT)
    figure.savefig(path)


def heading(figure: Figure, present: Collection[str]) -> None:
    """Say what is shown, and who is who."""
    inch = 1 / figure.get_figheight()
    title = "Time relative to npstn: to the right of the line is slower, to the left faster"
    figure.text(0.015, 1 - 0.3 * inch, title, size=14, weight="bold", color=INK)
    figure.legend(
        handles=[
            Patch(color=c, label=text) for n, (c, text) in CONTESTANTS.items() if n in present
        ],
        loc="upper left",
        bbox_to_anchor=(0.005, 1 - 0.35 * inch),
        ncols=len(CONTESTANTS),
        frameon=False,
        fontsize=10.5,
        handlelength=1,
        columnspacing=1.4,
    )


def prepare(rows: Sequence[Mapping[str, Any]], task: str) -> Panel:
    """Collect the bars of one task."""
    ours = best(rows, task, "npstn")
    compared = {name: ratios(rows, task, name) for name in CONTESTANTS}
    bars = {w: [(name, of[w]) for name, of in compared.items() if w in of] for w in ours}
    return Panel(task, ours, bars)


def draw_panel(ax: Any, shown: Panel) -> None:
    """Draw the bars of one task, grouped by workload, to both sides of npstn's line."""
    middles, y = [], 0.0
    for group in shown.bars.values():
        middles.append(y + (len(group) - 1) / 2)
        for name, value in group:
            ax.barh(y, value - 1, left=1, height=0.86, color=CONTESTANTS[name][0])
            side, offset = ("left", 3) if value >= 1 else ("right", -3)
            ax.annotate(
                f"{number(value)}×",
                (value, y),
                xytext=(offset, 0),
                textcoords="offset points",
                ha=side,
                va="center",
                size=8.5,
                color=INK,
            )
            y += 1
        y += GAP
    ax.set_axis_on()
    ax.set_title(shown.task, loc="left", size=12, weight="bold", color=INK)
    ax.axvline(1, color=INK, lw=1.2)
    ax.set_yticks(middles, [f"{w}\nnpstn {number(ms)} ms" for w, ms in shown.ours.items()])
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(TICKS))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter("{x:g}")
    ax.tick_params(length=0, labelsize=9.5)
    ax.grid(axis="x", color=RULE)
    ax.set_axisbelow(True)
    ax.spines[:].set_visible(False)
