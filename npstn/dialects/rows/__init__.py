"""All rows, a file for each kind of system."""

from ..row import Row
from . import addons, arrays, frameworks, jax, keras, opencv, seeds, torch

_FILES = seeds, torch, addons, frameworks, arrays, jax, keras, opencv
ROWS: tuple[Row, ...] = tuple(row for file in _FILES for row in file.ROWS)
