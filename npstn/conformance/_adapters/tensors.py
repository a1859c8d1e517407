"""Functions of PyTorch's tensors; the vjp is by autograd."""

from importlib import import_module
from typing import Any

import numpy as np

from ...dialects.row import Function
from .._ops import arrays
from ._types import Chosen, Fn, Pair, imported


def make(place: str, function: Function, chosen: Chosen) -> Pair:
    """Wrap the function at a place."""
    return on_arrays(imported(place), arrays(function), chosen.device, bfloat16=chosen.bfloat16)


def filled(place: str, function: Function, chosen: Chosen) -> Pair:
    """Wrap a function of kornia, whose fill is a tensor."""
    called = imported(place)

    def real(fill_value: Any = None, **given: Any) -> Any:
        if fill_value is not None:
            given["fill_value"] = import_module("torch").tensor([fill_value])
        return called(**given)

    return on_arrays(real, arrays(function), chosen.device, bfloat16=chosen.bfloat16)


def on_arrays(
    function: Fn,
    names: tuple[str, ...],
    device: str | None = None,
    *,
    bfloat16: bool = False,
) -> tuple[Fn, Fn]:
    """Wrap a function, and make its vjp: the cotangents of what is named, in order."""
    torch = import_module("torch")

    def tensor(a: Any) -> Any:
        """Make a tensor; on the CPU in the memory of the array, so that a write to it is seen."""
        made = torch.as_tensor(np.require(a, requirements=["C", "W"]), device=device)
        return made.bfloat16() if bfloat16 else made

    def array(t: Any) -> Any:
        return (t.float() if bfloat16 else t).numpy(force=True)

    def tensors(given: dict[str, Any]) -> dict[str, Any]:
        return {k: tensor(v) if isinstance(v, np.ndarray) else v for k, v in given.items()}

    def real(**given: Any) -> Any:
        return array(function(**tensors(given)))

    def real_vjp(d_out: Any, **given: Any) -> tuple[Any, ...]:
        found = tensors(given)
        leaves = [found[name].requires_grad_() for name in names]
        out = function(**found)
        if not out.requires_grad:
            return tuple(array(torch.zeros_like(leaf)) for leaf in leaves)
        # With a cotangent instead of the sum PyTorch imports SymPy, which takes seconds.
        grads = torch.autograd.grad((out * tensor(d_out)).sum(), leaves, allow_unused=True)
        return tuple(
            array(torch.zeros_like(leaf) if g is None else g)
            for leaf, g in zip(leaves, grads, strict=True)
        )

    return real, real_vjp
