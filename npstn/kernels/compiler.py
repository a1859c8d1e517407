"""What Numba compiles, how, and how a kernel is called. Only :mod:`.cache` knows Numba as well.

A kernel is a plain Python function ``kernel(task, *args)`` that writes a part of its output which
no other task writes. :func:`call` runs its tasks in one parallel loop, compiled together with every
function of this package that it calls. With ``NPSTN_JIT=0`` in the environment it runs the plain
function itself, task by task, which gives the same bits.
"""

import os
import threading
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np

from . import known

JIT = os.environ.get("NPSTN_JIT", "1") != "0"

SMALL = 2**14  # numbers: with less work than this, threads take longer to wake than to help

_PACKAGE = __name__.rpartition(".")[0]
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "fastmath": False, "nogil": True}
_lock = threading.RLock()
_parallel = True  # until this process turns out to be a fork of one with threads
_threaded = False  # until the first parallel loop
_entries: dict[Any, Callable[..., None]] = {}
_launchers: dict[Any, Callable[..., None]] = {}
_loops: dict[Any, Callable[..., None]] = {}


def call(kernel: Callable[..., None], tasks: int, *args: Any, work: int) -> None:
    """Run ``kernel(task, *args)`` for every task, in threads if ``work`` (numbers) is worth them.

    One call at a time: Numba's workqueue layer aborts on concurrent ones.
    """
    if not JIT:
        known.plain(kernel, tasks, args)
        return
    with _lock:
        if known.recorded is not None:
            known.plain(kernel, tasks, args)
        else:
            key = kernel, *map(_kind, args)
            entry = _entry(key, args)
            if _parallel and tasks > 1 and work >= SMALL:
                _launcher(key, args)(entry, tasks, args)
            else:
                _loop(entry, tasks, args)


def threads() -> int:
    """Number of threads a call may use. It decides how work is split, never a bit of a result."""
    if not (JIT and _parallel):
        return 1
    import numba

    return int(numba.get_num_threads())


@cache
def compiled(function: FunctionType, entry: bool = True) -> Any:
    """The compiled twin of a plain function, and with it of all it calls."""
    import numba

    from .cache import Cache

    names = dict(function.__globals__)
    for name in function.__code__.co_names:
        value = names.get(name)
        if isinstance(value, FunctionType) and value.__module__.startswith(_PACKAGE):
            names[name] = compiled(value, False)
    twin = FunctionType(function.__code__, names, function.__name__, function.__defaults__)
    options = {**_OPTIONS, "forceinline": getattr(function, "inline", False)}
    options |= {"no_cpython_wrapper": not entry, "no_cfunc_wrapper": not entry}
    options |= {"_nrt": entry or getattr(function, "allocates", False)}
    dispatcher = numba.njit(**options)(twin)
    if entry:
        dispatcher._cache = Cache(function, function, _loop)
    return dispatcher


def _loop(kernel: Callable[..., None], tasks: int, args: tuple[Any, ...]) -> None:
    for task in range(tasks):
        kernel(task, *args)


def _kind(value: Any) -> Any:
    """What decides the type of an argument: Numba's own answer takes longer than a small call."""
    if isinstance(value, np.ndarray):
        return value.dtype.char, value.ndim, value.flags.writeable
    return type(value)


def _entry(key: Any, args: tuple[Any, ...]) -> Any:
    """The compiled twin of a kernel, with code for arguments of these types."""
    if key not in _entries:
        from numba import typeof, types

        entry = compiled(key[0])
        _compile(entry, (types.int64, *typeof(args)))
        # A parallel loop asks twice a call, and would wait for Numba to take the signature apart.
        entry.get_compile_result = lambda signature: entry.overloads[signature.args]
        _entries[key] = entry
    return _entries[key]


def _compile(entry: Any, signature: Any) -> None:
    """Compile a twin as every kernel is: what lies side by side is computed side by side."""
    from numba import config

    before, config.SLP_VECTORIZE = config.SLP_VECTORIZE, 1  # as C compilers do by default
    try:
        entry.compile(signature)
    finally:
        config.SLP_VECTORIZE = before


def _launcher(key: Any, args: tuple[Any, ...]) -> Callable[..., None]:
    """The parallel loop for a kernel and arguments of these types."""
    global _threaded
    _threaded = True
    if key not in _launchers:
        from numba import typeof

        signature = typeof(args)
        if signature not in _loops:
            _loops[signature] = _parallel_loop(key[0], signature)
        _launchers[key] = _loops[signature]
    return _launchers[key]


def _parallel_loop(kernel: Callable[..., None], signature: Any) -> Any:
    """A parallel loop over the tasks of any kernel that takes arguments of these types.

    The loop gets the kernel as a function pointer. Called by name it would be linked into each of
    the four modules Numba makes of a parallel loop, and be compiled as often. Loaded code is judged
    with ``kernel``.
    """
    from numba import njit, prange, types

    from .cache import Cache

    def loop(kernel, tasks, args):
        for task in prange(tasks):
            kernel(np.int64(task), *args)

    pointer = types.FunctionType(types.none(types.int64, *signature))
    launcher = njit(parallel=True, **_OPTIONS)(loop)
    launcher._cache = Cache(loop, kernel, lambda entry, *args: entry(compiled(kernel), *args))
    launcher.compile((pointer, types.int64, signature))
    launcher.disable_compile()
    return launcher


def _after_fork() -> None:
    # A forked child inherits a lock that may be held and, once OpenMP was used, dead threads.
    global _lock, _parallel
    _lock = threading.RLock()
    _parallel = _parallel and not _threaded
    known.recorded = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
