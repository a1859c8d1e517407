"""The options of a sampling problem: their names, and the numbers that kernels see."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _hints
from ._hints import shown
from ._values import align, choice, number
from .kernels import axis

Mode = Literal["nearest", "bilinear", "bicubic"]
PaddingMode = Literal["zeros", "border", "reflection", "wrap"]
Fill = float | NDArray[np.floating[Any]] | Sequence[float]
Layout = Literal["NHWC", "NCHW", "NDHWC", "NCDHW"]
Coordinates = Literal["normalized", "pixel"]

MODES = {"nearest": axis.NEAREST, "bilinear": axis.LINEAR, "bicubic": axis.CUBIC}
PADDING_MODES = {
    "zeros": axis.ZEROS,
    "border": axis.BORDER,
    "reflection": axis.REFLECTION,
    "wrap": axis.WRAP,
}
LAYOUTS = {"NHWC": 1, "NCHW": 2, "NDHWC": 1, "NCDHW": 2}  # the first spatial axis
COORDINATES = {"normalized": 1, "pixel": 0}

CUBIC_COEFFICIENT = -0.75


class Options(NamedTuple):
    """How to sample, in the numbers that kernels see; made once, at the door."""

    mode: int
    padding: int
    align: bool
    first: int  # the axis of the height or depth of x: 1 with channels last, 2 with channels first
    normalized: bool  # the unit of a grid
    coefficient: float = CUBIC_COEFFICIENT


def options(
    mode: object,
    padding_mode: object,
    align_corners: object,
    layout: object,
    cubic_coefficient: object = CUBIC_COEFFICIENT,
    coordinates: object = "normalized",
) -> Options:
    """All options of a sampling problem."""
    coefficient = number("cubic_coefficient", cubic_coefficient, -1.0, 0.0)
    chosen = choice("mode", mode, MODES)
    if chosen != axis.CUBIC and coefficient != CUBIC_COEFFICIENT:
        msg = f"cubic_coefficient is {shown(cubic_coefficient)}, expected mode 'bicubic' with it"
        raise ValueError(f'{msg}, not {mode!r}: try mode="bicubic"')
    return Options(
        chosen,
        choice("padding_mode", padding_mode, PADDING_MODES),
        align(align_corners),
        choice("layout", layout, LAYOUTS),
        bool(choice("coordinates", coordinates, COORDINATES)),
        coefficient,
    )


def wrt(value: object, names: tuple[str, ...]) -> tuple[bool, ...]:
    """Which of the cotangents ``names`` are wanted."""
    expected = f"expected a tuple of one or more of {', '.join(map(repr, names))}"
    if not isinstance(value, tuple):
        wrong = ValueError if isinstance(value, str) else TypeError
        raise wrong(f"wrt is {shown(value)}, {expected}{_hints.several('wrt', value)}")
    strings = set(map(type, value)) == {str}  # then they have a hash
    if not strings or len(set(value)) < len(value) or not set(value) <= set(names):
        raise ValueError(f"wrt is {shown(value)}, {expected}")
    return tuple(name in value for name in names)
