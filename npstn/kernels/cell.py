"""The points of a tile for any kernel in two or three dimensions: up to 128 of a row of the output.

:mod:`.axis` says what a point means, one at a time. As in :mod:`.tile`, most are found in a loop
without branches, that of :mod:`.near`. The others, which are RULED, go through :func:`locate`.

``where`` is ``(theta, xs, ys, zs, scale, grid)`` as in :mod:`.tensor`, ``size`` (width, height,
depth), ``rule`` (mode, padding, align), and ``work`` a :func:`workspace`. In two dimensions there
is a z axis of one texel as well.
"""

import numpy as np

from .affine import point
from .axis import DROPPED, ZEROS, from_grid, spread, spread_near
from .eft import ZERO, allocates, inline
from .near import (
    CLEAN,
    CODE,
    MOST,
    PLACE,
    PLANE,
    ROW,
    ROWS,
    SPACE,
    TAKEN,
    clean,
    limits,
    of_grid,
    of_map,
    row_of,
    taps,
    whole,
)
from .table import LIMIT, TILE, fill, length, place_of
from .tile import MARGIN, OUTSIDE, RULED, near_product, near_sum


@allocates
def workspace(where, step, mode, out_size):
    """Arrays for a task; ``step`` are the strides of x by axis, x first."""
    rank, count, (width, height, depth) = len(where[4]), taps(mode), out_size
    offsets = np.zeros(MOST, np.int64)
    for q in range(count**rank):
        offsets[q] = q % count * step[0] + q // count % count * step[1]
        offsets[q] += q // count // count * step[2]
    tables = (
        np.empty(length(width, rank)),
        np.empty(length(height, rank)),
        np.empty(length(depth, rank)),
        np.zeros(3),
    )
    return (
        np.zeros(ROWS),
        np.zeros(MOST * ROW, np.int64),  # texels of RULED points, as offsets, or DROPPED
        np.array(step),
        offsets,  # of the texels from the first
        tables,
        np.zeros((3, 4), np.int64),  # scratch for a point: its texels by axis
        np.empty(12),
    )


def start(n, where, work):
    """Prepare map n."""
    theta, xs, ys, zs, scale, grid = where
    if len(grid) == 0:
        columns, rows, slices, slack = work[4]
        fill(n, ZERO, ys.shape[1], theta, xs, ys, zs, scale, columns, rows, slices, slack)


def find(n, z, i, left, count, at, where, size, rule, work):
    """Find points [left, left + count) of row (z, i) of map n, which begin at ``at`` in a grid.

    Its map is prepared. Where no texel takes part a point is OUTSIDE.
    """
    _, _, _, _, scale, grid = where
    w, _, step, _, tables, _, _ = work
    rank, (mode, padding, _) = len(scale), rule
    if w[CLEAN] == 0.0:
        clean(mode, rank, w)
    small = size[0] <= LIMIT and size[1] <= LIMIT and size[2] <= LIMIT
    inner = 0.0 if small else -np.inf
    outer = taps(mode) - 1.0 + 2.0 * MARGIN if padding == ZEROS and small else np.inf
    x, y, deep = (
        limits(0, size, step, mode),
        limits(1, size, step, mode),
        limits(2, size, step, mode),
    )
    if len(grid) != 0 and rank == 3:
        ruled = of_grid(SPACE, at, count, grid, scale, x, y, deep, inner, outer, w)
    elif len(grid) != 0:
        ruled = of_grid(PLANE, at, count, grid, scale, x, y, deep, inner, outer, w)
    elif rank == 3:
        ruled = of_map(SPACE, z, i, left, count, tables, x, y, deep, inner, outer, w)
    else:
        ruled = of_map(PLANE, z, i, left, count, tables, x, y, deep, inner, outer, w)
    if ruled > 0:
        w[CLEAN] = 0.0
        for j in range(count):
            if w[CODE + j] == RULED:
                locate(n, z, i, left + j, j, at + rank * j, where, size, rule, work)


def misses(z, i, left, count, low, high, where, size, rule, work):
    """Whether no point of a part of a row looks at a slice (row, of an image) from low to high."""
    _, _, _, _, scale, grid = where
    columns, rows, slices, _ = work[4]
    if len(grid) != 0:
        return False
    rank = len(scale)
    to = place_of(left, rank) + 2 * TILE * (rank - 1)
    head, _ = row_of(rank - 1, z, i, rank, rows, slices)
    p, q = columns[to] + head, columns[to + count - 1] + head
    first, last, reach = min(p, q), max(p, q), taps(rule[0]) / 2 + MARGIN
    inside = rule[1] == ZEROS or (first >= 0.0 and last <= size[rank - 1] - 1)
    return inside and (last + reach < low or first - reach > high)


def coordinate(n, a, z, i, j, at, where, v):
    """(hi, lo) of axis a of output point (z, i, j) of map n, which begins at ``at`` in a grid."""
    theta, xs, ys, zs, scale, grid = where
    c, d, div = scale[a, 0], scale[a, 1], scale[a, 2]
    if len(grid) != 0:
        return from_grid(np.float64(grid[np.uint64(at + a)]), c, d)
    return point(theta[n, a], xs[a, j], ys[a, i], zs[a, z], c, d, div, v)


@inline
def locate(n, z, i, column, j, at, where, size, rule, work):
    """Texels, distances and slopes of point j of a tile by the rules.

    A slice outside the input takes no part, but all do where a coordinate is NaN: the sum is then.
    """
    _, _, _, _, scale, grid = where
    w, texels, step, _, (columns, rows, slices, slack), k, v = work
    rank, (mode, padding, align) = len(scale), rule
    for a in range(rank):
        if len(grid) != 0:
            g = np.float64(grid[np.uint64(at + a)])
            _, r, f, doubt = near_product(g, scale[a, 0], scale[a, 1])
            certain = doubt == 0.0 and abs(r) < LIMIT and size[a] <= LIMIT
        else:
            head, tail = row_of(a, z, i, rank, rows, slices)
            to = place_of(column, rank) + 2 * TILE * a
            r, f, doubt = near_sum(columns[to] + head, columns[to + TILE] + tail, slack[a])
            certain = doubt == 0.0
        if certain:
            s, t, slope = spread_near(r, f, size[a], mode, padding, align, k[a])
        else:
            hi, lo = coordinate(n, a, z, i, column, at, where, v)
            s, t, slope = spread(hi, lo, size[a], mode, padding, align, k[a])
        to = PLACE + 3 * ROW * a + j
        w[to], w[to + ROW], w[to + 2 * ROW] = s, t, slope

    many, seen, q, number = taps(mode), False, j, whole(w, rank, j)
    nan = number != number
    for l in range(many if rank == 3 else 1):
        for y in range(many):
            for x in range(many):
                inside = k[0, x] >= 0 and k[1, y] >= 0 and k[2, l] >= 0
                texel = k[0, x] * step[0] + k[1, y] * step[1] + k[2, l] * step[2]
                texels[q] = texel if inside else DROPPED
                seen = seen or inside
                q += ROW
    for l in range(2):
        w[TAKEN + l * ROW + j] = 1.0 if k[2, l] >= 0 or nan else 0.0
    w[CODE + j] = RULED if seen or nan else OUTSIDE
