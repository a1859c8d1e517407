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
from .eft import distill, dot, fast_two_sum, two_product, two_sum

CANCELLED = 2.0**-30


def columns(theta, xs, t):
    """Prepare a map: t[0] + t[1] = theta0 * xs * power, with the power of two that is returned.

    theta (3,), xs (Wo,), t (2, Wo). The power is 0 for a theta that is not finite.
    """
    least, largest = math.inf, 0.0
    for q in range(3):
        if theta[q] != 0.0:
            least = min(least, abs(theta[q]))
        largest = max(largest, abs(theta[q])) if theta[q] == theta[q] else math.inf
    power = power_for(least, largest) if largest < math.inf else 0.0
    for j in range(len(xs)):
        if power == 0.0:
            t[0, j] = theta[0] * xs[j]
        else:
            t[0, j], t[1, j] = two_product(theta[0] * power, xs[j])
    return power


def row(theta, t, power, y, c, d, div, v, p):
    """Coordinates of one output row: p (2, Wo) is (hi, lo); v (12,) is scratch; y = ys[i]."""
    if power == 0.0:
        row_without_number(theta, t, y, c, p)
        return
    v, terms = v[:5], v[5:]
    v[0], v[3] = two_product(theta[1] * power, y)
    v[1], v[4] = two_product(theta[2] * power, c)
    v[2] = d * power
    distill(v)
    for j in range(p.shape[1]):
        s, e = two_sum(t[0, j], v[0])
        if abs(s) < CANCELLED * abs(v[0]):  # the smallest terms count
            terms[0], terms[1] = t[0, j], t[1, j]
            for q in range(5):
                terms[q + 2] = v[q]
            distill(terms)
            s, s3, rest = terms[0], terms[1], terms[2]
        else:
            s2, e2 = two_sum(t[1, j], v[1])
            s3, e3 = two_sum(s2, e)
            rest = (e2 + e3) + v[2]
        if div != 1.0:
            s, s3 = fast_two_sum(s, s3)
            q = s / div
            a, b = two_product(q, div)
            r, e = two_sum((s - a) - b, s3)
            s, s3, rest = q, r / div, (rest + e) / div
        p[0, j], p[1, j] = settle(s, s3, rest, power)
        if power != 1.0:
            p[0, j], p[1, j] = unscale(p[0, j], p[1, j], power)


def row_without_number(theta, t, y, c, p):
    """The same for Inf and NaN in theta: IEEE arithmetic, but a size-1 axis has p = 0."""
    number = theta[0] == theta[0] and theta[1] == theta[1] and theta[2] == theta[2]
    for j in range(p.shape[1]):
        p[0, j] = t[0, j] + (theta[1] * y + theta[2])  # c would not change Inf and NaN
        if c == 0.0 and number:
            p[0, j] = 0.0
        p[1, j] = 0.0


def pull_row(e, base_x, sums):
    """Sums of a row of d_p: sums[a] = (sum of e[a] * base_x, sum of e[a]); e (2, Wo)."""
    ones = np.ones(len(base_x))
    for a in range(2):
        sums[a, 0] = dot(e[a], base_x)
        sums[a, 1] = dot(e[a], ones)


def pull(_, sums, base_y, c, den, d_theta):
    """All of d_theta (N, 2, 3) from the sums (N, Ho, 2, 2) of rows; c and den (2,), x first."""
    ones = np.ones(len(base_y))
    for n in range(len(d_theta)):
        for a in range(2):
            d_theta[n, a, 0] = dot(sums[n, :, a, 0], ones) * c[a] / den[0]
            d_theta[n, a, 1] = dot(sums[n, :, a, 1], base_y) * c[a] / den[1]
            d_theta[n, a, 2] = dot(sums[n, :, a, 1], ones) * c[a]


def affine_grid(task, theta, xs, ys, div, grid):
    """Row ``task`` of grid (N, Ho, Wo, 2) of theta (N, 2, 3), each value rounded once."""
    n, i = task // grid.shape[1], task % grid.shape[1]
    t = np.empty((2, grid.shape[2]))
    p = np.empty((2, grid.shape[2]))
    v = np.empty(12)
    for a in range(2):
        power = columns(theta[n, a], xs, t)
        row(theta[n, a], t, power, ys[i], div, 0.0, div, v, p)
        for j in range(grid.shape[2]):
            grid[n, i, j, a] = p[0, j]


def affine_grid_vjp(task, d_grid, base_x, sums):
    """The sums (N, Ho, 2, 2) of row ``task`` of d_grid (N, Ho, Wo, 2)."""
    n, i = task // d_grid.shape[1], task % d_grid.shape[1]
    e = np.empty((2, d_grid.shape[2]))
    for a in range(2):
        for j in range(d_grid.shape[2]):
            e[a, j] = d_grid[n, i, j, a]
    pull_row(e, base_x, sums[n, i])
