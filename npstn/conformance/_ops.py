"""The functions of a dialect by the name of what they do, and how a backend is called."""

from collections.abc import Callable, Mapping
from typing import Any

from .._hints import shown
from ..dialects._arguments import PRIMALS, SIZES, argument
from ..dialects._maps import AFFINE
from ..dialects._names import newest
from ..dialects.row import Function, Row

POSITIONAL = (*PRIMALS, *SIZES, "height", "width", "depth")

OPS: Mapping[str, Callable[[Function], bool]] = {
    "grid_sample": lambda f: f.op == "sample" and f.convention.unit == "normalized",
    "affine_grid": lambda f: f.op == "grid",
    "spatial_transformer": lambda f: f.op == "warp" and f.convention.unit == "normalized",
    "map_coordinates": lambda f: f.op == "sample" and f.convention.unit == "pixel",
    "warp_affine": lambda f: (
        f.op == "warp" and f.convention.unit == "pixel" and f.convention.form in AFFINE
    ),
    "warp_perspective": lambda f: f.op == "warp" and f.convention.form not in AFFINE,
    "dense_flow": lambda f: f.op == "sample" and f.convention.unit == "flow",
}


def find(dialect: str, op: str) -> tuple[Row, Function]:
    """Find a function of a dialect by the name of an op, or by its own."""
    row = newest(dialect, name="dialect")
    for function in row.functions:
        if op == function.name or (op in OPS and OPS[op](function)):
            return row, function
    names = [name for name, fits in OPS.items() if any(map(fits, row.functions))]
    expected = ", ".join([*names, *(f.name for f in row.functions)])
    raise ValueError(f"op is {shown(op)}, expected one of {expected}")


def positional(function: Function) -> tuple[str, ...]:
    """Name the arguments that a backend gets by position: arrays and sizes, in their order."""
    return tuple(n for n, v in function.arguments.items() if argument(v).role in POSITIONAL)


def as_backend(function: Function, made: Callable[..., Any], cotangent: bool) -> Any:
    """A function of a dialect, called as a backend is: arrays and sizes first, then options."""
    names = positional(function)

    def call(*given: Any, **options: Any) -> Any:
        first, rest = given[:cotangent], given[cotangent:]
        if len(rest) > len(names):
            raise TypeError(f"{made.__name__} takes {', '.join(names)}, not {len(rest)} arrays")
        return made(*first, **dict(zip(names, rest, strict=False)), **options)

    call.__name__, call.__doc__ = made.__name__, made.__doc__
    return call
