"""What Numba compiles, how, and how a kernel is called.

A kernel is a plain Python function ``kernel(task, scratch, index, *args)`` that writes a part of
its output which no other task writes, and whose work space is a row of float64 and one of int32,
made here before the tasks run: a task neither allocates nor raises, for what is raised in a thread
of Numba's is lost. :func:`call` runs all tasks in one parallel loop, compiled together with every
function of this package that they call. ``constants`` replace globals of these functions by name: a
rank that is a constant costs no branch. With ``NPSTN_JIT=0`` in the environment the plain functions
run themselves, task by task, and give the same bits.
"""

import os
import threading
import time
import zlib
from collections.abc import Callable
from functools import cache, partial
from types import FunctionType
from typing import Any

import numpy as np

from . import answers, forks, heap, interrupts, notice
from .addresses import address
from .clones import Constants, is_ours
from .clones import chosen as chosen_of
from .loops import parallel_loop
from .settings import switch

JIT = switch("NPSTN_JIT", True)

SMALL = 2**14  # numbers: with less work than this, threads take longer to wake than to help
PORTION = 0.1  # seconds of work between which signals are seen
_QUICK = 2**16  # numbers: with less work than this, a portion takes no longer, wherever points are

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "fastmath": False, "nogil": True}
_lock = threading.RLock()
_parallel = not forks.lost_threads
_entries: dict[Any, Callable[..., None]] = {}
_launchers: dict[Any, Callable[..., None]] = {}
_loops: dict[Any, Callable[..., None]] = {}
_spaces: dict[Any, Any] = {}  # work space of the last call, for the next one


def call(
    kernel: Callable[..., None],
    tasks: int,
    *args: Any,
    work: int,
    space: tuple[int, int] = (1, 1),
    **constants: Any,
) -> None:
    """Run ``kernel`` for every task, in threads if ``work`` (numbers) is worth them.

    A task gets ``space`` float64 and int32 to work with. One call at a time: Numba's workqueue
    layer aborts on concurrent ones.
    """
    chosen = tuple(sorted(constants.items()))
    if not is_compiled():
        answers.plain(kernel, chosen, tasks, space, args)
        return
    with _lock:
        if answers.recorded is not None:
            answers.plain(kernel, chosen, tasks, space, args)
        else:
            _run(kernel, chosen, tasks, space, args, work)


def is_compiled() -> bool:
    """Whether kernels are compiled: Numba's own switch, DISABLE_JIT, counts as well."""
    return JIT and not _config().DISABLE_JIT


@cache
def _config() -> Any:
    heap.require_for("numba")
    with forks.lock, interrupts.deferred():
        from numba import config

    return config


def threads() -> int:
    """Number of threads a call may use. It decides how work is split, never a bit of a result."""
    if not (_parallel and is_compiled()):
        return 1
    with forks.lock:  # it may start them
        from numba import get_num_threads

        return int(get_num_threads())


def _run(kernel: Any, chosen: Constants, tasks: int, space: Any, args: Any, work: int) -> None:
    """Run all tasks, a portion at a time; one whose thread failed runs again in this one."""
    shared = _parallel and tasks > 1 and work >= SMALL
    workers = min(threads(), tasks) if shared else 1
    scratch, index = _space(workers, *space)
    key = kernel, chosen, *map(_kind, args)
    numbers = scratch[0], index[0], *args
    entry, launcher = _entry(key, numbers), _launcher(key, numbers) if shared else None
    done = np.zeros(tasks if shared else 0, np.uint8)
    heap.require(heap.CALL)
    if launcher is None:
        for task in range(tasks):
            entry(task, *numbers)
        return
    first, size = 0, max(workers, tasks * _QUICK // max(1, work))
    while first < tasks:
        last, begin = min(first + size, tasks), time.perf_counter()
        launcher(first, last, workers, scratch, index, done, args)
        taken = (time.perf_counter() - begin) / (last - first)
        # The next tasks may be slower than these.
        first, size = last, max(workers, min(4 * size, int(PORTION / max(taken, 1e-9))))
    for missing in np.flatnonzero(done == 0):
        entry(int(missing), *numbers)


def _space(workers: int, numbers: int, indices: int) -> tuple[Any, Any]:
    """Work space, a row for each worker; that of the last call if it has room."""
    kept = _spaces.get("rows")
    if kept is None or kept[0].shape[0] < workers or kept[0].shape[1] < numbers:
        floats = np.empty((workers, numbers))
        kept = floats, kept[1] if kept else None
    if kept[1] is None or kept[1].shape[0] < workers or kept[1].shape[1] < indices:
        kept = kept[0], np.empty((workers, indices), np.int32)
    _spaces["rows"] = kept
    return kept


@cache
def compiled(function: FunctionType, constants: Constants = (), entry: bool = True) -> Any:
    """The compiled twin of a plain function, and with it of all it calls."""
    import numba

    from .cache import Cache
    from .instructions import primitives
    from .parts import as_part

    names = dict(function.__globals__)
    for name in function.__code__.co_names:
        value = names.get(name)
        if value is not None and is_ours(value):
            names[name] = compiled(value, chosen_of(value, constants), False)
        elif isinstance(value, FunctionType) and value in primitives():
            names[name] = primitives()[value]
    names.update(constants)
    # Numba tells functions apart by their names and a number, which another process has used as
    # well for what it left in the cache: without the constants one clone would be run for another.
    name = f"{function.__name__}_{zlib.crc32(repr(constants).encode()):08x}"
    twin = FunctionType(function.__code__, names, name, function.__defaults__)
    twin.__qualname__ = name
    options = {**_OPTIONS, "forceinline": getattr(function, "inline", False), "_nrt": entry}
    options |= {"no_cpython_wrapper": not entry, "no_cfunc_wrapper": not entry}
    dispatcher = numba.njit(**options)(twin)
    template = dispatcher.get_call_template

    def call_template(args: Any, kws: Any) -> Any:
        interrupts.check()
        # Numba would compile a callee once more for each constant that it is called with.
        with as_part(twin.__qualname__):
            return template(tuple(map(numba.types.unliteral, args)), kws)

    dispatcher.get_call_template = call_template
    if entry:
        dispatcher._cache = Cache(function, function, constants, _loop)
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

        heap.require(heap.COMPILER)
        with forks.lock, interrupts.deferred(), notice.compiling(notice.caller()):
            entry = compiled(key[0], chosen_of(key[0], key[1]))
            _compile(entry, (types.int64, *typeof(args)))
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
    if key not in _launchers:
        from numba import typeof, types

        signature = types.int64, *typeof(args)
        if signature not in _loops:
            heap.require(heap.COMPILER)
            with forks.lock, interrupts.deferred():
                constants = chosen_of(key[0], key[1])
                code = partial(address, _entries[key], signature)
                _loops[signature] = parallel_loop(key[0], constants, signature, code, _OPTIONS)
        _launchers[key] = partial(_loops[signature], address(_entries[key], signature))
    return _launchers[key]


def _after_fork() -> None:
    # A forked child inherits a lock that may be held.
    global _lock, _parallel
    _lock = threading.RLock()
    _parallel = not forks.lost_threads
    answers.recorded = None


if hasattr(os, "register_at_fork"):  # pragma: no branch: Windows has no forks
    os.register_at_fork(after_in_child=_after_fork)
