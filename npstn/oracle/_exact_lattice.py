"""The exact lattice of output pixels, its affine maps, and the adjoint of these."""

from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from ._exact_terms import Array, Sums, require, scaled


def affine_grid(
    theta: ArrayLike, out_dims: tuple[int, ...], *, align_corners: bool = True
) -> Array:
    """Map the output lattice: ``(gx, gy) = theta · (x, y, 1)``, in 3-D with z.

    Parameters
    ----------
    theta : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3); (B, 12), (B, 3, 4) and so on in 3-D
        Affine maps from output to input. ValueError for another shape, NaN or an infinity.
    out_dims : (Ho, Wo) or (Do, Ho, Wo)
    align_corners : bool
        Point j of n is at ``(2j + 1 - n) / (n - 1)``, or 0 if n = 1; else ``(2j + 1 - n) / n``.

    Returns
    -------
    ndarray of Fraction, (B, Ho, Wo, 2), (B, K, Ho, Wo, 2), (B, Do, Ho, Wo, 3) or with K
        Normalised points (x, y) or (x, y, z).
    """
    return map_lattice("theta", theta, lattice(out_dims, align_corners)).term().value


def affine_grid_vjp(d_grid: ArrayLike, *, align_corners: bool = True) -> tuple[Array, Array]:
    """Pull a cotangent of the grid back to theta: ``Σ d_grid ⊗ (x, y, 1)`` and its magnitude.

    The shapes and the errors are those of `affine_grid`; both results are (..., 2, 3) or
    (..., 3, 4) Fractions.
    """
    shape = np.shape(d_grid)
    rank = 3 if shape[-1:] == (3,) else 2
    d = scaled("d_grid", d_grid, (rank + 2, rank + 3), rank)
    value, magnitude, _ = contract(d, lattice(shape[-1 - rank : -1], align_corners)).term()
    return value, magnitude


def lattice(out_dims: tuple[int, ...], align_corners: bool) -> Sums:
    """Return (x, y, 1) or (x, y, z, 1) of the output lattice."""
    rank = len(out_dims)
    require(rank in (2, 3), f"out_dims={out_dims}", "2 or 3 sizes")
    base = np.ones((*out_dims, rank + 1), dtype=object)
    for axis, n in enumerate(map(int, reversed(out_dims))):
        steps = max(n - bool(align_corners), 1)
        line = [Fraction(2 * j + 1 - n, steps) for j in range(n)]
        np.moveaxis(base[..., axis], rank - 1 - axis, -1)[:] = line
    return scaled("out_dims", base, (rank + 1,))


def map_lattice(name: str, theta: ArrayLike, base: Sums) -> Sums:
    """Return the points theta · base, (..., *out_dims, rank)."""
    rank = base.shape[-1] - 1
    maps, tail = np.asarray(theta), (rank, rank + 1)
    if maps.shape[-1:] == (rank * (rank + 1),):
        maps = maps.reshape(*maps.shape[:-1], *tail)
    a = scaled(name, maps, (3, 4), *tail)
    rows = a.terms.reshape(*maps.shape[:-2], *[1] * rank, *tail, 3)
    return Sums((rows * base.terms[..., None, :, :]).sum(axis=-2), a.unit * base.unit)


def contract(d_grid: Sums, base: Sums) -> Sums:
    """Return Σ d_grid ⊗ base over the output, (..., rank, rank + 1)."""
    rank = base.shape[-1] - 1
    outer = d_grid.terms[..., None, :] * base.terms[..., None, :, :]
    return Sums(outer.sum(axis=tuple(range(-3 - rank, -3))), d_grid.unit * base.unit)
