"""The loops over pixels in two dimensions: gather, and its adjoints in input and coordinates.

x (B, G, H, W, C) holds both layouts: NHWC has G = 1 group, NCHW has C = 1 channel in a group.
N = B * K maps, K of each image, give out (N, G, Ho, Wo, C). All of them, and grid (N, Ho, Wo, 2),
come as one row of numbers, and ``dims`` is (G, H, W, C, K, Ho, Wo, mode, padding, align).

``place`` says where the points are: ``(theta, xs, ys, scale, grid)`` with theta (N, 2, 3), lattices
xs (2, Wo) and ys (2, Ho) for both coordinates, and an empty grid; or the grid, and the rest unused. scale (2, 3) is (c, d, div) of each coordinate. ``rule`` is (mode, padding, align). No loop here
knows what they mean: :mod:`.tile` finds the points, most of them as the offset of a first texel
with four that take part, the others one by one.
"""

import numpy as np

from .affine import pull_rest, pull_tile
from .eft import dot, inline
from .tile import (
    CODE,
    RULED,
    TILE,
    X0,
    X1,
    Y0,
    Y1,
    bounds,
    cells,
    locate,
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


def numbers(dims):
    """The first seven dims, and the rule."""
    size = dims[0], dims[1], dims[2], dims[3], dims[4], dims[5], dims[6]
    return (*size, (dims[7], dims[8], dims[9]))


def blend(v00, v01, v10, v11, w00, w01, w10, w11):
    """Sum of weight * texel. Diagonals first: it then has the symmetries of the square, in bits."""
    return (v00 * w00 + v11 * w11) + (v01 * w01 + v10 * w10)


def sample(task, x, theta, xs, ys, scale, grid, dims, rows, out):
    """out = sum over the texels of the cell of weight * x; a task writes ``rows`` rows of a map."""
    place = theta, xs, ys, scale, grid
    groups, height, width, channels, many, out_height, out_width, rule = numbers(dims)
    n, first, last = part(task, out_height, rows)
    step, size = width * channels, height * width * channels
    image = n // many * groups * size
    limits = bounds(height, width, 0, height, step, channels, 0, rule)
    work = workspace(out_width, last - first)
    w, texel, weight = work[0], np.empty(4, np.int64), np.empty(6)
    corners = np.empty(4 * TILE, x.dtype)
    start(n, first, last, place, work)
    plane = out_height * out_width
    for top in range(first, last, BLOCK):
        for left in range(0, out_width, TILE):
            columns, lines = min(TILE, out_width - left), max(1, TILE // out_width)
            for i in range(top, min(top + BLOCK, last), lines):
                lines = min(lines, min(top + BLOCK, last) - i)
                count = lines * columns
                points = (n * out_height + i) * out_width + left
                to = (n * groups * out_height + i) * out_width + left
                others = cells(2 * points, i - first, lines, left, columns, place, limits, work)
                for g in range(groups):
                    if others < 0:
                        for j in range((to + g * plane) * channels, (to + g * plane + count) * channels):
                            out[np.uint64(j)] = 0.0
                    elif channels == 1:
                        collect(x, image + g * size, step, count, w, corners)
                        blend_tile(count, w, corners, out, to + g * plane)
                    else:
                        blend_channels(x, image, step, channels, count, w, out, to * channels)
                for j in range(count if others > 0 else 0):
                    if w[CODE + j] >= 0.0:
                        continue
                    if w[CODE + j] == RULED:
                        locate(
                            n, i + j // columns, 2 * (points + j), i - first + j // columns,
                            left + j % columns, height, width, place, rule, work, texel, weight,
                        )
                    for g in range(groups):
                        of = (to + g * plane + j) * channels
                        for c in range(channels):
                            if w[CODE + j] != RULED:
                                out[np.uint64(of + c)] = 0.0
                                continue
                            base = image + g * size + c
                            out[np.uint64(of + c)] = blend(
                                value(x, base, step, channels, texel[2], texel[0]),
                                value(x, base, step, channels, texel[2], texel[1]),
                                value(x, base, step, channels, texel[3], texel[0]),
                                value(x, base, step, channels, texel[3], texel[1]),
                                weight[2] * weight[0],
                                weight[2] * weight[1],
                                weight[3] * weight[0],
                                weight[3] * weight[1],
                            )


def value(x, base, step, channels, y, k):
    """Texel (y, k) of a plane; 0 where it does not take part."""
    return np.float64(x[np.uint64(base + y * step + k * channels)]) if y >= 0 and k >= 0 else 0.0


@inline
def collect(x, base, step, count, w, corners):
    """The four texels of every point inside a plane of one channel."""
    for j in range(count):
        at = np.int64(w[CODE + j])
        if at >= 0:
            at += base
            corners[j] = x[np.uint64(at)]
            corners[TILE + j] = x[np.uint64(at + 1)]
            corners[2 * TILE + j] = x[np.uint64(at + step)]
            corners[3 * TILE + j] = x[np.uint64(at + step + 1)]


@inline
def blend_tile(count, w, corners, out, to):
    """All sums of a tile at once; those of points that are not inside are replaced later."""
    for j in range(count):
        out[np.uint64(to + j)] = blend(
            np.float64(corners[j]),
            np.float64(corners[TILE + j]),
            np.float64(corners[2 * TILE + j]),
            np.float64(corners[3 * TILE + j]),
            w[Y0 + j] * w[X0 + j],
            w[Y0 + j] * w[X1 + j],
            w[Y1 + j] * w[X0 + j],
            w[Y1 + j] * w[X1 + j],
        )


@inline
def blend_channels(x, base, step, channels, count, w, out, to):
    """The points inside, of several channels, four at a time.

    What spills over at the end of a point belongs to the next one, which is written later.
    """
    for j in range(count):
        at, of = np.int64(w[CODE + j]), to + j * channels
        if at >= 0:
            at += base
            w00, w01 = w[Y0 + j] * w[X0 + j], w[Y0 + j] * w[X1 + j]
            w10, w11 = w[Y1 + j] * w[X0 + j], w[Y1 + j] * w[X1 + j]
            if j + 1 < count and at + step + 2 * channels + 2 < len(x):
                for c in range(0, channels, 4):
                    s0 = blend_at(x, at + c, step, channels, w00, w01, w10, w11)
                    s1 = blend_at(x, at + c + 1, step, channels, w00, w01, w10, w11)
                    s2 = blend_at(x, at + c + 2, step, channels, w00, w01, w10, w11)
                    s3 = blend_at(x, at + c + 3, step, channels, w00, w01, w10, w11)
                    out[np.uint64(of + c)], out[np.uint64(of + c + 1)] = s0, s1
                    out[np.uint64(of + c + 2)], out[np.uint64(of + c + 3)] = s2, s3
            else:
                for c in range(channels):
                    s0 = blend_at(x, at + c, step, channels, w00, w01, w10, w11)
                    out[np.uint64(of + c)] = s0


@inline
def blend_at(x, at, step, channels, w00, w01, w10, w11):
    """A channel of a cell: ``at`` is its first texel."""
    return blend(
        np.float64(x[np.uint64(at)]),
        np.float64(x[np.uint64(at + channels)]),
        np.float64(x[np.uint64(at + step)]),
        np.float64(x[np.uint64(at + step + channels)]),
        w00,
        w01,
        w10,
        w11,
    )


def sample_vjp_x(task, d_out, theta, xs, ys, scale, grid, dims, rows, d_x):
    """d_x = sum over the points of weight * d_out, in the order of the points.

    A task owns ``rows`` rows of an image of d_x and visits every point that may write to them. Its
    sums are framed by a row above and one below, so that a cell that lies half inside needs no test.
    """
    place = theta, xs, ys, scale, grid
    groups, height, width, channels, many, out_height, out_width, rule = numbers(dims)
    b, top, bottom = part(task, height, rows)
    step = width * channels + 8  # rows of a power of two would share their lines of the cache
    size, plane = (bottom - top + 2) * step, out_height * out_width
    total = np.zeros(groups * size)
    limits = bounds(height, width, top, bottom, step, channels, (1 - top) * step, rule)
    work = workspace(out_width, out_height)
    w, texel, weight = work[0], np.empty(4, np.int64), np.empty(6)
    for n in range(b * many, (b + 1) * many):
        start(n, 0, out_height, place, work)
        lines = max(1, TILE // out_width)
        for i in range(0, out_height, lines):
            lines = min(lines, out_height - i)
            for left in range(0, out_width, TILE):
                columns = min(TILE, out_width - left)
                points = (n * out_height + i) * out_width + left
                source = (n * groups * out_height + i) * out_width + left
                if cells(2 * points, i, lines, left, columns, place, limits, work) < 0:
                    continue
                for j in range(lines * columns):
                    at = np.int64(w[CODE + j])
                    if at >= 0:
                        for g in range(groups):
                            to, of = at + g * size, (source + g * plane + j) * channels
                            x0, x1, y0, y1 = w[X0 + j], w[X1 + j], w[Y0 + j], w[Y1 + j]
                            add(total, to, y0 * x0, d_out, of, channels)
                            add(total, to + channels, y0 * x1, d_out, of, channels)
                            add(total, to + step, y1 * x0, d_out, of, channels)
                            add(total, to + step + channels, y1 * x1, d_out, of, channels)
                    elif w[CODE + j] == RULED:
                        line, k = i + j // columns, left + j % columns
                        if passes(2 * (points + j), line, k, limits, place, work):
                            continue
                        locate(
                            n, line, 2 * (points + j), line, k, height, width, place, rule, work,
                            texel, weight,
                        )
                        for a in range(2):
                            y = texel[2 + a]
                            for q in range(2):
                                k = texel[q]
                                if top <= y < bottom and k >= 0:
                                    for g in range(groups):
                                        to = g * size + (y - top + 1) * step + k * channels
                                        of = (source + g * plane + j) * channels
                                        add(total, to, weight[2 + a] * weight[q], d_out, of, channels)
    for g in range(groups):
        for y in range(top, bottom):
            to, of = ((b * groups + g) * height + y) * width * channels, g * size + (y - top + 1) * step
            for k in range(width * channels):
                d_x[np.uint64(to + k)] = total[np.uint64(of + k)]


@inline
def add(total, to, weight, d, of, channels):
    """total += weight * d, for the channels of a texel."""
    for c in range(channels):
        total[np.uint64(to + c)] += weight * np.float64(d[np.uint64(of + c)])


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
                    at, to = 16 * (i + r - top), 4 * (n * out_height + i + r)
                    pull_tile(spare[0], r * columns, columns, base_x, left, lanes, at)
                    if left + columns == out_width:
                        pull_rest(spare[0], r * columns, columns, base_x, left, lanes, at, sums, to)


def scratch(x, dims):
    """For the points of a tile: d_p of both axes; sums over channels, their lanes, texels."""
    lanes = 16 if dims[0] >= 4 else 0
    return (
        np.empty(2 * TILE),
        np.empty(4 * TILE),
        np.empty(lanes * TILE),
        np.empty(4 * TILE, x.dtype),
        np.empty(4, np.int64),
        np.empty(6),
    )


@inline
def pull_points(n, i, first, lines, left, columns, d_out, x, place, dims, work, spare):
    """d_p of a tile of points, x first, then y, from d_out and x."""
    groups, height, width, channels, many, out_height, out_width, rule = numbers(dims)
    e, sums, lanes, corners, texel, weight = spare
    w, step, size = work[0], width * channels, height * width * channels
    image = n // many * groups * size
    limits = bounds(height, width, 0, height, step, channels, 0, rule)
    points, count = (n * out_height + i) * out_width + left, lines * columns
    others = cells(2 * points, i - first, lines, left, columns, place, limits, work)
    if others < 0:
        for j in range(2 * TILE):
            e[j] = 0.0
        return

    of, plane = ((n * groups * out_height + i) * out_width + left) * channels, out_height * out_width
    if channels == 1:
        whole = groups - groups % 4
        for k in range((16 if whole > 0 else 0) * TILE):
            lanes[k] = 0.0
        for g in range(whole):
            collect(x, image + g * size, step, count, w, corners)
            gather(lanes, g % 4 * 4 * TILE, count, d_out, of + g * plane, corners)
        for k in range(4 * TILE):
            sums[k] = 0.0
            if whole > 0:
                sums[k] = (lanes[k] + lanes[4 * TILE + k]) + (
                    lanes[8 * TILE + k] + lanes[12 * TILE + k]
                )
        for g in range(whole, groups):
            collect(x, image + g * size, step, count, w, corners)
            gather(sums, 0, count, d_out, of + g * plane, corners)
    else:
        for j in range(count):
            at = np.int64(w[CODE + j])
            if at >= 0:
                at, d = at + image, of + j * channels
                sums[j] = dot(d_out, d, 1, x, at, 1, channels)
                sums[TILE + j] = dot(d_out, d, 1, x, at + channels, 1, channels)
                sums[2 * TILE + j] = dot(d_out, d, 1, x, at + step, 1, channels)
                sums[3 * TILE + j] = dot(d_out, d, 1, x, at + step + channels, 1, channels)
    for j in range(count):
        d00, d01, d10, d11 = sums[j], sums[TILE + j], sums[2 * TILE + j], sums[3 * TILE + j]
        e[j] = (d01 - d00) * w[Y0 + j] + (d11 - d10) * w[Y1 + j]
        e[TILE + j] = (d10 - d00) * w[X0 + j] + (d11 - d01) * w[X1 + j]

    for j in range(count if others > 0 else 0):
        if w[CODE + j] >= 0.0:
            continue
        e[j] = e[TILE + j] = 0.0
        if w[CODE + j] == RULED:
            locate(
                n, i + j // columns, 2 * (points + j), i - first + j // columns,
                left + j % columns, height, width, place, rule, work, texel, weight,
            )
            for a in range(4):
                sums[a] = 0.0
                if texel[2 + a // 2] >= 0 and texel[a % 2] >= 0:
                    at = image + texel[2 + a // 2] * step + texel[a % 2] * channels
                    if channels == 1:
                        sums[a] = dot(d_out, of + j, plane, x, at, size, groups)
                    else:
                        sums[a] = dot(d_out, of + j * channels, 1, x, at, 1, channels)
            along = (sums[1] - sums[0]) * weight[2] + (sums[3] - sums[2]) * weight[3]
            across = (sums[2] - sums[0]) * weight[0] + (sums[3] - sums[1]) * weight[1]
            e[j] = chain(weight[4], along, weight[2])
            e[TILE + j] = chain(weight[5], across, weight[0])


@inline
def gather(sums, at, count, d_out, of, corners):
    """sums += d_out * texel, for the four texels of every point."""
    for j in range(count):
        d = np.float64(d_out[np.uint64(of + j)])
        for a in range(4):
            sums[np.uint64(at + a * TILE + j)] += d * np.float64(corners[a * TILE + j])


def chain(slope, derivative, weight):
    """slope * derivative; a slope of 0 wins over Inf and NaN texels, not over a NaN coordinate."""
    return 0.0 if slope == 0.0 and weight == weight else slope * derivative
