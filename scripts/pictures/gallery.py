"""One photograph under every family of transformations, with its sampling grid drawn over it.

Of each, the upper panel shows the input and where the output is sampled, the lower one the output.
Writes one picture, to be read at a width of 830 pixels; a family without an example here is shown
at its identity, moved at random.
"""

import argparse
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from drawing import save
from matplotlib.figure import Figure

import npstn
from npstn.cli._photo import load
from npstn.cli._sheet import fill
from npstn.plot import draw_grid, draw_legend, show_image
from npstn.plot.figures import FAINT, INK
from npstn.plot.marks import Array
from npstn.transforms import FAMILIES

TURN = np.radians(25.0)
WIDTH, COLUMNS, EDGE, GAP, TITLE, STRIP = 8.3, 4, 0.3, 0.1, 0.85, 0.6  # inches but for columns
NAMES = {"rst": "rotation, scale and translation", "tps": "thin-plate spline"}


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
        photo = load(options.image, options.size)
        draw(photo, options.output)
    except (OSError, ValueError) as error:
        print(f"gallery: {error}", file=sys.stderr)
        return 2
    print(f"{options.image or 'Grace Hopper'} under {', '.join(FAMILIES)}")
    print(f"picture: {options.output.resolve()}")
    return 0


def draw(photo: Array, path: Path) -> None:
    """Draw all families into one picture."""
    size = photo.shape[0], photo.shape[1]
    aspect = min(max(size[1] / size[0], 0.6), 1.6)
    families = [name for name, family in FAMILIES.items() if 2 in family.ranks]
    wide = (WIDTH - EDGE) / COLUMNS - GAP
    block = TITLE + 2 * (wide / aspect + GAP)
    height = STRIP + -(-len(families) // COLUMNS) * block
    figure = Figure(figsize=(WIDTH, height), dpi=125, facecolor="white")
    for i, name in enumerate(families):
        row, column = divmod(i, COLUMNS)
        left, above = EDGE + column * (wide + GAP), height - row * block - TITLE
        places = [(left / WIDTH, (above - k * (wide / aspect + GAP)) / height) for k in (1, 2)]
        panels = [
            figure.add_axes((*place, wide / WIDTH, wide / aspect / height)) for place in places
        ]
        theta = parameters(name)
        grid = FAMILIES[name].grid(theta[None], size)[0]
        out = npstn.spatial_transformer_network(photo[None], theta[None], transform=name)[0]
        show_image(panels[0], photo)
        draw_grid(grid, panels[0], size=size)
        show_image(panels[1], out, edges=True)
        for ax in panels:
            fill(ax, aspect)
        title(panels[0], NAMES.get(name, name.replace("_", " ")), describe(name, theta))
        if column == 0:
            for ax, label in zip(panels, ("sampling grid", "output"), strict=True):
                ax.set_ylabel(label, size=9, color=FAINT)
    draw_legend(figure, columns=2)
    save(figure, path)


def title(ax: Any, name: str, detail: str) -> None:
    """Write two or three lines above a panel."""
    place = {"xy": (0.5, 1), "xycoords": "axes fraction", "textcoords": "offset points"}
    text = {"ha": "center", "color": INK, "weight": "bold", "size": 10}
    ax.annotate("\n".join(textwrap.wrap(name, 20)), xytext=(0, 27), **text, **place)
    faint = {"ha": "center", "va": "top", "color": FAINT, "size": 8}
    ax.annotate(detail, xytext=(0, 24), **faint, **place)


def describe(name: str, theta: Array) -> str:
    """Say what the parameters are, in two lines at most."""
    if callable(EXAMPLES.get(name)):
        return f"θ: x and y of {len(theta) // 2}\ncontrol points"
    if len(theta) > 8:
        return f"{len(theta)} parameters"
    numbers = [f"{v:.2g}" for v in theta]
    half = len(numbers) if len(numbers) < 5 else (len(numbers) + 1) // 2
    lines = [", ".join(part) for part in (numbers[:half], numbers[half:]) if part]
    return "θ = [" + ",\n".join(lines) + "]"


if __name__ == "__main__":
    sys.exit(main())
