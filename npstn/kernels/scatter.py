"""The cotangent of the input: d_x, or d_x' in the direction of a tangent of the points.

Each part of d_x is summed by its owner, in :mod:`.cells`, over the points that :mod:`.visits` says.
"""

import numpy as np

from ..jit.lanes import add_to, keep, lane, load, splat, store_index, transpose, where
from .axis import RANK, TAPS, TEXELS
from .cells import SUMS, cells_of, finish, form_of, group_size, spare_of
from .locate import locate
from .results import load_some
from .sizes import CHANNELS, GROUPS, MAPS, OUT, SIZE, fours
from .space import BLOCK, FOUND, MOST, ROW, WIDE
from .taps import multiply, weigh


def scatter(
    task,
    scratch,
    index,
    d_out,
    lattice,
    tables,
    grid,
    t_points,
    dims,
    owners,
    segment,
    room,
    starts,
    visited,
    d_x,
):
    """Write the part of d_x of an owner: task is image * owners + owner.

    Without lists (``starts`` empty) the only owner visits all points.
    """
    all_owners = owners[0] * owners[1] * owners[2]
    image, q = task // all_owners, task % all_owners
    x = cells_of(dims[SIZE], owners[0], q % owners[0])
    y = cells_of(dims[SIZE + 1], owners[1], q // owners[0] % owners[1])
    z = (0, 1, 0, 1)
    if RANK == 3:
        z = cells_of(dims[SIZE + 2], owners[2], q // owners[0] // owners[1])
    form = form_of(dims, room, x, y)
    rows, width = dims[OUT + 1] * dims[OUT + 2], dims[OUT]
    for k in range(0, dims[GROUPS] * group_size(form, z), 4):
        keep(scratch, SUMS + k, splat(0.0))
    segments = -(-width // segment)
    k, last = 0, dims[MAPS] * rows * segments
    if len(starts) > 0:
        k, last = starts[task], starts[task + 1]
    while k < last:
        first, count = k + image * dims[MAPS] * rows * segments, 1
        if len(starts) > 0:
            first = np.int64(visited[k])
            while (
                k + count < last
                and visited[k + count] == first + count
                and (first + count) % segments != 0
                and (count + 1) * segment <= WIDE
            ):
                count += 1
        k += count
        n, r, left = first // segments // rows, first // segments % rows, first % segments * segment
        count = min(count * segment, width - left)
        row = (n * rows + r) * width + left
        tile = r // dims[OUT + 1], r % dims[OUT + 1], left, 1, 1, count, fours(count)
        locate(dims, lattice, tables, grid, n, tile, len(t_points) > 0, scratch)
        visit(dims, lattice, row, count, d_out, t_points, scratch, index, room, x, y, z, form)
    finish(dims, image, room, x, y, z, form, scratch, d_x)


def visit(dims, lattice, row, count, d_out, t_points, scratch, index, room, x, y, z, form):
    """Add a part of a row of a map, which begins at point ``row`` of all maps, to the cells."""
    size = group_size(form, z)
    trash = size // form[0] - spare_of(form)
    address(count, x, y, z, form, trash, scratch, index)
    weigh(2 if len(t_points) > 0 else 1, 0, count, scratch)
    if len(t_points) > 0:
        derive(lattice, count, t_points, row, scratch, index, trash)
    else:
        multiply(0, 0, 0, count, scratch, FOUND)
    points, groups = dims[OUT] * dims[OUT + 1] * dims[OUT + 2], dims[GROUPS]
    if room == 1:
        for g in range(groups):
            at, cells = (row // points * groups + g) * points + row % points, SUMS + g * size
            if form[3]:
                add_alone(d_out, at, count, 1, form, scratch, index, cells)
            else:
                add_points(d_out, at, count, scratch, index, cells)
    elif form[3]:
        add_alone(d_out, row * dims[CHANNELS], count, dims[CHANNELS], form, scratch, index, SUMS)
    else:
        add_channels(d_out, row * dims[CHANNELS], dims[CHANNELS], count, scratch, index)


def address(count, x, y, z, form, trash, scratch, index):
    """Write the cells of the points of a row; ``trash`` is for those of another owner."""
    for j in range(0, count, 4):
        k = load(scratch, j) - (x[2] + 0.0)
        inside, cell = (k >= 0.0) & (k < x[3] + 0.0), k
        k = load(scratch, 3 * BLOCK + j) - (y[2] + 0.0)
        inside, cell = inside & (k >= 0.0) & (k < y[3] + 0.0), cell + k * (form[1] + 0.0)
        if RANK == 3:
            k = load(scratch, 6 * BLOCK + j) - (z[2] + 0.0)
            inside = inside & (k >= 0.0) & (k < z[3] + 0.0)
            cell = cell + k * (form[1] * form[2] + 0.0)
        store_index(index, j, where(inside, cell, splat(trash + 0.0)))
    for j in range(count, fours(count)):
        index[j] = trash


def derive(lattice, count, t_points, at, scratch, index, trash):
    """Write the sums over axes of tangent * derived weight; points that do not move add nothing."""
    spare = FOUND + MOST * ROW
    for a in range(RANK):
        unit, slopes = lattice[a, 0] / lattice[a, 2], (3 * a + 2) * BLOCK
        multiply(int(a == 0), int(a == 1), int(a == 2), count, scratch, spare)
        for j in range(count):
            slope = scratch[slopes + j]
            t = slope * (t_points[RANK * (at + j) + a] * unit)
            for q in range(TEXELS):
                to = FOUND + q * ROW + j
                w = scratch[spare + q * ROW + j] * t if slope != 0.0 else 0.0
                scratch[to] = w if a == 0 else scratch[to] + w
    for j in range(count):
        moves = False
        for a in range(RANK):
            moves = moves or scratch[(3 * a + 2) * BLOCK + j] != 0.0
        if not moves:
            index[j] = trash


def add_points(d_out, at, count, scratch, index, cells):
    """Add weight * d_out of one channel to the cells of four points at a time."""
    for j in range(0, count, 4):
        d = load_some(d_out, at + j)
        if TAPS == 1:
            w = load(scratch, FOUND + j) * d
            for q in range(4):
                scratch[cells + index[j + q]] += lane(w, q)
        else:
            for q in range(0, TEXELS, 4):
                found, to = FOUND + q * ROW + j, cells + q
                w0, w1, w2, w3 = transpose(
                    load(scratch, found) * d,
                    load(scratch, found + ROW) * d,
                    load(scratch, found + 2 * ROW) * d,
                    load(scratch, found + 3 * ROW) * d,
                )
                add_to(scratch, to + index[j] * TEXELS, w0)
                add_to(scratch, to + index[j + 1] * TEXELS, w1)
                add_to(scratch, to + index[j + 2] * TEXELS, w2)
                add_to(scratch, to + index[j + 3] * TEXELS, w3)


def add_channels(d_out, at, channels, count, scratch, index):
    """Add weight * d_out of up to three channels to the cells, a point at a time."""
    for j in range(count):
        cell, d = SUMS + index[j] * TEXELS * 4, load_some(d_out, at + j * channels)
        for q in range(TEXELS):
            add_to(scratch, cell + q * 4, splat(scratch[FOUND + q * ROW + j]) * d)


def add_alone(d_out, at, count, channels, form, scratch, index, cells):
    """Add weight * d_out of all channels to cells of one texel, a point at a time."""
    unit, wide, high, _ = form
    for j in range(count):
        cell = cells + index[j] * unit
        for q in range(TEXELS):
            w, tap = scratch[FOUND + q * ROW + j], q % TAPS + q // TAPS % TAPS * wide
            to = cell + (tap + q // TAPS // TAPS * wide * high) * unit
            if unit == 1:
                scratch[to] += w * np.float64(d_out[at + j])
            else:
                whole = channels - channels % 4
                for c in range(0, whole, 4):
                    add_to(scratch, to + c, splat(w) * load(d_out, at + j * channels + c))
                if whole < channels:
                    d = load_some(d_out, at + j * channels + whole)
                    add_to(scratch, to + whole, splat(w) * d)
