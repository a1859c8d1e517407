"""Numbers of the caller's arrays, four at a time, also where less than four are left."""

import numpy as np

from ..jit.lanes import lane, load, pack, store
from .eft import inline


@inline
def load_some(a, at):
    """Read four numbers, or as many as there are: the last one is repeated."""
    if at + 4 <= len(a):
        return load(a, at)
    last = len(a) - 1
    return pack(a[at], a[min(at + 1, last)], a[min(at + 2, last)], a[last])


@inline
def store_some(a, at, v, count):
    """Write the first ``count`` of four numbers, or all; a NaN becomes the canonical one."""
    if count >= 4:
        store(a, at, v)
    else:
        for q in range(count):
            x = lane(v, q)
            a[at + q] = x if x == x else np.nan
