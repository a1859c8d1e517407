"""A backend: a function to be judged, and what is known of it."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from .._hints import shown
from ._adapters._types import Fn, imported

Which = Literal["fn", "vjp"]


@dataclass(frozen=True)
class Backend:
    """A function to be judged, and all that is known of it."""

    name: str
    dialect: str
    op: str  # the function's name in the row of its dialect
    fn: Fn
    vjp: Fn | None = None
    version: str | None = None  # of the dialect's row; an opset in the dialects of ONNX
    versions: Mapping[str, str] = field(default_factory=dict)  # of the packages that ran
    options: frozenset[str] | None = None  # those that it takes; None: any
    fixed: Mapping[str, Any] = field(default_factory=dict)  # options that it has and does not take
    dtype: str | None = None  # the one that it takes; None: any
    rank: int | None = None  # of the space, the one that it takes; None: any

    def called(self, which: Which) -> Fn:
        """The function, or its vjp."""
        found = self.fn if which == "fn" else self.vjp
        if found is None:
            raise ValueError(f"{self.name} has no vjp")
        return found


def options(fn: Fn) -> frozenset[str] | None:
    """The names that a function takes by keyword; None if it takes any, or does not say."""
    try:
        parameters = inspect.signature(fn).parameters.values()
    except (TypeError, ValueError):  # builtins
        return None
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    taken = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return frozenset(p.name for p in parameters if p.kind in taken)


def place(fn: Fn) -> str:
    """Where another process finds a function: "package.module:function"."""
    found = f"{getattr(fn, '__module__', '')}:{getattr(fn, '__qualname__', '')}"
    try:
        same = imported(found) is fn
    except (ImportError, AttributeError, ValueError):
        same = False
    if not same or found.startswith("__main__:"):
        raise ValueError(f"{shown(fn)} cannot be imported by name, expected a module's function")
    return found


def elsewhere(*_: object, **__: object) -> NoReturn:
    """Stand for a function that is in another process."""
    raise RuntimeError("the function is in a child process: use the method call")
