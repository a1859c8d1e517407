"""The reference inside a PyTorch program: its samplers, computed by npstn.

``from npstn.torch import grid_sample`` in the place of ``from torch.nn.functional import
grid_sample``, and a training run is by the reference: values and derivatives are those of
:func:`npstn.grid_sample` to the bit, whatever the device. First and second derivatives, forward
mode, ``torch.func`` and ``vmap`` work, but for second derivatives forward over forward.

float32 and float64 are computed in float64 and rounded once, float16 and bfloat16 too. Tensors on
the CPU are not copied, in the usual memory format or with channels last; those of other devices
are, there and back. ``torch.compile`` runs the functions as they are, and breaks its graph there.
What PyTorch calls batched gradients (``is_grads_batched``) no function of one's own has; ``vmap``
of ``grad`` does it.
"""

from typing import Any

import torch
from torch import Tensor

from .. import dialects
from .._hints import shown
from .._operation import Grid, Module, Operation, Sample, tupled
from .._options import CUBIC_COEFFICIENT
from ..dialects._arguments import Arguments
from ..transforms.families import Family
from ._functions import Forward
from ._tensors import DTYPES, autocast, outline, uncompiled

__all__ = ["affine_grid", "grid_sample", "spatial_transformer_network"]


@uncompiled
def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """Sample images (N, C, H, W) at points, as torch.nn.functional.grid_sample.

    Parameters
    ----------
    input : (N, C, H, W) or (N, C, D, H, W) tensor
        Images, or volumes: float64, float32, float16 or bfloat16.
    grid : (N, Ho, Wo, 2) or (N, Do, Ho, Wo, 3) tensor
        Points (x, y) or (x, y, z) in [-1, 1].
    mode : {"bilinear", "nearest", "bicubic"}
        Interpolation; volumes have no bicubic.
    padding_mode : {"zeros", "border", "reflection"}
        What is outside.
    align_corners : bool, optional
        Whether -1 and 1 are the centres of the first and last texel, or else their outer edges.
        None is False.

    Returns
    -------
    (N, C, Ho, Wo) or (N, C, Do, Ho, Wo) tensor
        In the dtype of input; under autocast float32, as PyTorch has it.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    NotImplementedError
        Of second derivatives forward over forward, and of derivatives of second ones.

    Notes
    -----
    Sub-gradients are those of :func:`npstn.grid_sample_vjp`. Unlike PyTorch, coordinates are not
    rounded, a NaN is no fault, input and grid may differ in dtype, and there is no warning where
    align_corners is None: ``help(npstn.dialects.torch.grid_sample)`` says what else differs.
    """
    input, grid = autocast(_tensor("input", input), _tensor("grid", grid))
    options = {"mode": mode, "padding_mode": padding_mode, "align_corners": align_corners}
    given = _arguments("grid_sample", input=outline(input), grid=outline(grid), **options)
    given.image()
    given.points(input.dim() - 2)
    chosen = {
        "mode": given.choice("mode", given.rule.modes),
        "padding_mode": given.choice("padding", given.rule.paddings).mode,
        "align_corners": given.align(),
    }
    return _sampled(Sample, input, grid, chosen)


@uncompiled
def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Tensor:
    """Generate the points (N, H, W, 2) of affine maps, as torch.nn.functional.affine_grid.

    Parameters
    ----------
    theta : (N, 2, 3) or (N, 3, 4) tensor
        Maps from output to input.
    size : torch.Size or tuple of int
        (N, C, H, W) or (N, C, D, H, W) of the output.
    align_corners : bool, optional
        As in :func:`grid_sample`.

    Returns
    -------
    (N, H, W, 2) or (N, D, H, W, 3) tensor
        In the dtype of theta.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    NotImplementedError
        Of second derivatives forward over forward, and of derivatives of second ones.
    """
    dims = tupled(size)
    given = _arguments(
        "affine_grid",
        theta=outline(_tensor("theta", theta)),
        size=dims,
        align_corners=align_corners,
    )
    rank = theta.shape[-2] if theta.dim() == 3 else 2
    given.maps(rank)
    out = given.size(None, rank)
    return Forward.apply(Grid((("align_corners", given.align()),), out), theta)


@uncompiled
def spatial_transformer_network(
    x: Tensor,
    theta: Tensor,
    out_dims: tuple[int, ...] | None = None,
    *,
    transform: str | Family = "affine",
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
    fill_value: float = 0.0,
    cubic_coefficient: float = CUBIC_COEFFICIENT,
) -> Tensor:
    """Transform images (N, C, H, W): npstn.spatial_transformer_network, channels first.

    Parameters
    ----------
    x : (N, C, H, W) or (N, C, D, H, W) tensor
        Images, or volumes.
    theta : (N, P) or (N, K, P) tensor
        Parameters of the transformation, K of them for an image.
    out_dims : tuple of int, optional
        Size of the output; that of the input by default.
    transform, mode, padding_mode, align_corners, fill_value, cubic_coefficient
        As in :func:`npstn.spatial_transformer_network`. Note its default of align_corners.

    Returns
    -------
    (N, C, Ho, Wo) or (N, K, C, Ho, Wo) tensor, of volumes with Do
        In the dtype of x.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    NotImplementedError
        Of second derivatives forward over forward, and of derivatives of second ones.
    """
    options = {
        "transform": transform,
        "mode": mode,
        "padding_mode": padding_mode,
        "align_corners": align_corners,
        "fill_value": fill_value,
        "cubic_coefficient": cubic_coefficient,
    }
    dims = tupled(out_dims)
    return _sampled(Module, _tensor("x", x), _tensor("theta", theta), options, dims)


def _sampled(
    kind: type[Operation], x: Tensor, where: Tensor, options: dict[str, Any], *rest: Any
) -> Tensor:
    """The output of a sampler for images as they lie in memory."""
    volume = x.dim() == 5
    lies_last = x.dim() in (4, 5) and x.movedim(1, -1).is_contiguous() and not x.is_contiguous()
    layout = ("NDHWC" if volume else "NHWC") if lies_last else "NCDHW" if volume else "NCHW"
    operation = kind((*options.items(), ("layout", layout)), *rest)
    if not lies_last:
        return Forward.apply(operation, x, where)
    return Forward.apply(operation, x.movedim(1, -1), where).movedim(-1, 1 - x.dim())


def _tensor(name: str, value: object) -> Tensor:
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} is {shown(value)}, expected a tensor")
    if value.dtype not in DTYPES:
        known = ", ".join(map(str, DTYPES))
        raise TypeError(f"{name} has dtype {value.dtype}, expected one of {known}")
    if value.layout != torch.strided or value.is_meta:
        what = value.device if value.is_meta else value.layout
        raise TypeError(f"{name} is on or of {what}, expected a dense tensor with numbers")
    return value


def _arguments(name: str, **given: Any) -> Arguments:
    """The arguments of PyTorch's function, checked as its dialect does."""
    (function,) = (f for f in dialects.torch.row.functions if f.name == name)
    return Arguments(function, {**given, "faithful": True})
