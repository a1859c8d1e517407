"""Functions of PyTorch, and of what is built on it, on NumPy arrays."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from npstn import dialects
from support.differences import printed

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


def shown(system: str, name: str) -> list[str]:
    """What the reproductions of a function's differences print, on the real system."""
    functions = {f.name: f for f in dialects.get(system).row.functions}
    return [printed(difference.shown_by) for difference in functions[name].differences]


def import_torchvision() -> None:
    """Import torchvision, or skip; its compiled half is not needed, nor there for every PyTorch."""
    import pytest
    import torch

    try:
        pytest.importorskip("torchvision", reason="its row is compared with torchvision")
    except RuntimeError:
        for name in [n for n in sys.modules if n.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        _LIBRARIES.append(torch.library.Library("torchvision", "DEF"))
        for name in ("nms", "qnms"):
            boxes = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            _LIBRARIES[0].define(name + boxes)
        import torchvision  # noqa: F401


_LIBRARIES: list[Any] = []  # what is defined lasts as long as these
