"""The door: arguments are checked here, strings become small integers, arrays become plain.

Every message names the argument, its value and what was expected. ``ValueError`` is for values and
shapes, ``TypeError`` for types and dtypes. Nothing here computes.
"""

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

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

Array = NDArray[np.floating[Any]]


class Options(NamedTuple):
    """How to sample, in the numbers that kernels see; made once, at the door."""

    mode: int
    padding: int
    align: bool
    first: int  # the axis of the height or depth of x: 1 with channels last, 2 with channels first
    normalized: bool  # the unit of a grid
    coefficient: float = CUBIC_COEFFICIENT


_LARGEST = 2**42  # numbers in a result: 16 TiB in float32, and a mistake
_LONGEST = 2**31


def array(name: str, value: object, shapes: str) -> Array:
    """A read-only, native, aligned, C-contiguous view (or copy) of a floating-point array."""
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{name} is {_kind(value)}, expected a NumPy array {shapes}")
    if isinstance(value, np.matrix | np.ma.MaskedArray):
        raise TypeError(f"{name} is {_kind(value)}, expected a plain NumPy array {shapes}")
    if value.dtype.kind != "f" or value.dtype.itemsize not in (4, 8):
        msg = f"{name} has dtype {value.dtype}, expected float32 or float64"
        raise TypeError(f"{msg}: convert it first, e.g. {name}.astype(np.float64)")
    plain = np.require(np.asarray(value), value.dtype.newbyteorder("="), ["C", "A"]).view()
    plain.flags.writeable = False
    return plain


def choice(name: str, value: object, allowed: dict[str, int]) -> int:
    """The integer behind an option."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}, expected one of {', '.join(map(repr, allowed))}")
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}, expected one of {', '.join(map(repr, allowed))}")
    return allowed[value]


def flag(name: str, value: object) -> bool:
    """A boolean option."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} is {value!r}, expected True or False")
    return bool(value)


def number(name: str, value: object, least: float = -math.inf, most: float = math.inf) -> float:
    """A finite number in a range."""
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise TypeError(f"{name} is {value!r}, expected a number")
    if not (least <= value <= most and math.isfinite(value)):
        limits = f" from {least:g} to {most:g}" if most < math.inf else f" of at least {least:g}"
        raise ValueError(f"{name} is {value!r}, expected a finite number{limits}")
    return float(value)


def wrt(value: object, names: tuple[str, ...]) -> tuple[bool, ...]:
    """Which of the cotangents ``names`` are wanted."""
    expected = f"expected a tuple of one or more of {', '.join(map(repr, names))}"
    if not isinstance(value, tuple):
        kind = ValueError if isinstance(value, str) else TypeError
        raise kind(f"wrt is {value!r}, {expected}")
    if not value or len(set(value)) < len(value) or not set(value) <= set(names):
        raise ValueError(f"wrt is {value!r}, {expected}")
    return tuple(name in value for name in names)


def out_dims(
    value: object,
    numbers: int,
    default: tuple[int, ...] | None = None,
    ranks: tuple[int, ...] = (2,),
    name: str = "out_dims",
) -> tuple[int, ...]:
    """Output size (Ho, Wo) or (Do, Ho, Wo), all 0 or more, for ``numbers`` numbers a pixel."""
    if value is None and default is not None:
        return default
    shapes = {2: "two integers (Ho, Wo)", 3: "three integers (Do, Ho, Wo)"}
    if name == "in_size":
        shapes = {2: "two integers (H, W)", 3: "three integers (D, H, W)"}
    expected = "expected " + " or ".join(shapes[rank] for rank in ranks)
    if not isinstance(value, tuple | list | np.ndarray) or getattr(value, "ndim", 1) == 0:
        raise TypeError(f"{name} is {value!r}, {expected}")
    if len(value) not in ranks:
        raise ValueError(f"{name} is {value!r}, {expected}")
    sizes = []
    for n in value:
        if isinstance(n, bool | np.bool_) or not isinstance(n, int | np.integer):
            raise TypeError(f"{name} is {value!r}, {expected}")
        if n < 0:
            raise ValueError(f"{name} is {value!r}, expected sizes of at least 0")
        sizes.append(int(n))
    if max(sizes) > _LONGEST or math.prod(sizes) * numbers > _LARGEST:
        msg = f"expected sizes up to {_LONGEST} and a result of up to {_LARGEST} numbers"
        raise ValueError(f"{name} is {value!r}, {msg}")
    return tuple(sizes)


def theta(
    value: object, batch: int | None = None, rank: int | None = None, name: str = "theta"
) -> tuple[Array, tuple[int, ...]]:
    """Affine parameters as (N, R, R + 1), and the leading shape (B,) or (B, K) they came in.

    Without a rank their shape says it.
    """
    if rank is None:
        shape = value.shape if isinstance(value, np.ndarray) else ()
        rank = 3 if shape[-1:] == (12,) or shape[-2:] == (3, 4) else 2
    matrix, row = (rank, rank + 1), (rank * (rank + 1),)
    tails = [f"({lead}, {tail})" for lead in ("B", "B, K") for tail in (row[0], str(matrix)[1:-1])]
    shapes = f"{', '.join(tails[:-1])} or {tails[-1]}"
    given = array(name, value, f"of shape {shapes}")
    tail = 2 if given.shape[-2:] == matrix else 1
    leading = given.shape[:-tail]
    if given.shape[-tail:] not in (row, matrix) or len(leading) not in (1, 2):
        raise ValueError(f"{name} has shape {given.shape}, expected {shapes}")
    same_batch(name, given, leading, batch)
    return given.reshape(math.prod(leading), *matrix), leading


def grid(
    value: object,
    batch: int | None = None,
    name: str = "grid",
    ranks: tuple[int, ...] = (2,),
) -> tuple[Array, tuple[int, ...]]:
    """A grid (or its cotangent) as (N, ..., R), and its leading shape (B,) or (B, K)."""
    known = {2: "(B, Ho, Wo, 2) or (B, K, Ho, Wo, 2)"}
    known[3] = "(B, Do, Ho, Wo, 3) or (B, K, Do, Ho, Wo, 3)"
    shapes = " or ".join(known[rank] for rank in ranks)
    given = array(name, value, f"of shape {shapes}")
    rank = given.shape[-1] if given.ndim else 0
    if rank not in ranks or given.ndim - rank not in (2, 3):
        raise ValueError(f"{name} has shape {given.shape}, expected {shapes}")
    leading = given.shape[: -1 - rank]
    same_batch(name, given, leading, batch)
    return given.reshape((math.prod(leading), *given.shape[-1 - rank :])), leading


def image(value: object, layout: object, name: str = "x") -> tuple[Array, tuple[int, ...]]:
    """The input x, and its size (H, W) or (D, H, W)."""
    first = choice("layout", layout, LAYOUTS)
    given = array(name, value, f"of layout {layout}")
    rank = len(str(layout)) - 2
    if given.ndim != rank + 2:
        axes = ", ".join("B" if a == "N" else a for a in str(layout))
        raise ValueError(f"{name} has shape {given.shape}, expected ({axes}), the layout {layout}")
    size = given.shape[first : first + rank]
    if 0 in size:
        sizes = "H and W" if rank == 2 else "D, H and W"
        raise ValueError(f"{name} has shape {given.shape}, expected {sizes} of at least 1")
    return given, size


def spatial(name: str, value: object, layout: object) -> tuple[int, ...]:
    """The spatial size of an output of the given layout; it is checked later."""
    first, rank = choice("layout", layout, LAYOUTS), len(str(layout)) - 2
    shape: tuple[int, ...] = value.shape if isinstance(value, np.ndarray) else ()
    if len(shape) not in (rank + 2, rank + 3):
        given = array(name, value, "of the output's shape")
        raise ValueError(f"{name} has shape {given.shape}, expected that of the output")
    last = len(shape) - (rank + 2) + first
    return shape[last : last + rank]


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
    if mode != "bicubic" and coefficient != CUBIC_COEFFICIENT:
        msg = f"cubic_coefficient is {cubic_coefficient!r}, expected mode 'bicubic' with it"
        raise ValueError(f"{msg}, not {mode!r}")
    return Options(
        choice("mode", mode, MODES),
        choice("padding_mode", padding_mode, PADDING_MODES),
        flag("align_corners", align_corners),
        choice("layout", layout, LAYOUTS),
        bool(choice("coordinates", coordinates, COORDINATES)),
        coefficient,
    )


def fill_value(value: object, channels: int, padding: int) -> Array:
    """The values (C,) of missing texels, and four zeros; nothing if all of them are 0."""
    expected = f"expected a finite number, or ({channels},) of them, one for each channel"
    given = np.asarray(value)
    if given.dtype.kind not in "fiu":
        raise TypeError(f"fill_value is {_kind(value)} of dtype {given.dtype}, {expected}")
    if given.shape not in ((), (channels,)):
        raise ValueError(f"fill_value has shape {given.shape}, {expected}")
    if not np.isfinite(given).all():
        raise ValueError(f"fill_value is {value!r}, {expected}")
    fill = np.zeros(channels + 4 if given.any() else 0)
    fill[:channels] = given if len(fill) else 0.0
    if len(fill) and padding != axis.ZEROS:
        name = next(name for name, number in PADDING_MODES.items() if number == padding)
        msg = f"fill_value is {value!r}, expected padding_mode 'zeros' with it"
        raise ValueError(f"{msg}: with {name!r} no texel is missing")
    fill.flags.writeable = False
    return fill


def same_batch(name: str, value: Array, leading: tuple[int, ...], batch: int | None) -> None:
    """Raise unless the first axis of ``value`` is the batch of x."""
    if batch is not None and leading[:1] != (batch,):
        raise ValueError(f"{name} has shape {value.shape}, expected batch size {batch}, that of x")


def _kind(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
