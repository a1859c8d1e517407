"""The points of a tile for any kernel in two or three dimensions: up to 128 of a row of the output.

:mod:`.axis` says what a point means, one at a time. As in :mod:`.tile`, most are found in a loop
without branches: where all texels of the kernel lie inside the input. The others, which are RULED,
go through :func:`locate`.

``where`` is ``(theta, xs, ys, zs, scale, grid)`` as in :mod:`.tensor`, ``size`` (width, height,
depth), ``rule`` (mode, padding, align), and ``work`` a :func:`workspace`. In two dimensions there
is a z axis of one texel as well.
"""

import numpy as np

from .affine import point
from .axis import BICUBIC, DROPPED, NEAREST, ZEROS, from_grid, spread, spread_near
from .eft import ONE, TWO, ZERO, allocates, inline
from .table import LIMIT, TILE, fill, length, place_of
from .tile import MARGIN, OUTSIDE, RULED, near_product, near_sum

ROW = TILE + 8  # from one row of numbers to the next: powers of two would share lines of the cache
MOST = 16  # texels of a point: 4 x 4, or 2 x 2 x 2

# Rows of numbers: offset of the first texel, or a code; 1 or 0, as slices 0 and 1 of the kernel take
# part; by axis, x first, distances s and t, and slope, of axis.spread. Then whether the rows of
# slices and slopes are those of points inside.
CODE, TAKEN, PLACE, CLEAN = 0, ROW, 3 * ROW, 12 * ROW


def taps(mode):
    """How many texels a kernel has on each axis."""
    return 1 if mode == NEAREST else 4 if mode == BICUBIC else 2


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
        np.zeros(CLEAN + 1),
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


@inline
def note(w, a, j, p, r, f, middle, half, linear):
    """Write the distances on axis a. For nearest, ``linear`` is 0, else 1.

    Returns the texel behind the point, and how far it is from where all its texels are inside.
    """
    f *= linear
    left = 1.0 if f < 0.0 else 0.0
    at = np.uint64(PLACE + 3 * ROW * a + j)
    w[at] = (1.0 - left) - f
    w[at + np.uint64(ROW)] = left + f
    return r - left, abs(p - middle) - half


def find(n, z, i, left, count, at, where, size, rule, work):
    """Find points [left, left + count) of row (z, i) of map n, which begin at ``at`` in a grid.

    Its map is prepared. Where no texel takes part a point is OUTSIDE.
    """
    _, _, _, _, scale, grid = where
    w, _, step, _, (columns, rows, slices, slack), _, _ = work
    rank, (mode, padding, _) = len(scale), rule
    many, linear = taps(mode), 0.0 if mode == NEAREST else 1.0
    if w[CLEAN] == 0.0:
        w[CLEAN] = 1.0
        for j in range(ROW):
            w[TAKEN + j] = w[TAKEN + ROW + j] = 1.0
            for a in range(rank):
                w[PLACE + (3 * a + 2) * ROW + j] = linear
    small = size[0] <= LIMIT and size[1] <= LIMIT and size[2] <= LIMIT
    outer = many - 1.0 + 2.0 * MARGIN if padding == ZEROS and small else np.inf
    inner = 0.0 if small else -np.inf
    middle_x, middle_y, middle_z = (size[0] - 1) / 2, (size[1] - 1) / 2, (size[2] - 1) / 2
    within = many / 2 - 1.0 + MARGIN
    half_x, half_y, half_z = middle_x - within, middle_y - within, middle_z - within
    step_x, step_y, step_z = step[0] + 0.0, step[1] + 0.0, step[2] + 0.0
    shift = -((many - 1) // 2) * (step_x + step_y + (step_z if rank == 3 else 0.0))
    ruled, last = 0, rank - 1
    cx, cy, cz = scale[0, 0], scale[1, 0], scale[last, 0]
    dx, dy, dz = scale[0, 1], scale[1, 1], scale[last, 1]
    if len(grid) != 0:
        for j in range(count):
            to = np.uint64(at + (3 * j if rank == 3 else 2 * j))  # a stride known to LLVM
            p, r, f, doubt = near_product(np.float64(grid[to]), cx, dx)
            kx, ex = note(w, 0, j, p, r, f, middle_x, half_x, linear)
            p, r, f, doubt_y = near_product(np.float64(grid[to + ONE]), cy, dy)
            ky, ey = note(w, 1, j, p, r, f, middle_y, half_y, linear)
            first, doubt = kx * step_x + ky * step_y + shift, doubt + doubt_y
            far, number = ex if ex > ey else ey, ex + ey
            if rank == 3:
                p, r, f, doubt_z = near_product(np.float64(grid[to + TWO]), cz, dz)
                kz, ez = note(w, 2, j, p, r, f, middle_z, half_z, linear)
                first, doubt = first + kz * step_z, doubt + doubt_z
                far, number = far if far > ez else ez, number + ez
            ruled += decide(w, j, first, doubt, far, number, inner, outer)
    else:
        head_x, tail_x = row_of(0, z, i, rank, rows, slices)
        head_y, tail_y = row_of(1, z, i, rank, rows, slices)
        head_z, tail_z = row_of(last, z, i, rank, rows, slices)
        slack_x, slack_y, slack_z = slack[0], slack[1], slack[2]
        for j in range(count):
            to = np.uint64(2 * rank * left + j)
            p = columns[to] + head_x
            r, f, doubt = near_sum(p, columns[to + np.uint64(TILE)] + tail_x, slack_x)
            kx, ex = note(w, 0, j, p, r, f, middle_x, half_x, linear)
            p = columns[to + np.uint64(2 * TILE)] + head_y
            r, f, doubt_y = near_sum(p, columns[to + np.uint64(3 * TILE)] + tail_y, slack_y)
            ky, ey = note(w, 1, j, p, r, f, middle_y, half_y, linear)
            first, doubt = kx * step_x + ky * step_y + shift, doubt + doubt_y
            far, number = ex if ex > ey else ey, ex + ey
            if rank == 3:
                p = columns[to + np.uint64(4 * TILE)] + head_z
                r, f, doubt_z = near_sum(p, columns[to + np.uint64(5 * TILE)] + tail_z, slack_z)
                kz, ez = note(w, 2, j, p, r, f, middle_z, half_z, linear)
                first, doubt = first + kz * step_z, doubt + doubt_z
                far, number = far if far > ez else ez, number + ez
            ruled += decide(w, j, first, doubt, far, number, inner, outer)
    if ruled > 0:
        w[CLEAN] = 0.0
        for j in range(count):
            if w[CODE + j] == RULED:
                locate(n, z, i, left + j, j, at + rank * j, where, size, rule, work)


@inline
def decide(w, j, first, doubt, far, number, inner, outer):
    """Write the code of a point, and return 1 if it is RULED, else 0."""
    code = OUTSIDE if far > outer else RULED
    code = code if number == number else RULED
    code = first if far + doubt <= inner else code
    w[np.uint64(CODE + j)] = code
    return 1 if code == RULED else 0


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


def row_of(a, z, i, rank, rows, slices):
    """Head and tail that the points of row (z, i) have in common on axis a."""
    to = place_of(i, rank) + 2 * TILE * a
    head, tail = rows[to], rows[to + TILE]
    if rank == 3:
        to = place_of(z, rank) + 2 * TILE * a
        head, tail = head + slices[to], tail + slices[to + TILE]
    return head, tail


def coordinate(n, a, z, i, j, at, where, v):
    """(hi, lo) of axis a of output point (z, i, j) of map n, which begins at ``at`` in a grid."""
    theta, xs, ys, zs, scale, grid = where
    c, d, div = scale[a, 0], scale[a, 1], scale[a, 2]
    if len(grid) != 0:
        return from_grid(np.float64(grid[np.uint64(at + a)]), c, d)
    return point(theta[n, a], xs[a, j], ys[a, i], zs[a, z], c, d, div, v)


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

    many, seen, number = taps(mode), False, whole(w, rank, j)
    nan = number != number
    for q in range(many**rank):
        x, y, l = k[0, q % many], k[1, q // many % many], k[2, q // many // many]
        inside = x >= 0 and y >= 0 and l >= 0
        texel = x * step[0] + y * step[1] + l * step[2]
        texels[q * ROW + j] = texel if inside else DROPPED
        seen = seen or inside
    for l in range(2):
        w[TAKEN + l * ROW + j] = 1.0 if k[2, l] >= 0 or nan else 0.0
    w[CODE + j] = RULED if seen or nan else OUTSIDE


@inline
def whole(w, rank, j):
    """A number, or NaN if a coordinate of the point is."""
    s = w[np.uint64(PLACE + j)] + w[np.uint64(PLACE + 3 * ROW + j)]
    return s + w[np.uint64(PLACE + 6 * ROW + j)] if rank == 3 else s
