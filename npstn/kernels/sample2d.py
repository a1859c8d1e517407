"""The loops over pixels in two dimensions: gather, and its adjoints in input and coordinates.

x (B, G, H, W, C) holds both layouts: NHWC has G = 1 group, NCHW has C = 1 channel in a group.
N = B * K maps, K of each image, give out (N, G, Ho, Wo, C). All of them, and grid (N, Ho, Wo, 2),
come as one row of numbers, and ``dims`` is (G, H, W, C, K, Ho, Wo, mode, padding, align).

``place`` says where the points are: ``(theta, xs, ys, scale, grid)`` with theta (N, 2, 3), lattices
xs (2, Wo) and ys (2, Ho) for both coordinates, and an empty grid; or the grid, and the rest unused.
scale (2, 3) is (c, d, div) of each coordinate. ``rule`` is (mode, padding, align). No loop here
knows what they mean: :mod:`.tile` finds the points, most of them as the offset of a first texel
with four that take part, the others one by one.
"""

import numpy as np

from .affine import pull_rest, pull_tile
from .corners import (
    blend,
    blend_channels,
    blend_tile,
    clear,
    collect,
    hand_out,
    scatter,
    scatter_channels,
    scatter_three,
    touch,
    value,
)
from .eft import UNIT, ZERO
from .points import pull_points, scratch
from .table import TILE
from .tile import (
    CODE,
    RULED,
    X0,
    X1,
    Y0,
    Y1,
    bounds,
    cells,
    locate,
    numbers,
    passes,
    start,
    workspace,
)

BLOCK = 64  # rows of points: with a tile of columns, their texels stay in the cache


def part(task, height, rows):
    """Map n, and rows [first, last) of its ``height``, that a task of ``rows`` rows writes."""
    tasks = -(-height // rows)
    first = task % tasks * rows
    return task // tasks, first, min(first + rows, height)


def sample(task, x, theta, xs, ys, scale, grid, dims, rows, out):
    """out = sum over the texels of the cell of weight * x; a task writes ``rows`` rows of a map."""
    place = theta, xs, ys, scale, grid
    groups, height, width, channels, many, out_height, out_width, rule = numbers(dims)
    n, first, last = part(task, out_height, rows)
    step, size, plane = width * channels, height * width * channels, out_height * out_width
    image = n // many * groups * size
    limits = bounds(height, width, ZERO, height, step, channels, ZERO, False, rule)
    work, corners = workspace(out_width, last - first), np.empty(4 * TILE, x.dtype)
    w, texel, weight = work[0], work[4], work[5]
    start(n, first, last, place, work)
    for top in range(first, last, BLOCK):
        for left in range(0, out_width, TILE):
            columns, lines = min(TILE, out_width - left), max(1, TILE // out_width)
            for i in range(top, min(top + BLOCK, last), lines):
                lines = min(lines, min(top + BLOCK, last) - i)
                count, points = lines * columns, 2 * ((n * out_height + i) * out_width + left)
                to = (n * groups * out_height + i) * out_width + left
                others = cells(points, i - first, lines, left, columns, place, limits, work)
                for g in range(groups):
                    if others < 0:
                        clear(out, (to + g * plane) * channels, count * channels)
                    elif channels == 1:
                        collect(x, image + g * size, step, count, w, corners)
                        blend_tile(count, w, corners, out, to + g * plane)
                    else:
                        blend_channels(x, image, step, channels, count, w, out, to * channels)
                for j in range(count if others > 0 else 0):
                    if w[CODE + j] > RULED:
                        continue
                    locate(n, i, first, left, columns, j, points, height, width, place, rule, work)
                    for g in range(groups):
                        for c in range(channels):
                            at, of = image + g * size + c, (to + g * plane + j) * channels + c
                            out[np.uint64(of)] = blend(
                                value(x, at, step, channels, texel[2], texel[0]),
                                value(x, at, step, channels, texel[2], texel[1]),
                                value(x, at, step, channels, texel[3], texel[0]),
                                value(x, at, step, channels, texel[3], texel[1]),
                                weight[2] * weight[0],
                                weight[2] * weight[1],
                                weight[3] * weight[0],
                                weight[3] * weight[1],
                            )


def sample_vjp_x(task, d_out, theta, xs, ys, scale, grid, dims, rows, d_x):
    """d_x = sum over the points of weight * d_out, in the order of the points.

    A task owns ``rows`` rows of an image of d_x and visits every point that may write to them. Its
    sums have a frame of a texel, so that a cell that lies half inside needs no test.
    """
    place = theta, xs, ys, scale, grid
    groups, height, width, channels, many, out_height, out_width, rule = numbers(dims)
    b, top, bottom = part(task, height, rows)
    room = 4 if channels == 3 else channels  # of a texel
    step = (width + 2) * room + 8  # rows of a power of two would share lines of the cache
    size, plane = (bottom - top + 2) * step, out_height * out_width
    total = np.zeros(groups * size)
    shift = (1 - top) * step + room
    limits = bounds(height, width, top, bottom, step, room, shift, True, rule)
    work = workspace(out_width, out_height)
    w, texel, weight = work[0], work[4], work[5]
    for n in range(b * many, (b + 1) * many):
        start(n, ZERO, out_height, place, work)
        lines = max(1, TILE // out_width)
        for i in range(0, out_height, lines):
            lines = min(lines, out_height - i)
            for left in range(0, out_width, TILE):
                columns = min(TILE, out_width - left)
                points = 2 * ((n * out_height + i) * out_width + left)
                source = (n * groups * out_height + i) * out_width + left
                if cells(points, i, lines, left, columns, place, limits, work) < 0:
                    continue
                touch(total, ZERO, step, lines * columns, w)
                for j in range(lines * columns):
                    at = np.int64(w[CODE + j])
                    if at >= 0:
                        x0, x1, y0, y1 = w[X0 + j], w[X1 + j], w[Y0 + j], w[Y1 + j]
                        w00, w01, w10, w11 = y0 * x0, y0 * x1, y1 * x0, y1 * x1
                        for g in range(groups):
                            to, of = at + g * size, (source + g * plane + j) * channels
                            if channels == 1:
                                scatter(total, to, step, UNIT, w00, w01, w10, w11, d_out, of)
                            elif channels == 3:
                                scatter_three(total, to, step, w00, w01, w10, w11, d_out, of)
                            else:
                                scatter_channels(
                                    total, to, step, channels, w00, w01, w10, w11, d_out, of
                                )
                    elif w[CODE + j] == RULED and not passes(
                        i, ZERO, left, columns, j, points, limits, place, work
                    ):
                        locate(
                            n, i, ZERO, left, columns, j, points, height, width, place, rule, work
                        )
                        for a in range(4):
                            y, k = texel[2 + a // 2], texel[a % 2]
                            weight_of = weight[2 + a // 2] * weight[a % 2]
                            if top <= y < bottom and k >= 0:
                                for g in range(groups):
                                    to = g * size + y * step + k * room + shift
                                    of = (source + g * plane + j) * channels
                                    for c in range(channels):
                                        d = np.float64(d_out[np.uint64(of + c)])
                                        total[np.uint64(to + c)] += weight_of * d
    for g in range(groups):
        for y in range(top, bottom):
            to = ((b * groups + g) * height + y) * width * channels
            of = g * size + y * step + shift
            hand_out(total, of, room, d_x, to, width, channels)


def sample_vjp_grid(task, d_out, x, theta, xs, ys, scale, grid, dims, rows, d_grid):
    """d_grid (N, Ho, Wo, 2); a task writes ``rows`` rows of a map."""
    place = theta, xs, ys, scale, grid
    _, _, _, _, _, out_height, out_width, _ = numbers(dims)
    n, first, last = part(task, out_height, rows)
    work, spare = workspace(out_width, last - first), scratch(x, dims)
    e, cx, cy = spare[0], scale[0, 0], scale[1, 0]
    for top in range(first, last, BLOCK):
        for left in range(0, out_width, TILE):
            columns, lines = min(TILE, out_width - left), max(1, TILE // out_width)
            for i in range(top, min(top + BLOCK, last), lines):
                lines = min(lines, min(top + BLOCK, last) - i)
                pull_points(n, i, first, lines, left, columns, d_out, x, place, dims, work, spare)
                to = 2 * ((n * out_height + i) * out_width + left)
                for j in range(lines * columns):
                    d_grid[np.uint64(to + 2 * j)] = e[j] * cx
                    d_grid[np.uint64(to + 2 * j + 1)] = e[TILE + j] * cy


def sample_vjp_theta(task, d_out, x, theta, xs, ys, scale, grid, dims, rows, base_x, sums):
    """The sums (N, Ho, 2, 2) behind d_theta: see :func:`.affine.pull`."""
    place = theta, xs, ys, scale, grid
    _, _, _, _, _, out_height, out_width, _ = numbers(dims)
    n, first, last = part(task, out_height, rows)
    work, spare = workspace(out_width, last - first), scratch(x, dims)
    lanes = np.empty(16 * BLOCK)
    start(n, first, last, place, work)
    for top in range(first, last, BLOCK):
        for k in range(16 * BLOCK):
            lanes[k] = 0.0
        for left in range(0, out_width, TILE):
            columns, lines = min(TILE, out_width - left), max(1, TILE // out_width)
            for i in range(top, min(top + BLOCK, last), lines):
                lines = min(lines, min(top + BLOCK, last) - i)
                pull_points(n, i, first, lines, left, columns, d_out, x, place, dims, work, spare)
                for r in range(lines):
                    for a in range(2):
                        e, at = a * TILE + r * columns, 16 * (i + r - top) + 8 * a
                        pull_tile(spare[0], e, columns, base_x, left, lanes, at)
                        if left + columns == out_width:
                            to = 4 * (n * out_height + i + r) + 2 * a
                            pull_rest(spare[0], e, columns, base_x, left, lanes, at, sums, to)
