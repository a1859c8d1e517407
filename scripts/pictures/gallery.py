"""One photograph under every family of transformations, with its sampling grid drawn over it.

The upper row shows the input and where the output is sampled, the lower row the output. Writes one
picture; a family without an example here is shown at its identity, moved at random.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from drawing import fill, save
from matplotlib.figure import Figure
from PIL import Image
from sanity_check import FAINT, INK, Array, load

import npstn
from npstn.plot import draw_grid, show_image
from npstn.transforms import FAMILIES

TURN = np.radians(25.0)


def wave(identity: Array) -> Array:
    """Control points of a 4 x 4 square, moved as by a wave."""
    points = identity.reshape(-1, 2)
    return (points + 0.13 * np.sin(2.4 * points[:, ::-1] + [0.4, 1.9])).reshape(-1)


def pinch(identity: Array) -> Array:
    """The same, drawn to the face in the middle and above."""
    points = identity.reshape(-1, 2)
    inner = (abs(points) < 0.9).all(axis=1, keepdims=True)
    return (points + np.where(inner, 0.45 * ([0.0, -0.3] - points), 0.0)).reshape(-1)


EXAMPLES: dict[str, Any] = {
    "affine": [0.85, -0.45, 0.05, 0.1, 0.9, -0.05],
    "attention": [0.4, 0.03, -0.38],
    "rst": [TURN, 0.9, 0.6, 0.05, -0.2],
    "rigid": [-TURN, 0.15, -0.1],
    "similarity": [0.8 * np.cos(TURN), -0.8 * np.sin(TURN), 0.0, -0.1],
    "projective": [0.9, 0.0, 0.0, 0.0, 1.0, 0.1, 0.0, 0.45],
    "tps": wave,
    "piecewise_affine": pinch,
}


def parameters(name: str) -> Array:
    """The parameters of the example of a family."""
    identity = FAMILIES[name].identity()
    example = EXAMPLES.get(name)
    if example is None:
        return identity + np.random.default_rng(0).uniform(-0.15, 0.15, identity.shape)
    return example(identity) if callable(example) else np.array(example)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the gallery; return 0, or 2 for bad arguments."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--image", type=Path, help="a photograph (default: Grace Hopper)")
    parser.add_argument("--output", type=Path, default=Path("gallery.png"), help="(%(default)s)")
    parser.add_argument("--size", type=int, default=200, help="longest side (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        name, photo = load(options.image, options.size)
        draw(photo, options.output)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        print(f"gallery: {error}", file=sys.stderr)
        return 2
    print(f"{name} under {', '.join(FAMILIES)}\npicture: {options.output.resolve()}")
    return 0


def draw(photo: Array, path: Path) -> None:
    """Draw all families into one picture."""
    height, width = photo.shape[:2]
    aspect = min(max(width / height, 0.6), 1.6)
    figure = Figure(figsize=(2.1 * len(FAMILIES), 4.2 / aspect + 0.75), dpi=100, facecolor="white")
    places = figure.subplots(2, len(FAMILIES), squeeze=False)
    figure.subplots_adjust(left=0.025, right=0.995, bottom=0.015, top=0.9, wspace=0.06, hspace=0.05)
    for column, name in enumerate(FAMILIES):
        theta = parameters(name)
        grid = FAMILIES[name].grid(theta[None], (height, width))[0]
        out = npstn.spatial_transformer_network(photo[None], theta[None], transform=name)[0]
        top, bottom = places[:, column]
        show_image(top, photo)
        draw_grid(grid, top, size=(height, width))
        show_image(bottom, out, edges=True)
        for ax in (top, bottom):
            fill(ax, aspect)
        top.set_title(name.replace("_", " "), size=13, weight="bold", color=INK, pad=20)
        count = f"{len(theta)} parameters"
        top.annotate(
            count, (0.5, 1.03), xycoords="axes fraction", ha="center", size=10, color=FAINT
        )
    for ax, label in zip(places[:, 0], ("sampling grid", "output"), strict=True):
        ax.set_ylabel(label, size=11, color=FAINT)
    save(figure, path)


if __name__ == "__main__":
    sys.exit(main())
