"""The affine map on a lattice, exactly: rows of coordinates, and the sums of its adjoint.

On one axis the coordinate of output (i, j) is

    p = (theta0 * xs[j] + theta1 * ys[i] + theta2 * c + d) / div,

where xs, ys are the lattice times the scale of the axis times the odd integer div that makes all
of them exact (see :mod:`npstn.grid`). Every product and sum below keeps its rounding error, so
that p is known to about 150 of its own bits before it is settled as (hi, lo).
"""

import math

import numpy as np

from .axis import power_for, settle, unscale
from .eft import distill, dot, fast_two_sum, inline, two_product, two_sum

CANCELLED = 2.0**-30
ONE, TWO, THREE = np.uint64(1), np.uint64(2), np.uint64(3)


def power_of(theta):
    """The power of two by which to scale a row (3,) of theta; 0 if it is not finite."""
    least, largest = math.inf, 0.0
    for q in range(3):
        if theta[q] != 0.0:
            least = min(least, abs(theta[q]))
        largest = max(largest, abs(theta[q])) if theta[q] == theta[q] else math.inf
    return power_for(least, largest) if largest < math.inf else 0.0


def constants(theta, power, y, c, d, v):
    """v[:5] = the terms of an output row, y = ys[i], that do not overlap, largest first."""
    v[0], v[3] = two_product(theta[1] * power, y)
    v[1], v[4] = two_product(theta[2] * power, c)
    v[2] = d * power
    distill(v[:5])


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


def point(theta, x, y, c, d, div, v):
    """(hi, lo) of one point: x = xs[j], y = ys[i]; v (12,) is scratch."""
    power = power_of(theta)
    if power == 0.0:
        # IEEE arithmetic, but a size-1 axis has p = 0; c would not change Inf and NaN.
        p = theta[0] * x + (theta[1] * y + theta[2])
        number = theta[0] == theta[0] and theta[1] == theta[1] and theta[2] == theta[2]
        return (0.0 if c == 0.0 and number else p), 0.0
    constants(theta, power, y, c, d, v)
    t0, t1 = two_product(theta[0] * power, x)
    return settled(t0, t1, v, div, power)


@inline
def pull_tile(e, of, count, base_x, left, lanes, at):
    """Add points [left, left + count) of a row of d_p to its sums, all but the last count % 4.

    e[of:] holds d_p of the x and, half of e behind, of the y coordinate; lanes[at:] four lanes of
    the sum of e * base_x, then of e, for x and then for y.
    """
    tile = len(e) // 2
    for a in range(2):
        k = at + 8 * a
        s0, s1, s2, s3 = lanes[k], lanes[k + 1], lanes[k + 2], lanes[k + 3]
        t0, t1, t2, t3 = lanes[k + 4], lanes[k + 5], lanes[k + 6], lanes[k + 7]
        for j in range(0, count - count % 4, 4):
            q, b = np.uint64(of + a * tile + j), np.uint64(left + j)
            e0, e1, e2, e3 = e[q], e[q + ONE], e[q + TWO], e[q + THREE]
            s0 += e0 * base_x[b]
            s1 += e1 * base_x[b + ONE]
            s2 += e2 * base_x[b + TWO]
            s3 += e3 * base_x[b + THREE]
            t0, t1, t2, t3 = t0 + e0, t1 + e1, t2 + e2, t3 + e3
        lanes[k], lanes[k + 1], lanes[k + 2], lanes[k + 3] = s0, s1, s2, s3
        lanes[k + 4], lanes[k + 5], lanes[k + 6], lanes[k + 7] = t0, t1, t2, t3


def pull_rest(e, of, count, base_x, left, lanes, at, sums, to):
    """sums[to:] = the sums of a row: its lanes in pairs, then the last count % 4 points."""
    tile = len(e) // 2
    for a in range(2):
        k = at + 8 * a
        s = (lanes[k] + lanes[k + 1]) + (lanes[k + 2] + lanes[k + 3])
        t = (lanes[k + 4] + lanes[k + 5]) + (lanes[k + 6] + lanes[k + 7])
        for j in range(count - count % 4, count):
            s += e[of + a * tile + j] * base_x[left + j]
            t += e[of + a * tile + j]
        sums[to + 2 * a], sums[to + 2 * a + 1] = s, t


def pull(_, sums, base_y, c, den, d_theta):
    """All of d_theta (N, 2, 3) from the sums (N, Ho, 2, 2) of rows; c and den (2,), x first."""
    height, ones = len(base_y), np.ones(len(base_y))
    for n in range(len(d_theta)):
        for a in range(2):
            at = 4 * n * height + 2 * a
            d_theta[n, a, 0] = dot(sums, at, 4, ones, 0, 1, height) * c[a] / den[0]
            d_theta[n, a, 1] = dot(sums, at + 1, 4, base_y, 0, 1, height) * c[a] / den[1]
            d_theta[n, a, 2] = dot(sums, at + 1, 4, ones, 0, 1, height) * c[a]


def affine_grid(task, theta, xs, ys, div, grid):
    """Row ``task`` of grid (N, Ho, Wo, 2) of theta (N, 2, 3), each value rounded once."""
    n, i = task // grid.shape[1], task % grid.shape[1]
    v = np.empty(12)
    for a in range(2):
        power = power_of(theta[n, a])
        constants(theta[n, a], power, ys[i], div, 0.0, v)
        for j in range(grid.shape[2]):
            if power == 0.0:
                grid[n, i, j, a], _ = point(theta[n, a], xs[j], ys[i], div, 0.0, div, v)
            else:
                t0, t1 = two_product(theta[n, a, 0] * power, xs[j])
                grid[n, i, j, a], _ = settled(t0, t1, v, div, power)


def affine_grid_vjp(task, d_grid, base_x, sums):
    """The sums (N, Ho, 2, 2), in one row, of row ``task`` of d_grid (N, Ho, Wo, 2)."""
    n, i = task // d_grid.shape[1], task % d_grid.shape[1]
    width = d_grid.shape[2]
    e, lanes = np.empty(2 * width), np.zeros(16)
    for a in range(2):
        for j in range(width):
            e[a * width + j] = d_grid[n, i, j, a]
    pull_tile(e, 0, width, base_x, 0, lanes, 0)
    pull_rest(e, 0, width, base_x, 0, lanes, 0, sums, 4 * task)
