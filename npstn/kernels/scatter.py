"""The cotangent of the input: d_x, or d_x' in the direction of a tangent of the points.

Each part of d_x is summed by its owner, in :mod:`.cells`, over the points that :mod:`.visits` says.
"""

import numpy as np

from ..jit.lanes import add_to, keep, lane, load, splat, store_index, transpose, where
from .axis import IS_BILINEAR, RANK, TAPS, TEXELS, distances
from .cells import SUMS, cells_of, count_of, finish, form_of, size_of, turns_of
from .eft import inline
from .locate import locate
from .results import load_some
from .sizes import CHANNELS, GROUPS, MAPS, SIZE, fours, points_of, row_at, tile_of, tiles_of
from .space import BLOCK, BOX, FOUND, ROW, VALUES
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
    form = form_of(dims, x, y)
    for k in range(0, size_of(form, z), 4):
        keep(scratch, SUMS + k, splat(0.0))
    tiles, across, down = tiles_of(dims), turns_of(dims, 0, x), turns_of(dims, 1, y)
    turns = across * down * (turns_of(dims, 2, z) if RANK == 3 else 1)
    first, last = image * dims[MAPS] * tiles, (image + 1) * dims[MAPS] * tiles
    if len(starts) > 0:
        first, last = starts[task], starts[task + 1]
    for k in range(first, last):
        t = np.int64(visited[k]) if len(starts) > 0 else k
        n, tile = t // tiles, tile_of(dims, t % tiles)
        locate(dims, lattice, tables, grid, n, tile, len(t_points) > 0, scratch)
        for e in range(turns):
            x_e, y_e = turned(dims, 0, x, e % across), turned(dims, 1, y, e // across % down)
            z_e = turned(dims, 2, z, e // across // down)
            rows = tile[3] * tile[4] if e == 0 or meets(x_e, y_e, z_e, scratch) else 0
            for r in range(rows):
                visit(
                    dims, lattice, n, tile, r, d_out, t_points, scratch, index, x_e, y_e, z_e, form
                )
    finish(dims, image, x, y, z, form, scratch, d_x)


@inline
def turned(dims, a, x, e):
    """The cells of an owner on axis a, as points see them that are ``e`` periods behind."""
    return x[0], x[1], x[2] + e * dims[SIZE + a], x[3]


@inline
def meets(x, y, z, scratch):
    """Whether a tile may have points in the cells of an owner."""
    found = scratch[BOX + 1] >= x[2] and scratch[BOX] < x[2] + x[3]
    found = found and scratch[BOX + 3] >= y[2] and scratch[BOX + 2] < y[2] + y[3]
    if RANK == 3:
        found = found and scratch[BOX + 5] >= z[2] and scratch[BOX + 4] < z[2] + z[3]
    return found


@inline
def visit(dims, lattice, n, tile, r, d_out, t_points, scratch, index, x, y, z, form):
    """Add row r of a tile of map n to the cells."""
    count, row = tile[5], r * tile[6]
    at, points = row_at(dims, tile, r), points_of(dims)
    trash = count_of(form, z)
    address(row, count, x, y, z, form, trash, scratch, index)
    plain = IS_BILINEAR and not form[3] and len(t_points) == 0
    if len(t_points) > 0:
        weigh(2, lattice, row, count, scratch)
        derive(lattice, row, count, t_points, n * points + at, scratch, index, trash)
    elif not plain:
        weigh(1, lattice, row, count, scratch)
        multiply(0, 0, 0, count, scratch, FOUND)
    channels, start = dims[CHANNELS], n * points + at
    if plain:
        add_bilinear(d_out, start, row, count, scratch, index)
    elif not form[3]:
        add_points(d_out, start, count, form, scratch, index)
    elif dims[GROUPS] == 1:
        add_channels(d_out, start * channels, channels, channels, count, form, scratch, index, SUMS)
    else:
        for g in range(0, dims[GROUPS], 4):
            bring(d_out, n * dims[GROUPS] * points + at, g, dims[GROUPS], points, count, scratch)
            add_channels(scratch, VALUES, 4, 4, count, form, scratch, index, SUMS + g)


@inline
def address(row, count, x, y, z, form, trash, scratch, index):
    """Write the cells of the points of a row; ``trash`` is for those of another owner."""
    for j in range(0, count, 4):
        at = row + j
        k = load(scratch, at) - (x[2] + 0.0)
        inside, cell = (k >= 0.0) & (k < x[3] + 0.0), k
        k = load(scratch, 3 * BLOCK + at) - (y[2] + 0.0)
        inside, cell = inside & (k >= 0.0) & (k < y[3] + 0.0), cell + k * (form[1] + 0.0)
        if RANK == 3:
            k = load(scratch, 6 * BLOCK + at) - (z[2] + 0.0)
            inside = inside & (k >= 0.0) & (k < z[3] + 0.0)
            cell = cell + k * (form[1] * form[2] + 0.0)
        store_index(index, j, where(inside, cell, splat(trash + 0.0)))
    for j in range(count, fours(count)):
        index[j] = trash


def derive(lattice, row, count, t_points, at, scratch, index, trash):
    """Write the sums over axes of tangent * derived weight; points that do not move add nothing."""
    spare = FOUND + TEXELS * ROW
    for a in range(RANK):
        unit, slopes = lattice[a, 0] / lattice[a, 2], (3 * a + 2) * BLOCK + row
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
            moves = moves or scratch[(3 * a + 2) * BLOCK + row + j] != 0.0
        if not moves:
            index[j] = trash


@inline
def add_bilinear(d_out, at, row, count, scratch, index):
    """Add weight * d_out of one channel to the cells, in one loop."""
    for j in range(0, count, 4):
        d = load_some(d_out, at + j)
        x0, x1 = distances(load(scratch, BLOCK + row + j))
        y0, y1 = distances(load(scratch, 4 * BLOCK + row + j))
        add_four(
            SUMS, j, (y0 * x0) * d, (y0 * x1) * d, (y1 * x0) * d, (y1 * x1) * d, scratch, index
        )


def add_points(d_out, at, count, form, scratch, index):
    """Add weight * d_out of one channel to the cells of four points at a time."""
    rows = max(1, TAPS * TAPS // 4)  # of four texels in a slice
    for j in range(0, count, 4):
        d = load_some(d_out, at + j)
        if TAPS == 1:
            w = load(scratch, FOUND + j) * d
            for q in range(4):
                scratch[SUMS + index[j + q]] += lane(w, q)
        else:
            for q in range(0, TEXELS, 4):
                found = FOUND + q * ROW + j
                w0, w1 = load(scratch, found) * d, load(scratch, found + ROW) * d
                w2, w3 = load(scratch, found + 2 * ROW) * d, load(scratch, found + 3 * ROW) * d
                cell = form[1] * (q // 4 % rows + q // 4 // rows * form[2])
                add_four(SUMS + 4 * cell, j, w0, w1, w2, w3, scratch, index)


@inline
def add_four(to, j, w0, w1, w2, w3, scratch, index):
    """Add four texels to the cell of each of four points."""
    w0, w1, w2, w3 = transpose(w0, w1, w2, w3)
    add_to(scratch, to + index[j] * 4, w0)
    add_to(scratch, to + index[j + 1] * 4, w1)
    add_to(scratch, to + index[j + 2] * 4, w2)
    add_to(scratch, to + index[j + 3] * 4, w3)


@inline
def bring(d_out, at, g, groups, points, count, scratch):
    """Write four groups of d_out from group g on to VALUES, those of a point side by side."""
    for j in range(0, count, 4):
        v0, v1, v2, v3 = transpose(
            load_some(d_out, at + g * points + j),
            load_some(d_out, at + min(g + 1, groups - 1) * points + j),
            load_some(d_out, at + min(g + 2, groups - 1) * points + j),
            load_some(d_out, at + min(g + 3, groups - 1) * points + j),
        )
        keep(scratch, VALUES + 4 * j, v0)
        keep(scratch, VALUES + 4 * j + 4, v1)
        keep(scratch, VALUES + 4 * j + 8, v2)
        keep(scratch, VALUES + 4 * j + 12, v3)


@inline
def add_channels(d_out, at, step, channels, count, form, scratch, index, cells):
    """Add weight * d_out to cells of one texel; d_out of the points of a row is a step apart."""
    wide, high = form[0] * form[1], form[0] * form[1] * form[2]
    for j in range(count):
        cell = cells + index[j] * form[0]
        for c in range(0, channels, 4):  # beyond the channels there is room
            d = load_some(d_out, at + j * step + c)
            for q in range(TEXELS):
                to = cell + q % TAPS * form[0] + q // TAPS % TAPS * wide + q // TAPS // TAPS * high
                add_to(scratch, to + c, splat(scratch[FOUND + q * ROW + j]) * d)
