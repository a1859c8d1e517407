"""The lock of imports and compilation, which a fork waits for.

A forked child has one thread. What others held at that moment, Numba's lock of its compiler or the
lock of a module that is being imported, would be held there for ever. Calls have another lock: a
fork does not wait for them.
"""

# Before a fork, hooks run from the last one to the first: ours must wait before that of logging
# takes a lock which Numba needs.
import logging  # noqa: F401
import os
import sys
import threading
from typing import Any

lock = threading.RLock()
_taken: list[Any] = []  # by the fork in progress


def _before() -> None:
    numba = sys.modules.get("numba.core.compiler_lock")
    for one in lock, getattr(numba, "global_compiler_lock", None):
        if one is not None:
            one.acquire()
            _taken.append(one)


def _after() -> None:
    while _taken:
        _taken.pop().release()


if hasattr(os, "register_at_fork"):  # pragma: no branch: Windows has no forks
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_after)
