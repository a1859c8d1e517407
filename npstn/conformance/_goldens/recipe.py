"""What the tiers share: a choice of options, its numbers, and a golden made of both."""

import hashlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from .._numbers import Numbers
from . import truth
from .golden import Array, Expected, Golden, Kind

MODES, PADDINGS = ("nearest", "bilinear", "bicubic"), ("zeros", "border", "reflection", "wrap")
DTYPES = ("float32", "float64")
Dims = tuple[int, ...]

MODE_CLAUSE = {"nearest": "R10", "bilinear": "R9", "bicubic": "R12"}
PADDING_CLAUSE = {"zeros": "R13", "border": "R14", "wrap": "R17"}
RESULT_CLAUSES = {"d_x": ("R26",), "d_grid": ("R27", "R28"), "d_theta": ("R35", "R36")}
RESULT_CLAUSES |= {"t_out": ("R37",), "dd_out": ("R38",)}


class Recipe(NamedTuple):
    """A golden that can be made."""

    id: str
    tier: str
    make: Callable[[], Golden]
    nbytes: int = 0


class Choice(NamedTuple):
    """Options of a case; ``unit`` is how points are given: aligned, unaligned or pixel."""

    rank: int
    mode: str
    padding: str
    unit: str
    dtype: str
    more: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return "-".join([f"{self.rank}d", *self[1:5], *(name for name, _ in self.more)])

    @property
    def aligned(self) -> bool:
        """Whether align_corners is set; in pixels, it matters to reflection alone."""
        return self.unit == "aligned"

    @property
    def options(self) -> dict[str, Any]:
        """The keywords of npstn."""
        found = {"mode": self.mode, "padding_mode": self.padding, "align_corners": self.aligned}
        if self.unit == "pixel":
            found["coordinates"] = "pixel"
        if self.rank == 3:
            found["layout"] = "NDHWC"
        return {**found, **dict(self.more)}

    def clauses(self, op: str, results: tuple[str, ...]) -> tuple[str, ...]:
        """Numbers of the clauses that it is about."""
        found = {"aligned": ["R1"], "unaligned": ["R2"], "pixel": ["R3"]}[self.unit]
        found += [MODE_CLAUSE[self.mode]]
        mirror = "R15" if self.aligned else "R16"
        found += [PADDING_CLAUSE.get(self.padding, mirror)]
        found += ["R19"] * ("fill_value" in dict(self.more))
        found += ["R4", "R8"] if op == "grid_sample" else ["R5" if self.aligned else "R6", "R7"]
        for name in results:
            found += RESULT_CLAUSES.get(name, ())
        if "d_x" in results:
            found += {"nearest": ["R33"], "bicubic": ["R18", "R34"]}.get(self.mode, [])
        return ordered(found)

    def frame(self, size: Dims) -> tuple[Array, Array]:
        """The factor and the offset of p = a g + b on each axis, x first."""
        n = np.array(size[::-1], float)
        if self.unit == "pixel":
            return np.ones(len(n)), np.zeros(len(n))
        return (n - self.aligned) / 2, (n - 1) / 2


def choices(dtypes: tuple[str, ...], units: tuple[str, ...]) -> Iterator[Choice]:
    """All ranks, modes, paddings and units; with one dtype "" the two take turns."""
    every = product((2, 3), MODES, PADDINGS, units)
    for k, (rank, mode, padding, unit) in enumerate(every):
        for dtype in dtypes:
            yield Choice(rank, mode, padding, unit, dtype or DTYPES[(k + k // len(units)) % 2])


def numbers_of(name: str) -> Numbers:
    """A generator whose seed is made of a name, so that no case depends on another."""
    return Numbers(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little"))


def ordered(clauses: list[str]) -> tuple[str, ...]:
    """Each clause once, by its number."""
    return tuple(sorted(set(clauses), key=lambda clause: int(clause[1:])))


class Call(NamedTuple):
    """An operation with its arguments, to be answered."""

    op: str
    arrays: dict[str, Array]
    options: dict[str, Any]
    dims: Dims

    def answers(
        self, kind: Kind, names: tuple[str, ...], step: Fraction | None = None
    ) -> dict[str, Expected]:
        """Answer exactly; with a step, d_grid is the hull of what is beside each point."""
        given, options = self.arrays, self.options
        arrays = {k: np.array(v) if k == "fill_value" else v for k, v in options.items()}
        found: dict[str, Expected] = {}
        for name, term in truth.terms(self.op, given, arrays, self.dims, names).items():
            dtype = self.dtype(name)
            if kind == "lattice":
                found[name] = truth.lattice(name, dtype, term)
                continue
            near = None
            if step is not None and name == "d_grid":
                near = truth.hull(given, arrays, step)
            found[name] = truth.rational(name, dtype, term, given, options, self.dims, near)
        return found

    def dtype(self, name: str) -> str:
        """The dtype that npstn gives a result: that of the argument it belongs to."""
        if self.op == "affine_grid":
            return "float64"
        argument = name.rpartition("d_")[2]
        argument = "d_out" if name == "dd_out" else argument
        return str(self.arrays[argument if argument in self.arrays else "x"].dtype)
