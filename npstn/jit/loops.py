"""The parallel loop over the tasks of a kernel: its threads set their own arithmetic."""

from collections.abc import Callable
from typing import Any

import numpy as np

from . import environment, notice
from .addresses import caller
from .clones import Constants


def parallel_loop(
    kernel: Callable[..., None],
    constants: Constants,
    signature: Any,
    code: Callable[[], int],
    options: dict[str, Any],
) -> Any:
    """Compile, or load, a loop for any kernel that takes arguments of these types.

    The loop gets the address of the kernel. Called by name it would be linked into each of the four
    modules Numba makes of a parallel loop, and be compiled as often. Loaded code is judged with
    ``kernel``, whose address is ``code()``.
    """
    from numba import njit, prange, types

    from .cache import Cache

    call, exchange, ieee = caller(signature), environment.exchange(), environment.IEEE or 0

    def loop(code, first, last, workers, scratch, index, done, args):  # type: ignore[no-untyped-def]
        for worker in prange(workers):  # pragma: no cover: compiled code leaves no trace
            before = exchange(ieee)
            for task in range(first + worker, last, workers):
                call(code, np.int64(task), scratch[worker], index[worker], args)
                done[task] = 1
            exchange(before)

    def run(entry: Any, tasks: int, args: Any) -> None:
        scratch, index, *others = args
        done = np.zeros(tasks, np.uint8)
        entry(code(), 0, tasks, 1, scratch[None], index[None], done, tuple(others))

    launcher = njit(parallel=True, **options)(loop)
    launcher._cache = Cache(loop, kernel, constants, run)
    rows = types.Array(types.float64, 2, "C"), types.Array(types.int32, 2, "C")
    integers = (types.int64,) * 4
    marks = types.Array(types.uint8, 1, "C")
    with notice.compiling(notice.caller()):
        launcher.compile((*integers, *rows, marks, types.Tuple(signature[3:])))
    launcher.disable_compile()
    return launcher
