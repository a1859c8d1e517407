"""A network learns, an epoch at a time, and can go on after an interruption with the same bits."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from npstn.cli._files import replacing

from .digits import Data, Part, arrays_of
from .layers import Array, Sequential, cross_entropy
from .networks import plain, transforming
from .optimiser import Adam
from .transformer import SpatialTransformer

SHOWN = 16  # test images whose theta is kept of each epoch
CHUNK = 500  # images of a forward pass that is not learnt from


@dataclass(frozen=True)
class Recipe:
    """All that decides the bits of a training run.

    ``looking`` is the rate of the localisation network, in units of the classifier's.
    """

    distortion: str = "RTS"
    data: str | None = None
    transform: str = "affine"
    without: bool = False
    network: str = "fcn"
    localisation: str = "fcn"
    seed: int = 0
    epochs: int = 100
    batch: int = 128
    rate: float = 2e-3
    looking: float = 0.6
    limit: float = 1.0
    dropout: float = 0.2
    dims: int = 28

    def __post_init__(self) -> None:
        """Refuse numbers that nothing can be learnt with."""
        for name in "epochs", "batch", "dims", "rate", "looking", "limit":
            if not 0 < getattr(self, name) < np.inf:
                raise ValueError(f"--{name} is {getattr(self, name)}, expected more than 0")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"--dropout is {self.dropout}, expected at least 0 and less than 1")
        if self.seed < 0:
            raise ValueError(f"--seed is {self.seed}, expected at least 0")

    def build(self, data: Data) -> Sequential:
        """Make the network: with the transformer, or without it and as large."""
        shape, dims = data.valid.x.shape[1:], (self.dims, self.dims)
        rng = np.random.default_rng([self.seed, 1])
        options: dict[str, Any] = {"kind": self.network, "drop": self.dropout}
        behind = {"transform": self.transform, "looking": self.localisation, **options}
        with_it = transforming(rng, shape, dims, data.classes, **behind)
        if not self.without:
            return with_it
        return plain(rng, shape, data.classes, with_it.size, **options)


class Run:
    """A network, its optimiser, and what has happened so far."""

    def __init__(self, recipe: Recipe, data: Data) -> None:
        self.recipe, self.data = recipe, data
        self.network = recipe.build(data)
        rates = {"transformer": recipe.rate * recipe.looking, "classifier": recipe.rate}
        self.adam = Adam(self.network.params, rates, recipe.limit)
        self.best = {name: value.copy() for name, value in self.network.params.items()}
        self.history: list[dict[str, float]] = []
        self.thetas: list[Array] = []

    def epochs(self) -> Iterator[dict[str, float]]:
        """Learn for the epochs that are left; yield loss and errors (parts of 1) of each."""
        while len(self.history) < self.recipe.epochs:
            with np.errstate(over="ignore", invalid="ignore"):  # the loss says so
                found = self._epoch()
            yield found

    def _epoch(self) -> dict[str, float]:
        epoch, size = len(self.history), self.recipe.batch
        rng = np.random.default_rng([self.recipe.seed, 2, epoch])
        train = self.data.train(rng)
        factor = (1 + np.cos(np.pi * epoch / self.recipe.epochs)) / 2
        losses: list[float] = []
        wrong = 0
        for rows in np.array_split(rng.permutation(len(train.x)), -(-len(train.x) // size)):
            logits = self.network.forward(train.x[rows], rng)
            loss, d_logits = cross_entropy(logits, train.y[rows])
            self.network.backward(d_logits)
            self.adam.step(self.network.grads, factor)
            losses.append(loss)
            wrong += int(np.count_nonzero(logits.argmax(axis=1) != train.y[rows]))
        found = {"loss": float(np.mean(losses)), "train": wrong / len(train.x)}
        if not np.isfinite(found["loss"]):
            raise ValueError(
                f"epoch {epoch + 1}: the loss is {found['loss']}; take a smaller --rate"
            )
        found["valid"] = self.error(self.data.valid)
        if found["valid"] < min((one["valid"] for one in self.history), default=np.inf):
            for name, value in self.network.params.items():
                self.best[name][...] = value
        self.history.append(found)
        if not self.recipe.without:
            self.look(self.shown.x)
            self.thetas.append(self.transformer.theta.copy())
        return found

    @property
    def transformer(self) -> SpatialTransformer:
        """The transformer in the network."""
        layer = self.network.layers["transformer"]
        if not isinstance(layer, SpatialTransformer):
            raise TypeError("this network has no transformer")
        return layer

    @property
    def shown(self) -> Part:
        """Some of the test images."""
        rows = slice(None, None, max(1, len(self.data.test.x) // SHOWN))
        return Part(*(array[rows][:SHOWN] for array in self.data.test))

    def look(self, x: Array) -> Array:
        """Sample images where the localisation network looks."""
        return self.transformer.forward(x)

    def error(self, part: Part) -> float:
        """Count the part of images that are put into a wrong class."""
        return float((self.classes(part.x) != part.y).mean())

    def classes(self, x: Array) -> Array:
        """Find the class of each image."""
        starts = range(0, len(x), CHUNK)
        return np.concatenate(
            [self.network.forward(x[i : i + CHUNK]).argmax(axis=1) for i in starts]
        )

    def finish(self) -> dict[str, Any]:
        """Go back to the epoch with the least error in ``valid``; return all figures."""
        for name, value in self.best.items():
            self.network.params[name][...] = value
        return {
            "recipe": asdict(self.recipe),
            "parameters": self.network.size,
            "epochs": self.history,
            "best": int(np.argmin([one["valid"] for one in self.history])),
            "test": self.error(self.data.test),
        }

    def save(self, path: Path) -> None:
        """Write all that the next epochs depend on."""
        arrays: dict[str, Any] = {
            f"params/{name}": value for name, value in self.network.params.items()
        }
        arrays |= {f"best/{name}": value for name, value in self.best.items()}
        arrays |= {f"moments/{name}": value for name, value in self.adam.moments.items()}
        state: dict[str, Any] = {"recipe": asdict(self.recipe), "data": self.fingerprint}
        state |= {"steps": self.adam.steps, "history": self.history}
        arrays |= {"state": json.dumps(state), "thetas": np.array(self.thetas)}
        with replacing(path) as file:
            np.savez(file, **arrays)

    def load(self, path: Path) -> None:
        """Go on where a file of :meth:`save` says."""
        kept = {"params": self.network.params, "best": self.best, "moments": self.adam.moments}
        found = arrays_of(path)
        state = json.loads(str(found.get("state", "{}")))
        wanted = {f"{k}/{name}": a for k, arrays in kept.items() for name, a in arrays.items()}
        shapes = all(name in found and found[name].shape == a.shape for name, a in wanted.items())
        same = asdict(self.recipe), self.fingerprint
        if not shapes or (state.get("recipe"), state.get("data")) != same:
            msg = f"{path} is of other options or other data"
            raise ValueError(f"{msg}: choose another --out, or remove it")
        self.adam.steps, self.history = state["steps"], state["history"]
        self.thetas = list(found["thetas"])
        for name, array in wanted.items():
            array[...] = found[name]

    @cached_property
    def fingerprint(self) -> str:
        """A hash of what an epoch learns from, and of what it is measured on."""
        total = hashlib.sha256()
        for part in self.data.train(np.random.default_rng(0)), self.data.valid, self.data.test:
            for array in part:
                total.update(f"{array.shape}".encode() + array.tobytes())
        return total.hexdigest()
