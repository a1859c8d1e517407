"""Sums over channels of d_out times the texels of each point of a tile.

At SUMS there are PARTS of TEXELS rows of LONG numbers, a row for each texel: the sums of x, those
of a tangent of x, and four parts for those of every fourth group. Behind them is room for a point
with many channels.
"""

import numpy as np

from ..jit.lanes import keep, lane, load, splat, store_strided, total, transpose
from .axis import ROOM, TAPS, TEXELS
from .eft import inline
from .results import load_some
from .sample import ask
from .sizes import CHANNELS, GROUPS, SIZE, image_of, points_of, row_at
from .space import END, ROW, VALUES, WINDOW
from .taps import gather
from .window import address, copy_point, copy_window, first_at, is_inside

MANY = 1024  # points of a tile, at most
LONG = MANY + 72
SUMS, PARTS = END, 6


@inline
def part_at(k):
    """Where part k of the sums begins."""
    return SUMS + k * TEXELS * LONG


def products(dims, n, tile, d_out, x, fill, scratch, index, to):
    """Write the sums over channels of d_out * x of all points of a tile."""
    groups, rows = dims[GROUPS], tile[3] * tile[4]
    whole = groups - groups % 4
    for g in range(groups):
        source = x, image_of(dims, n, g), 0, fill, g
        start = (n * groups + g) * points_of(dims) * dims[CHANNELS]
        part = to if g >= whole else part_at(2 + g % 4)
        fresh = g < 4 and (g < whole or g == 0)
        corner = copy_window(dims, source, rows * tile[5], scratch)
        for r in range(rows):
            row, at = r * tile[6], start + row_at(dims, tile, r) * dims[CHANNELS]
            if ROOM == 0:
                for j in range(tile[5]):
                    of = at + j * dims[CHANNELS]
                    ask(dims, source, row, min(j + 3, tile[5] - 1), scratch)
                    point_product(dims, source, row + j, d_out, of, scratch, to + row + j)
                continue
            step_y, step_z = address(dims, source, row, tile[6], corner, scratch, index)
            if ROOM == 1:
                gather(index, step_y, step_z, tile[5], scratch)
                one_channel(d_out, at, tile[5], fresh, scratch, part + row)
            else:
                few_channels(dims, d_out, at, tile[5], step_y, step_z, scratch, index, to + row)
        if g == whole - 1:
            join_groups(rows * tile[6], scratch, to)


def one_channel(d_out, at, count, fresh, scratch, to):
    """Add the products of a row with one channel, or write them if they are ``fresh``."""
    for j in range(0, count, 4):
        d = load_some(d_out, at + j)
        for q in range(TEXELS):
            k = to + q * LONG + j
            before = splat(0.0) if fresh else load(scratch, k)
            keep(scratch, k, before + d * load(scratch, VALUES + q * ROW + j))


def join_groups(count, scratch, to):
    """Write the sums over all groups but the last few, from those of every fourth."""
    for q in range(TEXELS):
        for k in range(q * LONG, q * LONG + count, 4):
            low = load(scratch, part_at(2) + k) + load(scratch, part_at(3) + k)
            high = load(scratch, part_at(4) + k) + load(scratch, part_at(5) + k)
            keep(scratch, to + k, low + high)


def few_channels(dims, d_out, at, count, step_y, step_z, scratch, index, to):
    """Write the sums of a row with two or three channels."""
    channels, rows = dims[CHANNELS], max(1, TAPS * TAPS // 4)  # of four texels in a slice
    for j in range(count):
        d, k = load_some(d_out, at + j * channels), WINDOW + np.int64(index[j])
        if TAPS == 1:
            p = d * load(scratch, k)
            s = (0.0 + lane(p, 0)) + lane(p, 1)
            scratch[to + j] = s + lane(p, 2) if channels == 3 else s
        else:
            for q in range(0, TEXELS, 4):
                first = k + q // 4 % rows * step_y + q // 4 // rows * step_z
                second = first + (2 * ROOM if TAPS == 4 else step_y)
                p0, p1, p2, _ = transpose(
                    d * load(scratch, first),
                    d * load(scratch, first + ROOM),
                    d * load(scratch, second),
                    d * load(scratch, second + ROOM),
                )
                s4 = (0.0 + p0) + p1
                if channels == 3:
                    s4 = s4 + p2
                store_strided(scratch, to + q * LONG + j, LONG, s4)


@inline
def point_product(dims, source, at, d_out, of, scratch, to):
    """Write the sums of a point with many channels, from x itself if all its texels are there."""
    x, image, _, _, _ = source
    channels, row = dims[CHANNELS], dims[SIZE] * dims[CHANNELS]
    if is_inside(dims, at, scratch):
        first = image + first_at(dims, at, scratch)
        channel_sums(x, first, row, row * dims[SIZE + 1], d_out, of, channels, scratch, to)
    else:
        copy_point(dims, source, at, scratch, part_at(PARTS))
        row = TAPS * channels
        channel_sums(scratch, part_at(PARTS), row, TAPS * row, d_out, of, channels, scratch, to)


@inline
def channel_sums(a, first, y, z, d_out, of, channels, scratch, to):
    """Write the sums of a point over its channels, in four lanes and then the rest."""
    whole = channels - channels % 4
    for q in range(TEXELS):
        at = first + q % TAPS * channels + q // TAPS % TAPS * y + q // TAPS // TAPS * z
        s4 = splat(0.0)
        for c in range(0, whole, 4):
            s4 = s4 + load(d_out, of + c) * load(a, at + c)
        s = total(s4)
        for c in range(whole, channels):
            s += np.float64(d_out[of + c]) * np.float64(a[at + c])
        scratch[to + q * LONG] = s
