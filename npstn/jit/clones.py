"""Plain functions with some of their globals replaced: a kernel for one rank, say."""

from functools import cache
from types import FunctionType
from typing import Any

Constants = tuple[tuple[str, Any], ...]

_FOLDER = __name__.split(".")[0] + ".kernels"


def is_ours(value: Any) -> bool:
    """Whether a value is a function of a kernel: it is cloned, and compiled, with its callers."""
    return isinstance(value, FunctionType) and value.__module__.startswith(_FOLDER)


@cache
def names_in(function: FunctionType) -> frozenset[str]:
    """The names of all globals that a function, or one that it calls in this package, uses."""
    found = set(function.__code__.co_names)
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if is_ours(value) and value is not function:
            found |= names_in(value)
    return frozenset(found)


def chosen(function: FunctionType, constants: Constants) -> Constants:
    """Those of the constants that make a difference to a function."""
    return tuple(row for row in constants if row[0] in names_in(function))


@cache
def clone(function: FunctionType, constants: Constants) -> FunctionType:
    """The function with constants for some of its globals, and so in all it calls."""
    names = dict(function.__globals__)
    for name in function.__code__.co_names:
        value = names.get(name)
        if value is not None and is_ours(value):
            names[name] = clone(value, chosen(value, constants))
    names.update(constants)
    return FunctionType(function.__code__, names, function.__name__, function.__defaults__)
