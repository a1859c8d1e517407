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
FRAMES, COLUMNS = 8, 8  # epochs of the film; images in a row of the sheet
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
    """Draw test images with the quadrilateral that is sampled, each above what comes of it."""
    x, right = run.shown
    out = run.look(x)
    found = run.classes(x)
    images: list[Array] = []
    grids: list[Array | None] = []
    titles: list[str] = []
    for first in range(0, len(x), COLUMNS):
        rows = slice(first, first + COLUMNS)
        images += [*x[rows], *out[rows]]
        drawn = grids_of(run, run.transformer.theta[rows])
        grids += [*drawn, *[None] * len(drawn)]
        titles += [f"a {n}" for n in right[rows]] + [f"seen as {n}" for n in found[rows]]
    return gallery(images, grids=grids, titles=titles, columns=COLUMNS, every=OUTLINE, sizes=False)


def film(run: Run) -> Figure:
    """Draw the first test image at several epochs, each above what the classifier sees."""
    x, last = run.shown.x[:1], len(run.thetas) - 1
    epochs = np.unique(np.geomspace(1, last + 1, FRAMES).round().astype(int)) - 1
    thetas = np.stack([run.thetas[epoch][0] for epoch in epochs])
    drawn = grids_of(run, thetas)
    seen = run.transformer.sample(np.repeat(x, len(thetas), axis=0), thetas)
    titles = [f"epoch {epoch + 1}" for epoch in epochs] + [""] * len(epochs)
    images = [*np.repeat(x, len(epochs), axis=0), *seen]
    grids = [*drawn, *[None] * len(epochs)]
    return gallery(
        images,
        grids=grids,
        titles=titles,
        columns=len(epochs),
        every=OUTLINE,
        sizes=False,
        limits=BLACK_AND_WHITE,
    )


def grids_of(run: Run, theta: Array) -> Array:
    """Compute the sampling grids of theta."""
    dims = run.transformer.dims
    return family(run.recipe.transform).grid(theta, dims)
