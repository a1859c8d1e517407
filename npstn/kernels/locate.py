"""The points of a tile of the output: the first texel of each, and how far it is from there."""

import numpy as np

from ..jit.lanes import keep, lane, load, pack, rint, splat, strided, total, unzip, where
from .affine import WORK, point
from .axis import (
    KERNEL,
    NEAREST,
    RANK,
    WIDE_GRID,
    ZEROS,
    beside,
    first_texel,
    fold,
    is_periodic,
    period_of,
)
from .coordinate import from_grid, nearest_integer
from .eft import inline, two_sum
from .sizes import ALIGN, OUT, PADDING, SIZE, fours
from .space import BLOCK, BOX, SPARE, SUMMARY
from .tables import ENDING, LIMIT, length, padded

TINY = 2.0**-900  # products with such numbers lose their sign
TOO_FAR = 2.0**24  # for the tail of a coordinate to be less than a texel


def locate(dims, lattice, tables, grid, n, tile, slopes, scratch):
    """Find all points of a tile of map n; returns whether all coordinates are numbers.

    Slopes are written if ``slopes``.
    """
    z0, i0, left, slices, rows, columns, pitch = tile
    wide, high = padded(dims[OUT]), padded(dims[OUT + 1])
    doubts = others = 0.0
    for a in range(RANK):
        keep(scratch, SUMMARY, splat(np.inf))
        keep(scratch, SUMMARY + 4, splat(-np.inf))
        keep(scratch, SUMMARY + 8, splat(0.0))
        keep(scratch, SUMMARY + 12, splat(0.0))
        at = (n * RANK + a) * length(dims[OUT], dims[OUT + 1], dims[OUT + 2])
        for r in range(slices * rows):
            z, i, to = z0 + r // rows, i0 + r % rows, 3 * a * BLOCK + r * pitch
            if len(grid) != 0:
                row = RANK * (((n * dims[OUT + 2] + z) * dims[OUT + 1] + i) * dims[OUT] + left)
                grid_row(dims, lattice, grid, row, a, columns, to, scratch)
                continue
            row = at + 2 * wide + i
            head, tail = tables[row], tables[row + high]
            if RANK == 3:
                row = at + 2 * (wide + high) + z
                head, tail = head + tables[row], tail + tables[row + padded(dims[OUT + 2])]
            map_row(dims, tables, at, left, head, tail, a, columns, to, scratch)
        if dims[PADDING] != ZEROS:
            pad_rows(dims, a, slices * rows * pitch, scratch)
        if slopes:
            write_slopes(dims, lattice[a, 0], a, slices * rows * pitch, scratch)
        summarize(a, scratch)
        doubts += total(load(scratch, SUMMARY + 8))
        others += total(load(scratch, SUMMARY + 12))
    if doubts != 0.0:
        return resolve(dims, lattice, tables, grid, n, tile, scratch) and others == 0.0
    return others == 0.0


@inline
def map_row(dims, tables, at, left, head, tail, a, count, to, scratch):
    """Find the points of a row of a map on axis a; its table begins at ``at``."""
    wide, padding, size = padded(dims[OUT]), dims[PADDING], dims[SIZE + a] + 0.0
    reach = tables[at + length(dims[OUT], dims[OUT + 1], dims[OUT + 2]) - ENDING]
    number = splat(0.0) == 0.0  # if it is none, it is not certain
    low, high = load(scratch, SUMMARY), load(scratch, SUMMARY + 4)
    doubts = load(scratch, SUMMARY + 8)
    for j in range(0, count, 4):
        p = load(tables, at + left + j) + head
        r, rest = rint(p), load(tables, at + left + wide + j) + tail
        if KERNEL == NEAREST:
            r, f = decide(r, p - r, splat(0.0), rest)
            certain = abs(abs(f) - 0.5) >= reach
        else:
            f = (p - r) + rest
            certain = abs(f) >= reach
        if not is_periodic(padding):
            r, f = beside(padding, number, r, f, size)
        low, high = put(padding, certain, r, f, low, high, to + j, scratch)
        doubts = where(certain, doubts, splat(1.0))
    keep(scratch, SUMMARY, low)
    keep(scratch, SUMMARY + 4, high)
    keep(scratch, SUMMARY + 8, doubts)


@inline
def grid_row(dims, lattice, grid, at, a, count, to, scratch):
    """Find the points of a row of a grid on axis a, p = g * c + d."""
    c, d, padding, size = lattice[a, 0], lattice[a, 1], dims[PADDING], dims[SIZE + a] + 0.0
    low, high = load(scratch, SUMMARY), load(scratch, SUMMARY + 4)
    doubts, others = load(scratch, SUMMARY + 8), load(scratch, SUMMARY + 12)
    zero, one, limit = splat(0.0), splat(1.0), 2.0**500
    for j in range(0, count, 4):
        if count - j < 4:
            first = at + RANK * j + a
            second, third = RANK * min(1, count - j - 1), RANK * min(2, count - j - 1)
            g = pack(grid[first], grid[first + second], grid[first + third], grid[first + third])
        elif RANK == 2:
            x, y = unzip(grid, at + 2 * j)
            g = x if a == 0 else y
        else:
            g = strided(grid, at + RANK * j + a, RANK)
        number = g == g
        if c == 0.0:  # one texel: every point is on it, even an infinite one
            g = where(number, zero, g)
        certain = (abs(g) >= TINY) | (g == 0.0) | (g != g)
        if is_periodic(padding):
            certain = certain & ((abs(g * c + d) < TOO_FAR) | (g != g))
        if size > LIMIT:
            certain = g != g
        if WIDE_GRID:
            g = where(g < limit, where(g > -limit, g, splat(-limit)), splat(limit))
            t = 134217729.0 * g
            head = t - (t - g)
            tail = (g - head) * c
        else:
            head, tail = g, zero
        product = head * c
        r = rint(product + d)
        if KERNEL != NEAREST and not WIDE_GRID:
            f = product + (d - r)
        else:
            t, e = two_sum(product, d - r)
            if KERNEL == NEAREST:
                r, f = decide(r, t, e, tail)
            else:
                f = t + (e + tail)
        r, f = beside(padding, number, r, f, size)
        low, high = put(padding, certain, r, f, low, high, to + j, scratch)
        doubts, others = where(certain, doubts, one), where(number, others, one)
    keep(scratch, SUMMARY, low)
    keep(scratch, SUMMARY + 4, high)
    keep(scratch, SUMMARY + 8, doubts)
    keep(scratch, SUMMARY + 12, others)


@inline
def put(padding, certain, r, f, low, high, to, scratch):
    """Write four points, those that are not certain as NaN; returns the box with them in it."""
    if padding == ZEROS:
        r = first_texel(r, f)
    r = where(certain, r, splat(np.nan))
    keep(scratch, to, r)
    keep(scratch, to + BLOCK, f)
    return where(r < low, r, low), where(r > high, r, high)


@inline
def decide(r, t, e, tail):
    """(r, f) of p = r + t + e + tail, |f| <= 1/2, where f is a tie only if p is one."""
    f, e2 = two_sum(t, tail)
    off = e + e2
    size, sign = abs(f), where(f < 0.0, splat(-1.0), splat(1.0))
    off = where(size == 0.5, off * sign, splat(0.0))
    more, short = (size > 0.5) | (off > 0.0), 0.5 - 2.0**-54
    f = where(size > 0.5, f - sign, where(off > 0.0, -short * sign, f))
    return where(more, r + sign, r), where(off < 0.0, short * sign, f)


def pad_rows(dims, a, count, scratch):
    """Pad the coordinates of all points of a tile on axis a, found as r + f."""
    size, low, high = dims[SIZE + a] + 0.0, splat(np.inf), splat(-np.inf)
    for j in range(3 * a * BLOCK, 3 * a * BLOCK + count, 4):
        r, f = load(scratch, j), load(scratch, j + BLOCK)
        certain = r == r
        r, f, slope = fold(dims[PADDING], r, f, size, dims[ALIGN])
        k = where(certain, first_texel(r, f), splat(np.nan))
        keep(scratch, j, k)
        keep(scratch, j + BLOCK, f)
        keep(scratch, j + 2 * BLOCK, slope)
        low, high = where(k < low, k, low), where(k > high, k, high)
    keep(scratch, SUMMARY, low)
    keep(scratch, SUMMARY + 4, high)


def write_slopes(dims, c, a, count, scratch):
    """Write the slopes of padding of all points on axis a: 0 where there is one texel."""
    for j in range(3 * a * BLOCK, 3 * a * BLOCK + count, 4):
        slope = splat(1.0) if dims[PADDING] == ZEROS else load(scratch, j + 2 * BLOCK)
        if KERNEL == NEAREST or c == 0.0:
            slope = splat(0.0)
        f = load(scratch, j + BLOCK)
        keep(scratch, j + 2 * BLOCK, where(f == f, slope, f))


def summarize(a, scratch):
    """Write the box of a tile on axis a."""
    low, high = load(scratch, SUMMARY), load(scratch, SUMMARY + 4)
    least, most = min(lane(low, 0), lane(low, 1)), max(lane(high, 0), lane(high, 1))
    scratch[BOX + 2 * a] = min(least, min(lane(low, 2), lane(low, 3)))
    scratch[BOX + 2 * a + 1] = max(most, max(lane(high, 2), lane(high, 3)))


def resolve(dims, lattice, tables, grid, n, tile, scratch):
    """Find the points that are not certain one by one; returns whether all are numbers."""
    z0, i0, left, slices, rows, columns, pitch = tile
    numbers, align = True, dims[ALIGN]
    for q in range(slices * rows * fours(columns)):
        r, j = q // fours(columns), q % fours(columns)
        for a in range(RANK):
            to, size = 3 * a * BLOCK + r * pitch + j, dims[SIZE + a] + 0.0
            if scratch[to] == scratch[to]:
                continue
            column = min(left + j, dims[OUT] - 1)
            hi, lo = exactly(
                dims, lattice, tables, grid, n, a, z0 + r // rows, i0 + r % rows, column, scratch
            )
            rest, f = nearest_integer(hi, lo)
            number = hi == hi
            if is_periodic(dims[PADDING]) and number and abs(rest) >= TOO_FAR:
                number = abs(hi) < np.inf
                period = max(1.0, period_of(dims[PADDING], size, align))
                rest = rest % period if number else 0.0
            valid = splat(0.0 if number else 1.0) == 0.0
            r4, f4 = beside(dims[PADDING], valid, splat(rest), splat(f), size)
            r4, f4, slope = fold(dims[PADDING], r4, f4, size, align)
            k = lane(first_texel(r4, f4), 0)
            scratch[to], scratch[to + BLOCK] = k, lane(f4, 0)
            scratch[to + 2 * BLOCK] = lane(slope, 0) if lattice[a, 0] != 0.0 else lane(f4 - f4, 0)
            scratch[BOX + 2 * a] = min(scratch[BOX + 2 * a], k)
            scratch[BOX + 2 * a + 1] = max(scratch[BOX + 2 * a + 1], k)
            numbers = numbers and number
    return numbers


def exactly(dims, lattice, tables, grid, n, a, z, i, j, scratch):
    """(hi, lo) of axis a of output point (z, i, j) of map n."""
    c, d, div = lattice[a, 0], lattice[a, 1], lattice[a, 2]
    if len(grid) != 0:
        at = ((n * dims[OUT + 2] + z) * dims[OUT + 1] + i) * dims[OUT] + j
        return from_grid(np.float64(grid[RANK * at + a]), c, d)
    wide = 4 + padded(dims[OUT])
    y, depth = lattice[a, wide + i], lattice[a, wide + padded(dims[OUT + 1]) + z]
    theta = (n * RANK + a + 1) * length(dims[OUT], dims[OUT + 1], dims[OUT + 2]) - ENDING + 1
    row, v = tables[theta : theta + RANK + 1], scratch[SPARE : SPARE + WORK]
    return point(row, lattice[a, 4 + j], y, depth, c, d, div, v)
