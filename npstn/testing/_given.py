"""Arrays of NumPy or of a framework, read and checked."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]

DTYPES = (np.float32, np.float64)


def named(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The function, whose errors say its name."""

    def call(*args: Any) -> Any:
        try:
            return function(*args)
        except Exception as error:
            raise ValueError(f"{name} raised {type(error).__name__}: {error}") from error

    return call


def as_now(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, for which NumPy warns and raises as it does now."""
    settings: Any = np.geterr()

    def call(*args: Any) -> Any:
        with np.errstate(**settings):
            return function(*args)

    return call


def total(products: Array) -> float:
    """The exact sum, rounded once; NaN where it, or a part of it, is too large for float64."""
    try:
        return math.fsum(products.flat)
    except (OverflowError, ValueError):  # of Inf and -Inf
        return math.nan


def copied(value: ArrayLike, name: str) -> Array:
    """A copy of `value` as an array; raise if it is none that NumPy can read."""
    try:
        return np.asarray(value).copy()
    except Exception as error:  # a framework's own
        hint = ": value.detach()" if hasattr(value, "detach") else ""
        got = f"{name} is a {type(value).__name__} that NumPy cannot read"
        raise TypeError(f"{got} ({error}), expected an array{hint}") from error


def finite(
    value: ArrayLike,
    name: str,
    shape: tuple[int, ...] | None = None,
    error: type[Exception] = ValueError,
) -> Array:
    """A copy of `value` as a finite float array (of `shape`); raise if it is none."""
    array = copied(value, name)
    if array.dtype not in DTYPES:
        raise TypeError(f"{name} has dtype {array.dtype}, expected float32 or float64")
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}, expected {shape}")
    if not np.isfinite(array).all():
        index = [int(i) for i in np.argwhere(~np.isfinite(array))[0]]
        raise error(f"{name} is {array[tuple(index)]} at {index}, expected finite numbers")
    return array
