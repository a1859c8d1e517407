"""Tensors as arrays and back: no copy on the CPU, an explicit one elsewhere, one rounding."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .._rounding import narrowed, odd

Array = NDArray[Any]
NARROW = torch.float16, torch.bfloat16  # computed in float64, and rounded once
DTYPES = torch.float64, torch.float32, *NARROW
uncompiled = torch._disable_dynamo  # a decorator: torch.compile runs the function as it is


def array(tensor: torch.Tensor) -> Array:
    """The numbers of a tensor; those of 16 bits as float64."""
    plain = tensor.detach().resolve_neg()
    if plain.dtype in NARROW:
        plain = plain.to(torch.float64)
    return plain.numpy(force=True)


def outline(tensor: torch.Tensor) -> Array:
    """An array of the shape and dtype of a tensor, which may have no numbers yet, in no memory."""
    kind = np.float32 if tensor.dtype == torch.float32 else np.float64
    return np.broadcast_to(np.zeros((), kind), tuple(tensor.shape))


def arrays(*tensors: Any) -> list[Any]:
    """The numbers of several, of which some are zero: None."""
    return [None if tensor is None else array(tensor) for tensor in tensors]


def tensor(a: Array, like: torch.Tensor) -> torch.Tensor:
    """An array in the dtype and on the device of a tensor."""
    if like.dtype in NARROW:
        a = narrowed(a, "float16") if like.dtype == torch.float16 else odd(a)
    return torch.from_numpy(a).to(like.device, like.dtype)


def autocast(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Under autocast tensors as float32, which PyTorch samples in."""
    if not _casts(tensors[0].device.type):
        return tensors
    return tuple(t.float() if t.dtype in NARROW else t for t in tensors)


def _casts(device: str) -> bool:
    """Whether autocast is on; PyTorch 2.3 asks with one function for each device."""
    if device == "cpu" and torch.__version__.startswith("2.3."):
        return bool(torch.is_autocast_cpu_enabled())
    of = () if torch.__version__.startswith("2.3.") else (device,)
    try:
        return bool(torch.is_autocast_enabled(*of))
    except RuntimeError:  # a device that has none
        return False
