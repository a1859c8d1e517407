"""Points of a tile, and those of them whose texels all lie inside the input: in one loop, fast.

What there is of the points comes in rows of ROW numbers: see :mod:`.cell`, which finds the others.
"""

import numpy as np

from .axis import BICUBIC, NEAREST
from .eft import inline
from .table import TILE, place_of
from .tile import MARGIN, OUTSIDE, RULED, near_product, near_sum

PLANE, SPACE = np.int64(2), np.int64(3)  # ranks
ROW = TILE + 8  # from one row of numbers to the next: powers of two would share lines of the cache
MOST = 16  # texels of a point: 4 x 4, or 2 x 2 x 2

# Offset of the first texel, or a code; 1 or 0, as slices 0 and 1 of the kernel take part; by axis,
# x first, distances s and t, and slope, of axis.spread. Then, as one number, whether the rows of
# slices and slopes are those of points inside.
CODE, TAKEN, PLACE, CLEAN = 0, ROW, 3 * ROW, 12 * ROW
ROWS = CLEAN + 1


def taps(mode):
    """How many texels a kernel has on each axis."""
    return 1 if mode == NEAREST else 4 if mode == BICUBIC else 2


def clean(mode, rank, w):
    """Slices and slopes of points inside, all alike: for nearest a slope is 0."""
    w[CLEAN] = 1.0
    w[TAKEN : TAKEN + 2 * ROW] = 1.0
    for a in range(rank):
        w[PLACE + (3 * a + 2) * ROW : PLACE + (3 * a + 3) * ROW] = 0.0 if mode == NEAREST else 1.0


def limits(a, size, step, mode):
    """Of axis a: middle and half width of where all texels are inside, the stride, and the slope.

    And the way from the texel behind a point to its first one.
    """
    middle, many = (size[a] - 1) / 2, taps(mode)
    half = middle - (many / 2 - 1.0 + MARGIN)
    slope = 0.0 if mode == NEAREST else 1.0
    return middle, half, step[a] + 0.0, slope, -((many - 1) // 2) * step[a] + 0.0


@inline
def note(w, a, j, p, r, f, doubt, limits, so_far):
    """Write the distances on axis a, and add what it says to what others said of a point.

    That is the offset of its first texel; how far it is from where all its texels are inside; 0 if
    it is known for certain, else Inf; and a number, or NaN if a coordinate is.
    """
    middle, half, stride, slope, _ = limits
    offset, far, doubts, number = so_far
    f *= slope
    left = 1.0 if f < 0.0 else 0.0
    at = np.uint64(PLACE + 3 * ROW * a + j)
    w[at] = (1.0 - left) - f
    w[at + np.uint64(ROW)] = left + f
    excess = abs(p - middle) - half
    offset += (r - left) * stride
    return offset, excess if excess > far else far, doubts + doubt, number + excess


@inline
def decide(w, j, so_far, inner, outer):
    """Write the code of a point, and return 1 if it is RULED, else 0."""
    offset, far, doubts, number = so_far
    code = OUTSIDE if far > outer else RULED
    code = code if number == number else RULED
    code = offset if far + doubts <= inner else code
    w[np.uint64(CODE + j)] = code
    return 1 if code == RULED else 0


@inline
def of_map(rank, z, i, left, count, tables, x, y, deep, inner, outer, w):
    """Points of a map from its tables; ``x``, ``y`` and ``deep`` are limits of the axes.

    Points up to ``inner`` off are inside, farther off than ``outer`` OUTSIDE, and others RULED:
    their number is returned. In two dimensions z is the second axis once more, and not used.
    """
    columns, rows, slices, slack = tables
    slack_x, slack_y, slack_z = slack[0], slack[1], slack[2]
    head_x, tail_x = row_of(0, z, i, rank, rows, slices)
    head_y, tail_y = row_of(1, z, i, rank, rows, slices)
    head_z, tail_z = row_of(rank - 1, z, i, rank, rows, slices)
    shift, ruled = x[4] + y[4], 0  # of bicubic alone, which has two dimensions
    for j in range(count):
        at, so_far = np.uint64(2 * rank * left + j), (shift, -np.inf, 0.0, 0.0)
        p = columns[at] + head_x
        r, f, doubt = near_sum(p, columns[at + np.uint64(TILE)] + tail_x, slack_x)
        so_far = note(w, 0, j, p, r, f, doubt, x, so_far)
        p = columns[at + np.uint64(2 * TILE)] + head_y
        r, f, doubt = near_sum(p, columns[at + np.uint64(3 * TILE)] + tail_y, slack_y)
        so_far = note(w, 1, j, p, r, f, doubt, y, so_far)
        if rank == 3:
            p = columns[at + np.uint64(4 * TILE)] + head_z
            r, f, doubt = near_sum(p, columns[at + np.uint64(5 * TILE)] + tail_z, slack_z)
            so_far = note(w, 2, j, p, r, f, doubt, deep, so_far)
        ruled += decide(w, j, so_far, inner, outer)
    return ruled


@inline
def of_grid(rank, at, count, grid, scale, x, y, deep, inner, outer, w):
    """The same for the points of a grid from ``at`` on."""
    cx, cy, cz = scale[0, 0], scale[1, 0], scale[rank - 1, 0]
    dx, dy, dz = scale[0, 1], scale[1, 1], scale[rank - 1, 1]
    shift, ruled = x[4] + y[4], 0  # of bicubic alone, which has two dimensions
    for j in range(count):
        so_far = shift, -np.inf, 0.0, 0.0
        p, r, f, doubt = near_product(np.float64(grid[np.uint64(at + rank * j)]), cx, dx)
        so_far = note(w, 0, j, p, r, f, doubt, x, so_far)
        p, r, f, doubt = near_product(np.float64(grid[np.uint64(at + rank * j + 1)]), cy, dy)
        so_far = note(w, 1, j, p, r, f, doubt, y, so_far)
        if rank == 3:
            p, r, f, doubt = near_product(np.float64(grid[np.uint64(at + rank * j + 2)]), cz, dz)
            so_far = note(w, 2, j, p, r, f, doubt, deep, so_far)
        ruled += decide(w, j, so_far, inner, outer)
    return ruled


def row_of(a, z, i, rank, rows, slices):
    """Head and tail that the points of row (z, i) have in common on axis a."""
    to = place_of(i, rank) + 2 * TILE * a
    head, tail = rows[to], rows[to + TILE]
    if rank == 3:
        to = place_of(z, rank) + 2 * TILE * a
        head, tail = head + slices[to], tail + slices[to + TILE]
    return head, tail


@inline
def whole(w, rank, j):
    """A number, or NaN if a coordinate of the point is."""
    s = w[np.uint64(PLACE + j)] + w[np.uint64(PLACE + 3 * ROW + j)]
    return s + w[np.uint64(PLACE + 6 * ROW + j)] if rank == 3 else s
