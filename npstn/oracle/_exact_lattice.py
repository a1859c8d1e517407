"""The exact lattice of output pixels, its affine maps, and the adjoint of these."""

from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from ._exact_terms import Sums, require, scaled


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
