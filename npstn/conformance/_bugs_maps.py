"""Bugs of maps and of the lattice that they move."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .._check import Array
from ..dialects import _layouts
from ..dialects._frames import Sizes
from ..dialects._functions import Grid, Sample
from ..dialects._maps import Mapped, Maps, own_matrices, own_parameters
from ..dialects.row import Convention, Function
from ..grid import Floats
from ._bug import Bug, converted, setting
from ._fits import maps


class Swapped(Grid):
    """A grid whose coordinates are in the wrong order."""

    def result(self) -> Array:
        return self._swapped(super().result())

    def vjp(self, d_grid: object) -> dict[str, Array]:
        return super().vjp(self._swapped(np.asarray(d_grid)))

    def _swapped(self, grid: Array) -> Array:
        layout = self.given.rule.points
        return _layouts.original(_layouts.canonical(grid, layout)[..., ::-1], layout)


@dataclass(frozen=True)
class Transposed(Maps):
    """Maps of which the linear part is transposed."""

    def matrices(self) -> Floats:
        return self._right().matrices()

    def vjp(self, d_m: Floats) -> Floats:
        return self._turned(self._right().vjp(d_m))

    def _right(self) -> Maps:
        return Maps(self.rule, self.name, self._turned(self.given), self.rank)

    def _turned(self, numbers: Floats) -> Floats:
        m = own_matrices(self.rule, numbers, self.rank)
        m[:, :-1, :-1] = m[:, :-1, :-1].swapaxes(1, 2).copy()
        return own_parameters(self.rule, m)


def _short(rule: Convention, size: Sizes, align: bool, kind: Any = None) -> list[Array]:
    return [2 * np.arange(n) / n - 1 for n in reversed(size)]


class Short(Mapped):
    """Points from -1 in steps of 2/n."""

    lattice = staticmethod(_short)


def _made_of(**parts: type) -> dict[str, type]:
    """Problems that have other parts."""
    return {"warp": type("Warp", (Sample,), parts), "grid": type("Grid", (Grid,), parts)}


def reversed_order(rule: Convention) -> Convention:
    """The convention with the other order of coordinates."""
    return replace(rule, order="ij" if rule.order == "xy" else "xy")


def _inverted(rule: Convention) -> Convention:
    return replace(rule, direction="pull" if rule.direction == "push" else "push")


def _unit_maps(function: Function) -> bool:
    return maps(function) and function.convention.unit == "normalized"


BUGS = (
    Bug(
        "theta-transposed",
        "the linear part of theta is transposed",
        "MIC-DKFZ/batchgeneratorsv2#24",
        "R7",
        maps,
        mixins=_made_of(maps=Transposed),
    ),
    Bug(
        "theta-y-first",
        "theta has its rows and columns y first",
        "qassemoquab/stnbhwd AffineGridGeneratorBHWD.lua:31, daerduoCarey st_layer.cpp:114",
        "R7",
        maps,
        converted(reversed_order),
        mixins={"grid": Swapped},
    ),
    Bug(
        "theta-inverted",
        "theta is taken in the other direction: inverted",
        "oarriaga/STN.keras#4, MarekKowalski/DeepAlignmentNetwork#4",
        "R7",
        maps,
        converted(_inverted),
    ),
    Bug(
        "lattice-too-short",
        "the lattice goes from -1 in steps of 2/n, and does not reach the last point",
        "daerduoCarey/SpatialTransformerLayer#8",
        "R5",
        _unit_maps,
        mixins=_made_of(points_of=Short),
    ),
    Bug(
        "single-at-minus-1",
        "an axis of one point has it at -1, not in the middle",
        "tinygrad 0.14 AffineGrid, pytorch/pytorch#15386 before 1.3",
        "R5",
        lambda f: _unit_maps(f) and f.convention.one == 0,
        setting(one=-1.0),
    ),
    Bug(
        "single-is-nan",
        "an axis of one point gives NaN: 0/0",
        "kornia/kornia#812, kornia/utils/grid.py:76",
        "R5",
        lambda f: _unit_maps(f) and not np.isnan(f.convention.one),
        setting(one=np.nan),
    ),
)
