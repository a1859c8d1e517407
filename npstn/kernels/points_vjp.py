"""The cotangent of the points: d_grid, or the sums behind d_theta; and their derivatives."""

import numpy as np

from ..jit.lanes import keep, lane, load, splat, total, where
from .axis import DROPPED, IS_BILINEAR, KERNEL, LINEAR, RANK, ROOM, TAPS, TEXELS, ZEROS, distances
from .eft import inline
from .locate import locate, write_slopes
from .products import LONG, SUMS, part_at, products
from .results import load_some
from .sample import corners, misses
from .sizes import (
    GROUPS,
    OUT,
    PADDING,
    TILE,
    fours,
    image_of,
    points_of,
    row_at,
    tile_of,
    tiles_at,
)
from .space import BLOCK, FOUND, MOVES, ROW
from .taps import POINT, differences, multiply, summed, weigh
from .window import address, copy_window, texel_of


def sample_vjp_points(
    task,
    scratch,
    index,
    d_out,
    x,
    t_x,
    fill,
    lattice,
    tables,
    grid,
    t_points,
    dims,
    base_x,
    d_points,
    sums,
):
    """Write d_points (N, Do, Ho, Wo, R) in the unit of the grid, or the ``sums`` of rows.

    A portion of the tiles of a map is a task. With tangents it is the derivative in their
    direction; t_x or t_points without numbers are zero. For sums see
    :func:`.affine.theta_from_sums`.
    """
    n, first, last = tiles_at(dims, task)
    for t in range(first, last):
        tile = tile_of(dims, t)
        plain = ROOM == 1 and IS_BILINEAR and dims[GROUPS] == 1
        plain = plain and len(t_x) == 0 and len(t_points) == 0
        padded = not plain or dims[PADDING] != ZEROS  # else all slopes on an axis are alike
        numbers = locate(dims, lattice, tables, grid, n, tile, padded, scratch)
        missed = numbers and misses(dims, fill, scratch)
        plain = plain and not missed
        corner, source = (0, 0, 0, 0, 0), (x, image_of(dims, n, 0), 0, fill, 0)
        if plain:
            points = tile[3] * tile[4] * tile[5]
            corner = copy_window(dims, source, points, scratch)
        elif not missed:
            all_products(dims, n, tile, d_out, x, t_x, fill, scratch, index)
        for r in range(tile[3] * tile[4]):
            at = n * points_of(dims) + row_at(dims, tile, r)
            if missed:
                for k in range(0, RANK * ROW, 4):
                    keep(scratch, MOVES + k, splat(0.0))
            elif plain and bilinear(
                dims, source, lattice, tile, r, d_out, corner, at, scratch, index
            ):
                pass
            else:
                if plain:  # a NaN: it takes another look
                    for a in range(RANK):
                        write_slopes(dims, lattice[a, 0], a, tile[3] * tile[4] * tile[6], scratch)
                    all_products(dims, n, tile, d_out, x, t_x, fill, scratch, index)
                    plain = False
                weigh(3 if len(t_points) > 0 else 2, lattice, r * tile[6], tile[5], scratch)
                for turn in range(2):
                    if slopes(lattice, tile, r, len(t_x) > 0, t_points, at, scratch):
                        break
                    if turn == 0 and len(fill) == 0:
                        drop(dims, tile, r, scratch)
            if len(sums) > 0:
                sum_up(dims, tile, at, scratch, base_x, sums)
            else:
                write(lattice, tile, at, scratch, d_points)


def all_products(dims, n, tile, d_out, x, t_x, fill, scratch, index):
    """Write the sums of x and of its tangent."""
    products(dims, n, tile, d_out, x, fill, scratch, index, SUMS)
    if len(t_x) > 0:
        products(dims, n, tile, d_out, t_x, fill[:0], scratch, index, part_at(1))


@inline
def bilinear(dims, source, lattice, tile, r, d_out, corner, at, scratch, index):
    """Write rows of d_p of one channel; returns whether all are numbers: see :func:`slopes`."""
    count, row, rest = tile[5], r * tile[6], splat(0.0)
    padded = dims[PADDING] != ZEROS
    slope_x = splat(1.0 if lattice[0, 0] != 0.0 else 0.0)
    slope_y = splat(1.0 if lattice[1, 0] != 0.0 else 0.0)
    step_y, _ = address(dims, source, row, tile[6], corner, scratch, index)
    for j in range(0, count, 4):
        d = load_some(d_out, at + j)
        v00, v01, v10, v11 = corners(j, step_y, scratch, index)
        s00, s01, s10, s11 = 0.0 + d * v00, 0.0 + d * v01, 0.0 + d * v10, 0.0 + d * v11
        x0, x1 = distances(load(scratch, BLOCK + row + j))
        y0, y1 = distances(load(scratch, 4 * BLOCK + row + j))
        e_x, e_y = (s01 - s00) * y0 + (s11 - s10) * y1, (s10 - s00) * x0 + (s11 - s01) * x1
        if padded:
            slope_x = load(scratch, 2 * BLOCK + row + j)
            slope_y = load(scratch, 5 * BLOCK + row + j)
        e_x = where(slope_x == 0.0, splat(0.0), slope_x * e_x)
        e_y = where(slope_y == 0.0, splat(0.0), slope_y * e_y)
        number = numbers_of(row + j, scratch)
        e_x, e_y = where(number, e_x, splat(np.nan)), where(number, e_y, splat(np.nan))
        keep(scratch, MOVES + j, e_x)
        keep(scratch, MOVES + ROW + j, e_y)
        rest = rest + ((e_x - e_x) + (e_y - e_y))
    for j in range(count, fours(count)):
        scratch[MOVES + j] = scratch[MOVES + ROW + j] = 0.0
    return total(rest) == 0.0


def slopes(lattice, tile, r, moved, t_points, at, scratch):
    """Write rows of d_p, or d_p' if there are tangents; returns whether all are numbers.

    ``moved`` says whether there is a tangent of the input.
    """
    count, row, rest = tile[5], r * tile[6], splat(0.0)
    for b in range(RANK):
        to, x, y, z = MOVES + b * ROW, int(b == 0), int(b == 1), int(b == 2)
        if KERNEL != LINEAR or moved or len(t_points) > 0:
            multiply(x, y, z, count, scratch, FOUND)
            for j in range(0, count, 4):
                s = splat(0.0)
                if moved or len(t_points) == 0:
                    s = weighted((part_at(1) if moved else SUMS) + row + j, FOUND + j, scratch)
                keep(scratch, to + j, s)
        else:
            for j in range(0, count, 4):
                keep(scratch, to + j, differences(b, j, SUMS + row + j, LONG, scratch))
        for a in range(RANK if len(t_points) > 0 else 0):
            if KERNEL != LINEAR or a != b:  # what is linear has no curvature
                multiply(x + int(a == 0), y + int(a == 1), z + int(a == 2), count, scratch, FOUND)
                bend(lattice, a, row, count, t_points, at, scratch, to)
        for j in range(0, count, 4):
            slope = load(scratch, (3 * b + 2) * BLOCK + row + j)
            e = where(slope == 0.0, splat(0.0), slope * load(scratch, to + j))
            e = where(numbers_of(row + j, scratch), e, splat(np.nan))
            keep(scratch, to + j, e)
            rest = rest + (e - e)
        for j in range(count, fours(count)):
            scratch[to + j] = 0.0
    return total(rest) == 0.0


@inline
def numbers_of(at, scratch):
    """Whether all coordinates of four points are numbers: else no derivative is one."""
    rest = load(scratch, BLOCK + at) + load(scratch, 4 * BLOCK + at)
    if RANK == 3:
        rest = rest + load(scratch, 7 * BLOCK + at)
    return rest == rest


def bend(lattice, a, row, count, t_points, at, scratch, to):
    """Add to a row the part of d_p' that is due to the tangent of axis a of the points."""
    unit = lattice[a, 0] / lattice[a, 2]
    for j in range(count):
        slope = scratch[(3 * a + 2) * BLOCK + row + j]
        if slope != 0.0:
            s = weighted(SUMS + row + j - j % 4, FOUND + j - j % 4, scratch)
            scratch[to + j] += slope * (t_points[RANK * (at + j) + a] * unit) * lane(s, j % 4)


def weighted(at, found, scratch):
    """The weighted sums of four points of a tile."""
    return summed(POINT, scratch, at, LONG, TAPS * LONG, TAPS * TAPS * LONG, scratch, found)


def drop(dims, tile, r, scratch):
    """Sums of texels that do not take part are 0, also where d_out is infinite or NaN."""
    for j in range(tile[5]):
        at = r * tile[6] + j
        for q in range(TEXELS):
            if texel_of(dims, at, q, scratch) == DROPPED:
                scratch[SUMS + q * LONG + at] = scratch[part_at(1) + q * LONG + at] = 0.0


@inline
def sum_up(dims, tile, at, scratch, base_x, sums):
    """Write the sums of d_p * x_j and of d_p of a row of a tile."""
    width, left = dims[OUT], tile[2]
    parts = -(-width // dims[TILE])
    for a in range(RANK):
        s, t = splat(0.0), splat(0.0)
        for j in range(0, tile[5], 4):
            e = load(scratch, MOVES + a * ROW + j)
            s, t = s + e * load(base_x, left + j), t + e
        to = 2 * ((at // width * parts + left // dims[TILE]) * RANK + a)
        sums[to], sums[to + 1] = total(s), total(t)


@inline
def write(lattice, tile, at, scratch, d_points):
    """Write d_p of a row of a tile in the unit of the grid."""
    for a in range(RANK):
        unit = lattice[a, 0] / lattice[a, 2]
        for j in range(tile[5]):
            e = scratch[MOVES + a * ROW + j] * unit
            d_points[RANK * (at + j) + a] = e if e == e else np.nan
