"""Classifiers, with a spatial transformer before them or with as many numbers to learn."""

from collections.abc import Callable, Sequence

import numpy as np

from npstn.transforms import family

from .layers import Array, Conv, Dense, Dropout, Layer, MaxPool, ReLU, Sequential
from .transformer import SpatialTransformer

HIDDEN = {"fcn": 128, "cnn": 64}  # numbers in the hidden layers of a classifier
LOOKING, LOOKERS = 32, 16  # in the hidden layer of a localisation network, and its filters
SIDE, FILTERS = 5, (16, 32)  # of the convolutions
WIDEST = 4096

Shape = tuple[int, int, int]


def dense(rng: np.random.Generator, shape: Shape, hidden: int, out: int, drop: float) -> Layer:
    """Make a fully connected classifier with two hidden layers."""
    size = int(np.prod(shape))
    first, second = Dense(rng, size, hidden), Dense(rng, hidden, hidden)
    return Sequential(
        first=Sequential(dense=first, relu=ReLU(), dropout=Dropout(drop)),
        second=Sequential(dense=second, relu=ReLU(), dropout=Dropout(drop)),
        last=Dense(rng, hidden, out),
    )


def convolutional(
    rng: np.random.Generator, shape: Shape, hidden: int, out: int, drop: float
) -> Layer:
    """Make a classifier of two convolutions, each with a pool behind it, and a hidden layer."""
    stages, size = convolutions(rng, shape, FILTERS)
    third = Dense(rng, size, hidden)
    stages["third"] = Sequential(dense=third, relu=ReLU(), dropout=Dropout(drop))
    return Sequential(**stages, last=Dense(rng, hidden, out))


def convolutions(
    rng: np.random.Generator, shape: Shape, filters: Sequence[int]
) -> tuple[dict[str, Layer], int]:
    """Make convolutions, each with a pool behind it, and count the numbers that come out."""
    high, wide, channels = shape
    stages: dict[str, Layer] = {}
    for i, many in enumerate(filters, 1):
        conv = Conv(rng, channels, many, SIDE)
        stages[f"conv{i}"] = Sequential(conv=conv, relu=ReLU(), pool=MaxPool())
        high, wide, channels = (high - SIDE + 1) // 2, (wide - SIDE + 1) // 2, many
        if min(high, wide) < 1:
            raise ValueError(f"images of {shape[0]} x {shape[1]} are too small to convolve")
    return stages, high * wide * channels


CLASSIFIERS = {"fcn": dense, "cnn": convolutional}


def localisation(rng: np.random.Generator, shape: Shape, identity: Array, kind: str) -> Layer:
    """Make a localisation network that starts as the identity: (B, H, W, C) to (B, P)."""
    stages: dict[str, Layer] = {}
    size = int(np.prod(shape))
    if kind == "cnn":
        stages, size = convolutions(rng, shape, (LOOKERS, LOOKERS))
    stages["hidden"] = Sequential(dense=Dense(rng, size, LOOKING), relu=ReLU())
    if kind == "fcn":
        stages["second"] = Sequential(dense=Dense(rng, LOOKING, LOOKING), relu=ReLU())
    return Sequential(**stages, last=Dense(rng, LOOKING, identity.size, bias=identity.ravel()))


def transforming(
    rng: np.random.Generator,
    shape: Shape,
    dims: tuple[int, int],
    classes: int,
    *,
    kind: str = "fcn",
    looking: str = "fcn",
    transform: str = "affine",
    drop: float = 0.0,
) -> Sequential:
    """Make a localisation network, the transformer that it steers, and a classifier behind them."""
    network = localisation(rng, shape, family(transform).identity(), looking)
    behind = CLASSIFIERS[kind](rng, (*dims, shape[2]), HIDDEN[kind], classes, drop)
    transformer = SpatialTransformer(network, dims, transform=transform)
    return Sequential(transformer=transformer, classifier=behind)


def plain(
    rng: np.random.Generator,
    shape: Shape,
    classes: int,
    size: int,
    *,
    kind: str = "fcn",
    drop: float = 0.0,
) -> Sequential:
    """Make a classifier with about ``size`` numbers to learn: its hidden layers are wider."""

    def sized(hidden: int) -> Layer:
        return CLASSIFIERS[kind](np.random.default_rng(0), shape, hidden, classes, drop)

    hidden = nearest(lambda n: sized(n).size, size)
    return Sequential(classifier=CLASSIFIERS[kind](rng, shape, hidden, classes, drop))


def nearest(count: Callable[[int], int], size: int) -> int:
    """Find n for which an increasing count(n) is nearest to a size."""
    low, high = 1, WIDEST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) <= size else (low, middle)
    return min(low, high, key=lambda n: abs(count(n) - size))
