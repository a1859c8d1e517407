"""The affine map on a lattice, exactly: rows of coordinates, and the sums of its adjoint.

In R dimensions, on one axis, the coordinate of output (l, i, j) is

    p = (theta[0] * xs[j] + theta[1] * ys[i] + theta[2] * zs[l] + theta[R] * c + d) / div,

without the third term if R = 2, where xs, ys and zs are the lattice times the scale of the axis
times the odd integer div that makes all of them exact (see :mod:`npstn.grid`). Every product and
sum below keeps its rounding error, and where too little is left of the largest terms, all of them
are summed without error, so that (hi, lo) is as if p had never been rounded before.
"""

import math

import numpy as np

from ..jit.lanes import load, splat, strided, total
from .coordinate import DOWN, LEAST, MORE, UP, power_for, quotient, unscale
from .eft import distill, inline, two_product, two_sum

ROW, WORK = 7, 26  # numbers of what a row of the output shares, and of all work space


def power_of(theta):
    """The power of two by which to scale a row (R + 1,) of theta; 0 if it is not finite."""
    least, largest = math.inf, 0.0
    for q in range(len(theta)):
        if theta[q] != 0.0:
            least = min(least, abs(theta[q]))
        largest = max(largest, abs(theta[q])) if theta[q] == theta[q] else math.inf
    return power_for(least, largest) if largest < math.inf else 0.0


def constants(theta, power, y, z, c, d, v):
    """v[:ROW] = the terms of an output row that do not overlap, largest first."""
    rank = len(theta) - 1
    v[:ROW] = 0.0
    v[0], v[1] = two_product(theta[1] * power, y)
    if rank == 3:
        v[5], v[6] = two_product(theta[2] * power, z)
    v[2], v[3] = two_product(theta[rank] * power, c)
    v[4] = d * power
    distill(v[:ROW])


@inline
def settled(t0, t1, v, div, power):
    """(hi, lo) of the point of column t0 + t1 in the row of v (WORK,), whose end is scratch."""
    s, e = two_sum(t0, v[0])
    s2, e2 = two_sum(t1, v[1])
    s3, e3 = two_sum(s2, e)
    top, low = two_sum(s, s3)
    rest, rounded = (e2 + e3) + v[2], abs(e2) + abs(e3) + abs(v[2])
    hi = top / div
    for _ in range(2):
        a, b = two_product(hi, div)
        r, e = two_sum((top - a) - b, low)  # no error in what is left of the division
        left = r + (e + rest)
        lo = left / div
        if hi + lo * MORE == hi:
            if 1024.0 * (rounded + abs(e)) <= abs(left):
                return unscale(hi, lo, power) if power != 1.0 else (hi, lo)
            break
        if div > 2.0**49 or abs(lo) > 2.0**-51 * abs(hi):
            break
        hi += lo
    return settled_slowly(t0, t1, v, div, power)


def settled_slowly(t0, t1, v, div, power):
    """The same where too little is left of the largest terms, or p is next to a tie."""
    terms = v[ROW:]
    terms[0], terms[1] = t0, t1
    for q in range(ROW):
        terms[q + 2] = v[q]
    hi, lo = quotient(terms, ROW + 2, div)
    return unscale(hi, lo, power)


def products(theta, power, low, high, x, y, z, c, v):
    """v[:9] = the products with the entries of theta from ``low`` up to ``high``, times power."""
    rank = len(theta) - 1
    v[:9] = 0.0
    for q in range(rank + 1):
        factor = x if q == 0 else c if q == rank else y if q == 1 else z
        if low <= abs(theta[q]) < high:
            v[2 * q], v[2 * q + 1] = two_product(theta[q] * power, factor)


def far_apart(theta, x, y, z, c, d, div, v):
    """(hi, lo) of a point where no power of two suits all of theta: large entries come first."""
    great, small, power = v[:9], v[9:18], DOWN
    products(theta, DOWN, 1.0, math.inf, x, y, z, c, great)
    products(theta, UP, 0.0, 1.0, x, y, z, c, small)
    great[8] = d * DOWN
    distill(great)
    distill(small)
    if abs(great[0]) < 1.0:
        great *= UP / DOWN
        power = UP
    else:  # so far away that the small ones count at a tie only
        for q in range(9):
            t = small[q] * (DOWN / UP)
            if t == 0.0 and small[q] != 0.0:
                small[q] = math.copysign(LEAST, small[q])
                small[q + 1 :] = 0.0
                break
            small[q] = t
    hi, lo = quotient(v, 18, div)
    return unscale(hi, lo, power)


def point(theta, x, y, z, c, d, div, v):
    """(hi, lo) of one point: x = xs[j], y = ys[i], z = zs[l]; v (WORK,) is scratch."""
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
    if power == math.inf:
        return far_apart(theta, x, y, z, c, d, div, v)
    constants(theta, power, y, z, c, d, v)
    t0, t1 = two_product(theta[0] * power, x)
    return settled(t0, t1, v, div, power)


def affine_grid(task, scratch, index, theta, xs, ys, zs, div, grid):
    """Write row ``task`` of grid (N, rows, Wo, R) of theta (N, R, R + 1), each value rounded once.

    ys and zs (rows,) are the coordinates of the rows.
    """
    n, i, v = task // grid.shape[1], task % grid.shape[1], scratch[:WORK]
    for a in range(grid.shape[3]):
        power = power_of(theta[n, a])
        ordinary = 0.0 < power < math.inf
        if ordinary:
            constants(theta[n, a], power, ys[i], zs[i], div, 0.0, v)
        for j in range(grid.shape[2]):
            if not ordinary:
                found = point(theta[n, a], xs[j], ys[i], zs[i], div, 0.0, div, v)
            else:
                t0, t1 = two_product(theta[n, a, 0] * power, xs[j])
                found = settled(t0, t1, v, div, power)
            grid[n, i, j, a] = found[0] if found[0] == found[0] else np.nan


def affine_grid_vjp(task, scratch, index, d_grid, base_x, sums):
    """Write the sums (N, rows, 1, R, 2) of row ``task`` of d_grid (N, rows, Wo, R)."""
    n, i = task // d_grid.shape[1], task % d_grid.shape[1]
    width, rank = d_grid.shape[2], d_grid.shape[3]
    line = d_grid[n, i].reshape(width * rank)
    for a in range(rank):
        s, t = splat(0.0), splat(0.0)
        for j in range(0, width - 3, 4):
            e = strided(line, rank * j + a, rank)
            s, t = s + e * load(base_x, j), t + e
        sum_x, sum_1 = total(s), total(t)
        for j in range(width - width % 4, width):
            sum_x += np.float64(line[rank * j + a]) * base_x[j]
            sum_1 += np.float64(line[rank * j + a])
        sums[2 * (rank * task + a)], sums[2 * (rank * task + a) + 1] = sum_x, sum_1


def theta_from_sums(task, scratch, index, sums, parts, bases, factors, d_theta):
    """Write d_theta (N, R, R + 1) of map ``task`` from the sums of its rows.

    sums (N, rows, parts, R, 2), all in one row, have the sum of d_p * x_j and that of d_p of each
    part of a row; bases (R - 1, rows) are the y and z of the rows. A sum is multiplied with
    factors[0], and divided by factors[1] (R, R + 1).
    """
    rank, rows = d_theta.shape[1], len(bases) // max(1, d_theta.shape[1] - 1)
    for a in range(rank):
        scratch[:16] = 0.0
        for r in range(rows):
            sum_x = sum_1 = 0.0
            for part in range(parts):
                at = 2 * (((task * rows + r) * parts + part) * rank + a)
                sum_x += sums[at]
                sum_1 += sums[at + 1]
            at = r % 4  # four sums of each, so that their errors grow more slowly
            scratch[at] += sum_x
            for q in range(1, rank):
                scratch[4 * q + at] += sum_1 * bases[(q - 1) * rows + r]
            scratch[4 * rank + at] += sum_1
        for q in range(rank + 1):
            d = total(load(scratch, 4 * q)) * factors[0, a, q] / factors[1, a, q]
            d_theta[task, a, q] = d if d == d else np.nan
