"""What the scripts that draw photographs share."""

import io
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image


def save(figure: Figure, path: Path) -> None:
    """Write a picture. In steps of 5 of 255 colours look the same, and the file is much smaller."""
    drawn = io.BytesIO()
    figure.savefig(drawn)
    pixels = (np.asarray(Image.open(drawn).convert("RGB"), np.uint16) + 2) // 5 * 5
    Image.fromarray(pixels.astype(np.uint8)).save(path, format="PNG", optimize=True)
