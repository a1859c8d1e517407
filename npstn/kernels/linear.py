"""Grids that are linear in their parameters: sums of basis functions, and the adjoint.

A band of points of the lattice has ``basis`` (P, L): P functions at L points, as one row of
numbers. With coefficients c (N, P, 2) of N maps,

    grid[n, l] = sum_p basis[p, l] c[n, p],        d_c[n, p] = sum_l basis[p, l] d_grid[n, l],

both in a fixed order, whatever the number of maps or threads. ``dims`` is (N, P, L, first point of
the band, points of all bands). A task has PART points of all maps.
"""

import numpy as np
from numpy import uint64 as u  # an index of it needs no test of its sign

from .eft import ONE, THREE, TWO, allocates, inline

BLOCK = 128  # points: their basis functions stay in the cache for all maps
PART = 8 * BLOCK


def tasks(length: int) -> int:
    """Number of tasks, and so of partial sums, for a band of ``length`` points."""
    return -(-length // PART)


@allocates
def scratch():
    """Make room for the x and the y of a block of points."""
    return np.zeros(BLOCK), np.zeros(BLOCK)


def combine(task, basis, coefficients, dims, grid):
    """Write the points of a task into grid (N, points of all bands, 2)."""
    maps, functions, length, first, total = dims[0], dims[1], dims[2], dims[3], dims[4]
    x, y = scratch()
    for left in range(task * PART, min((task + 1) * PART, length), BLOCK):
        count = min(BLOCK, length - left)
        for n in range(maps):
            for j in range(count):
                x[u(j)] = y[u(j)] = 0.0
            for p in range(functions):
                basis_at, c = p * length + left, 2 * (n * functions + p)
                cx, cy = coefficients[c], coefficients[c + 1]
                for j in range(count):
                    f = basis[u(basis_at + j)]
                    x[u(j)] += f * cx
                    y[u(j)] += f * cy
            grid_at = 2 * (n * total + first + left)
            for j in range(count):
                grid[u(grid_at + 2 * j)] = x[u(j)]
                grid[u(grid_at + 2 * j + 1)] = y[u(j)]


def combine_vjp(task, basis, d_grid, dims, sums):
    """Write the part of d_c that a task sums, into sums (tasks, N, P, 2)."""
    maps, functions, length, first, total = dims[0], dims[1], dims[2], dims[3], dims[4]
    x, y = scratch()
    lanes = np.zeros(8 * maps * functions)
    for left in range(task * PART, min((task + 1) * PART, length), BLOCK):
        count = min(BLOCK, length - left)
        for n in range(maps):
            d_at = 2 * (n * total + first + left)
            for j in range(count):
                x[u(j)] = d_grid[u(d_at + 2 * j)]
                y[u(j)] = d_grid[u(d_at + 2 * j + 1)]
            for p in range(functions):
                lanes_at = 8 * (n * functions + p)
                accumulate_basis(basis, p * length + left, count, x, y, lanes, lanes_at)
    for k in range(maps * functions):
        s, sums_at = lanes[8 * k :], 2 * (task * maps * functions + k)
        sums[sums_at] = (s[0] + s[1]) + (s[2] + s[3])
        sums[sums_at + 1] = (s[4] + s[5]) + (s[6] + s[7])


@inline
def accumulate_basis(basis, basis_at, count, x, y, lanes, lanes_at):
    """Add one basis function times x, and times y, to four lanes each."""
    k = lanes_at
    s0, s1, s2, s3 = lanes[k], lanes[k + 1], lanes[k + 2], lanes[k + 3]
    t0, t1, t2, t3 = lanes[k + 4], lanes[k + 5], lanes[k + 6], lanes[k + 7]
    whole = count - count % 4
    for j in range(0, whole, 4):
        b, i = u(basis_at + j), u(j)
        f0, f1, f2, f3 = basis[b], basis[b + ONE], basis[b + TWO], basis[b + THREE]
        s0, t0 = s0 + f0 * x[i], t0 + f0 * y[i]
        s1, t1 = s1 + f1 * x[i + ONE], t1 + f1 * y[i + ONE]
        s2, t2 = s2 + f2 * x[i + TWO], t2 + f2 * y[i + TWO]
        s3, t3 = s3 + f3 * x[i + THREE], t3 + f3 * y[i + THREE]
    lanes[k], lanes[k + 1], lanes[k + 2], lanes[k + 3] = s0, s1, s2, s3
    lanes[k + 4], lanes[k + 5], lanes[k + 6], lanes[k + 7] = t0, t1, t2, t3
    for j in range(whole, count):
        f = basis[u(basis_at + j)]
        lanes[k] += f * x[u(j)]
        lanes[k + 4] += f * y[u(j)]
