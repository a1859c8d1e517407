"""Add two digits of one canvas with two spatial transformers in parallel: section 4.3 of the paper.

Each half of a canvas has a digit of scikit-learn that is turned by up to 45 degrees, scaled by
0.7 to 1.2, and anywhere in its half (Jaderberg et al., 2015, section 4.3 and appendix A.1, where
the two digits are two channels). One localisation network gives K = 2 thetas, which start as the
two halves. One classifier reads a digit in each look. All of it is learnt from the sums alone: no
digit and no place is ever told. Three networks with equally many numbers to learn:

  two     two transformers: two looks, one classifier for both
  halves  no transformer: the same classifier, wider, reads the two halves as they are
  one     one transformer of the whole canvas, and a classifier of the 19 sums

The gain of "two" over "halves" is that of looking. "one" also has to learn each sum by itself.
The error is the part of test canvases with a wrong sum.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from learn.command import interruptible, parser, write
from learn.digits import Data, Part, Rng, bundled
from learn.layers import Array, Dense, Layer, ReLU, Sequential
from learn.looks import Addition, Each, Halves, Reshape
from learn.networks import dense, nearest
from learn.pictures import BLACK_AND_WHITE, OUTLINE, interleaved
from learn.training import Recipe, Run
from learn.transformer import SpatialTransformer
from matplotlib.figure import Figure

from npstn import affine_grid
from npstn.cli._progress import Progress
from npstn.plot import draw_grid, gallery

DIGITS, SUMS = 10, 19  # classes
HIDDEN = 64  # numbers in the hidden layers, of the localisation network as well
HALVES = np.array([[0.5, 0, -0.5, 0, 1, 0], [0.5, 0, 0.5, 0, 1, 0]])
WHOLE = np.array([1.0, 0, 0, 0, 1, 0])
COLUMNS, ROWS, GAP = 4, 3, 1  # of the picture; white texels between two looks
PAIRING = 3  # of the seeds


def pairs(seed: int, distortion: str = "RTS") -> Data:
    """Make canvases of two digits; their classes are the sums."""
    digits, rng = bundled(distortion, seed), np.random.default_rng([seed, PAIRING])
    valid, test = (beside(part, rng) for part in (digits.valid, digits.test))
    return Data(lambda rng: beside(digits.train(rng), rng), valid, test, SUMS)


def beside(part: Part, rng: Rng) -> Part:
    """Put another digit to the right of each: (N, S, 2 S, C), and the sums."""
    rows = rng.permutation(len(part.x))
    return Part(np.concatenate([part.x, part.x[rows]], axis=2), part.y + part.y[rows])


def localisation(rng: Rng, shape: tuple[int, int, int], start: Array) -> Layer:
    """Make a localisation network whose output (B, *start.shape) starts as ``start``."""
    features = dense(rng, shape, HIDDEN, HIDDEN, 0.0)
    last = Dense(rng, HIDDEN, start.size, bias=start.ravel())
    return Reshape(Sequential(features=features, relu=ReLU(), last=last), start.shape)


def two(rng: Rng, shape: tuple[int, int, int], side: int, hidden: int) -> Sequential:
    """Make two transformers, and one classifier for both looks."""
    looks = SpatialTransformer(localisation(rng, shape, HALVES), (side, side))
    each = Each(dense(rng, (side, side, shape[2]), hidden, DIGITS, 0.0))
    return Sequential(transformer=looks, classifier=Sequential(each=each, addition=Addition()))


def halves(rng: Rng, shape: tuple[int, int, int], side: int, hidden: int) -> Sequential:
    """Make one classifier for both halves."""
    each = Each(dense(rng, (shape[0], shape[1] // 2, shape[2]), hidden, DIGITS, 0.0))
    return Sequential(classifier=Sequential(halves=Halves(), each=each, addition=Addition()))


def one(rng: Rng, shape: tuple[int, int, int], side: int, hidden: int) -> Sequential:
    """Make one transformer of the whole canvas, and a classifier of sums."""
    dims = side, 2 * side
    look = SpatialTransformer(localisation(rng, shape, WHOLE), dims)
    classifier = dense(rng, (*dims, shape[2]), hidden, SUMS, 0.0)
    return Sequential(transformer=look, classifier=classifier)


NETWORKS: dict[str, Callable[..., Sequential]] = {"two": two, "halves": halves, "one": one}


@dataclass(frozen=True)
class Sum(Recipe):
    """The recipe of one of the networks; ``without`` is to be true of "halves"."""

    looks: str = "two"
    epochs: int = 40
    looking: float = 0.1
    dims: int = 20

    def build(self, data: Data) -> Sequential:
        """Make the network, as large as "two"."""
        rng, make = np.random.default_rng([self.seed, 1]), NETWORKS[self.looks]
        shape = data.valid.x.shape[1:]

        def size(hidden: int, make: Callable[..., Sequential] = make) -> int:
            return make(np.random.default_rng(0), shape, self.dims, hidden).size

        hidden = HIDDEN if make is two else nearest(size, size(HIDDEN, two))
        return make(rng, shape, self.dims, hidden)


def sheet(run: Run) -> Figure:
    """Draw test canvases with the two quadrilaterals, each above the looks and their digits."""
    x, sums = (array[: COLUMNS * ROWS] for array in run.shown)
    out = run.look(x)
    each = run.network.layers["classifier"].layers["each"]  # type: ignore[attr-defined]
    read = each.forward(out).argmax(axis=2)
    both = np.concatenate([out[:, 0], np.ones_like(out[:, 0, :, :GAP]), out[:, 1]], axis=2)
    grids = affine_grid(run.transformer.theta, out.shape[2:4])
    above = [f"sum {n}" for n in sums]
    below = [f"seen as {a} + {b} = {a + b}" for a, b in read]
    figure = gallery(
        interleaved(x, both, COLUMNS),
        titles=interleaved(above, below, COLUMNS),
        grids=interleaved(grids[:, 0], [None] * len(grids), COLUMNS),
        columns=COLUMNS,
        every=OUTLINE,
        sizes=False,
        limits=BLACK_AND_WHITE,
    )
    for i, grid in enumerate(grids[:, 1]):
        row, column = divmod(i, COLUMNS)
        ax = figure.axes[2 * row * COLUMNS + column]
        draw_grid(grid, ax, size=x.shape[1:3], every=OUTLINE)
    return figure


def train(options: argparse.Namespace) -> tuple[dict[str, Any], Run]:
    """Train all networks; return the figures, and the run of "two"."""
    begun, data, runs = time.monotonic(), pairs(options.seed), {}
    figures: dict[str, Any] = {"seed": options.seed, "epochs": options.epochs, "networks": {}}
    with Progress(options.epochs * len(NETWORKS)) as bar:
        for name in NETWORKS:
            recipe = Sum(
                looks=name, without=name == "halves", seed=options.seed, epochs=options.epochs
            )
            runs[name] = run = Run(recipe, data)
            for found in run.epochs():
                bar.show(f"{name}: {100 * found['valid']:.1f} % wrong")
                bar.step()
            done = run.finish()
            figures["networks"][name] = {key: done[key] for key in ("parameters", "test")}
            print(f"{name:8}{done['parameters']:9,} numbers{100 * done['test']:8.2f} % wrong sums")
    return {**figures, "seconds": time.monotonic() - begun}, runs["two"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return 0, or exit with 2 for bad arguments."""
    made = parser(__doc__, "two_digits.png")
    made.add_argument(
        "--epochs", type=int, default=Sum.epochs, help="how often all are seen (%(default)s)"
    )
    options = made.parse_args(arguments)
    try:
        figures, run = train(options)
    except ValueError as error:
        made.error(str(error))
    write(options, sheet(run), figures)
    return 0


if __name__ == "__main__":
    interruptible(main)
