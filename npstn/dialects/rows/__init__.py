"""All rows, a file for each kind of system."""

from ..row import Row
from . import arrays, frameworks, opencv, torch

ROWS: tuple[Row, ...] = (*torch.ROWS, *frameworks.ROWS, *arrays.ROWS, *opencv.ROWS)
