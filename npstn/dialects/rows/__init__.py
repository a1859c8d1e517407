"""All rows, a file for each kind of system."""

from ..row import Row
from . import addons, arrays, engines, opencv, runtimes, seeds, torch

ROWS: tuple[Row, ...] = (
    *torch.ROWS,
    *arrays.ROWS,
    *opencv.ROWS,
    *seeds.ROWS,
    *addons.ROWS,
    *runtimes.ROWS,
    *engines.ROWS,
)
