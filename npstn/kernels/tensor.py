"""The loops over pixels for any kernel in two or three dimensions, and for all derivatives.

x (B, G, D, H, W, C) holds both layouts and both ranks: channels last has G = 1 group, channels
first has C = 1 channel in a group, two dimensions have D = 1. N = B * K maps, K of each image,
give out (N, G, Do, Ho, Wo, C). All of them come as one row of numbers, and ``dims`` is (G, D, H,
W, C, K, Do, Ho, Wo, mode, padding, align).

The points are ``(theta, xs, ys, zs, scale, grid)``: theta (N, R, R + 1), lattices xs (R, Wo), ys
(R, Ho) and zs (R, Do) for all R coordinates, and an empty grid; or the grid (N, Do, Ho, Wo, R), and
the rest unused. scale (R, 3) is (c, d, div) of each coordinate. Tangents ``t_points`` of the
points are in the unit of the grid. Arrays of no numbers are zeros that cost nothing.

With W the product of the weights of a texel and p a pixel coordinate, a point gives

    out   = sum W x                              t_out = sum W t_x + sum_a t_p[a] sum (d_a W) x
    d_x   = W d_out                              d_p[b] = d_out sum (d_b W) x

and the same loops give the derivatives of the second row in the direction (t_x, t_p):

    d_x'  = sum_a t_p[a] (d_a W) d_out           d_p'[b] = d_out sum (d_b W) t_x
                                                         + d_out sum_a t_p[a] sum (d_a d_b W) x
"""

import numpy as np

from .affine import pull_rest, pull_tile
from .axis import BICUBIC
from .cell import coordinate, find, misses, start, workspace
from .corners import hand_out
from .eft import ZERO
from .near import CODE, MOST, ROW, taps
from .pull import MANY, leave_out, numbers, pull_points, push, scratch, strides, unit, unit_of
from .sample2d import BLOCK, part
from .stencil import gather, product, scatter, weigh
from .sums import blend, total
from .table import TILE
from .tile import OUTSIDE, RULED

PAD = 8  # rows of a power of two would share lines of the cache


def sample(task, x, t_x, theta, xs, ys, zs, scale, grid, t_points, dims, rows, out, t_out):
    """out, and t_out unless it is empty; a task writes ``rows`` rows of a map."""
    (groups, channels, volume, plane), size, many, (width, height, depth), rule = numbers(dims)
    where, mode, rank = (theta, xs, ys, zs, scale, grid), rule[0], len(scale)
    work = workspace(where, strides(size, channels, ZERO), mode, (width, height, depth))
    axes, weights, derived, values, t_values, sums = scratch()
    w, number, tangents = work[0], taps(mode) ** rank, len(t_out) > 0
    s, t = sums[:ROW], sums[ROW:]
    n, first, last = part(task, depth * height, rows)
    row = np.empty(TILE * channels + 4)
    start(n, where, work)
    for top in range(first, last, BLOCK):
        for left in range(0, width, TILE):
            count = min(TILE, width - left)
            for r in range(top, min(top + BLOCK, last)):
                at, line = (n * depth * height + r) * width + left, (r * width + left) * channels
                find(n, r // height, r % height, left, count, at * rank, where, size, rule, work)
                weigh(2 if tangents else 1, rank, count, mode, w, axes)
                product(ZERO, ZERO, ZERO, rank, count, mode, axes, weights)
                for a in range(rank if tangents else 0):
                    by_a = derived[a * MANY :]
                    product(unit(a, 0), unit(a, 1), unit(a, 2), rank, count, mode, axes, by_a)
                if mode == BICUBIC and channels > 1 and not tangents:
                    image, of = n // many * volume, n * plane + line
                    blend(x, image, channels, count, work, weights, values, row)
                    for k in range(count * channels):
                        out[np.uint64(of + k)] = row[np.uint64(k)]
                    continue
                for k in range(groups * channels):
                    g, c = k // channels, k % channels
                    image = (n // many * groups + g) * volume + c
                    of = (n * groups + g) * plane + line + c
                    gather(x, image, count, number, work, values)
                    total(count, number, w, weights, values, s)
                    for j in range(count):
                        out[np.uint64(of + j * channels)] = s[np.uint64(j)]
                    if tangents:
                        gather(t_x, image, count, number, work, t_values)
                        total(count, number, w, weights, t_values, t)
                        for a in range(rank):
                            total(count, number, w, derived[a * MANY :], values, s)
                            push(a, rank, count, t_points, at * rank, scale, w, s, t)
                        for j in range(count):
                            t_out[of + j * channels] = t[j]


def sample_vjp_x(task, d_out, theta, xs, ys, zs, scale, grid, t_points, dims, rows, d_x):
    """d_x, or d_x' if there are tangents, in the order of the points.

    A task owns ``rows`` of the D * H rows of an image of d_x and visits every point.
    """
    (groups, channels, _, plane), size, many, (width, height, depth), rule = numbers(dims)
    where, mode, rank = (theta, xs, ys, zs, scale, grid), rule[0], len(scale)
    room = 4 if channels == 3 else channels  # of a texel: see corners.add_three
    step = strides(size, room, PAD)
    work = workspace(where, step, mode, (width, height, depth))
    axes, weights, derived, _, _, _ = scratch()
    number, tangents = taps(mode) ** rank, len(t_points) > 0
    b, top, bottom = part(task, size[1] * size[2], rows)
    low, high = top * step[1], bottom * step[1]
    shape, total = (groups, channels, high - low, plane), np.zeros(groups * (high - low))
    lines = 1 if rank == 2 else size[1]  # of an image in a slice, or in a row of two dimensions
    slices = top // lines, (bottom - 1) // lines
    for n in range(b * many, (b + 1) * many):
        start(n, where, work)
        for r in range(depth * height):
            for left in range(0, width, TILE):
                count = min(TILE, width - left)
                z, i = r // height, r % height
                if misses(z, i, left, count, slices[0], slices[1], where, size, rule, work):
                    continue
                at, line = (n * depth * height + r) * width + left, (r * width + left) * channels
                find(n, z, i, left, count, at * rank, where, size, rule, work)
                weigh(2 if tangents else 1, rank, count, mode, work[0], axes)
                if tangents:
                    for k in range(number * ROW):
                        weights[k] = 0.0
                    for a in range(rank):
                        x_, y_, z_ = unit(a, 0), unit(a, 1), unit(a, 2)
                        product(x_, y_, z_, rank, count, mode, axes, derived)
                        for q in range(number):
                            by_q, of_q = derived[q * ROW :], weights[q * ROW :]
                            push(a, rank, count, t_points, at * rank, scale, work[0], by_q, of_q)
                    leave_out(rank, count, work[0])
                else:
                    product(ZERO, ZERO, ZERO, rank, count, mode, axes, weights)
                of = n * groups * plane + line
                scatter(weights, d_out, of, count, number, shape, low, high, work, total)
    for g in range(groups):
        for y in range(top, bottom):
            to = ((b * groups + g) * size[1] * size[2] + y) * size[0] * channels
            of = g * (high - low) + (y - top) * step[1]
            hand_out(total, of, room, d_x, to, size[0], channels)


def sample_vjp_points(
    task, d_out, x, t_x, theta, xs, ys, zs, scale, grid, t_points, dims, rows, d_points
):
    """d_points (N, Do, Ho, Wo, R), or d_points' if there are tangents, in the unit of the grid."""
    (_, channels, _, _), size, _, (width, height, depth), rule = numbers(dims)
    where, rank = (theta, xs, ys, zs, scale, grid), len(scale)
    work = workspace(where, strides(size, channels, ZERO), rule[0], (width, height, depth))
    spare, e = scratch(), np.empty(3 * ROW)
    n, first, last = part(task, depth * height, rows)
    start(n, where, work)
    for top in range(first, last, BLOCK):
        for left in range(0, width, TILE):
            count = min(TILE, width - left)
            for r in range(top, min(top + BLOCK, last)):
                pull_points(n, r, left, count, d_out, x, t_x, where, t_points, dims, work, spare, e)
                to = ((n * depth * height + r) * width + left) * rank
                for a in range(rank):
                    for j in range(count):
                        d_points[to + rank * j + a] = e[a * ROW + j] * unit_of(scale, a)


def sample_vjp_theta(task, d_out, x, theta, xs, ys, zs, scale, grid, dims, rows, base_x, sums):
    """The sums (N, Do * Ho, R, 2) behind d_theta: see :func:`.affine.pull`."""
    (_, channels, _, _), size, _, (width, height, depth), rule = numbers(dims)
    where, rank = (theta, xs, ys, zs, scale, grid), len(scale)
    work = workspace(where, strides(size, channels, ZERO), rule[0], (width, height, depth))
    spare, e, lanes, none = scratch(), np.empty(3 * ROW), np.empty(24 * BLOCK), x[:0]
    n, first, last = part(task, depth * height, rows)
    start(n, where, work)
    for top in range(first, last, BLOCK):
        for k in range(24 * BLOCK):
            lanes[k] = 0.0
        for left in range(0, width, TILE):
            count = min(TILE, width - left)
            for r in range(top, min(top + BLOCK, last)):
                pull_points(n, r, left, count, d_out, x, none, where, none, dims, work, spare, e)
                for a in range(rank):
                    at, to = 24 * (r - top) + 8 * a, 2 * (rank * (n * depth * height + r) + a)
                    pull_tile(e, a * ROW, count, base_x, left, lanes, at)
                    if left + count == width:
                        pull_rest(e, a * ROW, count, base_x, left, lanes, at, sums, to)


def entries(task, theta, xs, ys, zs, scale, grid, dims, rows, texels, weights, inside):
    """The weights of out = S x: texels and weights (N, Do, Ho, Wo, MOST), texels -1 where none is.

    inside (N, Do, Ho, Wo): 1 where all coordinates are within [0, S - 1]. An image has one channel.
    """
    (_, channels, _, _), size, _, (width, height, depth), rule = numbers(dims)
    where, mode, rank = (theta, xs, ys, zs, scale, grid), rule[0], len(scale)
    work = workspace(where, strides(size, channels, ZERO), mode, (width, height, depth))
    axes, found, _, _, _, _ = scratch()
    w, offsets, number = work[0], work[3], taps(mode) ** rank
    n, first, last = part(task, depth * height, rows)
    start(n, where, work)
    for r in range(first, last):
        for left in range(0, width, TILE):
            count, at = min(TILE, width - left), (n * depth * height + r) * width + left
            z, i = r // height, r % height
            find(n, z, i, left, count, at * rank, where, size, rule, work)
            weigh(1, rank, count, mode, w, axes)
            product(ZERO, ZERO, ZERO, rank, count, mode, axes, found)
            for j in range(count):
                code = w[CODE + j]
                inside[at + j] = 1
                for a in range(rank):
                    hi, lo = coordinate(n, a, z, i, left + j, (at + j) * rank, where, work[6])
                    before = hi < 0.0 or (hi == 0.0 and lo < 0.0)
                    behind = hi > size[a] - 1 or (hi == size[a] - 1 and lo > 0.0)
                    if before or behind or hi != hi:
                        inside[at + j] = 0
                for q in range(MOST):
                    texel, weight = -1, 0.0
                    if q < number and code != OUTSIDE:
                        texel = np.int64(code) + offsets[q]
                        if code == RULED:
                            texel = work[1][q * ROW + j]
                        weight = found[q * ROW + j]
                    texels[(at + j) * MOST + q] = texel
                    weight = 0.0 if texel < 0 and weight == weight else weight
                    weights[(at + j) * MOST + q] = weight
