"""Grids that are linear in their parameters: sums of basis functions, and the adjoint.

A band of points of the lattice has ``basis`` (P, L): P functions at L points, as one row of
numbers. With coefficients c (N, P, 2) of N maps,

    grid[n, l] = sum_p basis[p, l] c[n, p],        d_c[n, p] = sum_l basis[p, l] d_grid[n, l],

both in a fixed order, whatever the number of maps or threads. ``dims`` is (N, P, L, first point of
the band, points of all bands). A task has PART points of all maps.
"""

from ..jit.lanes import keep, load, splat, store_strided, unzip

BLOCK = 128  # points: their basis functions stay in the cache for all maps
PART = 8 * BLOCK


def tasks(length: int) -> int:
    """Number of tasks, and so of partial sums, for a band of ``length`` points."""
    return -(-length // PART)


def combine(task, scratch, index, basis, coefficients, dims, grid):
    """Write the points of a task into grid (N, points of all bands, 2)."""
    maps, functions, length, first, total = dims[0], dims[1], dims[2], dims[3], dims[4]
    for left in range(task * PART, min((task + 1) * PART, length), BLOCK):
        stop = min(left + BLOCK, length)
        for n in range(maps):
            coefficients_at, grid_at = 2 * n * functions, 2 * (n * total + first)
            for j in range(left, stop - 3, 4):
                x, y = splat(0.0), splat(0.0)
                for p in range(functions):
                    f, c = load(basis, p * length + j), coefficients_at + 2 * p
                    x, y = x + f * coefficients[c], y + f * coefficients[c + 1]
                store_strided(grid, grid_at + 2 * j, 2, x)
                store_strided(grid, grid_at + 2 * j + 1, 2, y)
            for j in range(stop - (stop - left) % 4, stop):
                x1 = y1 = 0.0
                for p in range(functions):
                    f1, c = basis[p * length + j], coefficients_at + 2 * p
                    x1, y1 = x1 + f1 * coefficients[c], y1 + f1 * coefficients[c + 1]
                grid[grid_at + 2 * j], grid[grid_at + 2 * j + 1] = x1, y1


def combine_vjp(task, scratch, index, basis, d_grid, dims, sums):
    """Write the part of d_c that a task sums, into sums (tasks, N, P, 2).

    The scratch has four lanes of each sum.
    """
    maps, functions, length, first, total = dims[0], dims[1], dims[2], dims[3], dims[4]
    for k in range(0, 8 * maps * functions, 4):
        keep(scratch, k, splat(0.0))
    for left in range(task * PART, min((task + 1) * PART, length), BLOCK):
        stop = min(left + BLOCK, length)
        whole = stop - (stop - left) % 4
        for n in range(maps):
            d_at = 2 * (n * total + first)
            for p in range(functions):
                to = 8 * (n * functions + p)
                s, t = load(scratch, to), load(scratch, to + 4)
                for j in range(left, whole, 4):
                    x, y = unzip(d_grid, d_at + 2 * j)
                    f = load(basis, p * length + j)
                    s, t = s + f * x, t + f * y
                keep(scratch, to, s)
                keep(scratch, to + 4, t)
                for j in range(whole, stop):
                    f1 = basis[p * length + j]
                    scratch[to] += f1 * d_grid[d_at + 2 * j]
                    scratch[to + 4] += f1 * d_grid[d_at + 2 * j + 1]
    for k in range(maps * functions):
        s1, to = scratch[8 * k : 8 * k + 8], 2 * (task * maps * functions + k)
        sums[to] = (s1[0] + s1[1]) + (s1[2] + s1[3])
        sums[to + 1] = (s1[4] + s1[5]) + (s1[6] + s1[7])
