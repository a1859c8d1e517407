"""All rows, a file for each kind of system."""

from ..row import Row
from . import arrays, jax, keras, opencv, torch

ROWS: tuple[Row, ...] = (*torch.ROWS, *arrays.ROWS, *jax.ROWS, *keras.ROWS, *opencv.ROWS)
