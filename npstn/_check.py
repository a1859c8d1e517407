"""The door: arrays are checked here, and become plain.

Every message names the argument, its value and what was expected, and ends in the line to type
where there is one (:mod:`._hints`). ``ValueError`` is for values and shapes, ``TypeError`` for
types and dtypes. Nothing here computes.
"""

import math
from typing import Any

import numpy as np
from numpy.ma import MaskedArray
from numpy.typing import NDArray

from . import _hints
from ._hints import kind, shown
from ._options import LAYOUTS, PADDING_MODES, Options
from ._values import choice
from .kernels import axis

Array = NDArray[np.floating[Any]]


def array(name: str, value: object, shapes: str) -> Array:
    """A read-only, native, aligned, C-contiguous view (or copy) of a floating-point array."""
    if not isinstance(value, np.ndarray):
        hint = _hints.array(name, value)
        raise TypeError(f"{name} is {kind(value)}, expected a NumPy array {shapes}{hint}")
    if isinstance(value, np.matrix | MaskedArray):
        hint = _hints.array(name, value)
        raise TypeError(f"{name} is {kind(value)}, expected a plain NumPy array {shapes}{hint}")
    if value.dtype.kind != "f" or value.dtype.itemsize not in (4, 8):
        hint = _hints.dtype(name, value.dtype)
        raise TypeError(f"{name} has dtype {value.dtype}, expected float32 or float64{hint}")
    plain = np.require(np.asarray(value), value.dtype.newbyteorder("="), ["C", "A"]).view()
    plain.flags.writeable = False
    return plain


def theta(
    value: object, rank: int | None = None, name: str = "theta"
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
        hint = _hints.theta(name, given.shape)
        raise ValueError(f"{name} has shape {given.shape}, expected {shapes}{hint}")
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
        hint = _hints.grid(name, given.shape, ranks)
        raise ValueError(f"{name} has shape {given.shape}, expected {shapes}{hint}")
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
        expected = f"expected ({axes}), the layout {layout}"
        hint = _hints.image(name, given.shape, str(layout))
        raise ValueError(f"{name} has shape {given.shape}, {expected}{hint}")
    size = given.shape[first : first + rank]
    if 0 in size:
        sizes = "H and W" if rank == 2 else "D, H and W"
        raise ValueError(f"{name} has shape {given.shape}, expected {sizes} of at least 1")
    return given, size


def channels(x: Array, options: Options) -> int:
    """How many channels an input has."""
    return int(x.shape[1 if options.first == 2 else -1])


def spatial(name: str, value: object, layout: object) -> tuple[int, ...]:
    """The spatial size of an output of the given layout; it is checked later."""
    first, rank = choice("layout", layout, LAYOUTS), len(str(layout)) - 2
    shape: tuple[int, ...] = value.shape if isinstance(value, np.ndarray) else ()
    if len(shape) not in (rank + 2, rank + 3):
        given = array(name, value, "of the output's shape")
        hint = _hints.image(name, given.shape, str(layout))
        raise ValueError(f"{name} has shape {given.shape}, expected that of the output{hint}")
    last = len(shape) - (rank + 2) + first
    return shape[last : last + rank]


def fill_value(value: object, channels: int, padding: int) -> Array:
    """The values (C,) of missing texels, and four zeros; nothing if all of them are 0."""
    expected = f"expected a finite number, or ({channels},) of them, one for each channel"
    if not isinstance(value, int | float | np.ndarray | np.generic | list | tuple):
        hint = _hints.array("fill_value", value)
        raise TypeError(f"fill_value is {kind(value)}, {expected}{hint}")
    try:
        given = np.asarray(value)
    except ValueError:
        raise ValueError(f"fill_value is {shown(value)}, {expected}") from None
    if given.dtype.kind not in "fiu":
        raise TypeError(f"fill_value is {kind(value)} of dtype {given.dtype}, {expected}")
    if given.shape not in ((), (channels,)):
        raise ValueError(f"fill_value has shape {given.shape}, {expected}")
    given = given.astype(np.float64)
    if not np.isfinite(given).all():
        raise ValueError(f"fill_value is {shown(value)}, {expected}")
    fill = np.zeros(channels + 4 if given.any() else 0)
    fill[:channels] = given if len(fill) else 0.0
    if len(fill) and padding != axis.ZEROS:
        name = next(name for name, number in PADDING_MODES.items() if number == padding)
        msg = f"fill_value is {shown(value)}, expected padding_mode 'zeros' with it"
        raise ValueError(f'{msg}, as none is missing with {name!r}: try padding_mode="zeros"')
    fill.flags.writeable = False
    return fill


def same_batch(name: str, value: Array, leading: tuple[int, ...], batch: int | None) -> None:
    """Raise unless the first axis of ``value`` is the batch of x."""
    if batch is not None and leading[:1] != (batch,):
        hint = _hints.batch(name, value.shape, len(leading), batch)
        expected = f"expected batch size {batch}, that of x"
        raise ValueError(f"{name} has shape {value.shape}, {expected}{hint}")
