"""The order of arguments: an error of a vjp that was given them as the forward function takes them.

Those orders differ in where the cotangent is: (d_out, x, theta), and (x, theta) of the forward.
"""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from ._options import LAYOUTS

P = ParamSpec("P")
R = TypeVar("R")
Shape = tuple[int, ...]


def cotangent_first(*names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a vjp: an error says the order of its arguments if the shapes fit the other."""

    def decorate(vjp: Callable[P, R]) -> Callable[P, R]:
        first = list(inspect.signature(vjp).parameters).index(names[0])

        @wraps(vjp)
        def checked(*args: P.args, **options: P.kwargs) -> R:
            try:
                return vjp(*args, **options)
            except (TypeError, ValueError) as error:
                given = [getattr(value, "shape", ()) for value in args[first:]]
                shapes = [shape if isinstance(shape, tuple) else () for shape in given]
                if is_forward(names, shapes, options.get("layout", "NHWC")):
                    order = f"the order is ({', '.join(names)})"
                    takes = order if names[1:] else f"it takes {names[0]} only"
                    error.args = (f"{error}: {takes}",)
                raise

        return checked

    return decorate


def is_forward(names: tuple[str, ...], shapes: list[Shape], layout: object) -> bool:
    """Whether the cotangent, the first of ``names``, fits as the last, and not where it is."""
    if names[0] != "d_out":
        return len(shapes) >= 2 and _is_of(names[0], shapes[1], shapes[0])
    if len(shapes) != 3 or not isinstance(layout, str) or layout not in LAYOUTS:
        return False
    x, given, d_out = shapes
    rule = names[2], str(layout)
    return _is_output(d_out, x, given, *rule) and not _is_output(x, given, d_out, *rule)


def _is_of(name: str, cotangent: Shape, params: Shape) -> bool:
    """Whether a ``d_grid``, a ``d_theta`` or a ``d_matrix`` can be that of parameters."""
    tail = len(cotangent)
    if name == "d_grid" and cotangent[-1:] in ((2,), (3,)):
        tail = 1 + cotangent[-1]
    if name != "d_grid" and cotangent[-1:] in ((6,), (12,)):
        tail = 1
    if name != "d_grid" and cotangent[-2:] in ((2, 3), (3, 4)):
        tail = 2
    leading = cotangent[: max(0, len(cotangent) - tail)]
    return leading != () and leading in (params[:-1], params[:-2])


def _is_output(d_out: Shape, x: Shape, given: Shape, name: str, layout: str) -> bool:
    """Whether an output can be that of an input at a grid, or at a theta of any family."""
    rank, last = len(layout) - 2, LAYOUTS[layout] == 1
    maps = len(d_out) - rank - 1  # axes that count them
    if len(x) != rank + 2 or maps not in (1, 2) or given[:maps] != d_out[:maps]:
        return False
    if x[0] != d_out[0] or x[-1 if last else 1] != d_out[-1 if last else maps]:
        return False
    if name == "theta":
        return len(given) == maps + 1 or given[maps:] == (rank, rank + 1)
    return given[maps:] == (*(d_out[maps:-1] if last else d_out[maps + 1 :]), rank)
