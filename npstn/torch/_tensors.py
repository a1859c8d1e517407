"""Tensors as arrays and back: no copy on the CPU, an explicit one elsewhere, one rounding."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[Any]
NARROW = torch.float16, torch.bfloat16  # computed in float64, and rounded once


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


def arrays(*tensors: torch.Tensor | None) -> list[Array | None]:
    """The same of several, of which some are zero: None."""
    return [None if tensor is None else array(tensor) for tensor in tensors]


def tensor(a: Array, like: torch.Tensor) -> torch.Tensor:
    """An array in the dtype and on the device of a tensor."""
    if like.dtype == torch.float16:
        with np.errstate(over="ignore"):
            a = a.astype(np.float16)
    elif like.dtype == torch.bfloat16:
        a = odd(a)
    return torch.from_numpy(a).to(like.device, like.dtype)


def odd(a: Array) -> NDArray[np.float32]:
    """Round float64 to float32 so that another rounding, to at most 22 bits, is as if it were one.

    What is not exact is cut, and its last bit set (rounding to odd: Boldo and Melquiond, 2008).
    """
    with np.errstate(over="ignore"):
        found = a.astype(np.float32)
    beyond = abs(found.astype(np.float64)) > abs(a)
    cut = np.where(beyond, np.nextafter(found, np.float32(0)), found)
    bits = cut.view(np.int32) | ((cut != a) & ~np.isnan(a)).astype(np.int32)
    return bits.view(np.float32)


def autocast(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Under autocast tensors as float32, which PyTorch samples in."""
    kind = tensors[0].device.type
    on_cpu, on = torch.is_autocast_cpu_enabled, torch.is_autocast_enabled
    if not (on_cpu() if kind == "cpu" else on()):
        return tensors
    return tuple(t.float() if t.dtype in NARROW else t for t in tensors)
