"""The rules for public names and docstrings. Every checker must find a planted fault."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType

import pytest
from support.api import (
    check_docstring,
    check_jvp,
    check_names,
    check_signature,
    check_vjp,
    check_vjp_vjp,
)

import npstn
import npstn.oracle


def public_modules() -> Iterator[ModuleType]:
    yield npstn
    for info in pkgutil.iter_modules(npstn.__path__, "npstn."):
        if info.name in ("npstn.testing", "npstn.plot", "npstn.dialects"):
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
                module is npstn or value.__module__.startswith(module.__name__)
            ):
                found[f"{module.__name__}.{name}"] = value
    return found


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
