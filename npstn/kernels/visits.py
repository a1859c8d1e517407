"""Which points add to which part of d_x: a part of an image belongs to one task, its owner.

The points of a map come in small tiles. The box of a tile, the texels that it may touch, says which
owners visit it; an owner visits its tiles in their order, so that no sum depends on how d_x is
split.
"""

import numpy as np

from ..jit.lanes import lane, splat, strided, where
from .axis import BORDER, RANK, TAPS, WRAP, is_periodic
from .sizes import MAPS, OUT, PADDING, SIZE, row_at, tile_of, tiles_of
from .tables import ENDING, length, padded

FLAT, DEEP = (32, 8, 1), (16, 4, 4)  # columns, rows and slices of a tile of an image, of a volume
BAND = 64  # tiles of a task, of one map or of several
SURE = 2.0**50  # coordinates below it are known to a texel in plain float64


def begin(size, owners, q):
    """The first texel of owner q on an axis of ``size`` texels."""
    return size * q // owners


def owner_of(size, owners, texel):
    """The owner of a texel on an axis."""
    return np.int64((owners * (texel + 1.0) - 1.0) / size)  # exact: both are far below 2**53


def texels_between(padding, size, low, high):
    """First and last texel that points between two coordinates of an axis may touch."""
    if not (low > -SURE and high < SURE):  # far, infinite or NaN: it may be any
        return 0, size - 1
    first, last = np.int64(np.floor(low)) - TAPS, np.int64(np.floor(high)) + 1 + TAPS
    if padding == WRAP:
        before = first // size * size
        first, last = first - before, last - before
    if is_periodic(padding) and (first < 0 or last >= size):
        return 0, size - 1
    if padding == BORDER:
        return min(max(first, 0), size - 1), max(min(last, size - 1), 0)
    return max(first, 0), min(last, size - 1)


def box_of_map(dims, lattice, tables, n, a, tile):
    """The least and the largest coordinate on axis a of a tile, and a little more."""
    c, d, div = lattice[a, 0], lattice[a, 1], lattice[a, 2]
    theta = (n * RANK + a + 1) * length(dims[OUT], dims[OUT + 1], dims[OUT + 2]) - ENDING + 1
    low = high = tables[theta + RANK] * c + d
    at, terms = 4, abs(tables[theta + RANK] * c) + d
    for b in range(RANK):
        first = at + tile[2 - b]
        p = tables[theta + b] * lattice[a, first]
        q = tables[theta + b] * lattice[a, first + tile[5 - b] - 1]
        low, high, terms = low + min(p, q), high + max(p, q), terms + max(abs(p), abs(q))
        at += padded(dims[OUT + b])
    return (low - 2.0**-48 * terms) / div, (high + 2.0**-48 * terms) / div


def box_of_grid(dims, lattice, grid, n, a, tile):
    """The least and the largest coordinate on axis a of a tile; two NaN if all are NaN."""
    low, high = splat(np.inf), splat(-np.inf)
    count, points = tile[5], dims[OUT] * dims[OUT + 1] * dims[OUT + 2]
    for r in range(tile[3] * tile[4]):
        at = RANK * (n * points + row_at(dims, tile, r)) + a
        for j in range(0, count - 3, 4):
            g = strided(grid, at + RANK * j, RANK)
            low, high = where(g < low, g, low), where(g > high, g, high)
        for j in range(count - count % 4, count):
            g = splat(grid[at + RANK * j])
            low, high = where(g < low, g, low), where(g > high, g, high)
    least, most = lane(low, 0), lane(high, 0)
    for q in range(1, 4):
        least, most = min(least, lane(low, q)), max(most, lane(high, q))
    if least > most:
        return np.nan, np.nan
    if lattice[a, 0] == 0.0:  # one texel: every point is on it, even an infinite one
        return 0.0, 0.0
    return least * lattice[a, 0] + lattice[a, 1], most * lattice[a, 0] + lattice[a, 1]


def boxes(task, scratch, index, lattice, tables, grid, dims, owners, found, counts):
    """Write the owners that each tile of a band meets: first and last by axis.

    found (N, tiles, R, 2): the first is behind the last where there is none. counts (images,
    owners, bands) is the number of tiles that an owner will visit.
    """
    first, last, to, step = band_of(dims, task, owners)
    tiles = tiles_of(dims)
    for k in range(first, last):
        n, tile, empty, at = k // tiles, tile_of(dims, k % tiles), False, 2 * RANK * k
        for a in range(RANK):
            size = dims[SIZE + a]
            if len(grid) == 0:
                low, high = box_of_map(dims, lattice, tables, n, a, tile)
            else:
                low, high = box_of_grid(dims, lattice, grid, n, a, tile)
                empty = empty or not low <= high
            start, stop = texels_between(dims[PADDING], size, low, high)
            empty = empty or start > stop
            found[at + 2 * a] = owner_of(size, owners[a], max(0, start))
            found[at + 2 * a + 1] = owner_of(size, owners[a], max(0, stop))
        if empty:
            found[at], found[at + 1] = 1, 0
        meet(found, at, owners, step, to, counts, counts, -1)


def lists(task, scratch, index, dims, owners, found, starts, visited):
    """Write the tiles that each owner visits, in order: from where ``starts`` says on."""
    first, last, to, step = band_of(dims, task, owners)
    for k in range(first, last):
        meet(found, 2 * RANK * k, owners, step, to, starts, visited, k)


def band_of(dims, task, owners):
    """The tiles of a task; where its count is for the first owner, and the step to the next.

    Tiles are numbered through all maps.
    """
    tiles = dims[MAPS] * tiles_of(dims)
    bands = -(-tiles // BAND)
    image, first = task // bands, task % bands * BAND
    to = image * owners[0] * owners[1] * owners[2] * bands + task % bands
    return image * tiles + first, image * tiles + min(first + BAND, tiles), to, bands


def meet(found, at, owners, step, to, counts, visited, tile):
    """Count a tile for all owners it meets; and list it, unless it is -1."""
    z0, z1 = (found[at + 4], found[at + 5]) if RANK == 3 else (0, 0)
    for z in range(z0, z1 + 1):
        for y in range(found[at + 2], found[at + 3] + 1):
            for x in range(found[at], found[at + 1] + 1):
                k = ((z * owners[1] + y) * owners[0] + x) * step + to
                if tile >= 0:
                    visited[counts[k]] = tile
                counts[k] += 1
