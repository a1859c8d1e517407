"""What was learnt, as pictures."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from npstn.plot import gallery
from npstn.transforms import family

from .layers import Array
from .training import Run

DOTS = 100  # an inch
COLUMNS = 8  # images in a row, and epochs of the film
BLACK_AND_WHITE = 0.0, 1.0
OUTLINE = 10**6  # every so many rows of a grid: the first and the last
COLOURS = {"with": "#0072b2", "without": "#d55e00"}


def curves(runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> Figure:
    """Draw the errors over the epochs, of runs with and without the transformer."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    ax = figure.add_subplot()
    for name, found in runs.items():
        for i, run in enumerate(found):
            for part, style in ("train", ":"), ("valid", "-"):
                errors = [100 * max(one[part], 1e-4) for one in run["epochs"]]
                label = f"{name} the transformer, {part}" if not i else None
                epochs = range(1, len(errors) + 1)
                ax.plot(epochs, errors, style, color=COLOURS[name], label=label, lw=1.2)
    ax.set(xlabel="epoch", ylabel="images in a wrong class, %", yscale="log")
    ax.yaxis.set_major_formatter("{x:g}")
    ax.grid(alpha=0.3, which="both")
    ax.legend()
    return figure


def sheet(run: Run) -> Figure:
    """Draw test images, and what the classifier sees and says."""
    x, right = run.shown
    said = run.classes(x)
    theta = run.transformer.theta
    return looks(run, x, theta, [f"a {n}" for n in right], [f"seen as {n}" for n in said])


def film(run: Run) -> Figure:
    """Draw over the epochs the test image whose theta has changed most."""
    thetas = np.stack(run.thetas)  # (epochs, images, P)
    which = np.abs(thetas[-1] - thetas[0]).sum(axis=1).argmax()
    epochs = np.unique(np.geomspace(1, len(thetas), COLUMNS).round().astype(int)) - 1
    x = np.repeat(run.shown.x[which : which + 1], len(epochs), axis=0)
    titles = [f"epoch {epoch + 1}" for epoch in epochs]
    return looks(run, x, thetas[epochs, which], titles, [""] * len(epochs))


def grey(x: Array) -> Array:
    """Average the channels of images, unless they are grey or red, green and blue."""
    return x if x.shape[3] in (1, 3) else x.mean(axis=3, keepdims=True)


def looks(run: Run, x: Array, theta: Array, above: Sequence[str], below: Sequence[str]) -> Figure:
    """Draw images with the quadrilateral that is sampled, each above what comes of it."""
    out = run.transformer.sample(x, theta)
    drawn = family(run.recipe.transform).grid(theta, run.transformer.dims)
    return gallery(
        interleaved(grey(x), grey(out), COLUMNS),
        grids=interleaved(drawn, [None] * len(drawn), COLUMNS),
        titles=interleaved(above, below, COLUMNS),
        columns=min(COLUMNS, len(x)),
        every=OUTLINE,
        sizes=False,
        limits=BLACK_AND_WHITE,
    )


def interleaved(
    above: Sequence[Any] | Array, below: Sequence[Any] | Array, columns: int
) -> list[Any]:
    """List two sequences of one length so that in rows of a picture each is above its other."""
    rows = (slice(first, first + columns) for first in range(0, len(above), columns))
    return [one for row in rows for one in (*above[row], *below[row])]
