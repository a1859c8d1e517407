"""Grids that are linear in their parameters: sums of basis functions, and the adjoint.

A band of points of the lattice has ``basis`` (P, L): P functions at L points, as one row of
numbers. With coefficients c (N, P, 2) of N maps,

    grid[n, l] = sum_p basis[p, l] c[n, p],        d_c[n, p] = sum_l basis[p, l] d_grid[n, l],

both in a fixed order, whatever the number of maps or threads. ``dims`` is (N, P, L, the first point
of the band, points of all bands). A task has PART points of all maps.
"""

import numpy as np

from .eft import ONE, THREE, TWO, allocates, inline

BLOCK = 128  # points: their basis functions stay in the cache for all maps
PART = 8 * BLOCK


def tasks(length: int) -> int:
    """How many tasks a band of so many points is: the number of sums depends on nothing else."""
    return -(-length // PART)


@allocates
def scratch():
    """x and y of a block of points."""
    return np.zeros(BLOCK), np.zeros(BLOCK)


def combine(task, basis, coefficients, dims, grid):
    """grid (N, points of all bands, 2): the part of a task."""
    maps, functions, length, first, total = dims[0], dims[1], dims[2], dims[3], dims[4]
    x, y = scratch()
    for left in range(task * PART, min((task + 1) * PART, length), BLOCK):
        count = min(BLOCK, length - left)
        for n in range(maps):
            for j in range(count):
                x[np.uint64(j)] = y[np.uint64(j)] = 0.0
            for p in range(functions):
                at, c = p * length + left, 2 * (n * functions + p)
                cx, cy = coefficients[c], coefficients[c + 1]
                for j in range(count):
                    f = basis[np.uint64(at + j)]
                    x[np.uint64(j)] += f * cx
                    y[np.uint64(j)] += f * cy
            to = 2 * (n * total + first + left)
            for j in range(count):
                grid[np.uint64(to + 2 * j)] = x[np.uint64(j)]
                grid[np.uint64(to + 2 * j + 1)] = y[np.uint64(j)]


def combine_vjp(task, basis, d_grid, dims, sums):
    """sums (tasks, N, P, 2), of which d_c is the sum over all tasks: the part of one."""
    maps, functions, length, first, total = dims[0], dims[1], dims[2], dims[3], dims[4]
    x, y = scratch()
    lanes = np.zeros(8 * maps * functions)
    for left in range(task * PART, min((task + 1) * PART, length), BLOCK):
        count = min(BLOCK, length - left)
        for n in range(maps):
            of = 2 * (n * total + first + left)
            for j in range(count):
                x[np.uint64(j)] = d_grid[np.uint64(of + 2 * j)]
                y[np.uint64(j)] = d_grid[np.uint64(of + 2 * j + 1)]
            for p in range(functions):
                pull(basis, p * length + left, count, x, y, lanes, 8 * (n * functions + p))
    for k in range(maps * functions):
        s, to = lanes[8 * k :], 2 * (task * maps * functions + k)
        sums[to] = (s[0] + s[1]) + (s[2] + s[3])
        sums[to + 1] = (s[4] + s[5]) + (s[6] + s[7])


@inline
def pull(basis, at, count, x, y, lanes, to):
    """Add a function times x, and times y, to four lanes each."""
    s0, s1, s2, s3 = lanes[to], lanes[to + 1], lanes[to + 2], lanes[to + 3]
    t0, t1, t2, t3 = lanes[to + 4], lanes[to + 5], lanes[to + 6], lanes[to + 7]
    whole = count - count % 4
    for j in range(0, whole, 4):
        q, k = np.uint64(at + j), np.uint64(j)
        f0, f1, f2, f3 = basis[q], basis[q + ONE], basis[q + TWO], basis[q + THREE]
        s0, t0 = s0 + f0 * x[k], t0 + f0 * y[k]
        s1, t1 = s1 + f1 * x[k + ONE], t1 + f1 * y[k + ONE]
        s2, t2 = s2 + f2 * x[k + TWO], t2 + f2 * y[k + TWO]
        s3, t3 = s3 + f3 * x[k + THREE], t3 + f3 * y[k + THREE]
    lanes[to], lanes[to + 1], lanes[to + 2], lanes[to + 3] = s0, s1, s2, s3
    lanes[to + 4], lanes[to + 5], lanes[to + 6], lanes[to + 7] = t0, t1, t2, t3
    for j in range(whole, count):
        f = basis[np.uint64(at + j)]
        lanes[to] += f * x[np.uint64(j)]
        lanes[to + 4] += f * y[np.uint64(j)]
