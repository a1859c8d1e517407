"""Functions of PyTorch, and of what is built on it, on NumPy arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np

Real = Callable[..., Any]


def on_arrays(function: Real, *names: str) -> tuple[Real, Real]:
    """Wrap a function of tensors, and make its vjp: the cotangents of what is named, in order."""
    import torch

    torch.set_num_threads(1)

    def tensors(given: dict[str, Any]) -> dict[str, Any]:
        return {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in given.items()}

    def real(**given: Any) -> np.ndarray:
        return function(**tensors(given)).numpy()

    def real_vjp(d_out: np.ndarray, **given: Any) -> tuple[np.ndarray | None, ...]:
        found = tensors(given)
        leaves = [found[name].requires_grad_() for name in names]
        out = function(**found)
        if not out.requires_grad:
            return tuple(np.zeros(leaf.shape) for leaf in leaves)
        grads = torch.autograd.grad(out, leaves, torch.tensor(d_out), allow_unused=True)
        return tuple(
            np.zeros(leaf.shape) if g is None else g.numpy()
            for leaf, g in zip(leaves, grads, strict=True)
        )

    return real, real_vjp
