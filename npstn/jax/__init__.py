"""The reference inside a JAX program: npstn's own functions of JAX's arrays.

Values and derivatives are those of NumPy to the bit, in the dtype of the arrays, on any device,
under jit, vmap, grad, grad of grad, jvp and their compositions, but for second derivatives forward
over forward. Each function is a primitive of its own, which NumPy computes in a callback.

float32 and float64 are computed in float64 and rounded once, float16 and bfloat16 too.
"""

from typing import Any

import jax

from .._operation import Grid, Module, Sample, tupled
from .._options import CUBIC_COEFFICIENT, Coordinates, Layout, Mode, PaddingMode
from ..transforms.families import Family
from ._primitives import apply

__all__ = ["affine_grid", "grid_sample", "spatial_transformer_network"]


def grid_sample(
    x: jax.Array,
    grid: jax.Array,
    *,
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    fill_value: float = 0.0,
    cubic_coefficient: float = CUBIC_COEFFICIENT,
    coordinates: Coordinates = "normalized",
) -> jax.Array:
    """Sample images (B, H, W, C) at points, as :func:`npstn.grid_sample`.

    Parameters
    ----------
    x : (B, H, W, C) array, or as ``layout`` says
        Images or volumes: float64, float32, float16 or bfloat16.
    grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) array; of volumes (B, Do, Ho, Wo, 3) and so on
        Points (x, y) or (x, y, z).
    mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient, coordinates
        As in :func:`npstn.grid_sample`. ``fill_value`` is a number that is
        known when JAX traces, and has no cotangent.

    Returns
    -------
    (B, Ho, Wo, C) or (B, K, Ho, Wo, C) array, channels placed as in ``x``; volumes alike
        In the dtype of x.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    NotImplementedError
        Of second derivatives forward over forward, and of derivatives of second ones.

    Notes
    -----
    Sub-gradients are those of :func:`npstn.grid_sample_vjp`.
    """
    options: dict[str, Any] = {
        "mode": mode,
        "padding_mode": padding_mode,
        "align_corners": align_corners,
        "layout": layout,
        "fill_value": float(fill_value),
        "cubic_coefficient": cubic_coefficient,
        "coordinates": coordinates,
    }
    return apply(Sample(tuple(options.items())), x=x, grid=grid)


def affine_grid(
    theta: jax.Array, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> jax.Array:
    """Generate the points (B, Ho, Wo, 2) of affine maps, as :func:`npstn.affine_grid`.

    Parameters
    ----------
    theta : (B, 2, 3), of volumes (B, 3, 4) array
        Maps from output to input.
    out_dims : tuple of int
        Size of the output.
    align_corners : bool
        As in :func:`npstn.affine_grid`.

    Returns
    -------
    (B, Ho, Wo, 2) or (B, Do, Ho, Wo, 3) array
        In the dtype of theta.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    return apply(Grid((("align_corners", align_corners),), tupled(out_dims)), theta=theta)


def spatial_transformer_network(
    x: jax.Array,
    theta: jax.Array,
    out_dims: tuple[int, ...] | None = None,
    *,
    transform: str | Family = "affine",
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    fill_value: float = 0.0,
    cubic_coefficient: float = CUBIC_COEFFICIENT,
) -> jax.Array:
    """Transform images (B, H, W, C), as :func:`npstn.spatial_transformer_network`.

    Parameters
    ----------
    x : (B, H, W, C) array, or as ``layout`` says
        Images or volumes.
    theta : (B, P) or (B, K, P) array
        Parameters of the transformation, K of them for an image.
    out_dims : tuple of int, optional
        Size of the output; that of the input by default.
    transform, mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient
        As in :func:`npstn.spatial_transformer_network`.

    Returns
    -------
    (B, Ho, Wo, C) or (B, K, Ho, Wo, C) array, channels placed as in ``x``; volumes alike
        In the dtype of x.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    NotImplementedError
        Of second derivatives forward over forward, and of derivatives of second ones.
    """
    options: dict[str, Any] = {
        "transform": transform,
        "mode": mode,
        "padding_mode": padding_mode,
        "align_corners": align_corners,
        "layout": layout,
        "fill_value": float(fill_value),
        "cubic_coefficient": cubic_coefficient,
    }
    return apply(Module(tuple(options.items()), tupled(out_dims)), x=x, theta=theta)
