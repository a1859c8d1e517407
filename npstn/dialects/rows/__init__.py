"""All rows, a file for each kind of system."""

from ..row import Row
from . import arrays, opencv, torch, torch_images, torch_volumes

ROWS: tuple[Row, ...] = (
    *torch.ROWS,
    *torch_images.ROWS,
    *torch_volumes.ROWS,
    *arrays.ROWS,
    *opencv.ROWS,
)
