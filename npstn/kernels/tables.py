"""Tables of an affine map on a lattice: a part of each coordinate by column, by row and by slice.

A part is a head and a tail: p = (head + head) + (tail + tail), with heads that are multiples of a
power of two so large that they add without error. A tail is the rest, at most as large as that
power. Where a tail is rounded, points nearer to a texel than a ``reach`` are left to
:mod:`.affine`; most maps need no rounding.

A table of one map and axis is ``heads of columns, tails of columns``, then rows, then slices; then,
in ENDING numbers, the reach and the row of theta. Each line repeats its last number at least four
times. A lattice has for each axis c, d, div, the cubic coefficient, and lines of its own.
"""

import numpy as np

from ..jit.lanes import keep, load, splat, total, where
from .affine import power_of
from .eft import two_product, two_sum

LIMIT = 2.0**20  # of coordinates, and of sizes
ENDING = 8


def padded(n: int) -> int:
    """The room for a line of ``n`` numbers: a multiple of four, and as many more."""
    return n + 3 - (n + 3) % 4 + 4


def length(width: int, height: int, depth: int) -> int:
    """The numbers in a table for an output of this size."""
    return 2 * (padded(width) + padded(height) + padded(depth)) + ENDING


def divide(s, rest, div):
    """(q, rest', error) of (s + rest) / div with q = RN(s / div); error is 0 if it is exact."""
    q = s / div
    a, b = two_product(q, div)
    r, e = two_sum((s - a) - b, rest)
    return q, r, e


def spread(factor, points, at, n, c0, c1, div, quantum, table, to):
    """Write heads and tails of (factor * points[j] + c0 + c1) / div; returns how many are inexact.

    An exact tail is also a multiple of quantum / 2**50, so that two of them add exactly.
    """
    shift = 1.5 * 2.0**52 * quantum
    grain = shift * 2.0**-50
    inexact, zero, one = splat(0.0), splat(0.0), splat(1.0)
    for j in range(0, n, 4):
        p, e = two_product(load(points, at + j), factor)
        s, e2 = two_sum(p, splat(c0))
        if div == 1.0:
            q, s2, e3 = s, e, zero
        else:
            q, s2, e3 = divide(s, e, div)
        s3, e4 = two_sum(s2, e2)
        s4, e5 = two_sum(s3, splat(c1))
        rest, e7 = s4, zero
        if div != 1.0:
            rest = s4 / div
            back, e7 = two_product(rest, div)
            e7 = where(back == s4, e7, one)
        head = (q + shift) - shift
        tail, e6 = two_sum(q - head, rest)
        keep(table, to + j, head)
        keep(table, to + n + j, tail)
        exact = (e3 == 0.0) & (e4 == 0.0) & (e5 == 0.0) & (e6 == 0.0) & (e7 == 0.0)
        exact = exact & ((tail + grain) - grain == tail)
        inexact = inexact + where(exact, zero, one)
    return total(inexact)


def fill(task, scratch, index, theta, lattice, width, height, depth, tables):
    """Fill the table of map and axis ``task``: theta (N, R, R + 1), lattice (R, 4 + lines)."""
    rank = theta.shape[1]
    n, a = task // rank, task % rank
    c, d, div = lattice[a, 0], lattice[a, 1], lattice[a, 2]
    wide, high, deep = padded(width), padded(height), padded(depth)
    points, to = lattice[a], task * length(width, height, depth)
    t_x, t_y, t_1 = theta[n, a, 0], theta[n, a, 1], theta[n, a, rank]
    t_z = theta[n, a, 2] if rank == 3 else 0.0
    far = abs(t_x) * abs(points[4]) + abs(t_y) * abs(points[4 + wide])
    far = (far + abs(t_z) * abs(points[4 + wide + high]) + abs(t_1) * c + d) / div
    ending = to + length(width, height, depth) - ENDING
    for q in range(rank + 1):
        tables[ending + 1 + q] = theta[n, a, q]
    if power_of(theta[n, a]) != 1.0 or not far < LIMIT:
        t_x = t_y = t_z = t_1 = np.nan  # then no point is certain
        far = 0.0
    quantum = 2.0**-30
    while quantum * 2.0**50 > 2.0 * (far + 1.0):
        quantum *= 0.5
    p, e = two_product(t_1, c)
    c0, e2 = two_sum(p, d)
    c1, e3 = two_sum(e, e2)
    inexact = spread(t_x, points, 4, wide, 0.0, 0.0, div, quantum, tables, to)
    to += 2 * wide
    inexact += spread(t_y, points, 4 + wide, high, c0, c1, div, quantum, tables, to)
    to += 2 * high
    inexact += spread(t_z, points, 4 + wide + high, deep, 0.0, 0.0, div, quantum, tables, to)
    tables[ending] = 0.0 if inexact == 0.0 and e3 == 0.0 else quantum * 2.0**9
