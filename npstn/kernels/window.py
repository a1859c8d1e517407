"""The window of a tile: the texels it looks at, with padding resolved, in float64.

A source is (x, image, channel, fill, own): where an image begins in x, the first channel to copy,
and where the values that stand for missing texels in it begin in fill; without numbers they are 0.
A window is a box of it, or, where the points of a tile lie far apart, the texels of each
point by themselves. Either way a kernel reads TAPS texels an axis from the address of a point on,
and needs to know nothing about edges, padding, layout or dtype. Of up to three channels a texel has
ROOM for one or for four. Points with more channels (ROOM is 0) read from the input itself.
"""

import numpy as np

from ..jit.lanes import fetch, keep, load, splat, store_index
from .axis import DROPPED, RANK, ROOM, TAPS, TEXELS, texel_for
from .eft import inline
from .sizes import ALIGN, CHANNELS, PADDING, SIZE
from .space import BLOCK, BOX, SPACE, WINDOW

AHEAD = 6  # rows that are asked for before they are read


def copy_window(dims, source, points, scratch):
    """Copy the window of a tile of ``points`` from a source; returns its corner and steps.

    A first step of 0 says that the texels lie too far apart: each row then has a window of its own.
    """
    x0, y0, z0, deep = np.int64(scratch[BOX]), np.int64(scratch[BOX + 2]), 0, 1
    wide, high = np.int64(scratch[BOX + 1]) - x0 + TAPS, np.int64(scratch[BOX + 3]) - y0 + TAPS
    if RANK == 3:
        z0 = np.int64(scratch[BOX + 4])
        deep = np.int64(scratch[BOX + 5]) - z0 + TAPS
    # An odd number of cache lines: rows of a power of two would share lines of the cache.
    row = ((wide * ROOM + 7) // 8 | 1) * 8
    if ROOM == 0 or row * high * deep > SPACE - 64 or wide * high * deep > 1024 + 6 * points:
        row = 0
    else:
        copy_box(dims, source, x0, y0, z0, wide, high, deep, row, WINDOW, scratch)
    return x0, y0, z0, row, row * high


def copy_box(dims, source, x0, y0, z0, wide, high, deep, row, to, scratch):
    """Copy a box of a source to rows of a window at ``to``."""
    x, image, channel, fill, own = source
    nothing = splat(0.0)
    if len(fill) > 0:
        nothing = splat(fill[own]) if ROOM == 1 else load(fill, own)
    channels, padding, align = dims[CHANNELS], dims[PADDING], dims[ALIGN]
    width, height, depth = dims[SIZE], dims[SIZE + 1], dims[SIZE + 2]
    left = min(max(0, -x0), wide)
    right = max(left, min(wide, width - x0))
    last = len(x) - 4
    for q in range(high * deep):
        y, z = texel_for(y0 + q % high, height, padding, align), 0
        if RANK == 3:
            z = texel_for(z0 + q // high, depth, padding, align)
        start = to + q * row
        if y == DROPPED or z == DROPPED:
            for k in range(0, wide * ROOM, 4):
                keep(scratch, start + k, nothing)
            continue
        line = image + (z * height + y) * width * channels + channel
        if left > 0:
            copy_texels(dims, source, line, x0, 0, left, start, scratch)
        if right < wide:
            copy_texels(dims, source, line, x0, right, wide, start, scratch)
        at = line + (x0 + left) * channels
        for k in range(0, (right - left) * channels, 64 // x.itemsize):
            fetch(x, at + AHEAD * width * channels + k)
        if ROOM == 1:
            whole = right - (right - left) % 4
            for k in range(left, whole, 4):
                keep(scratch, start + k, load(x, at + k - left))
            for k in range(whole, right):
                scratch[start + k] = x[at + k - left]
        else:
            for k in range(left, right):
                if at > last:
                    copy_texels(dims, source, line, x0, k, right, start, scratch)
                    break
                keep(scratch, start + 4 * k, load(x, at))  # beyond the channels without a meaning
                at += channels


def copy_texels(dims, source, line, x0, first, last, to, scratch):
    """Copy texels of a row one by one, with padding, and no more than there are channels."""
    x, _, channel, fill, own = source
    channels = dims[CHANNELS]
    for k in range(first, last):
        texel = texel_for(x0 + k, dims[SIZE], dims[PADDING], dims[ALIGN])
        for c in range(ROOM):
            if texel != DROPPED and channel + c < channels:
                scratch[to + k * ROOM + c] = x[line + texel * channels + c]
            else:
                scratch[to + k * ROOM + c] = fill[own + c] if len(fill) > 0 else 0.0


@inline
def address(dims, source, row, count, corner, scratch, index):
    """Write where the points of a row begin in the window; returns the steps by y and z."""
    x0, y0, z0, step_y, step_z = corner
    if step_y == 0:
        for j in range(count):
            at, to = row + j, j * TEXELS * ROOM
            k, i, l = np.int64(scratch[at]), np.int64(scratch[at + 3 * BLOCK]), 0
            if RANK == 3:
                l = np.int64(scratch[at + 6 * BLOCK])
            deep, wide = TAPS if RANK == 3 else 1, TAPS * ROOM
            copy_box(dims, source, k, i, l, TAPS, TAPS, deep, wide, WINDOW + to, scratch)
            index[j] = to
        return TAPS * ROOM, TAPS * TAPS * ROOM
    for j in range(row, row + count, 4):
        k = (load(scratch, j) - (x0 + 0.0)) * (ROOM + 0.0)
        k = k + (load(scratch, j + 3 * BLOCK) - (y0 + 0.0)) * (step_y + 0.0)
        if RANK == 3:
            k = k + (load(scratch, j + 6 * BLOCK) - (z0 + 0.0)) * (step_z + 0.0)
        store_index(index, j - row, k)
    return step_y, step_z


@inline
def is_inside(dims, at, scratch):
    """Whether all texels of a point are those of the input."""
    for a in range(RANK):
        k = scratch[3 * a * BLOCK + at]
        if k < 0.0 or k + TAPS > dims[SIZE + a]:
            return False
    return True


@inline
def first_at(dims, at, scratch):
    """Where the first texel of a point is in an image of x."""
    k = np.int64(scratch[at]) + np.int64(scratch[3 * BLOCK + at]) * dims[SIZE]
    if RANK == 3:
        k += np.int64(scratch[6 * BLOCK + at]) * dims[SIZE] * dims[SIZE + 1]
    return k * dims[CHANNELS]


def texel_of(dims, at, q, scratch):
    """The number of texel q of a point in its image, or DROPPED."""
    padding, align = dims[PADDING], dims[ALIGN]
    k = texel_for(np.int64(scratch[at]) + q % TAPS, dims[SIZE], padding, align)
    i = np.int64(scratch[3 * BLOCK + at]) + q // TAPS % TAPS
    i, l = texel_for(i, dims[SIZE + 1], padding, align), 0
    if RANK == 3:
        l = np.int64(scratch[6 * BLOCK + at]) + q // TAPS // TAPS
        l = texel_for(l, dims[SIZE + 2], padding, align)
    if k == DROPPED or i == DROPPED or l == DROPPED:
        return DROPPED
    return (l * dims[SIZE + 1] + i) * dims[SIZE] + k


def copy_point(dims, source, at, scratch, to):
    """Copy all texels of a point with all channels."""
    x, image, _, fill, _ = source
    channels = dims[CHANNELS]
    for q in range(TEXELS):
        texel = texel_of(dims, at, q, scratch)
        for c in range(channels):
            if texel != DROPPED:
                scratch[to + q * channels + c] = x[image + texel * channels + c]
            else:
                scratch[to + q * channels + c] = fill[c] if len(fill) > 0 else 0.0
