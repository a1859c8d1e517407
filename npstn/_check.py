"""The door: arguments are checked here, strings become small integers, arrays become plain.

Every message names the argument, its value and what was expected. ``ValueError`` is for values and
shapes, ``TypeError`` for types and dtypes. Nothing here computes.
"""

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .kernels import axis

Mode = Literal["nearest", "bilinear"]
PaddingMode = Literal["zeros", "border", "reflection"]
Layout = Literal["NHWC", "NCHW"]
Coordinates = Literal["normalized", "pixel"]

MODES = {"nearest": axis.NEAREST, "bilinear": axis.BILINEAR}
PADDING_MODES = {"zeros": axis.ZEROS, "border": axis.BORDER, "reflection": axis.REFLECTION}
LAYOUTS = {"NHWC": 1, "NCHW": 2}  # the first spatial axis
COORDINATES = {"normalized": 1, "pixel": 0}

Array = NDArray[np.floating[Any]]

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


def out_dims(
    value: object, numbers: int, default: tuple[int, int] | None = None
) -> tuple[int, int]:
    """Output size (Ho, Wo), both 0 or more, for a result of ``numbers`` numbers a pixel."""
    if value is None and default is not None:
        return default
    expected = "expected two integers (Ho, Wo)"
    if not isinstance(value, tuple | list | np.ndarray) or np.ndim(value) == 0:
        raise TypeError(f"out_dims is {value!r}, {expected}")
    if len(value) != 2:
        raise ValueError(f"out_dims is {value!r}, {expected}")
    sizes = []
    for n in value:
        if isinstance(n, bool | np.bool_) or not isinstance(n, int | np.integer):
            raise TypeError(f"out_dims is {value!r}, {expected}")
        if n < 0:
            raise ValueError(f"out_dims is {value!r}, expected sizes of at least 0")
        sizes.append(int(n))
    if max(sizes) > _LONGEST or sizes[0] * sizes[1] * numbers > _LARGEST:
        msg = f"expected sizes up to {_LONGEST} and a result of up to {_LARGEST} numbers"
        raise ValueError(f"out_dims is {value!r}, {msg}")
    return sizes[0], sizes[1]


def theta(value: object, batch: int | None = None) -> tuple[Array, tuple[int, ...]]:
    """Affine parameters as (N, 2, 3), and the leading shape (B,) or (B, K) they came in."""
    shapes = "of shape (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3)"
    given = array("theta", value, shapes)
    tail = 2 if given.shape[-2:] == (2, 3) else 1
    leading = given.shape[:-tail]
    if given.shape[-tail:] not in ((6,), (2, 3)) or len(leading) not in (1, 2):
        raise ValueError(f"theta has shape {given.shape}, expected {shapes[9:]}")
    same_batch("theta", given, leading, batch)
    return given.reshape(math.prod(leading), 2, 3), leading


def grid(
    value: object, batch: int | None = None, name: str = "grid"
) -> tuple[Array, tuple[int, ...]]:
    """A grid (or its cotangent) as (N, Ho, Wo, 2), and its leading shape (B,) or (B, K)."""
    shapes = "of shape (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2)"
    given = array(name, value, shapes)
    if given.ndim not in (4, 5) or given.shape[-1] != 2:
        raise ValueError(f"{name} has shape {given.shape}, expected {shapes[9:]}")
    leading = given.shape[:-3]
    same_batch(name, given, leading, batch)
    return given.reshape((math.prod(leading), *given.shape[-3:])), leading


def image(value: object, layout: object) -> tuple[Array, int]:
    """The input x, and the axis at which its height stands."""
    first = choice("layout", layout, LAYOUTS)
    given = array("x", value, f"of layout {layout}")
    if given.ndim != 4:
        axes = ", ".join("B" if a == "N" else a for a in str(layout))
        raise ValueError(f"x has shape {given.shape}, expected ({axes})")
    if 0 in given.shape[first : first + 2]:
        raise ValueError(f"x has shape {given.shape}, expected H and W of at least 1")
    return given, first


def spatial(name: str, value: Array, layout: object) -> tuple[int, int]:
    """The spatial size of an output of the given layout."""
    if value.ndim not in (4, 5):
        raise ValueError(f"{name} has shape {value.shape}, expected that of the output")
    last = value.ndim - 3 + choice("layout", layout, LAYOUTS)
    return value.shape[last - 1], value.shape[last]


def rule(mode: object, padding_mode: object, align_corners: object) -> tuple[int, int, int]:
    """The three options that the kernels see."""
    return (
        choice("mode", mode, MODES),
        choice("padding_mode", padding_mode, PADDING_MODES),
        int(flag("align_corners", align_corners)),
    )


def same_batch(name: str, value: Array, leading: tuple[int, ...], batch: int | None) -> None:
    """Raise unless the first axis of ``value`` is the batch of x."""
    if batch is not None and leading[0] != batch:
        raise ValueError(f"{name} has shape {value.shape}, expected batch size {batch}, that of x")


def _kind(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
