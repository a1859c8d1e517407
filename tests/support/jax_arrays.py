"""Functions of JAX, and of what is built on it, on NumPy arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np

Real = Callable[..., Any]


def on_arrays(function: Real, *, compiled: bool = False) -> tuple[Real, Real]:
    """Wrap a function of JAX's arrays, and make its vjp: of all arrays, in the order given.

    Not compiled it is much faster here, for each shape would be compiled for few points.
    """
    import jax

    jax.config.update("jax_enable_x64", True)

    def split(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        arrays = {k: jax.numpy.asarray(v) for k, v in given.items() if hasattr(v, "dtype")}
        return arrays, {k: v for k, v in given.items() if k not in arrays}

    def real(**given: Any) -> np.ndarray:
        arrays, options = split(given)
        with jax.disable_jit(not compiled):
            return np.asarray(function(**arrays, **options))

    def real_vjp(d_out: np.ndarray, **given: Any) -> tuple[np.ndarray, ...]:
        arrays, options = split(given)
        with jax.disable_jit(not compiled):
            _, pull = jax.vjp(lambda a: function(**a, **options), arrays)
            found = pull(jax.numpy.asarray(d_out))[0]
        return tuple(np.asarray(found[k]) for k in arrays)

    return real, real_vjp
