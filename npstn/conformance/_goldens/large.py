"""The tier "large": arrays by formula, and the exact answers of some of their points."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from math import prod
from typing import NamedTuple

import numpy as np

from ...oracle import exact
from ...oracle.exact import Term
from .._formula import Formula
from . import truth
from .golden import Array, Golden
from .recipe import Choice, Dims, Recipe, numbers_of, ordered

POINTS = 64


class Large(NamedTuple):
    """An image and its output."""

    size: Dims
    out: Dims
    padding: str


CASES = {
    "2048": Large((2048, 2048), (2048, 2048), "border"),
    "int32": Large((46342, 46342), (1, POINTS), "zeros"),  # more than 2**31 texels
    "int32-volume": Large((1291, 1291, 1291), (1, 1, POINTS), "zeros"),
}


def recipes() -> Iterator[Recipe]:
    """All cases, with the memory that their arrays and results take."""
    for kind, case in CASES.items():
        choice = Choice(len(case.size), "bilinear", case.padding, "pixel", "float32")
        name = f"large-{kind}-grid_sample-{choice}"
        numbers = prod(case.size) + prod(case.out) * (len(case.size) + 1)
        make = partial(golden, name, case, choice)
        yield Recipe(name, "large", make, numbers * np.dtype(choice.dtype).itemsize)


def golden(name: str, case: Large, choice: Choice) -> Golden:
    """A golden of grid_sample at points with two fraction bits."""
    numbers, rank, most = numbers_of(name), len(case.size), max(case.size)
    x = Formula((1, *case.size, 1), choice.dtype, numbers.bits(), -3, 3)
    low, high = -most // 2, 4 * most + most // 2
    if prod(case.size) > 2**31:  # at the far corner, or none would read what 31 bits do not index
        low, high = 4 * (most - 4), 4 * (most + 1)
    grid = Formula((1, *case.out, rank), choice.dtype, numbers.bits(), low, high, 4)
    count = prod(case.out)
    drawn = [numbers.bits() % count for _ in range(POINTS - 2)] if count > POINTS else []
    at = np.array(sorted({0, count - 1, *drawn}) if drawn else range(count), np.int64)
    p = grid.at(rank * at[:, None] + np.arange(rank))
    terms = [_sample(x, point, case, choice) for point in p]
    joined = Term(*(np.concatenate([t[k].reshape(-1) for t in terms]) for k in range(3)))
    out = replace(truth.lattice("out", choice.dtype, joined), at=at)
    clauses = ordered([*choice.clauses("grid_sample", ("out",)), "R41"])
    about = f"{prod(case.size)} texels by formula, and some points of {count}"
    arrays: dict[str, Array | Formula] = {"x": x, "grid": grid}
    return Golden(
        name, "large", "grid_sample", clauses, about, choice.options, {}, arrays, {"out": out}
    )


def _sample(x: Formula, point: Array, case: Large, choice: Choice) -> Term:
    """The terms at one point, from the texels around it and one more on each side."""
    first = [
        min(max(int(np.floor(p)) - 1, 0), n - 2)
        for p, n in zip(point[::-1], case.size, strict=True)
    ]
    ranges = [np.arange(k, min(k + 4, n)) for k, n in zip(first, case.size, strict=True)]
    index = np.ravel_multi_index(np.ix_(*ranges), case.size)
    texels = x.at(index.reshape(-1)).reshape(1, *index.shape, 1)
    grid = (point - first[::-1]).reshape(1, *[1] * len(first), -1)
    return exact.grid_sample(texels, grid, **choice.options).out
