"""What the scripts that draw photographs share."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image


def save(figure: Figure, path: Path) -> None:
    """Write a picture. In steps of 5 of 255 colours look the same, and the file is much smaller."""
    drawn = io.BytesIO()
    figure.savefig(drawn)
    pixels = (np.asarray(Image.open(drawn).convert("RGB"), np.uint16) + 2) // 5 * 5
    Image.fromarray(pixels.astype(np.uint8)).save(path, format="PNG", optimize=True)


def fill(ax: Any, aspect: float) -> None:
    """Widen the view about its centre to this ratio of width to height."""
    (left, right), (bottom, top) = ax.get_xbound(), ax.get_ybound()
    wide = max(right - left, (top - bottom) * aspect) / 2
    x, y = (left + right) / 2, (bottom + top) / 2
    ax.set_xbound(x - wide, x + wide)
    ax.set_ybound(y - wide / aspect, y + wide / aspect)
