"""Numbers of 16 bits: computed in float64, and rounded once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._arithmetic import ieee

Array = NDArray[Any]


def widened(a: Array) -> Array:
    """An array of 16 bits as float64; another one as it is."""
    return a.astype(np.float64) if a.dtype.itemsize == 2 else a


@ieee
def narrowed(a: Array, dtype: Any) -> Array:
    """Round an array to a dtype, bfloat16 included, as if once."""
    if a.dtype == dtype:
        return a
    found = odd(a) if np.dtype(dtype).name == "bfloat16" else a
    return found.astype(dtype)


@ieee
def odd(a: Array) -> NDArray[np.float32]:
    """Round float64 to float32 so that another rounding, to at most 22 bits, is as if it were one.

    What is not exact is cut, and its last bit set (rounding to odd: Boldo and Melquiond, 2008).
    """
    found = a.astype(np.float32)
    beyond = abs(found.astype(np.float64)) > abs(a)
    cut = np.where(beyond, np.nextafter(found, np.float32(0)), found)
    bits = cut.view(np.int32) | ((cut != a) & ~np.isnan(a)).astype(np.int32)
    return np.asarray(bits.view(np.float32))
