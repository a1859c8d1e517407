"""An affine map on a lattice in tables: a part of a coordinate by column, one by row, and by slice.

Each part is a head and a tail: p = (head + head) + (tail + tail), with heads that are multiples of
a power of two so large that they add without error. A tail is the rest, at most as large as that
power. Where a tail is rounded, p is off by less than a ``slack``; most maps need no rounding.
"""

import numpy as np

from .affine import power_of
from .eft import two_product, two_sum

TILE = 128  # columns or rows in a block of a table: heads and tails of x, then of y, then of z
LIMIT = 2.0**20  # of coordinates


def place_of(j, rank):
    """Where the heads of x of column or row j are in their table."""
    return 2 * rank * (j - j % TILE) + j % TILE


def length(n, rank):
    """How long a table of n columns or rows is."""
    return 2 * rank * TILE * -(-n // TILE)


def spread(factor, points, c0, c1, div, quantum, rank, table):
    """Heads and tails of (factor * points[j] + c0 + c1) / div; returns how many are inexact.

    An exact tail is also a multiple of quantum / 2**50, so that two of them add exactly.
    """
    shift = 1.5 * 2.0**52 * quantum
    grain = shift * 2.0**-50
    inexact = 0
    for start in range(0, len(points), TILE):
        part, block = points[start : start + TILE], table[2 * rank * start :]
        for j in range(len(part)):
            p, e = two_product(factor, part[j])
            s, e2 = two_sum(p, c0)
            q = s / div
            a, b = two_product(q, div)
            s2, e3 = two_sum((s - a) - b, e)
            s3, e4 = two_sum(s2, e2)
            s4, e5 = two_sum(s3, c1)
            rest = s4 / div
            back, e7 = two_product(rest, div)
            head = (q + shift) - shift
            tail, e6 = two_sum(q - head, rest)
            block[j] = head
            block[TILE + j] = tail
            exact = e3 == 0.0 and e4 == 0.0 and e5 == 0.0 and e6 == 0.0 and back == s4 and e7 == 0.0
            inexact += 0 if exact and (tail + grain) - grain == tail else 1
    return inexact


def fill(n, first, last, theta, xs, ys, zs, scale, columns, rows, slices, slack):
    """Fill the tables for map n: all columns, rows [first, last), all slices; and slack by axis."""
    rank = len(scale)
    for a in range(rank):
        c, d, div = scale[a, 0], scale[a, 1], scale[a, 2]
        t0, t1, t2 = theta[n, a, 0], theta[n, a, 1], theta[n, a, rank]
        t_z = theta[n, a, 2] if rank == 3 else 0.0
        z = abs(zs[a, 0]) if rank == 3 else 0.0
        far = abs(t0) * abs(xs[a, 0]) + abs(t1) * abs(ys[a, 0]) + abs(t_z) * z
        far = (far + abs(t2) * c + d) / div
        if power_of(theta[n, a]) != 1.0 or not far < LIMIT:
            t0 = t1 = t2 = t_z = np.nan  # then no point is certain
            far = 0.0
        quantum = 2.0**-30
        while quantum * 2.0**50 > 2.0 * (far + 1.0):
            quantum *= 0.5
        p, e = two_product(t2, c)
        c0, e2 = two_sum(p, d)
        c1, e3 = two_sum(e, e2)
        at = 2 * TILE * a
        inexact = spread(t0, xs[a], 0.0, 0.0, div, quantum, rank, columns[at:])
        inexact += spread(t1, ys[a, first:last], c0, c1, div, quantum, rank, rows[at:])
        if rank == 3:
            inexact += spread(t_z, zs[a], 0.0, 0.0, div, quantum, rank, slices[at:])
        slack[a] = 0.0 if inexact == 0 and e3 == 0.0 else quantum * 2.0**-47
