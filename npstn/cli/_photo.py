"""Photographs as arrays, and pictures as files."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..plot.marks import Array
from ._files import output, replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS = 150  # of a picture, an inch


def photograph_options(parser: argparse.ArgumentParser, out: str) -> None:
    """Add the options for a photograph, and for the picture that is made of it."""
    add = parser.add_argument
    add("--image", type=Path, metavar="PATH", help="a photograph (default: Grace Hopper)")
    add("--out", type=output, default=Path(out), metavar="PATH", help="the picture (%(default)s)")
    add(
        "--size",
        type=int,
        default=640,
        metavar="N",
        help="longest side: a larger photograph is shrunk (%(default)s)",
    )


def load(path: Path | None, longest: int) -> Array:
    """Read a photograph as float32 (H, W, 1 or 3) in [0, 1], no side longer than `longest`.

    Without a path it is that of Grace Hopper, which comes with Matplotlib. What is transparent
    becomes white.
    """
    from matplotlib import cbook, image

    if longest < 1:
        raise ValueError(f"--size is {longest}, expected at least 1")
    source = path or cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    try:
        pixels = image.imread(source)
    except Exception as error:  # a damaged file raises whatever its decoder did not expect
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ValueError(f"cannot read {path or 'the photograph'}: {why}") from error
    white = np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 1.0
    photo = pixels.reshape(*pixels.shape[:2], -1) / white
    if photo.shape[2] == 4:
        photo = 1.0 - photo[..., 3:] * (1.0 - photo[..., :3])
    return shrink(photo, max(1, -(-max(photo.shape[:2]) // longest)))


def shrink(image: Array, factor: int) -> Array:
    """Average squares of `factor` x `factor` pixels; a remainder at the right and bottom is cut."""
    height, width = (n // factor for n in image.shape[:2])
    cut = image[: height * factor, : width * factor]
    blocks = cut.reshape(height, factor, width, factor, -1)
    return np.ascontiguousarray(blocks.mean(axis=(1, 3), dtype=np.float64), np.float32)


def save(figure: "Figure", path: Path) -> None:
    """Write a figure, in the format that the name of the file says."""
    with replacing(path) as file:
        figure.savefig(file, format=path.suffix[1:] or "png", dpi=DOTS)
