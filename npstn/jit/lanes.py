"""Four float64 side by side: the values that kernels are written in.

In plain Python they are arrays of four numbers, and this file is NumPy. Compiled, they are one
register: :mod:`.instructions` has a twin of each function below for LLVM. Both give the same bits.
Arithmetic and comparisons are written with operators; ``|`` and ``&`` join the results of
comparisons.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Lanes = NDArray[np.float64]
Mask = NDArray[np.bool_]


def splat(number: float) -> Lanes:
    """Repeat a number in all four lanes."""
    return np.full(4, number, np.float64)


def pack(a: float, b: float, c: float, d: float) -> Lanes:
    """Put four numbers side by side."""
    return np.array([a, b, c, d], np.float64)


def lane(v: Lanes, q: int) -> float:
    """Read lane ``q``."""
    return float(v[q])


def total(v: Lanes) -> float:
    """Sum the lanes in pairs."""
    return float((v[0] + v[1]) + (v[2] + v[3]))


def where(mask: Mask, a: Lanes, b: Lanes) -> Lanes:
    """Choose between two values lane by lane."""
    return np.where(mask, a, b)


def rint(v: Lanes) -> Lanes:
    """Round to integers, ties to even."""
    return np.rint(v)


def floor(v: Lanes) -> Lanes:
    """Round down to integers."""
    return np.floor(v)


def load(a: Any, at: int) -> Lanes:
    """Read a[at : at + 4] as float64."""
    return np.asarray(a[at : at + 4]).astype(np.float64)


def store(a: Any, at: int, v: Lanes) -> None:
    """Write a result a[at : at + 4], rounded to its dtype; a NaN becomes the canonical one."""
    a[at : at + 4] = np.where(v == v, v, np.nan)


def keep(a: Any, at: int, v: Lanes) -> None:
    """Write a[at : at + 4] of a float64 array."""
    a[at : at + 4] = v


def add_to(a: Any, at: int, v: Lanes) -> None:
    """Add to a[at : at + 4]."""
    a[at : at + 4] += v


def fetch(a: Any, at: int) -> None:
    """Ask for the cache line of a[at], which will be needed; beyond the array it is ignored."""


def store_index(a: Any, at: int, v: Lanes) -> None:
    """Write four whole numbers to the int32 a[at : at + 4]."""
    a[at : at + 4] = v


def strided(a: Any, at: int, step: int) -> Lanes:
    """Read a[at], a[at + step], a[at + 2 step] and a[at + 3 step] as float64."""
    return np.array([a[at + q * step] for q in range(4)], np.float64)


def store_strided(a: Any, at: int, step: int, v: Lanes) -> None:
    """Write a[at], a[at + step], a[at + 2 step] and a[at + 3 step] (float64)."""
    for q in range(4):
        a[at + q * step] = v[q]


def unzip(a: Any, at: int) -> tuple[Lanes, Lanes]:
    """Read four pairs from a[at:] as float64: their first numbers, and their second ones."""
    pairs = np.asarray(a[at : at + 8]).astype(np.float64)
    return pairs[::2], pairs[1::2]


def singles(a: Any, index: Any, j: int, shift: int) -> Lanes:
    """Gather a[index[j + q] + shift], q < 4, of a float64 array."""
    return np.array([a[index[j + q] + shift] for q in range(4)])


def pairs(a: Any, index: Any, j: int, shift: int) -> tuple[Lanes, Lanes]:
    """Gather the numbers at index[j + q] + shift and their right neighbours."""
    return singles(a, index, j, shift), singles(a, index, j, shift + 1)


def quads(a: Any, index: Any, j: int, shift: int) -> tuple[Lanes, Lanes, Lanes, Lanes]:
    """Gather the numbers at index[j + q] + shift and the three to the right of each."""
    return (
        singles(a, index, j, shift),
        singles(a, index, j, shift + 1),
        singles(a, index, j, shift + 2),
        singles(a, index, j, shift + 3),
    )


def transpose(a: Lanes, b: Lanes, c: Lanes, d: Lanes) -> tuple[Lanes, Lanes, Lanes, Lanes]:
    """Transpose four values: the first result has the first lane of each."""
    t = np.array([a, b, c, d])
    return t[:, 0], t[:, 1], t[:, 2], t[:, 3]
