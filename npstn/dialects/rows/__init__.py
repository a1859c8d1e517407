"""All rows, a file for each kind of system."""

from ..row import Row
from . import addons, arrays, opencv, seeds, torch

ROWS: tuple[Row, ...] = (*torch.ROWS, *arrays.ROWS, *opencv.ROWS, *seeds.ROWS, *addons.ROWS)
