"""Which points add to which part of d_x: a part of an image belongs to one task, its owner.

The points of a map come in segments, columns of a row of the output. The box of a segment, the
texels that it may touch, says which owners visit it; an owner visits its segments in the order of
the points, so that no sum depends on how d_x is split.
"""

import numpy as np

from .axis import BORDER, RANK, REFLECTION, TAPS
from .sizes import MAPS, OUT, PADDING, SIZE
from .tables import LIMIT, length, padded

BAND = 16  # rows of the output of a task


def begin(size, owners, q):
    """The first texel of owner q on an axis of ``size`` texels."""
    return size * q // owners


def owner_of(size, owners, texel):
    """The owner of a texel on an axis."""
    return np.int64((owners * (texel + 1.0) - 1.0) / size)  # exact: both are far below 2**53


def texels_between(padding, size, low, high):
    """First and last texel that points between two coordinates of an axis may touch."""
    if not (low > -LIMIT and high < 2.0 * LIMIT):  # far, infinite or NaN: it may be any
        return 0, size - 1
    first, last = np.int64(np.floor(low)) - TAPS, np.int64(np.floor(high)) + 1 + TAPS
    if padding == REFLECTION and (first < 0 or last >= size):
        return 0, size - 1
    if padding == BORDER:
        return min(max(first, 0), size - 1), max(min(last, size - 1), 0)
    return max(first, 0), min(last, size - 1)


def ends(dims, lattice, tables, grid, n, a, r, left, count):
    """The least and the largest coordinate on axis a of a segment, but for rounding."""
    width, height, depth = dims[OUT], dims[OUT + 1], dims[OUT + 2]
    if len(grid) == 0:
        at, row = (n * RANK + a) * length(width, height, depth), 2 * padded(width)
        head = tables[at + row + r % height]
        if RANK == 3:
            head += tables[at + row + 2 * padded(height) + r // height]
        p, q = tables[at + left] + head, tables[at + left + count - 1] + head
        return (p, q) if p < q else (q, p)
    low, high = np.inf, -np.inf
    at = RANK * ((n * height * depth + r) * width + left) + a
    for j in range(count):
        g = np.float64(grid[at + RANK * j])
        low, high = g if g < low else low, g if g > high else high
    if low > high:  # no number at all
        return np.nan, np.nan
    return low * lattice[a, 0] + lattice[a, 1], high * lattice[a, 0] + lattice[a, 1]


def boxes(task, scratch, index, lattice, tables, grid, dims, owners, segment, found, counts):
    """Write the owners that each segment of a band of rows meets: first and last by axis.

    found (N * rows, segments, R, 2): the first is behind the last where there is none. counts
    (images, owners, maps of an image, bands) is the number of segments that an owner will visit.
    """
    width, rows = dims[OUT], dims[OUT + 1] * dims[OUT + 2]
    n, first, last, to, step = band_of(dims, task, rows, owners)
    segments = -(-width // segment)
    for r in range(first, last):
        for k in range(segments):
            left, empty, at = k * segment, False, 2 * RANK * ((n * rows + r) * segments + k)
            for a in range(RANK):
                size, count = dims[SIZE + a], min(segment, width - left)
                low, high = ends(dims, lattice, tables, grid, n, a, r, left, count)
                start, stop = texels_between(dims[PADDING], size, low, high)
                empty = empty or start > stop or (len(grid) != 0 and low != low)
                found[at + 2 * a] = owner_of(size, owners[a], max(0, start))
                found[at + 2 * a + 1] = owner_of(size, owners[a], max(0, stop))
            if empty:
                found[at], found[at + 1] = 1, 0
            meet(found, at, owners, step, to, counts, counts, -1)


def lists(task, scratch, index, dims, owners, segment, found, starts, visited):
    """Write the segments that each owner visits, in order: from where ``starts`` says on."""
    rows, segments = dims[OUT + 1] * dims[OUT + 2], -(-dims[OUT] // segment)
    n, first, last, to, step = band_of(dims, task, rows, owners)
    for k in range((n * rows + first) * segments, (n * rows + last) * segments):
        meet(found, 2 * RANK * k, owners, step, to, starts, visited, k)


def band_of(dims, task, rows, owners):
    """Map and rows of a task; where its count is for the first owner, and the step to the next."""
    bands, maps = -(-rows // BAND), dims[MAPS]
    n, first = task // bands, task % bands * BAND
    step = maps * bands
    to = n // maps * owners[0] * owners[1] * owners[2] * step
    return n, first, min(first + BAND, rows), to + n % maps * bands + task % bands, step


def meet(found, at, owners, step, to, counts, visited, segment):
    """Count a segment for all owners it meets; and list it, unless it is -1."""
    z0, z1 = (found[at + 4], found[at + 5]) if RANK == 3 else (0, 0)
    for z in range(z0, z1 + 1):
        for y in range(found[at + 2], found[at + 3] + 1):
            for x in range(found[at], found[at + 1] + 1):
                k = ((z * owners[1] + y) * owners[0] + x) * step + to
                if segment >= 0:
                    visited[counts[k]] = segment
                counts[k] += 1
