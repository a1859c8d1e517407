"""The rules for public names and docstrings. Every checker must find a planted fault."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType

import pytest

import npstn
import npstn.oracle

SIZES = {"out_dims"}  # positional, but no primal
LINEAR = {"affine_grid"}  # the vjp needs no primals
RESULTS = {"affine_grid": "grid"}  # what the result is called, if not `out`


def public_modules() -> Iterator[ModuleType]:
    yield npstn
    for info in pkgutil.iter_modules(npstn.__path__, "npstn."):
        if info.name in ("npstn.testing", "npstn.plot"):
            yield importlib.import_module(info.name)
    for info in pkgutil.iter_modules(npstn.oracle.__path__, "npstn.oracle."):
        yield importlib.import_module(info.name)


def public_functions() -> dict[str, FunctionType]:
    found = {}
    for module in public_modules():
        names = getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")])
        for name in names:
            value = getattr(module, name)
            if inspect.isfunction(value) and (
                module is npstn or value.__module__ == module.__name__
            ):
                found[f"{module.__name__}.{name}"] = value
    return found


def check_names(module: ModuleType) -> None:
    public = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    listed = set(module.__all__)
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
    missing = {"Parameters", "Raises", *(["Returns"] if returns else [])} - set(sections)
    if missing:
        raise AssertionError(f"{name}: the docstring has no section {missing}")
    heads = re.findall(r"^([\w*][\w*, ]*)(?: :.*)?$", sections["Parameters"], re.M)
    documented = [word for head in heads for word in re.split(r", ", head)]
    expected = list(inspect.signature(function).parameters)
    if documented != expected:
        raise AssertionError(f"{name}: documents {documented}, expected {expected}")


def primals(function: Callable[..., object]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY and p.name not in SIZES]


def options(function: Callable[..., object]) -> list[inspect.Parameter]:
    parameters = inspect.signature(function).parameters.values()
    return [p for p in parameters if p.kind is p.KEYWORD_ONLY]


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


def check_vjp_vjp(name: str, vjp: Callable[..., object], second: Callable[..., object]) -> None:
    _, *others = primals(vjp)
    check_derivative(f"{name}_vjp_vjp", vjp, second, [f"dd_{p}" for p in others] + primals(vjp))


def check_jvp(name: str, function: Callable[..., object], jvp: Callable[..., object]) -> None:
    expected = primals(function) + [f"t_{p}" for p in primals(function)]
    check_derivative(f"{name}_jvp", function, jvp, expected)
    sizes = [[p for p in inspect.signature(f).parameters if p in SIZES] for f in (function, jvp)]
    if sizes[0] != sizes[1]:
        raise AssertionError(f"{name}_jvp has sizes {sizes[1]}, expected {sizes[0]}")


def test_all_lists_the_public_names():
    check_names(npstn)


@pytest.mark.parametrize("names", [["f"], ["f", "g", "h"]])
def test_a_wrong_all_is_found(names):
    module = ModuleType("module")
    module.f = module.g = len
    module.__all__ = names
    with pytest.raises(AssertionError, match="missing"):
        check_names(module)


@pytest.mark.parametrize(("name", "function"), public_functions().items())
def test_public_functions_are_typed_and_documented(name, function):
    check_signature(name, function)
    if "oracle" in name:  # these repeat public names, and refer to each other
        assert function.__doc__
    else:
        check_docstring(name, function)


def good(x: int, y: int | None = None, *, mode: str = "a") -> int:
    """Claim.

    Parameters
    ----------
    x, y : int
        Numbers.
    mode
        As above.

    Returns
    -------
    int
        A number.

    Raises
    ------
    ValueError
        Never.
    """


def test_a_planted_fault_in_a_signature_is_found():
    check_signature("good", good)
    for source in ("x, *, y: int = 0", "x: int, mode: str = 'a'", "x: int"):
        result = "" if source == "x: int" else " -> int"
        scope: dict[str, Callable[..., object]] = {}
        exec(f"def bad({source}){result}: ...", scope)
        with pytest.raises(AssertionError, match="bad"):
            check_signature("bad", scope["bad"])


@pytest.mark.parametrize(
    ("old", "new"), [("Raises", "Notes"), ("x, y :", "x :"), ("mode\n", "node\n"), ("Returns", "")]
)
def test_a_planted_fault_in_a_docstring_is_found(old, new):
    check_docstring("good", good)
    bad = FunctionType(good.__code__, {}, "bad", good.__defaults__)
    bad.__kwdefaults__, bad.__annotations__ = good.__kwdefaults__, good.__annotations__
    bad.__doc__ = good.__doc__.replace(old, new)
    with pytest.raises(AssertionError, match="bad"):
        check_docstring("bad", bad)


CHECKS = {"_vjp": check_vjp, "_jvp": check_jvp, "_vjp_vjp": check_vjp_vjp}
FOUND = [(name, end) for name in npstn.__all__ for end in CHECKS if name + end in npstn.__all__]
FOUND = [(name, end) for name, end in FOUND if not name.endswith("_vjp")]


@pytest.mark.parametrize(("name", "end"), FOUND)
def test_signatures_of_derivatives(name, end):
    function = getattr(npstn, f"{name}_vjp" if end == "_vjp_vjp" else name)
    CHECKS[end](name, function, getattr(npstn, name + end))


def test_every_derivative_is_of_something():
    ends = tuple(CHECKS)
    assert {name for name in npstn.__all__ if name.endswith(ends)} == {a + b for a, b in FOUND}


def f(x, grid, out_dims=None, *, mode="bilinear"): ...
def f_vjp(d_out, x, grid, *, mode="bilinear"): ...


def test_a_planted_fault_in_a_vjp_is_found():
    def wrong_name(dout, x, grid, *, mode="bilinear"): ...
    def wrong_order(d_out, grid, x, *, mode="bilinear"): ...
    def wrong_default(d_out, x, grid, *, mode="nearest"): ...
    def no_option(d_out, x, grid): ...

    check_vjp("f", f, f_vjp)
    for bad in (wrong_name, wrong_order, wrong_default, no_option):
        with pytest.raises(AssertionError, match="f_vjp"):
            check_vjp("f", f, bad)


def test_a_planted_fault_in_a_jvp_is_found():
    def f_jvp(x, grid, t_x, t_grid, out_dims=None, *, mode="bilinear"): ...
    def wrong_name(x, grid, d_x, t_grid, out_dims=None, *, mode="bilinear"): ...
    def no_size(x, grid, t_x, t_grid, *, mode="bilinear"): ...
    def no_option(x, grid, t_x, t_grid, out_dims=None): ...

    check_jvp("f", f, f_jvp)
    for bad in (wrong_name, no_size, no_option):
        with pytest.raises(AssertionError, match="f_jvp"):
            check_jvp("f", f, bad)


def test_a_planted_fault_in_a_second_derivative_is_found():
    def f_vjp_vjp(dd_x, dd_grid, d_out, x, grid, *, mode="bilinear"): ...
    def wrong_name(d_x, d_grid, d_out, x, grid, *, mode="bilinear"): ...
    def wrong_order(d_out, x, grid, dd_x, dd_grid, *, mode="bilinear"): ...

    check_vjp_vjp("f", f_vjp, f_vjp_vjp)
    for bad in (wrong_name, wrong_order):
        with pytest.raises(AssertionError, match="f_vjp_vjp"):
            check_vjp_vjp("f", f_vjp, bad)
