"""Known answers: what plain Python makes of small problems, to judge compiled code by."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from .clones import Constants, chosen, clone

Kernel = Callable[..., None]
Arguments = tuple[Any, ...]
Example = tuple[int, tuple[int, int], Arguments]  # tasks, work space, arguments
Key = tuple[Kernel, Constants]  # a kernel and its constants

Problem = Callable[[], object]

# Together they call every kernel. Set from above: here nobody knows what the kernels are for.
SOURCE = "npstn._warmup"
problems: tuple[Problem, ...] = ()
problems_for: Callable[[Constants], tuple[Problem, ...]] | None = None  # and those of a clone
recorded: dict[Key, list[Example]] | None = None  # while the problems are run


def plain(kernel: Any, constants: Constants, tasks: int, space: Any, args: Arguments) -> None:
    """Run all tasks in plain Python."""
    constants = chosen(kernel, constants)
    if recorded is not None:
        recorded.setdefault((kernel, constants), []).append((tasks, space, deepcopy(args)))
    twin = clone(kernel, constants)
    scratch, index = np.empty(space[0]), np.empty(space[1], np.int32)
    with np.errstate(all="ignore"):
        for task in range(tasks):
            twin(task, scratch, index, *args)


@cache
def answers(problem: Problem) -> dict[Key, list[Example]]:
    """The tasks and arguments of each kernel that a problem calls."""
    global recorded
    found: dict[Key, list[Example]] = {}
    recorded = found
    try:
        problem()
    finally:
        recorded = None
    return found


def examples(kernel: Kernel, constants: Constants) -> list[Example]:
    """The tasks and arguments of a kernel in the first of the problems that calls it, if any."""
    import_module(SOURCE)  # few programs import it by themselves
    more = problems_for(constants) if problems_for else ()
    for problem in (*problems, *more):
        if found := answers(problem).get((kernel, constants)):
            return found
    return []


def repeats(
    run: Callable[[int, Arguments], None], kernel: Kernel, constants: Any, types: Arguments
) -> bool:
    """Whether ``run(tasks, args)`` gives the bits of plain Python, for arguments of these types."""
    for tasks, space, args in examples(kernel, constants):
        found, expected = _cast(args, types), _cast(args, types)
        scratch, index = np.empty(space[0]), np.empty(space[1], np.int32)
        run(tasks, (scratch, index, *found))
        plain(kernel, constants, tasks, space, expected)
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
