"""The memory that is free for large arrays."""

import os
from contextlib import suppress
from pathlib import Path

MEMINFO, LIMITS = Path("/proc/meminfo"), Path("/sys/fs/cgroup")


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
