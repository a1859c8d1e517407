"""Known answers: what plain Python makes of small problems, to judge compiled code by."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import numpy as np

Kernel = Callable[..., None]
Arguments = tuple[Any, ...]

Problem = Callable[[], object]

# Together they call every kernel. Set from above: here nobody knows what the kernels are for.
problems: tuple[Problem, ...] = ()
recorded: dict[Kernel, list[tuple[int, Arguments]]] | None = None  # while the problems are run


def plain(kernel: Kernel, tasks: int, args: Arguments) -> None:
    """Run all tasks in plain Python."""
    if recorded is not None:
        recorded.setdefault(kernel, []).append((tasks, deepcopy(args)))
    with np.errstate(all="ignore"):
        for task in range(tasks):
            kernel(task, *args)


@cache
def answers(problem: Problem) -> dict[Kernel, list[tuple[int, Arguments]]]:
    """The tasks and arguments of each kernel that a problem calls."""
    global recorded
    found: dict[Kernel, list[tuple[int, Arguments]]] = {}
    recorded = found
    try:
        problem()
    finally:
        recorded = None
    return found


def examples(kernel: Kernel) -> list[tuple[int, Arguments]]:
    """The tasks and arguments of a kernel in the first of the problems that calls it, if any."""
    for problem in problems:
        if found := answers(problem).get(kernel):
            return found
    return []


def repeats(run: Callable[[int, Arguments], None], kernel: Kernel, types: Arguments) -> bool:
    """Whether ``run(tasks, args)`` gives the bits of plain Python, for arguments of these types."""
    for tasks, args in examples(kernel):
        found, expected = _cast(args, types), _cast(args, types)
        run(tasks, found)
        plain(kernel, tasks, expected)
        if _bits(found) != _bits(expected):
            return False
    return True


def _cast(value: Any, kind: Any) -> Any:
    """A copy, for arrays in the dtype and mutability of a Numba type."""
    if isinstance(value, tuple):
        return tuple(_cast(*pair) for pair in zip(value, kind, strict=True))
    if isinstance(value, np.ndarray):
        with np.errstate(over="ignore"):
            value = value.astype(kind.dtype.name)
        value.flags.writeable = kind.mutable
    return value


def _bits(value: Any) -> Any:
    return [*map(_bits, value)] if isinstance(value, tuple) else np.asarray(value).tobytes()
