"""The rules for public names, signatures and docstrings: each raises if it is broken."""

import inspect
import re
from collections.abc import Callable
from types import ModuleType

SIZES = {"in_size", "out_dims"}  # positional, but no primals
LINEAR = {"affine_grid", "displacement_grid"}  # the vjp needs no primals
LINEAR |= {"theta_from_pixel", "theta_to_pixel"}
RESULTS = dict.fromkeys(["affine_grid", "displacement_grid", "compose_grids"], "grid")
RESULTS["compose_displacements"] = "flow"  # what the result is called, if not `out`
RESULTS |= {"theta_from_pixel": "theta", "theta_to_pixel": "matrix"}


def check_names(module: ModuleType) -> None:
    listed = set(module.__all__)
    public = {  # those that are loaded when asked for are no variables yet
        name
        for name in {*vars(module), *listed}
        if not name.startswith("_") and not isinstance(getattr(module, name, module), ModuleType)
    }
    if public != listed:
        raise AssertionError(f"missing: {public - listed}, extra: {listed - public}")


def check_signature(name: str, function: Callable[..., object]) -> None:
    signature = inspect.signature(function)
    for p in signature.parameters.values():
        if p.annotation is p.empty:
            raise AssertionError(f"{name}: {p.name} has no type")
        if p.kind is p.POSITIONAL_OR_KEYWORD and p.default not in (p.empty, None):
            raise AssertionError(f"{name}: the option {p.name} is not keyword-only")
    if signature.return_annotation is signature.empty:
        raise AssertionError(f"{name}: the result has no type")


def check_docstring(name: str, function: Callable[..., object]) -> None:
    text = inspect.getdoc(function) or ""
    sections = dict(re.findall(r"^(\w[\w ]*)\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", text, re.M | re.S))
    returns = inspect.signature(function).return_annotation not in (None, "None")
    takes = inspect.signature(function).parameters  # what takes nothing has nothing to refuse
    expected = {*(["Parameters", "Raises"] if takes else []), *(["Returns"] if returns else [])}
    missing = expected - set(sections)
    if missing:
        raise AssertionError(f"{name}: the docstring has no section {missing}")
    heads = re.findall(r"^([\w*][\w*, ]*)(?: :.*)?$", sections.get("Parameters", ""), re.M)
    documented = [word for head in heads for word in re.split(r", ", head)]
    if documented != [*takes]:
        raise AssertionError(f"{name}: documents {documented}, expected {[*takes]}")


def primals(function: Callable[..., object]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY and p.name not in SIZES]


def options(function: Callable[..., object]) -> list[inspect.Parameter]:
    """Those that a function and its derivatives have in common: not which of these are wanted."""
    parameters = inspect.signature(function).parameters.values()
    return [p for p in parameters if p.kind is p.KEYWORD_ONLY and p.name != "wrt"]


def check_derivative(
    name: str, function: Callable[..., object], found: Callable[..., object], expected: list[str]
) -> None:
    if primals(found) != expected:
        raise AssertionError(f"{name} has {primals(found)}, expected {expected}")
    if options(found) != options(function):
        raise AssertionError(f"{name} differs in its options")


def check_vjp(name: str, function: Callable[..., object], vjp: Callable[..., object]) -> None:
    expected = [f"d_{RESULTS.get(name, 'out')}", *([] if name in LINEAR else primals(function))]
    check_derivative(f"{name}_vjp", function, vjp, expected)
    wrt = inspect.signature(vjp).parameters.get("wrt")
    if wrt and wrt.default != tuple(primals(function)):
        raise AssertionError(f"{name}_vjp has wrt={wrt.default}, expected all primals")


def check_vjp_vjp(name: str, vjp: Callable[..., object], second: Callable[..., object]) -> None:
    _, *others = primals(vjp)
    check_derivative(f"{name}_vjp_vjp", vjp, second, [f"dd_{p}" for p in others] + primals(vjp))


def check_jvp(name: str, function: Callable[..., object], jvp: Callable[..., object]) -> None:
    expected = primals(function) + [f"t_{p}" for p in primals(function)]
    check_derivative(f"{name}_jvp", function, jvp, expected)
    sizes = [[p for p in inspect.signature(f).parameters if p in SIZES] for f in (function, jvp)]
    if sizes[0] != sizes[1]:
        raise AssertionError(f"{name}_jvp has sizes {sizes[1]}, expected {sizes[0]}")
