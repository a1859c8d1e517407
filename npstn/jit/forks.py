"""The lock of imports and compilation, which a fork waits for.

A forked child has one thread. What others held at that moment, Numba's locks of its compiler and of
its pool of threads or the lock of a module that is being imported, would be held there for ever.
Calls have another lock: a fork does not wait for them.
"""

# Before a fork, hooks run from the last one to the first: ours must wait before that of logging
# takes a lock which Numba needs.
import logging  # noqa: F401
import os
import sys
import threading
from contextlib import suppress
from importlib import import_module
from typing import Any

lock = threading.RLock()
lost_threads = False  # whether this is a fork of a process in which Numba had started its threads
_LIBRARIES = {"npstn", "numba", "llvmlite", "numpy", "scipy"}  # none of them forks in its imports
_NUMBA = (
    ("numba.core.compiler_lock", "global_compiler_lock"),
    (
        "numba.np.ufunc.parallel",
        "_backend_init_thread_lock",
    ),
)
_taken: list[Any] = []  # by the fork in progress


def _before() -> None:
    for name, module in [*sys.modules.items()]:
        if name.partition(".")[0] in _LIBRARIES and _is_incomplete(module):
            with suppress(Exception):  # which is that of who imports it
                import_module(name)  # waits for another thread that does
    found = (getattr(sys.modules.get(name), attribute, None) for name, attribute in _NUMBA)
    for one in lock, *found:
        if one is not None:
            one.acquire()
            _taken.append(one)


def _is_incomplete(module: Any) -> bool:
    """Whether a module is being imported."""
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))


def _after() -> None:
    while _taken:
        _taken.pop().release()


def _in_child() -> None:
    global lost_threads
    _after()
    pool = sys.modules.get("numba.np.ufunc.parallel")
    lost_threads = lost_threads or bool(pool and getattr(pool, "_is_initialized", True))


if hasattr(os, "register_at_fork"):  # pragma: no branch: Windows has no forks
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_in_child)
