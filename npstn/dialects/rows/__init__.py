"""All rows, a file for each kind of system."""

from ..row import Row
from . import arrays, images, opencv, torch

ROWS: tuple[Row, ...] = (*torch.ROWS, *arrays.ROWS, *opencv.ROWS, *images.ROWS)
