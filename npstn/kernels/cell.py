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
from .eft import ZERO, allocates, inline
from .table import LIMIT, TILE, fill, length, place_of
from .tile import MARGIN, OUTSIDE, RULED, near_product, near_sum

ROW = TILE + 8  # from one row of numbers to the next: powers of two would share lines of the cache
MOST = 16  # texels of a point: 4 x 4, or 2 x 2 x 2

# Rows of numbers. Offset of the first texel, or a code; how far a point is from where all its
# texels are inside; 0 if it is known for certain, else Inf or NaN
CODE = 0
FIRST, DOUBT, EXCESS = (ROW + 4 * ROW * k for k in range(3))  # of no axis, one, two, and three
TAKEN = 13 * ROW  # 1 or 0: slices 0 and 1 of the kernel take part
PLACE = 15 * ROW  # by axis, x first: distances s and t, and slope, of axis.spread
ROWS = 24 * ROW


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
    rows = np.zeros(ROWS)
    rows[EXCESS : EXCESS + ROW] = -np.inf
    tables = (
        np.empty(length(width, rank)),
        np.empty(length(height, rank)),
        np.empty(length(depth, rank)),
        np.zeros(3),
    )
    return (
        rows,
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
def note(w, a, j, p, r, f, doubt, middle, half, before, linear, step):
    """Write what axis a has to say of a point. For nearest, ``linear`` is 0, else 1."""
    f *= linear
    left = 1.0 if f < 0.0 else 0.0
    excess = abs(p - middle) - half
    at = np.uint64(PLACE + 3 * ROW * a + j)
    w[at] = (1.0 - left) - f
    w[at + np.uint64(ROW)] = left + f
    w[at + np.uint64(2 * ROW)] = linear
    so_far = np.uint64(ROW * a + j)
    now = so_far + np.uint64(ROW)
    most = w[so_far + np.uint64(EXCESS)]
    w[now + np.uint64(EXCESS)] = excess if excess > most else most
    w[now + np.uint64(DOUBT)] = w[so_far + np.uint64(DOUBT)] + (doubt + (p - p))
    w[now + np.uint64(FIRST)] = w[so_far + np.uint64(FIRST)] + (r - left - before) * step


def find(n, z, i, left, count, at, where, size, rule, work):
    """Find points [left, left + count) of row (z, i) of map n, which begin at ``at`` in a grid.

    Its map is prepared. Where no texel takes part a point is OUTSIDE.
    """
    _, _, _, _, scale, grid = where
    w, _, step, _, (columns, rows, slices, slack), _, _ = work
    rank, (mode, padding, _) = len(scale), rule
    many, linear = taps(mode), 0.0 if mode == NEAREST else 1.0
    for j in range(count if rank == 3 else 0):
        w[np.uint64(TAKEN + j)] = 1.0
        w[np.uint64(TAKEN + ROW + j)] = 1.0
    small = size[0] <= LIMIT and size[1] <= LIMIT and size[2] <= LIMIT
    for a in range(rank):
        c, d = scale[a, 0], scale[a, 1]
        middle, before = (size[a] - 1) / 2, (many - 1) // 2 + 0.0
        half = middle - (many / 2 - 1.0) - MARGIN
        stride = step[a] + 0.0
        if len(grid) != 0:
            for j in range(count):
                g = np.float64(grid[np.uint64(at + rank * j + a)])
                p, r, f, doubt = near_product(g, c, d)
                note(w, a, j, p, r, f, doubt, middle, half, before, linear, stride)
        else:
            head, tail = row_of(a, z, i, rank, rows, slices)
            first = 2 * rank * left + 2 * TILE * a
            for j in range(count):
                p = columns[np.uint64(first + j)] + head
                q = columns[np.uint64(first + TILE + j)] + tail
                r, f, doubt = near_sum(p, q, slack[a])
                note(w, a, j, p, r, f, doubt, middle, half, before, linear, stride)

    outer = many - 1.0 + 2.0 * MARGIN if padding == ZEROS and small else np.inf
    inner = 0.0 if small else -np.inf
    ruled = 0
    for j in range(count):
        at_end = np.uint64(ROW * rank + j)
        excess, doubt = w[at_end + np.uint64(EXCESS)], w[at_end + np.uint64(DOUBT)]
        offset = w[at_end + np.uint64(FIRST)]
        code = OUTSIDE if excess > outer else RULED
        code = code if doubt == doubt else RULED
        code = offset if excess + doubt <= inner else code
        w[np.uint64(CODE + j)] = code
        ruled += 1 if code == RULED else 0
    if ruled > 0:
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
