"""The output and its tangent, in the directions of a tangent of the input and one of the points."""

import numpy as np

from ..jit.lanes import load, splat, where
from .axis import RANK, ROOM, TAPS, TEXELS
from .locate import locate
from .results import load_some, store_some
from .sizes import (
    CHANNELS,
    GROUPS,
    fours,
    image_of,
    points_of,
    row_at,
    tile_of,
    tiles_at,
)
from .space import BLOCK, FOUND, MOVES, ROW, VALUES, WINDOW
from .taps import CHANNEL, POINT, gather, multiply, summed, weigh
from .window import address, copy_window

SLOPES = MOVES + 3 * ROW  # behind the tangents of a row


def sample_jvp(
    task, scratch, index, x, t_x, fill, lattice, tables, grid, t_points, dims, out, t_out
):
    """Write out and t_out at the points of a portion of the tiles of a map.

    A direction without numbers is zero.
    """
    n, first, last = tiles_at(dims, task)
    for t in range(first, last):
        tile = tile_of(dims, t)
        locate(dims, lattice, tables, grid, n, tile, True, scratch)
        for g in range(dims[GROUPS]):
            to = (n * dims[GROUPS] + g) * points_of(dims) * dims[CHANNELS]
            at, image = n * points_of(dims), image_of(dims, n, g)
            for channel in range(0, dims[CHANNELS], ROOM):
                source = x, image, channel, fill, g + channel
                value(dims, source, lattice, tile, scratch, index, out, to)
                if len(t_x) > 0:
                    moved = t_x, image, channel, fill[:0], 0
                    value(dims, moved, lattice, tile, scratch, index, t_out, to)
                if len(t_points) > 0:
                    along(dims, source, lattice, at, tile, t_points, scratch, index, t_out, to)


def value(dims, source, lattice, tile, scratch, index, out, start):
    """Write the samples of a source at a tile, in as many channels as there is ROOM for."""
    _, _, channel, _, _ = source
    corner = copy_window(dims, source, tile[3] * tile[4] * tile[5], scratch)
    for r in range(tile[3] * tile[4]):
        row, to = r * tile[6], start + row_at(dims, tile, r) * dims[CHANNELS] + channel
        weigh(1, lattice, row, tile[5], scratch)
        multiply(0, 0, 0, tile[5], scratch, FOUND)
        step_y, step_z = address(dims, source, row, tile[6], corner, scratch, index)
        if ROOM == 1:
            gather(index, step_y, step_z, tile[5], scratch)
        for j in range(0, tile[5], 4 if ROOM == 1 else 1):
            s = sum_at(j, FOUND, step_y, step_z, scratch, index)
            put(dims, channel, tile[5], j, s, out, to)


def sum_at(j, found, step_y, step_z, scratch, index):
    """The weighted sum of four points, or of the channels of one."""
    if ROOM == 1:
        y, z = TAPS * ROW, TAPS * TAPS * ROW
        return summed(POINT, scratch, VALUES + j, ROW, y, z, scratch, found + j)
    at = WINDOW + np.int64(index[j])
    return summed(CHANNEL, scratch, at, ROOM, step_y, step_z, scratch, found + j)


def put(dims, channel, count, j, s, out, to):
    """Write four points of a row of ``count``, or the channels of one."""
    if ROOM == 1:
        store_some(out, to + j, s, count - j)
    else:
        store_some(out, to + j * dims[CHANNELS], s, min(4, dims[CHANNELS] - channel))


def along(dims, source, lattice, at, tile, t_points, scratch, index, t_out, start):
    """Add to the tangent of a tile the part that is due to the points; theirs begin at ``at``."""
    _, _, channel, _, _ = source
    spread = dims[CHANNELS] if ROOM > 1 else 1
    corner = copy_window(dims, source, tile[3] * tile[4] * tile[5], scratch)
    for r in range(tile[3] * tile[4]):
        row, to = r * tile[6], start + row_at(dims, tile, r) * dims[CHANNELS] + channel
        weigh(2, lattice, row, tile[5], scratch)
        for a in range(RANK):
            derived = FOUND + (1 + a) * TEXELS * ROW
            multiply(int(a == 0), int(a == 1), int(a == 2), tile[5], scratch, derived)
            move(lattice, a, row, tile[5], t_points, at + row_at(dims, tile, r), scratch)
        step_y, step_z = address(dims, source, row, tile[6], corner, scratch, index)
        if ROOM == 1:
            gather(index, step_y, step_z, tile[5], scratch)
        for j in range(0, tile[5], 4 if ROOM == 1 else 1):
            t = load_some(t_out, to + j * spread)
            for a in range(RANK):
                s = sum_at(j, FOUND + (1 + a) * TEXELS * ROW, step_y, step_z, scratch, index)
                m, slope = (
                    of_point(scratch, MOVES + a * ROW + j),
                    of_point(scratch, SLOPES + a * ROW + j),
                )
                t = t + where(slope == 0.0, slope, m * s)  # 0 wins over Inf and NaN texels
            put(dims, channel, tile[5], j, t, t_out, to)


def of_point(scratch, at):
    """The numbers of four points, or that of one."""
    return load(scratch, at) if ROOM == 1 else splat(scratch[at])


def move(lattice, a, row, count, t_points, at, scratch):
    """Write slope times tangent, and slope, of the coordinates of a row of points on axis a."""
    unit = lattice[a, 0] / lattice[a, 2]
    for j in range(fours(count)):
        slope = scratch[(3 * a + 2) * BLOCK + row + j] if j < count else 0.0
        t = t_points[RANK * (at + j) + a] if j < count else 0.0
        scratch[MOVES + a * ROW + j] = slope * (t * unit)
        scratch[SLOPES + a * ROW + j] = slope
