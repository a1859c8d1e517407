"""The cotangent of coordinates: d_p of the points of a tile, from d_out and the texels of x."""

import numpy as np

from .corners import accumulate, chain, clear, collect, products, slopes
from .eft import UNIT, ZERO, allocates, dot, inline
from .table import TILE
from .tile import CODE, RULED, bounds, cells, locate, numbers


@allocates
def scratch(x, dims):
    """For the points of a tile: d_p of both axes; sums over channels, their lanes, texels."""
    lanes = 16 if dims[0] >= 4 else 0
    return (
        np.empty(2 * TILE),
        np.empty(4 * TILE),
        np.empty(lanes * TILE),
        np.empty(4 * TILE, x.dtype),
    )


@inline
def pull_points(n, i, first, lines, left, columns, d_out, x, place, dims, work, spare):
    """d_p of a tile of points, x first, then y, from d_out and x."""
    groups, height, width, channels, many, out_height, out_width, rule = numbers(dims)
    e, sums, lanes, corners = spare
    w, texel, weight = work[0], work[4], work[5]
    step, size, plane = width * channels, height * width * channels, out_height * out_width
    image = n // many * groups * size
    limits = bounds(height, width, ZERO, height, step, channels, ZERO, False, rule)
    count, points = lines * columns, 2 * ((n * out_height + i) * out_width + left)
    others = cells(points, i - first, lines, left, columns, place, limits, work)
    if others < 0:
        clear(e, ZERO, 2 * TILE)
        return

    of = ((n * groups * out_height + i) * out_width + left) * channels
    if channels == 1:
        whole = groups - groups % 4
        for k in range(len(lanes)):
            lanes[k] = 0.0
        for g in range(whole):
            collect(x, image + g * size, step, count, w, corners)
            accumulate(lanes, g % 4 * 4 * TILE, count, d_out, of + g * plane, corners)
        for k in range(4 * TILE):
            sums[k] = 0.0
            if whole > 0:
                sums[k] = (lanes[k] + lanes[4 * TILE + k]) + (
                    lanes[8 * TILE + k] + lanes[12 * TILE + k]
                )
        for g in range(whole, groups):
            collect(x, image + g * size, step, count, w, corners)
            accumulate(sums, ZERO, count, d_out, of + g * plane, corners)
    else:
        products(x, image, step, channels, count, d_out, of, w, sums)
    slopes(count, sums, w, e)

    for j in range(count if others > 0 else 0):
        if w[CODE + j] <= RULED:
            locate(n, i, first, left, columns, j, points, height, width, place, rule, work)
            for a in range(4):
                y, k = texel[2 + a // 2], texel[a % 2]
                sums[a] = 0.0
                if y >= 0 and k >= 0:
                    at = image + y * step + k * channels
                    if channels == 1:
                        sums[a] = dot(d_out, of + j, plane, x, at, size, groups)
                    else:
                        sums[a] = dot(d_out, of + j * channels, UNIT, x, at, UNIT, channels)
            along = (sums[1] - sums[0]) * weight[2] + (sums[3] - sums[2]) * weight[3]
            across = (sums[2] - sums[0]) * weight[0] + (sums[3] - sums[1]) * weight[1]
            e[j] = chain(weight[4], along, weight[2])
            e[TILE + j] = chain(weight[5], across, weight[0])
