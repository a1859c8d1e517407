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
from collections.abc import Iterator
from importlib import _bootstrap
from typing import Any

lock = threading.RLock()
lost_threads = False  # whether this is a fork of a process in which Numba had started its threads
_LIBRARIES = {"npstn", "numba", "llvmlite", "numpy", "scipy"}  # none of them forks in its imports
_COMPILER = "numba.core.compiler_lock", "global_compiler_lock"
_POOL = "numba.np.ufunc.parallel", "_backend_init_thread_lock"
_taken: list[Any] = []  # by the fork in progress


def _before() -> None:
    waited: set[str] = set()
    while True:
        for name in _imported_elsewhere():
            waited.add(name)
            _bootstrap._lock_unlock_module(name)  # type: ignore[attr-defined]
        others = (getattr(sys.modules.get(name), one, None) for name, one in (_COMPILER, _POOL))
        locks = [one for one in (lock, *others) if one is not None]
        for one in locks:
            one.acquire()
        if waited.issuperset(_imported_elsewhere()):
            break
        _release(locks)  # which an import that has begun meanwhile may want
    _taken.extend(locks)


def _imported_elsewhere() -> Iterator[str]:
    """The modules that other threads are importing: those whose locks they hold."""
    references = getattr(_bootstrap, "_module_locks", {})
    for name, reference in [*references.items()]:
        owner = getattr(reference(), "owner", None)
        if name.partition(".")[0] in _LIBRARIES and owner not in (None, threading.get_ident()):
            yield name


def _release(locks: list[Any]) -> None:
    for one in reversed(locks):
        one.release()


def _after() -> None:
    locks = _taken[:]
    _taken.clear()  # before another thread that forks can have them
    _release(locks)


def _in_child() -> None:
    global lost_threads
    _after()
    pool = sys.modules.get(_POOL[0])
    lost_threads = lost_threads or bool(pool and getattr(pool, "_is_initialized", True))


if hasattr(os, "register_at_fork"):  # pragma: no branch: Windows has no forks
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_in_child)
