"""What the adapters share: their types, and how a function is found by its place."""

from collections.abc import Callable
from functools import reduce
from importlib import import_module
from typing import Any, NamedTuple

Fn = Callable[..., Any]
Pair = tuple[Fn, Fn | None]


class Chosen(NamedTuple):
    """What may be chosen of a backend besides its function."""

    version: str | None = None  # of the dialect; an opset in the dialects of ONNX
    device: str | None = None
    bfloat16: bool = False  # whether arrays of float32 stand for it


def imported(place: str) -> Any:
    """Import what is at "package.module:name"."""
    module, _, name = place.partition(":")
    return reduce(getattr, name.split("."), import_module(module))
