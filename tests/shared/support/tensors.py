"""Functions of PyTorch, and of what is built on it, on NumPy arrays."""

import sys
from collections.abc import Callable
from typing import Any

from npstn import dialects
from npstn.conformance._adapters import tensors
from support.differences import printed

Real = Callable[..., Any]


def on_arrays(function: Real, *names: str) -> tuple[Real, Real]:
    """Wrap a function of tensors, and make its vjp: the cotangents of what is named, in order."""
    import torch

    torch.set_num_threads(1)
    return tensors.on_arrays(function, names)


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
