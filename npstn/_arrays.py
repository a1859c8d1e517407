"""Arrays as the kernels want them, and results as the caller does."""

from typing import Any

import numpy as np

from . import _check, _hints
from ._check import Array


def like(name: str, value: object, shape: tuple[int, ...], what: str) -> Array:
    """An array of the shape of something else, checked."""
    given = _check.array(name, value, f"of shape {shape}")
    if given.shape != shape:
        hint = _hints.like(name, given.shape, shape)
        raise ValueError(f"{name} has shape {given.shape}, expected that of {what}, {shape}{hint}")
    return given


def flat(a: Array) -> Array:
    """All numbers of an array, in one row: a view of what is contiguous."""
    return np.ascontiguousarray(a).reshape(-1)


def wide(a: Array | None) -> Array:
    """The same in float64, read-only; nothing of nothing."""
    return _row(np.empty(0) if a is None else a, np.dtype(np.float64))


def alike(*arrays: Array) -> tuple[Array, ...]:
    """The same in the dtype that holds them all, read-only: so there are two kinds of a kernel."""
    return tuple(_row(a, np.result_type(*arrays)) for a in arrays)


def _row(a: Array, dtype: np.dtype[Any]) -> Array:
    row = flat(np.asarray(a, dtype))[:]
    row.flags.writeable = False
    return row


def narrow(a: Array, dtype: np.dtype[Any]) -> Array:
    """The same in the native form of a dtype; what is too large for it becomes Inf."""
    return a.astype(dtype.newbyteorder("="), copy=False)
