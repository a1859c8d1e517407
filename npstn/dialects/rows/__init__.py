"""All rows, a file for each kind of system."""

from ..row import Row
from . import arrays, engines, opencv, runtimes, torch

ROWS: tuple[Row, ...] = (*torch.ROWS, *arrays.ROWS, *opencv.ROWS, *runtimes.ROWS, *engines.ROWS)
