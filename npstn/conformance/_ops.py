"""Operations: their generic names in each dialect, and how the functions of a row are called."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .._hints import shown
from ..dialects._arguments import Arguments
from ..dialects._functions import PROBLEMS
from ..dialects._layouts import original
from ..dialects._maps import AFFINE
from ..dialects._names import newest
from ..dialects._signature import PRIMALS, argument, signature
from ..dialects._signature import SIZES as WHOLE
from ..dialects.row import Function, Row

# Roles of what is passed by position, in the order of the row: arrays, and sizes of the output.
SIZES = (*WHOLE, "depth", "height", "width")
POSITIONAL = (*PRIMALS, *SIZES)
UNUSED = ("only", "free")

GENERIC: dict[str, Callable[[Function], bool]] = {
    "grid_sample": lambda f: f.op == "sample" and f.convention.unit == "normalized",
    "map_coordinates": lambda f: f.op == "sample" and f.convention.unit == "pixel",
    "dense_flow": lambda f: f.op == "sample" and f.convention.unit == "flow",
    "affine_grid": lambda f: f.op == "grid",
    "spatial_transformer": lambda f: f.op == "warp" and f.convention.unit == "normalized",
    "warp_affine": lambda f: _warps(f) and f.convention.form in AFFINE,
    "warp_perspective": lambda f: _warps(f) and f.convention.form not in AFFINE,
}


def _warps(function: Function) -> bool:
    return function.op == "warp" and function.convention.unit == "pixel"


def row_of(dialect: str, version: str | None = None) -> Row:
    """The row of a dialect, npstn's own among them."""
    return newest(dialect, version, "dialect")


def function_of(row: Row, op: str | None, known: tuple[str, ...] | None = None) -> Function:
    """The function of a row by its own name or a generic one; the first that samples by default.

    ``known`` are the names of those that may be meant, all by default.
    """
    found = [f for f in row.functions if known is None or f.name in known]
    if op is None and found:
        return next((f for f in found if f.op == "sample"), found[0])
    for fits in (lambda f: f.name == op, GENERIC.get(op or "", lambda f: False)):
        chosen = next(filter(fits, found), None)
        if chosen is not None:
            return chosen
    names = [f.name for f in found]
    names += [name for name, fits in GENERIC.items() if any(map(fits, found))]
    listed = ", ".join(dict.fromkeys(names)) or "none that there is"
    raise ValueError(f"op is {shown(op)}, expected one of {listed} in {row.title}")


def positional(function: Function) -> tuple[str, ...]:
    """The names of what is passed by position: arrays and sizes, in order."""
    return _of_roles(function, POSITIONAL)


def arrays(function: Function) -> tuple[str, ...]:
    """The names of the arrays that have a cotangent, in order."""
    return _of_roles(function, PRIMALS)


def options(function: Function) -> tuple[str, ...]:
    """The names of the options, in order."""
    taken = (*POSITIONAL, *UNUSED)
    return tuple(n for n, v in function.arguments.items() if argument(v).role not in taken)


def result(function: Function) -> str:
    """The name of the result: out, grid or theta."""
    return {"grid": "grid", "matrix": "theta"}.get(function.op, "out")


def outline(
    function: Function, given: Sequence[Any], chosen: Mapping[str, Any]
) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """The dtype and shape of the result of a call, without sampling anything."""
    bound = signature(function).bind(
        **dict(zip(positional(function), given, strict=False)), **chosen
    )
    bound.apply_defaults()
    problem = PROBLEMS[function.op](Arguments(function, bound.arguments))
    if function.op in ("grid", "matrix"):
        found = problem.result()
        return found.dtype, found.shape
    shape = (*problem.p.shape[:-1], problem.x.shape[-1])
    empty = np.broadcast_to(problem.x.dtype.type(0), shape)
    return empty.dtype, original(empty, problem.given.rule.layout).shape


def _of_roles(function: Function, roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(n for n, v in function.arguments.items() if argument(v).role in roles)


def as_backend(fn: Callable[..., Any], function: Function, cotangent: int = 0) -> Any:
    """A function of keywords as a backend is called: arrays and sizes first, then options.

    So many cotangents stay before them.
    """
    names = positional(function)

    def call(*given: Any, **options: Any) -> Any:
        first, rest = given[:cotangent], given[cotangent:]
        if len(rest) > len(names):
            expected = ", ".join(names)
            raise TypeError(f"{function.name} got {len(rest)} by position, expected {expected}")
        return fn(*first, **dict(zip(names, rest, strict=False)), **options)

    call.__name__, call.__doc__ = getattr(fn, "__name__", function.name), fn.__doc__
    return call
