"""Single values at the door: names become small integers, numbers and sizes become plain.

``ValueError`` is for values, ``TypeError`` for types.
"""

import math
import sys
from collections.abc import Iterable
from typing import Any, TypeGuard

import numpy as np

from . import _hints, _memory
from ._hints import shown

_LARGEST = 2**42  # numbers in a result: 16 TiB in float32, and a mistake
_LONGEST = 2**31
_MOST = sys.float_info.max
_COUNTS = {2: "two", 3: "three"}


def choice(name: str, value: object, allowed: dict[str, int]) -> int:
    """The integer behind an option."""
    if isinstance(value, str) and value in allowed:
        return allowed[value]
    msg = f"{name} is {shown(value)}, expected one of {', '.join(map(repr, allowed))}"
    if not isinstance(value, str):
        raise TypeError(msg)
    raise ValueError(msg + _hints.word(name, value, allowed))


def flag(name: str, value: object) -> bool:
    """A boolean option."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} is {shown(value)}, expected True or False")
    return bool(value)


def align(value: object, name: str = "align_corners") -> bool:
    """An option such as align_corners, where 0 and 1 are False and True, as ONNX writes it."""
    whole = is_whole(value) and value in (0, 1)
    return flag(name, bool(value) if whole else value)


def is_whole(value: object) -> TypeGuard[int | np.integer[Any]]:
    """Whether a value is a whole number by its type: no boolean, and no time, as NumPy has it."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64)


def number(name: str, value: object, least: float = -math.inf, most: float = math.inf) -> float:
    """A finite number in a range."""
    if not (is_whole(value) or isinstance(value, float | np.floating)):
        raise TypeError(f"{name} is {shown(value)}, expected a number")
    if isinstance(value, np.floating):
        value = float(value)  # a narrow one could not hold the limits
    if not (least <= value <= most and -_MOST <= value <= _MOST):
        limits = f" from {least:g} to {most:g}" if most < math.inf else f" of at least {least:g}"
        raise ValueError(f"{name} is {shown(value)}, expected a finite number{limits}")
    return float(value)


def integer(name: str, value: object, least: int = 1) -> int:
    """A whole number."""
    if not is_whole(value):
        raise TypeError(f"{name} is {shown(value)}, expected an integer")
    if value < least:
        raise ValueError(f"{name} is {shown(value)}, expected at least {least}")
    return int(value)


def several(name: str, value: object) -> tuple[Any, ...]:
    """Any number of values, not one that is no list of them."""
    alone = isinstance(value, str | type) or getattr(value, "ndim", 1) == 0
    if alone or not isinstance(value, Iterable):
        hint = _hints.several(name, value)
        raise TypeError(f"{name} is {shown(value)}, expected a tuple{hint}")
    return tuple(value)


def sizes(
    name: str,
    value: object,
    numbers: int = 1,
    width: int = 0,
    default: tuple[int, ...] | None = None,
    ranks: tuple[int, ...] = (2,),
    least: int = 0,
    order: str = "DHW",
) -> tuple[int, ...]:
    """A size (H, W) or (D, H, W) of an array of ``numbers`` numbers a pixel.

    With a ``width``, the bytes of a number, there is memory for the array and for its lattice.
    """
    if value is None and default is not None:
        return default
    axes = [letter if name == "in_size" else f"{letter}o" for letter in order]
    shapes = {n: f"{_COUNTS[n]} integers ({', '.join(axes[-n:])})" for n in ranks}
    expected = "expected " + " or ".join(shapes[rank] for rank in ranks)
    if not isinstance(value, tuple | list | np.ndarray) or getattr(value, "ndim", 1) != 1:
        hint = _hints.sizes(name, value, ranks)
        raise TypeError(f"{name} is {shown(value)}, {expected}{hint}")
    if len(value) not in ranks:
        raise ValueError(f"{name} is {shown(value)}, {expected}")
    found = []
    for n in value:
        if not is_whole(n):
            hint = _hints.sizes(name, value, ranks)
            raise TypeError(f"{name} is {shown(value)}, {expected}{hint}")
        if n < least:
            raise ValueError(f"{name} is {shown(value)}, expected sizes of at least {least}")
        found.append(int(n))
    if max(found) > _LONGEST or math.prod(found) * max(1, numbers) > _LARGEST:
        msg = f"expected sizes up to {_LONGEST} and a result of up to {_LARGEST} numbers"
        raise ValueError(f"{name} is {shown(value)}, {msg}")
    if width:
        lines = 32 * (len(found) + 1) * sum(found)
        needed = width * math.prod(found) * numbers + lines
        _memory.require(needed, f"{name} is {shown(value)}: it")
    return tuple(found)
