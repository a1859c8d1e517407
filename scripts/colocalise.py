"""Find what images have in common, without being told where it is: section 4.5 of the paper.

Each canvas has one digit of the same class somewhere, among pieces of other digits. A localisation
network crops it by attention; it learns from nothing but a hinge loss on triplets (Jaderberg et
al., 2015, section 4.5): the encodings e of two crops are to be nearer to each other than to that
of a random crop of the same canvas, by a margin:

  sum over n, m of max(0, |e(T_n) - e(T_m)|^2 - |e(T_n) - e(random_n)|^2 + margin)

e is what a classifier has before its last layer, divided by its norm. It was trained before on
labelled crops of all ten digits and of background. The localisation network is convolutional, and
the middle of its window is the mean of a softmax; boxes and classes are unknown to it. Half sides
are limited to 9 to 13 pixels of the 42: the loss knows what is alike, not how large it is, and
takes the smallest window or the largest.

The figure is the part of other canvases, of digits that were not learnt from, on which the
intersection of the box found and the true one over their union (IoU) is above 0.5.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from learn.canvases import (
    ATTENTION,
    CLUTTER,
    SIDE,
    canvases,
    crop,
    inside,
    overlap,
)
from learn.command import count, interruptible, parser, write
from learn.digits import Part, Rng, undistorted
from learn.layers import Array, Layer, Sequential, cross_entropy
from learn.networks import dense
from learn.optimiser import Adam
from learn.pictures import BLACK_AND_WHITE, OUTLINE
from learn.transformer import SpatialTransformer
from learn.windows import Unit, hinge, localiser
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from npstn import affine_grid
from npstn.cli._progress import Progress
from npstn.plot import gallery
from npstn.plot.figures import INK
from npstn.transforms import attention_theta

DIMS = 16, 16  # of a crop
LOW, HIGH = 18 / SIDE, 26 / SIDE  # half sides of the window, normalised
MARGIN = 1.0  # two encodings without negative numbers differ by at most 2
BATCH, RATE, LIMIT = 32, 1e-3, 1.0
HIDDEN, BACKGROUND = 64, 10  # of the classifier; the class beside the digits
ENCODER_STEPS, ENCODER_BATCH, ENCODER_RATE = 600, 128, 3e-3
ELSEWHERE, JITTER = 0.3, (0.075, 0.15, 0.15)  # part of the crops anywhere; how far others are off
HIT, MISS = 0.5, 0.3  # IoU of a digit, at least, and of background, at most
TRUTH = "#4cd964"  # the colour of a true box
TESTS, SHOWN, STAGES = 200, 4, (0, 0.1, 0.2, 0.3, 0.5, 1)  # canvases; parts of all steps


def labelled(part: Part, rng: Rng, clutter: int) -> Part:
    """Make crops of canvases: digits, not quite in the middle, and background."""
    (x, y), boxes = canvases(part, rng, ENCODER_BATCH, clutter, part.x)
    off = boxes + rng.uniform(-1, 1, boxes.shape) * JITTER
    at = np.where(rng.random((len(x), 1)) < ELSEWHERE, inside(rng, len(x)), off)
    iou = overlap(at, boxes)
    keep = (iou > HIT) | (iou < MISS)
    return Part(crop(x, at, DIMS)[keep], np.where(iou < MISS, BACKGROUND, y)[keep])


def encoder(part: Part, rng: Rng, clutter: int, steps: int) -> tuple[Sequential, Layer]:
    """Train a classifier of crops; return it, and the encoding (N, HIDDEN) that it has learnt."""
    whole = dense(rng, (*DIMS, 1), HIDDEN, BACKGROUND + 1, 0.0)
    assert isinstance(whole, Sequential)
    adam = Adam(whole.params, dict.fromkeys(whole.layers, ENCODER_RATE), LIMIT)
    for step in range(steps):
        x, y = labelled(part, rng, clutter)
        whole.backward(cross_entropy(whole.forward(x, rng), y)[1])
        adam.step(whole.grads, 1 - step / steps)
    first, second, _ = whole.layers.values()
    return whole, Sequential(first=first, second=second, unit=Unit())


def loss(looking: SpatialTransformer, e: Layer, x: Array, boxes: Array) -> float:
    """Compute the hinge loss of canvases with random boxes; its cotangents are those of looking."""
    other = e.forward(crop(x, boxes, DIMS))
    found, d_found = hinge(e.forward(looking.forward(x)), other, MARGIN)
    looking.backward(e.backward(d_found))
    return found


def learn(
    looking: SpatialTransformer, e: Layer, batches: Iterator[Array], rng: Rng, steps: int
) -> Iterator[float]:
    """Move the localisation network by a step of Adam for each batch; yield the losses."""
    layers = [name.partition(".")[0] for name in looking.params]
    adam = Adam(looking.params, dict.fromkeys(layers, RATE), LIMIT)
    for step, x in zip(range(steps), batches, strict=False):
        now = loss(looking, e, x, inside(rng, len(x)))
        adam.step(looking.grads, (1 + np.cos(np.pi * step / steps)) / 2)
        yield now


def sheet(x: Array, truth: Array, stages: dict[int, Array]) -> Figure:
    """Draw canvases, a row each, with the window at several stages and the true box, dashed."""
    images, grids, titles = [], [], []
    for i, image in enumerate(x):
        for step, boxes in stages.items():
            images.append(image)
            grids.append(
                affine_grid(attention_theta(boxes[i : i + 1]), DIMS, align_corners=False)[0]
            )
            iou = overlap(boxes[i : i + 1], truth[i : i + 1])[0]
            titles.append(f"step {step}: IoU {iou:.2f}" if not i else f"IoU {iou:.2f}")
    figure = gallery(
        images,
        grids=grids,
        titles=titles,
        align_corners=False,
        columns=len(stages),
        every=OUTLINE,
        limits=BLACK_AND_WHITE,
        sizes=False,
    )
    for i, ax in enumerate(figure.axes[: len(images)]):
        half, *middle = truth[i // len(stages)] * SIDE / 2
        corner = np.array(middle) + (SIDE - 1) / 2 - half
        ax.add_patch(Rectangle(corner, 2 * half, 2 * half, fill=False, ls="--", ec=TRUTH))
    beside = figure.axes[-1].get_position().y0  # the scale of values
    figure.text(0.98, beside, "dashed: the true box", ha="right", c=INK)
    return figure


def train(options: argparse.Namespace) -> tuple[dict[str, Any], Figure]:
    """Learn, and measure before and after; return the figures and the picture."""
    begun = time.monotonic()
    parts = undistorted(np.random.default_rng([options.seed, 0]))
    rng = np.random.default_rng([options.seed, 1])
    learnt, _, tested = (Part(*(a[part.y == options.digit] for a in part)) for part in parts)
    whole, e = encoder(parts[0], rng, options.clutter, ENCODER_STEPS)
    crops = labelled(parts[2], rng, options.clutter)
    wrong = float((whole.forward(crops.x).argmax(axis=1) != crops.y).mean())
    (x, _), truth = canvases(tested, rng, TESTS, options.clutter, parts[2].x)
    network = localiser(rng, SIDE, LOW, HIGH)
    looking = SpatialTransformer(network, DIMS, **ATTENTION)
    batches = (canvases(learnt, rng, BATCH, options.clutter, parts[0].x)[0].x for _ in iter(int, 1))
    wanted = {round(part * options.steps) for part in STAGES}
    stages = {0: network.forward(x)}
    with Progress(options.steps) as bar:
        for step, now in enumerate(learn(looking, e, batches, rng, options.steps), start=1):
            bar.show(f"loss {now:.3f}")
            bar.step()
            if step in wanted:
                stages[step] = network.forward(x)
    iou = {step: overlap(boxes, truth) for step, boxes in stages.items()}
    figures = {
        "digit": options.digit,
        "clutter": options.clutter,
        "seed": options.seed,
        "encoder": wrong,
        "found": {step: float((one > HIT).mean()) for step, one in iou.items()},
        "iou": {step: float(one.mean()) for step, one in iou.items()},
        "seconds": time.monotonic() - begun,
    }
    shown = {step: boxes[:SHOWN] for step, boxes in stages.items()}
    return figures, sheet(x[:SHOWN], truth[:SHOWN], shown)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return 0, or exit with 2 for bad arguments."""
    made = parser(__doc__, "colocalise.png")
    made.add_argument("--digit", type=int, default=3, choices=range(10), help="(%(default)s)")
    made.add_argument("--clutter", type=count, default=CLUTTER, help="pieces (%(default)s)")
    made.add_argument("--steps", type=count, default=200, help="of learning (%(default)s)")
    options = made.parse_args(arguments)
    try:
        figures, figure = train(options)
    except ValueError as error:
        made.error(str(error))
    print(f"{100 * figures['encoder']:.1f} % of the crops are put into a wrong class")
    for step, found in figures["found"].items():
        mean = figures["iou"][step]
        print(f"step {step:4}: IoU {mean:.2f}, above {HIT} on {100 * found:.1f} % of the canvases")
    write(options, figure, figures)
    return 0


if __name__ == "__main__":
    interruptible(main)
