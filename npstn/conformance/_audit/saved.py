"""An audit as files: text, JSON, the page of a check, and pictures."""

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...plot import ALONG_X, ALONG_Y
from ..html import page
from .places import Place
from .site import Site

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS, PANEL, HEAD = 110, 1.2, 0.55  # an inch; inches of an image of the film, of its titles
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # quantiles


def save(audit: Any, folder: Path) -> list[Path]:
    """Write all files."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"audit.txt": f"{audit}\n", "audit.json": written(audit.data())}
    texts["audit.html"] = page(audit.report)
    paths = []
    for name, text in texts.items():
        paths.append(folder / name)
        paths[-1].write_text(text, "utf-8")
    for number, site in enumerate(audit.sites, 1):
        for kind, draw in ("film", film), ("theta", histogram):
            figure = draw(site)
            if figure is not None:
                paths.append(folder / f"{kind}-{number}-{_word(site.place)}.png")
                figure.savefig(paths[-1], dpi=DOTS)
    return paths


def written(data: Any) -> str:
    """Write JSON, with null for what is no number."""
    return json.dumps(_plain(data), indent=1, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def film(site: Site) -> "Figure | None":
    """Draw a film strip: images over the calls, with the outline of what is sampled from each."""
    from matplotlib.figure import Figure

    frames = list(site.film)
    if not frames:
        return None
    rows = max(len(frame.images) for _, frame in frames)
    high = PANEL * rows + HEAD
    figure = Figure(figsize=(PANEL * len(frames), high))
    figure.subplots_adjust(0.01, 0.01, 0.99, 1 - HEAD / high, wspace=0.04, hspace=0.04)
    axes = figure.subplots(rows, len(frames), squeeze=False)
    for column, (call, frame) in enumerate(frames):
        for row in range(rows):
            ax = axes[row, column]
            ax.axis("off")
            if row < len(frame.images):
                _draw(ax, frame.images[row], frame.outlines[row])
        axes[0, column].set_title(f"call {call}", fontsize=7)
    figure.suptitle(f"{site}: what is sampled", fontsize=8)
    return figure


def histogram(site: Site) -> "Figure | None":
    """Draw each number of theta over the calls: its least, its quartiles and its largest."""
    from matplotlib.figure import Figure

    shapes = {theta.shape[1:] for _, theta in site.maps}
    moments = list(site.maps)
    if len(shapes) != 1:  # none, or maps of images and of volumes
        return None
    calls = [call for call, _ in moments]
    values = np.stack([np.quantile(theta, SHARES, axis=0) for _, theta in moments])
    rows, columns = values.shape[2:]
    figure = Figure(figsize=(2.6 * columns, 1.8 * rows + 0.4), layout="constrained")
    for (i, j), ax in np.ndenumerate(figure.subplots(rows, columns, squeeze=False, sharex=True)):
        low, first, middle, last, high = values[:, :, i, j].T
        ax.fill_between(calls, low, high, color=ALONG_X, alpha=0.15, linewidth=0)
        ax.fill_between(calls, first, last, color=ALONG_X, alpha=0.35, linewidth=0)
        ax.plot(calls, middle, color=ALONG_X, linewidth=1.2)
        ax.axhline(float(i == j), color="#6b6b76", linewidth=0.6, linestyle=":")
        ax.set_title(f"theta[{i}, {j}]", fontsize=8)
        ax.tick_params(labelsize=7)
    figure.suptitle(f"{site}: theta over the calls; dotted is the identity", fontsize=8)
    return figure


def _draw(ax: Any, image: Any, outline: Any) -> None:
    """Draw an image over [-1, 1], and an outline that may leave it."""
    low, high = float(np.nanmin(image)), float(np.nanmax(image))
    low, high = (low, high) if np.isfinite(high - low) and high > low else (0.0, 1.0)
    ax.imshow(image, cmap="gray", vmin=low, vmax=high, extent=(-1, 1, 1, -1), aspect="auto")
    line = np.clip(np.nan_to_num(outline), -50, 50)
    ax.plot(line[:, 0], line[:, 1], color=ALONG_Y, linewidth=1.0)
    ax.plot(*line[0], "o", color=ALONG_X, markersize=2.5)
    ax.set(xlim=(-1.6, 1.6), ylim=(1.6, -1.6), aspect=image.shape[0] / image.shape[1])


def _word(place: Place) -> str:
    return re.sub(r"\W+", "-", f"{os.path.basename(place.file)}-{place.line}")
