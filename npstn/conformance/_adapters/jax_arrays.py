"""Functions of JAX's arrays; the vjp is by jax.vjp."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

from ...dialects.row import Function
from ._types import Chosen, Fn, Pair, imported


def make(place: str, function: Function, chosen: Chosen) -> Pair:
    """Wrap the function at a place."""
    return on_arrays(imported(place), bfloat16=chosen.bfloat16)


def on_arrays(function: Fn, *, compiled: bool = False, bfloat16: bool = False) -> tuple[Fn, Fn]:
    """Wrap a function, and make its vjp: of all arrays, in the order given.

    Not compiled it is much faster here, for each shape would be compiled for few points.
    """
    jax = import_module("jax")
    jnp = import_module("jax.numpy")
    owner = jax if hasattr(jax, "enable_x64") else import_module("jax.experimental")

    @contextmanager
    def set_up() -> Iterator[None]:
        with owner.enable_x64(True), jax.disable_jit(not compiled):
            yield

    def inner(a: Any) -> Any:
        return jnp.asarray(a, jnp.bfloat16 if bfloat16 else None)

    def array(a: Any) -> Any:
        return np.asarray(a, np.float32 if bfloat16 else None)

    def split(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        found = {k: inner(v) for k, v in given.items() if hasattr(v, "dtype")}
        return found, {k: v for k, v in given.items() if k not in found}

    def real(**given: Any) -> Any:
        with set_up():
            found, options = split(given)
            return array(function(**found, **options))

    def real_vjp(d_out: Any, **given: Any) -> tuple[Any, ...]:
        with set_up():
            found, options = split(given)
            _, pull = jax.vjp(lambda a: function(**a, **options), found)
            pulled = pull(inner(d_out))[0]
            return tuple(array(pulled[k]) for k in found)

    return real, real_vjp
