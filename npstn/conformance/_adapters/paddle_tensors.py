"""Functions of PaddlePaddle's tensors; the vjp is by its own derivatives."""

from importlib import import_module
from typing import Any

import numpy as np

from ...dialects.row import Function
from .._ops import arrays
from ._types import Chosen, Fn, Pair, imported


def make(place: str, function: Function, chosen: Chosen) -> Pair:
    """Wrap the function at a place."""
    return on_arrays(imported(place), arrays(function))


def on_arrays(function: Fn, names: tuple[str, ...]) -> tuple[Fn, Fn]:
    """Wrap a function, and make its vjp: the cotangents of what is named, in order."""
    paddle = import_module("paddle")

    def tensors(given: dict[str, Any]) -> dict[str, Any]:
        return {
            k: paddle.to_tensor(v) if isinstance(v, np.ndarray) else v for k, v in given.items()
        }

    def real(**given: Any) -> Any:
        return function(**tensors(given)).numpy()

    def real_vjp(d_out: Any, **given: Any) -> tuple[Any, ...]:
        found = tensors(given)
        leaves = [found[name] for name in names]
        for leaf in leaves:
            leaf.stop_gradient = False
        out = function(**found)
        grads = paddle.grad(out, leaves, paddle.to_tensor(d_out), allow_unused=True)
        return tuple(
            (paddle.zeros_like(leaf) if g is None else g).numpy()
            for leaf, g in zip(leaves, grads, strict=True)
        )

    return real, real_vjp
