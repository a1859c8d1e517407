"""The memory that is free for large arrays, and arrays of no more than that.

Systems promise more memory than they have, and end a process that takes them at their word.
"""

import math
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

MEMINFO, LIMITS = Path("/proc/meminfo"), Path("/sys/fs/cgroup")

_LITTLE = 2**28  # bytes that are worth no look


def empty(shape: tuple[int, ...], dtype: DTypeLike = np.float64) -> NDArray[Any]:
    """An array to be written, or MemoryError."""
    _require(shape, dtype)
    return np.empty(shape, dtype)


def zeros(shape: tuple[int, ...], dtype: DTypeLike = np.float64) -> NDArray[Any]:
    """An array of zeros, or MemoryError."""
    _require(shape, dtype)
    return np.zeros(shape, dtype)


def _require(shape: tuple[int, ...], dtype: DTypeLike) -> None:
    dtype = np.dtype(dtype)
    require(math.prod(shape) * dtype.itemsize, f"a result of shape {shape} and dtype {dtype}")


def require(needed: int, what: str) -> None:
    """Raise MemoryError if fewer bytes than that are free."""
    free = free_memory() if needed > _LITTLE else None
    if free is not None and needed > free:
        raise MemoryError(f"{what} needs {needed:,} bytes, of which {free:,} are free")


def free_memory() -> int | None:
    """Bytes that can be had without swapping, or None where nobody says."""
    known = [amount for amount in (_available(), _allowed()) if amount is not None]
    return min(known, default=None)


def _available() -> int | None:
    with suppress(OSError, ValueError, IndexError, StopIteration):
        lines = MEMINFO.read_text("ascii").splitlines()
        return 1024 * next(int(s.split()[1]) for s in lines if s.startswith("MemAvailable:"))
    with suppress(AttributeError, OSError, ValueError):
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _allowed() -> int | None:
    """What is left to a container."""
    with suppress(OSError, ValueError):
        most, now = (int((LIMITS / f"memory.{s}").read_text("ascii")) for s in ("max", "current"))
        return most - now
    return None
