"""The entries of the sampler as a matrix: which texels a point reads, and their weights."""

from .axis import DROPPED, TEXELS
from .locate import locate
from .sizes import points_of, row_at, tile_of, tiles_at
from .space import FOUND, ROW
from .taps import multiply, weigh
from .window import texel_of


def entries(task, scratch, index, lattice, tables, grid, dims, texels, weights):
    """Write texels and weights (N, Do, Ho, Wo, TEXELS); a texel is -1 where none takes part."""
    n, first, last = tiles_at(dims, task)
    for t in range(first, last):
        tile = tile_of(dims, t)
        locate(dims, lattice, tables, grid, n, tile, False, scratch)
        for r in range(tile[3] * tile[4]):
            row, to = r * tile[6], n * points_of(dims) + row_at(dims, tile, r)
            weigh(1, lattice, row, tile[5], scratch)
            multiply(0, 0, 0, tile[5], scratch, FOUND)
            for j in range(tile[5]):
                for q in range(TEXELS):
                    at, w = (to + j) * TEXELS + q, scratch[FOUND + q * ROW + j]
                    texels[at] = texel_of(dims, row + j, q, scratch)
                    weights[at] = 0.0 if texels[at] == DROPPED and w == w else w
