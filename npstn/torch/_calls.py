"""Calls of PyTorch's samplers, told to a listener while a program runs.

``torch.nn.functional.grid_sample`` and ``affine_grid`` look up ``torch.grid_sampler`` and
``torch.affine_grid_generator`` at each call. To replace these is therefore enough for kornia,
torchvision and MONAI, for names imported before, and for all threads.
"""

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import _disable_current_modes

from ._tensors import NARROW

Array = NDArray[Any]
Listener = Callable[["Heard"], None]

_SAMPLED = ("input", "grid", "mode", "padding_mode", "align_corners")
NAMES = {
    "grid_sampler": ("grid_sample", _SAMPLED),
    "grid_sampler_2d": ("grid_sample", _SAMPLED),
    "grid_sampler_3d": ("grid_sample", _SAMPLED),
    "affine_grid_generator": ("affine_grid", ("theta", "size", "align_corners")),
}
_OTHER = {"interpolation_mode": "mode"}
_WORDS = {
    "mode": ("bilinear", "nearest", "bicubic"),
    "padding_mode": ("zeros", "border", "reflection"),
}


class Heard:
    """A call: its arguments by the names of ``torch.nn.functional``, and its result."""

    def __init__(self, op: str, given: dict[str, Any], out: torch.Tensor) -> None:
        self.op, self.given, self.out = op, given, out
        self.tensors = {k: v for k, v in given.items() if isinstance(v, torch.Tensor)}
        self.dtype = str(out.dtype).removeprefix("torch.")  # autocast changes that of arguments

    @property
    def shapes(self) -> str:
        """The shapes of tensors and result."""
        return ", ".join(f"{k} {tuple(v.shape)}" for k, v in self._all.items())

    @property
    def numbers(self) -> int:
        """How many numbers there are in tensors and result."""
        return sum(tensor.numel() for tensor in self._all.values())

    @property
    def dtypes(self) -> str:
        """The dtypes of tensors and result, or the one that all have."""
        found = {k: str(v.dtype).removeprefix("torch.") for k, v in self._all.items()}
        several = len(set(found.values())) > 1
        return ", ".join(f"{k} {v}" for k, v in found.items()) if several else self.dtype

    @property
    def device(self) -> str:
        """Where the result is."""
        return str(self.out.device)

    @property
    def options(self) -> dict[str, Any]:
        """All arguments that are neither tensors nor sizes."""
        return {k: v for k, v in self.given.items() if k not in (*self.tensors, "size")}

    def arguments(self, images: slice) -> dict[str, Any]:
        """Arrays and options, of some images; numbers of 16 bits are in arrays of float32."""
        found: dict[str, Any] = {k: self._array(v[images]) for k, v in self.tensors.items()}
        if "size" in self.given:
            found["size"] = (len(found["theta"]), *map(int, self.given["size"][1:]))
        return {k: found.get(k, v) for k, v in self.given.items()}

    def result(self, images: slice) -> Array:
        """The result, of some images."""
        return self._array(self.out[images])

    def memory(self, name: str) -> StorageWeakRef:
        """The memory of a tensor, or of the result: equal for views of one, not kept alive."""
        return StorageWeakRef(self._all[name].untyped_storage())

    def after_backward(
        self, images: slice, done: Callable[["Heard", Array, dict[str, Array]], None]
    ) -> None:
        """Call once with the cotangents of the result and of tensors, if it is pulled back.

        What is kept until then is what PyTorch keeps as well; so nothing is done where hooks save
        tensors elsewhere, or compute them again.
        """
        node, hooks = self.out.grad_fn, _saving()
        if node is None or hooks:
            return
        with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
            given = {k: v.detach() if k in self.tensors else v for k, v in self.given.items()}
            kept = [Heard(self.op, given, self.out.new_empty(0))]  # a view would keep all of it

        def hook(pulled: tuple[Any, ...], cotangents: tuple[Any, ...]) -> None:
            if kept and cotangents[0] is not None:
                heard = kept.pop()
                pairs = zip(heard.tensors, pulled, strict=False)
                with _disable_current_modes():
                    d = {k: heard._array(a[images]) for k, a in pairs if a is not None}
                    done(heard, heard._array(cotangents[0][images]), d)

        node.register_hook(hook)

    @property
    def _all(self) -> dict[str, torch.Tensor]:
        return {**self.tensors, "out": self.out}

    def _array(self, tensor: torch.Tensor) -> Array:
        with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
            plain = tensor.detach().resolve_neg().to(self.out.dtype)
            found = plain.float() if plain.dtype in NARROW else plain
            return np.asarray(found.numpy(force=True))


@contextmanager
def told(listener: Listener) -> Iterator[None]:
    """Tell a listener of all calls in a block; they are PyTorch's own, and nothing is changed.

    Calls that are compiled or traced are not told: PyTorch would take the listener in.
    """
    before = {name: getattr(torch, name) for name in NAMES}
    on = [True]
    after = {name: _telling(name, original, listener, on) for name, original in before.items()}
    scripted = torch.jit._builtins._get_builtin_table()  # what torch.jit.script knows
    for name, original in before.items():
        scripted[id(after[name])] = scripted.get(id(original))
    places = [(vars(torch), name, name) for name in NAMES]
    places += [(*found, name) for name, original in before.items() for found in _copies(original)]
    for where, name, original in places:
        where[name] = after[original]
    try:
        yield
    finally:
        on.clear()  # for names that were imported within
        for wrapper in after.values():
            scripted.pop(id(wrapper), None)  # its address may be given to another
        for where, name, original in places:
            where[name] = before[original]


def _telling(name: str, original: Any, listener: Listener, on: list[bool]) -> Any:
    op, names = NAMES[name]
    process = os.getpid()

    @functools.wraps(original)
    def call(*args: Any, **keywords: Any) -> Any:
        out = original(*args, **keywords)
        if torch.compiler.is_compiling() or torch.jit.is_tracing() or not on:
            return out
        given = dict(zip(names, args, strict=False))
        given |= {_OTHER.get(k, k): v for k, v in keywords.items()}
        for option, words in _WORDS.items():
            number: Any = given.get(option)
            given[option] = words[number] if number in range(3) else number
        given = {k: given[k] for k in names}
        if isinstance(out, torch.Tensor) and os.getpid() == process:
            with _disable_current_modes():
                listener(Heard(op, given, out))
        return out

    return call


def _saving() -> bool:
    """Whether the program has hooks for what is saved: torch.utils.checkpoint has."""
    top = getattr(torch._C._autograd, "_top_saved_tensors_default_hooks", None)
    return top is not None and top(True) is not None


def _copies(original: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Where other modules than PyTorch's have imported a function by name."""
    for key, module in list(sys.modules.items()):
        if key.partition(".")[0] != "torch":
            names = getattr(module, "__dict__", {})
            yield from ((names, name) for name, v in list(names.items()) if v is original)
