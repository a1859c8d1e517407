"""The output at the points of a grid or a map; and the formulas of all derivatives.

x (B, G, D, H, W, C) holds both layouts and both ranks: channels last has G = 1 group, channels
first has C = 1 channel in a group, two dimensions have D = 1. N = B * K maps, K of each image, give
out (N, G, Do, Ho, Wo, C). All of them come as one row of numbers, with :mod:`.sizes` as ``dims``.
Arrays of no numbers are zeros that cost nothing.

With W the product of the weights of a texel and p a pixel coordinate, a point gives

    out   = sum W x                              t_out = sum W t_x + sum_a t_p[a] sum (d_a W) x
    d_x   = W d_out                              d_p[b] = d_out sum (d_b W) x

and the derivatives of the second row in the direction (t_x, t_p) are

    d_x'  = sum_a t_p[a] (d_a W) d_out           d_p'[b] = d_out sum (d_b W) t_x
                                                         + d_out sum_a t_p[a] sum (d_a d_b W) x
"""

import numpy as np

from ..jit.lanes import fetch, load, pairs, splat, store
from .axis import IS_BILINEAR, RANK, ROOM, TAPS, ZEROS, distances
from .eft import inline
from .locate import locate
from .results import store_some
from .sizes import (
    CHANNELS,
    GROUPS,
    PADDING,
    SIZE,
    image_of,
    points_of,
    row_at,
    tile_of,
    tiles_at,
)
from .space import BLOCK, BOX, END, FOUND, ROW, VALUES, WINDOW
from .taps import CHANNEL, POINT, gather, multiply, summed, weigh
from .window import AHEAD, address, copy_point, copy_window, first_at, is_inside


def sample(task, scratch, index, x, fill, lattice, tables, grid, dims, out):
    """Write out at the points of a portion of the tiles of a map."""
    n, first, last = tiles_at(dims, task)
    for t in range(first, last):
        tile = tile_of(dims, t)
        numbers = locate(dims, lattice, tables, grid, n, tile, False, scratch)
        missed = numbers and misses(dims, fill, scratch)
        for g in range(dims[GROUPS]):
            to = (n * dims[GROUPS] + g) * points_of(dims) * dims[CHANNELS]
            if missed:
                clear(dims, tile, out, to)
            else:
                source = x, image_of(dims, n, g), 0, fill, g
                sample_tile(dims, source, lattice, tile, scratch, index, out, to)


def misses(dims, fill, scratch):
    """Whether no point of a tile looks at the input, nor at anything else but zeros."""
    if dims[PADDING] != ZEROS or len(fill) > 0:
        return False
    for a in range(RANK):
        if scratch[BOX + 2 * a + 1] + TAPS <= 0.0 or scratch[BOX + 2 * a] >= dims[SIZE + a]:
            return True
    return False


def clear(dims, tile, out, to):
    """Write zeros to a tile."""
    count = tile[5] * dims[CHANNELS]
    for r in range(tile[3] * tile[4]):
        at = to + row_at(dims, tile, r) * dims[CHANNELS]
        for k in range(0, count, 4):
            store_some(out, at + k, splat(0.0), count - k)


@inline
def sample_tile(dims, source, lattice, tile, scratch, index, out, start):
    """Write one group of the output of a tile."""
    count, pitch, rows, channels = tile[5], tile[6], tile[3] * tile[4], dims[CHANNELS]
    corner = copy_window(dims, source, count * rows, scratch)
    for r in range(rows):
        row, to = r * pitch, start + row_at(dims, tile, r) * channels
        if ROOM > 0:  # many channels are a long way for the memory to see by itself
            ahead = start + row_at(dims, tile, r + AHEAD) * channels
            for k in range(0, count * channels, 64 // out.itemsize):
                fetch(out, ahead + k)
        if ROOM == 1 and IS_BILINEAR:
            step_y, _ = address(dims, source, row, pitch, corner, scratch, index)
            bilinear(row, count, step_y, scratch, index, out, to)
            continue
        weigh(1, lattice, row, count, scratch)
        multiply(0, 0, 0, count, scratch, FOUND)
        if ROOM == 0:
            for j in range(count):
                ask(dims, source, row, min(j + 3, count - 1), scratch)
                at = to + j * channels
                sample_point(dims, source, row + j, FOUND + j, scratch, out, at)
            continue
        step_y, step_z = address(dims, source, row, pitch, corner, scratch, index)
        if ROOM == 1:
            gather(index, step_y, step_z, count, scratch)
            for j in range(0, count, 4):
                s = sum_of_values(j, scratch)
                store_some(out, to + j, s, count - j)
        else:
            for j in range(count):
                at = WINDOW + np.int64(index[j])
                s = summed(CHANNEL, scratch, at, ROOM, step_y, step_z, scratch, FOUND + j)
                store_some(out, to + j * channels, s, 4 if j + 1 < count else channels)


@inline
def bilinear(row, count, step_y, scratch, index, out, to):
    """Write a row of bilinear sums of one channel, in one loop."""
    whole = count - count % 4
    for j in range(0, whole, 4):
        store(out, to + j, bilinear_sum(row, j, step_y, scratch, index))
    if whole < count:
        store_some(out, to + whole, bilinear_sum(row, whole, step_y, scratch, index), count - whole)


@inline
def bilinear_sum(row, j, step_y, scratch, index):
    """The sums of four points."""
    v00, v01, v10, v11 = corners(j, step_y, scratch, index)
    x0, x1 = distances(load(scratch, BLOCK + row + j))
    y0, y1 = distances(load(scratch, 4 * BLOCK + row + j))
    return ((y0 * x0) * v00 + (y1 * x1) * v11) + ((y0 * x1) * v01 + (y1 * x0) * v10)


@inline
def corners(j, step_y, scratch, index):
    """The values of one channel at the four texels of four points."""
    v00, v01 = pairs(scratch, index, j, WINDOW)
    v10, v11 = pairs(scratch, index, j, WINDOW + step_y)
    return v00, v01, v10, v11


def sum_of_values(j, scratch):
    """The weighted sums of the values of four points."""
    y, z = TAPS * ROW, TAPS * TAPS * ROW
    return summed(POINT, scratch, VALUES + j, ROW, y, z, scratch, FOUND + j)


@inline
def ask(dims, source, row, j, scratch):
    """Ask for the texels of a point with many channels before they are read."""
    x, image, _, _, _ = source
    if is_inside(dims, row + j, scratch):
        at, step = image + first_at(dims, row + j, scratch), dims[SIZE] * dims[CHANNELS]
        for k in range(0, TAPS * dims[CHANNELS], 64 // x.itemsize):
            fetch(x, at + k)
            if TAPS > 1:
                fetch(x, at + step + k)


@inline
def sample_point(dims, source, at, found, scratch, out, to):
    """Write a point with many channels, from x itself if all its texels are there."""
    x, image, _, _, _ = source
    channels, row = dims[CHANNELS], dims[SIZE] * dims[CHANNELS]
    if is_inside(dims, at, scratch):
        first = image + first_at(dims, at, scratch)
        sum_channels(x, first, channels, row, row * dims[SIZE + 1], scratch, found, out, to)
    else:
        copy_point(dims, source, at, scratch, END)
        row = TAPS * channels
        sum_channels(scratch, END, channels, row, TAPS * row, scratch, found, out, to)


@inline
def sum_channels(a, at, channels, y, z, scratch, found, out, to):
    """Write all channels, four or more, of a point; the last four may overlap with those before."""
    for c in range(0, channels - 3, 4):
        store(out, to + c, summed(CHANNEL, a, at + c, channels, y, z, scratch, found))
    if channels % 4 != 0:
        c = channels - 4
        store(out, to + c, summed(CHANNEL, a, at + c, channels, y, z, scratch, found))
