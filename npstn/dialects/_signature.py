"""The signature of a system's function, and the roles of its arguments."""

import inspect

from .row import Argument, Function

POINTS = ("points", "points_x", "points_y", "points_z")
SIZES = ("size", "size_xy", "dsize", "shape")
PRIMALS = ("x", *POINTS, "theta", "offset", "params")  # those that have a cotangent


def argument(value: str | Argument) -> Argument:
    """An argument as data; a word alone is a role without default."""
    return value if isinstance(value, Argument) else Argument(value)


def roles_of(function: Function) -> dict[str, str]:
    """The names of a function's arguments, by role."""
    return {argument(value).role: name for name, value in function.arguments.items()}


def signature(function: Function, cotangent: str = "") -> inspect.Signature:
    """The signature of a function, or of its vjp: the cotangent of the result comes first."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(cotangent, kind)] if cotangent else []
    for name, value in function.arguments.items():
        parameters.append(inspect.Parameter(name, kind, default=argument(value).default))
    only = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature([*parameters, inspect.Parameter("faithful", only, default=True)])


def ranks(function: Function) -> tuple[int, ...]:
    """The numbers of spatial axes that a function takes."""
    other = () if function.otherwise is None else function.otherwise.ranks
    return tuple(dict.fromkeys((*function.convention.ranks, *other)))
