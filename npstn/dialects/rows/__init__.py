"""All rows, a file for each kind of system."""

from ..row import Row
from . import (
    addons,
    arrays,
    engines,
    frameworks,
    images,
    jax,
    keras,
    npstn,
    opencv,
    runtimes,
    seeds,
    tinygrad,
    torch,
    torch_images,
    torch_volumes,
)

_FILES = (
    *(npstn, seeds, torch, torch_images, torch_volumes, addons, keras, frameworks),
    *(runtimes, engines, tinygrad, arrays, jax, opencv, images),
)
ROWS: tuple[Row, ...] = tuple(row for file in _FILES for row in file.ROWS)
