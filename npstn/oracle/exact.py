"""The spatial transformer in exact rational arithmetic.

Every result is the exact value of the operation on the finite numbers that were stored. With it
come the sum of the absolute terms behind it, the unit of its rounding error, and their number.

Arguments are real numbers of any dtype. B batch, K transforms of an image, H and W input size,
Ho and Wo output size, C channels; of volumes, D and Do depth. Images have rank 2, volumes 3. On
an axis of S texels the pixel coordinate p of g is ``(g + 1) (S - 1) / 2`` with align_corners,
``((g + 1) S - 1) / 2`` without; or g itself. Derivatives at a kink are those to the right.

Nearest takes ties to even. Nearest and bilinear pad p, so that on and beyond
the border of padding "border" and at the folds of "reflection" derivatives are 0. Bicubic pads the
index of each texel instead, and its derivatives are those of its pieces everywhere. Padding "wrap"
takes p and the index of each texel modulo S, in every mode.
"""

import numpy as np
from numpy.typing import ArrayLike

from ._exact_axis import Coordinates, Mode, Options, Padding
from ._exact_cells import Cells
from ._exact_lattice import affine_grid, affine_grid_vjp, contract, lattice, map_lattice
from ._exact_layout import Layout, channels_last
from ._exact_terms import Exact, Sums, Term, require, scaled

__all__ = [
    "Exact",
    "Term",
    "affine_grid",
    "affine_grid_vjp",
    "grid_sample",
    "grid_sample_jvp",
    "grid_sample_vjp_fill",
    "grid_sample_vjp_vjp",
    "spatial_transformer_network",
    "spatial_transformer_network_jvp",
    "spatial_transformer_network_vjp_vjp",
]


def grid_sample(
    x: ArrayLike,
    grid: ArrayLike,
    d_out: ArrayLike | None = None,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    coordinates: Coordinates = "normalized",
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> Exact:
    """Sample images at points: ``Σ w v`` over the cell, ``w = k(px - m) k(py - n)``.

    Parameters
    ----------
    x : (B, H, W, C) or (B, D, H, W, C), or as ``layout`` says
    grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2); (B, Do, Ho, Wo, 3) or (B, K, Do, Ho, Wo, 3)
        Points (x, y) or (x, y, z): [-1, 1] is the image if normalised; else in texels.
    d_out : (B, Ho, Wo, C) or (B, K, Ho, Wo, C), or with Do, or C before these, optional
        Cotangent of the output. Without it no gradient is computed.
    mode, padding_mode, align_corners, coordinates
        Interpolation, world outside the image, lattice and unit.
    layout : {"NHWC", "NCHW", "NDHWC", "NCDHW"}
        Of x, the output, and all that has their shape. "NHWC" is "NDHWC" too, for volumes.
    fill_value : number, or (C,) of them
        Value of the texels that do not exist.
    cubic_coefficient : float
        a of Keys' kernel.

    Returns
    -------
    Exact
        The magnitudes are ``Σ |w v|``, ``Σ |w d|`` and ``|dp/dg| Σ |d ∂w v|``.

    Raises
    ------
    ValueError
        For an unknown option, a shape that does not fit, a number that is not finite, or a pixel
        coordinate that overflows float64 and has to be reflected or wrapped.
    """
    options = Options(mode, padding_mode, coordinates, align_corners, cubic_coefficient, layout)
    return _run(Cells(x, _points("grid", grid, x), options, fill_value), d_out)


def grid_sample_jvp(
    x: ArrayLike,
    grid: ArrayLike,
    t_x: ArrayLike,
    t_grid: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    coordinates: Coordinates = "normalized",
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> Term:
    """Push tangents of x and grid, of their shapes, forward: ``Σ (w t_v + t_g · ∂w v)``.

    The magnitude is ``Σ (|w t_v| + |t_g ∂w v|)``. Errors are those of `grid_sample`.
    """
    options = Options(mode, padding_mode, coordinates, align_corners, cubic_coefficient, layout)
    tangents = (("t_x", t_x), ("t_grid", _points("t_grid", t_grid, x)))
    return Cells(x, _points("grid", grid, x), options, fill_value, tangents).push().term()


def grid_sample_vjp_vjp(
    dd_x: ArrayLike,
    dd_grid: ArrayLike,
    d_out: ArrayLike,
    x: ArrayLike,
    grid: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    coordinates: Coordinates = "normalized",
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> tuple[Term, Term, Term]:
    """Pull cotangents of the gradients d_x and d_grid back to d_out, x and grid.

    With ``F = <d_out, grid_sample(x, grid)>`` they are the gradients of ``<dd_x, d_x> + <dd_grid,
    d_grid>``, the derivative of F along (dd_x, dd_grid). Derivatives commute: here they are the
    derivatives along (dd_x, dd_grid) of the gradients of F, which are (out, d_x, d_grid). With
    D = ``dd_g · ∂``, the three are the sums of ``w dd_v + Dw v``, ``d Dw`` and
    ``d (∂w dd_v + D∂w v)``. Magnitudes are the same of absolute values, errors those of
    `grid_sample`.
    """
    options = Options(mode, padding_mode, coordinates, align_corners, cubic_coefficient, layout)
    tangents = (("dd_x", dd_x), ("dd_grid", _points("dd_grid", dd_grid, x)))
    cells = Cells(x, _points("grid", grid, x), options, fill_value, tangents)
    d_x, d_grid, _ = cells.pull(d_out)
    return cells.push().term(), d_x.term(), d_grid.term()


def grid_sample_vjp_fill(
    d_out: ArrayLike,
    x: ArrayLike,
    grid: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    coordinates: Coordinates = "normalized",
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> Term:
    """Pull a cotangent of the output back to the fill (C,): ``Σ w d`` over texels that miss.

    That is the same for every fill. Errors are those of `grid_sample`.
    """
    options = Options(mode, padding_mode, coordinates, align_corners, cubic_coefficient, layout)
    return Cells(x, _points("grid", grid, x), options, fill_value).pull(d_out)[2].term()


def spatial_transformer_network(
    x: ArrayLike,
    theta: ArrayLike,
    out_dims: tuple[int, ...],
    d_out: ArrayLike | None = None,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> Exact:
    """Sample images at the exact affine map of the exact lattice: no rounded grid in between.

    Parameters and errors are those of `grid_sample` and `affine_grid`. In the result, d_coords is
    that of theta, (..., 2, 3) or (..., 3, 4): ``Σ d_grid ⊗ (x, y, 1)`` over the pixels. Its
    magnitude is the same sum of the magnitude of d_grid and ``|(x, y, 1)|``.
    """
    base = lattice(out_dims, align_corners)
    options = Options(mode, padding_mode, "normalized", align_corners, cubic_coefficient, layout)
    return _run(Cells(x, map_lattice("theta", theta, base), options, fill_value), d_out, base)


def spatial_transformer_network_jvp(
    x: ArrayLike,
    theta: ArrayLike,
    out_dims: tuple[int, ...],
    t_x: ArrayLike,
    t_theta: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> Term:
    """Push tangents of x and theta forward: `grid_sample_jvp` with ``t_g = t_theta · (x, y, 1)``.

    The magnitude has ``|t_theta| · |(x, y, 1)|`` in place of ``|t_g|``.
    """
    base = lattice(out_dims, align_corners)
    options = Options(mode, padding_mode, "normalized", align_corners, cubic_coefficient, layout)
    tangents = (("t_x", t_x), ("t_theta", map_lattice("t_theta", t_theta, base)))
    return Cells(x, map_lattice("theta", theta, base), options, fill_value, tangents).push().term()


def spatial_transformer_network_vjp_vjp(
    dd_x: ArrayLike,
    dd_theta: ArrayLike,
    d_out: ArrayLike,
    x: ArrayLike,
    theta: ArrayLike,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    fill_value: ArrayLike = 0.0,
    cubic_coefficient: float = -0.75,
) -> tuple[Term, Term, Term]:
    """Pull cotangents of the gradients d_x and d_theta back to d_out, x and theta.

    As `grid_sample_vjp_vjp`, with ``dd_g = dd_theta · (x, y, 1)``; the last result is of the shape
    and by the formula of d_theta in `spatial_transformer_network`.
    """
    base = lattice(channels_last(d_out, layout).shape[1 - np.ndim(x) : -1], align_corners)
    options = Options(mode, padding_mode, "normalized", align_corners, cubic_coefficient, layout)
    tangents = (("dd_x", dd_x), ("dd_theta", map_lattice("dd_theta", dd_theta, base)))
    cells = Cells(x, map_lattice("theta", theta, base), options, fill_value, tangents)
    d_x, d_points, _ = cells.pull(d_out)
    return cells.push().term(), d_x.term(), contract(d_points, base).term()


def _run(cells: Cells, d_out: ArrayLike | None, base: Sums | None = None) -> Exact:
    """Sample; with a base, pull the gradient of the points back to theta."""
    out = cells.push().term()
    if d_out is None:
        return Exact(out)
    d_x, d_points, _ = cells.pull(d_out)
    d_coords = d_points if base is None else contract(d_points, base)
    return Exact(out, d_x.term(), d_coords.term())


def _points(name: str, grid: ArrayLike, x: ArrayLike) -> Sums:
    rank = np.ndim(x) - 2
    require(rank in (2, 3), f"x of shape {np.shape(x)}", "4 or 5 axes")
    return scaled(name, grid, (rank + 2, rank + 3), rank)
