"""Precisions of backends: the unit of rounding, and numbers rounded to a dtype."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._hints import shown

UNITS = {"float64": 2.0**-53, "float32": 2.0**-24, "float16": 2.0**-11, "bfloat16": 2.0**-8}
# What is lost where a number underflows: some systems take all below the normal numbers for 0.
LEAST = {"float64": 2.0**-1022, "float32": 2.0**-126, "float16": 2.0**-24, "bfloat16": 2.0**-126}


def rounded(a: NDArray[np.floating[Any]], dtype: str) -> NDArray[np.floating[Any]]:
    """Round numbers to a dtype, to even; bfloat16 is kept in float32, which NumPy has not."""
    with np.errstate(all="ignore"):
        if dtype != "bfloat16":
            return a.astype(dtype)
        bits = a.astype(np.float32).view(np.uint32)
        even = (bits >> np.uint32(16)) & np.uint32(1)
        kept = (bits + np.uint32(0x7FFF) + even) & np.uint32(0xFFFF0000)
        return np.where(np.isnan(a), np.float32(np.nan), kept.view(np.float32))


def dtypes_of(dtype: object) -> tuple[str, ...]:
    """The names of one dtype or of several; none for None."""
    several = isinstance(dtype, tuple | list)
    names = () if dtype is None else tuple(dtype) if several else (dtype,)  # type: ignore[arg-type]
    known = tuple(name if isinstance(name, str) else _name(name) for name in names)
    for name in known:
        if name not in UNITS:
            raise ValueError(f"dtype is {shown(name)}, expected one of {', '.join(UNITS)}")
    return known


def _name(dtype: object) -> str:
    """The name of a dtype of NumPy, or of another library."""
    try:
        return np.dtype(dtype).name  # type: ignore[call-overload,no-any-return]
    except TypeError:
        return str(dtype).rpartition(".")[2]
