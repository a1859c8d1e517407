"""The affine map on a lattice, exactly: rows of coordinates, and the sums of its adjoint.

In R dimensions, on one axis, the coordinate of output (l, i, j) is

    p = (theta[0] * xs[j] + theta[1] * ys[i] + theta[2] * zs[l] + theta[R] * c + d) / div,

without the third term if R = 2, where xs, ys and zs are the lattice times the scale of the axis
times the odd integer div that makes all of them exact (see :mod:`npstn.grid`). Every product and
sum below keeps its rounding error, so that p is known to about 150 of its own bits before it is
settled as (hi, lo).
"""

import math

import numpy as np

from .axis import power_for, settle, unscale
from .eft import ONE, THREE, TWO, distill, dot, fast_two_sum, inline, two_product, two_sum

CANCELLED = 2.0**-30


def power_of(theta):
    """The power of two by which to scale a row (R + 1,) of theta; 0 if it is not finite."""
    least, largest = math.inf, 0.0
    for q in range(len(theta)):
        if theta[q] != 0.0:
            least = min(least, abs(theta[q]))
        largest = max(largest, abs(theta[q])) if theta[q] == theta[q] else math.inf
    return power_for(least, largest) if largest < math.inf else 0.0


def constants(theta, power, y, z, c, d, v):
    """v[:5] = the terms of an output row that do not overlap, largest first."""
    rank = len(theta) - 1
    v[0], v[rank + 1] = two_product(theta[1] * power, y)
    if rank == 3:
        v[1], v[5] = two_product(theta[2] * power, z)
    v[rank - 1], v[2 * rank] = two_product(theta[rank] * power, c)
    v[rank] = d * power
    distill(v[: 2 * rank + 1])


def settled(t0, t1, v, div, power):
    """(hi, lo) of the point of column t0 + t1 in the row of v (12,), whose end is scratch."""
    s, e = two_sum(t0, v[0])
    if abs(s) < CANCELLED * abs(v[0]):  # the smallest terms count
        terms = v[5:]
        terms[0], terms[1] = t0, t1
        for q in range(5):
            terms[q + 2] = v[q]
        distill(terms)
        s, s3, rest = terms[0], terms[1], terms[2]
    else:
        s2, e2 = two_sum(t1, v[1])
        s3, e3 = two_sum(s2, e)
        rest = (e2 + e3) + v[2]
    if div != 1.0:
        s, s3 = fast_two_sum(s, s3)
        q = s / div
        a, b = two_product(q, div)
        r, e = two_sum((s - a) - b, s3)
        s, s3, rest = q, r / div, (rest + e) / div
    hi, lo = settle(s, s3, rest, power)
    return unscale(hi, lo, power) if power != 1.0 else (hi, lo)


def point(theta, x, y, z, c, d, div, v):
    """(hi, lo) of one point: x = xs[j], y = ys[i], z = zs[l]; v (12,) is scratch."""
    power = power_of(theta)
    if power == 0.0:
        # IEEE arithmetic, but a size-1 axis has p = 0; c would not change Inf and NaN.
        p = theta[len(theta) - 1]
        if len(theta) == 4:
            p = theta[2] * z + p
        p = theta[0] * x + (theta[1] * y + p)
        number = True
        for q in range(len(theta)):
            number = number and theta[q] == theta[q]
        return (0.0 if c == 0.0 and number else p), 0.0
    constants(theta, power, y, z, c, d, v)
    t0, t1 = two_product(theta[0] * power, x)
    return settled(t0, t1, v, div, power)


@inline
def pull_tile(e, of, count, base_x, left, lanes, at):
    """Add points [left, left + count) of a row of d_p to its sums, all but the last count % 4.

    e[of:] holds d_p of one axis; lanes[at:] four lanes of the sum of e * base_x, then of e.
    """
    s0, s1, s2, s3 = lanes[at], lanes[at + 1], lanes[at + 2], lanes[at + 3]
    t0, t1, t2, t3 = lanes[at + 4], lanes[at + 5], lanes[at + 6], lanes[at + 7]
    for j in range(0, count - count % 4, 4):
        q, b = np.uint64(of + j), np.uint64(left + j)
        e0, e1, e2, e3 = e[q], e[q + ONE], e[q + TWO], e[q + THREE]
        s0 += e0 * base_x[b]
        s1 += e1 * base_x[b + ONE]
        s2 += e2 * base_x[b + TWO]
        s3 += e3 * base_x[b + THREE]
        t0, t1, t2, t3 = t0 + e0, t1 + e1, t2 + e2, t3 + e3
    lanes[at], lanes[at + 1], lanes[at + 2], lanes[at + 3] = s0, s1, s2, s3
    lanes[at + 4], lanes[at + 5], lanes[at + 6], lanes[at + 7] = t0, t1, t2, t3


def pull_rest(e, of, count, base_x, left, lanes, at, sums, to):
    """sums[to:] = the sums of a row: its lanes in pairs, then the last count % 4 points."""
    s = (lanes[at] + lanes[at + 1]) + (lanes[at + 2] + lanes[at + 3])
    t = (lanes[at + 4] + lanes[at + 5]) + (lanes[at + 6] + lanes[at + 7])
    for j in range(count - count % 4, count):
        s += e[of + j] * base_x[left + j]
        t += e[of + j]
    sums[to], sums[to + 1] = s, t


def pull(_, sums, bases, c, den, d_theta):
    """All of d_theta (N, R, R + 1) from the sums (N, rows, R, 2) of rows.

    bases (R - 1, rows) are the y and z coordinates of the rows; c and den (R,), x first.
    """
    rank, rows = len(c), len(bases) // max(1, len(c) - 1)
    ones = np.ones(rows)
    for n in range(len(d_theta)):
        for a in range(rank):
            at = 2 * (rank * n * rows + a)
            d_theta[n, a, 0] = dot(sums, at, 2 * rank, ones, 0, 1, rows) * c[a] / den[0]
            for q in range(1, rank):
                total = dot(sums, at + 1, 2 * rank, bases, (q - 1) * rows, 1, rows)
                d_theta[n, a, q] = total * c[a] / den[q]
            d_theta[n, a, rank] = dot(sums, at + 1, 2 * rank, ones, 0, 1, rows) * c[a]


def affine_grid(task, theta, xs, ys, zs, div, grid):
    """Row ``task`` of grid (N, rows, Wo, R) of theta (N, R, R + 1), each value rounded once.

    ys and zs (rows,) are the coordinates of the rows.
    """
    n, i = task // grid.shape[1], task % grid.shape[1]
    v = np.empty(12)
    for a in range(grid.shape[3]):
        power = power_of(theta[n, a])
        constants(theta[n, a], power, ys[i], zs[i], div, 0.0, v)
        for j in range(grid.shape[2]):
            if power == 0.0:
                grid[n, i, j, a], _ = point(theta[n, a], xs[j], ys[i], zs[i], div, 0.0, div, v)
            else:
                t0, t1 = two_product(theta[n, a, 0] * power, xs[j])
                grid[n, i, j, a], _ = settled(t0, t1, v, div, power)


def affine_grid_vjp(task, d_grid, base_x, sums):
    """The sums (N, rows, R, 2), in one row, of row ``task`` of d_grid (N, rows, Wo, R)."""
    n, i = task // d_grid.shape[1], task % d_grid.shape[1]
    width, rank = d_grid.shape[2], d_grid.shape[3]
    e, lanes = np.empty(width), np.zeros(8)
    for a in range(rank):
        for j in range(width):
            e[j] = d_grid[n, i, j, a]
        for k in range(8):
            lanes[k] = 0.0
        pull_tile(e, 0, width, base_x, 0, lanes, 0)
        pull_rest(e, 0, width, base_x, 0, lanes, 0, sums, 2 * (rank * task + a))
