"""Grids that are linear in their parameters: sums of basis functions, and the adjoint.

A band of points of the lattice has ``basis`` (P, L): P functions at L points, as one row of
numbers. With coefficients c (N, P, R) of N maps in R dimensions,

    grid[n, l] = sum_p basis[p, l] c[n, p],        d_c[n, p] = sum_l basis[p, l] d_grid[n, l],

both in a fixed order, whatever the number of maps or threads. ``dims`` is (N, P, L, first point of
the band, points of all bands, R). A task has PART points of all maps.
"""

from ..jit.lanes import keep, load, splat, store_strided, strided, unzip

BLOCK = 128  # points: their basis functions stay in the cache for all maps
PART = 8 * BLOCK


def tasks(length: int) -> int:
    """Number of tasks, and so of partial sums, for a band of ``length`` points."""
    return -(-length // PART)


def combine(task, scratch, index, basis, coefficients, dims, grid):
    """Write the points of a task into grid (N, points of all bands, R)."""
    maps, functions, length, first, total = dims[0], dims[1], dims[2], dims[3], dims[4]
    rank = dims[5]
    for left in range(task * PART, min((task + 1) * PART, length), BLOCK):
        stop = min(left + BLOCK, length)
        for n in range(maps):
            coefficients_at, grid_at = rank * n * functions, rank * (n * total + first)
            for j in range(left, stop - 3, 4):
                x, y, z = splat(0.0), splat(0.0), splat(0.0)
                for p in range(functions):
                    f, c = load(basis, p * length + j), coefficients_at + rank * p
                    x, y = x + f * coefficients[c], y + f * coefficients[c + 1]
                    if rank == 3:
                        z = z + f * coefficients[c + 2]
                store_strided(grid, grid_at + rank * j, rank, x)
                store_strided(grid, grid_at + rank * j + 1, rank, y)
                if rank == 3:
                    store_strided(grid, grid_at + rank * j + 2, rank, z)
            for j in range(stop - (stop - left) % 4, stop):
                for a in range(rank):
                    s = 0.0
                    for p in range(functions):
                        s += basis[p * length + j] * coefficients[coefficients_at + rank * p + a]
                    grid[grid_at + rank * j + a] = s


def combine_vjp(task, scratch, index, basis, d_grid, dims, sums):
    """Write the part of d_c that a task sums, into sums (tasks, N, P, R).

    The scratch has four lanes of each sum.
    """
    maps, functions, length, first, total = dims[0], dims[1], dims[2], dims[3], dims[4]
    rank = dims[5]
    for k in range(0, 4 * rank * maps * functions, 4):
        keep(scratch, k, splat(0.0))
    for left in range(task * PART, min((task + 1) * PART, length), BLOCK):
        stop = min(left + BLOCK, length)
        whole = stop - (stop - left) % 4
        for n in range(maps):
            d_at = rank * (n * total + first)
            for p in range(functions):
                to = 4 * rank * (n * functions + p)
                s, t, u = load(scratch, to), load(scratch, to + 4), splat(0.0)
                if rank == 3:
                    u = load(scratch, to + 8)
                for j in range(left, whole, 4):
                    f, at = load(basis, p * length + j), d_at + rank * j
                    if rank == 2:
                        x, y = unzip(d_grid, at)
                    else:
                        x, y = strided(d_grid, at, 3), strided(d_grid, at + 1, 3)
                        u = u + f * strided(d_grid, at + 2, 3)
                    s, t = s + f * x, t + f * y
                keep(scratch, to, s)
                keep(scratch, to + 4, t)
                if rank == 3:
                    keep(scratch, to + 8, u)
                for j in range(whole, stop):
                    for a in range(rank):
                        scratch[to + 4 * a] += basis[p * length + j] * d_grid[d_at + rank * j + a]
    for k in range(maps * functions * rank):
        s1 = scratch[4 * k : 4 * k + 4]
        sums[task * maps * functions * rank + k] = (s1[0] + s1[1]) + (s1[2] + s1[3])
