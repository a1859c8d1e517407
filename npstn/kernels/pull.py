"""The cotangent of coordinates for any kernel and rank, and what the loops of :mod:`.tensor` share.

Points, tangents and formulas are those of :mod:`.tensor`; ``where`` and ``work`` are as in
:mod:`.cell`, and ``spare`` is a :func:`scratch`.
"""

import numpy as np

from .axis import BICUBIC, BILINEAR
from .cell import find
from .corners import chain
from .eft import UNIT, ZERO, allocates
from .near import CODE, MOST, PLACE, ROW, taps, whole
from .stencil import against, product, weigh
from .sums import differences, total
from .tile import OUTSIDE

MANY = MOST * ROW


def numbers(dims):
    """What the dims are: shape, size (W, H, D), maps of an image, output size, and the rule.

    The shape is groups, channels, numbers of a group of x, and of a group of out.
    """
    size, out_size = (dims[3], dims[2], dims[1]), (dims[8], dims[7], dims[6])
    volume, plane = size[0] * size[1] * size[2], out_size[0] * out_size[1] * out_size[2]
    shape = dims[0], dims[4], volume * dims[4], plane * dims[4]
    return shape, size, dims[5], out_size, (dims[9], dims[10], dims[11])


def strides(size, channels, pad):
    """The strides of an image by axis, x first, if ``pad`` numbers follow each of its rows."""
    row = size[0] * channels + pad
    return channels, row, row * size[1]


@allocates
def scratch():
    """Arrays for the points of a tile, in rows of ROW numbers.

    Weights by axis, of texels, and their derivatives by each axis; values of x, and of its tangent;
    and rows of sums.
    """
    return (
        np.zeros(36 * ROW),
        np.empty(MANY),
        np.empty(3 * MANY),
        np.empty(MANY),
        np.empty(MANY),
        np.empty(3 * ROW),
    )


def unit(a, b):
    """How often weights are derived by axis b when they are by axis a."""
    return UNIT if a == b else ZERO


def unit_of(scale, a):
    """dp/dg of axis a."""
    return scale[a, 0] / scale[a, 2]


def push(a, rank, count, t_points, at, scale, w, sums, t):
    """t += the part of axis a in a tangent, of which ``sums`` are those by its derived weights.

    Not where padding holds the point: 0 times an infinite texel would be NaN.
    """
    for j in range(count):
        slope = w[PLACE + (3 * a + 2) * ROW + j]
        if slope != 0.0 and w[CODE + j] != OUTSIDE:
            tangent = t_points[at + rank * j + a] * unit_of(scale, a)
            t[j] += chain(slope, tangent * sums[j], whole(w, rank, j))


def leave_out(rank, count, w):
    """Points that no axis moves have no derivative: they count as OUTSIDE."""
    for j in range(count):
        moved = False
        for a in range(rank):
            moved = moved or w[PLACE + (3 * a + 2) * ROW + j] != 0.0
        if not moved:
            w[CODE + j] = OUTSIDE


def pull_points(n, r, left, count, d_out, x, t_x, where, t_points, dims, work, spare, e):
    """Rows of e = d_p of points of a row, x first; or d_p' if there are tangents."""
    shape, size, many, (width, height, depth), rule = numbers(dims)
    groups, channels, volume, plane = shape
    scale, mode, rank = where[4], rule[0], len(where[4])
    axes, weights, values, of_x, of_t, sums = spare
    w, number, second = work[0], taps(mode) ** rank, len(t_points) > 0  # then there is t_x as well
    at = ((n * depth * height + r) * width + left) * rank
    find(n, r // height, r % height, left, count, at, where, size, rule, work)
    by_weights = second or mode != BILINEAR
    weigh(3 if second else 2 if by_weights else 1, rank, count, mode, w, axes)
    image, of = n // many * groups * volume, n * groups * plane + (r * width + left) * channels
    against(x, image, shape, d_out, of, count, number, work, values, of_x)
    if second:
        against(t_x, image, shape, d_out, of, count, number, work, values, of_t)
    for b in range(rank):
        row, x_, y_, z_ = e[b * ROW :], unit(b, 0), unit(b, 1), unit(b, 2)
        if by_weights:
            product(x_, y_, z_, rank, count, mode, axes, weights)
            total(count, number, w, weights, of_t if second else of_x, row)
        else:
            differences(b, rank, count, w, axes, of_x, row)
        for a in range(rank if second else 0):
            if mode == BICUBIC or a != b:  # what is linear has no curvature
                x_2, y_2, z_2 = x_ + unit(a, 0), y_ + unit(a, 1), z_ + unit(a, 2)
                product(x_2, y_2, z_2, rank, count, mode, axes, weights)
                total(count, number, w, weights, of_x, sums)
                push(a, rank, count, t_points, at, scale, w, sums, row)
        for j in range(count):
            slope, weight = w[np.uint64(PLACE + (3 * b + 2) * ROW + j)], whole(w, rank, j)
            d = slope * row[np.uint64(j)]
            d = d if slope != 0.0 else weight - weight  # 0 wins over Inf and NaN texels
            row[np.uint64(j)] = d if w[np.uint64(CODE + j)] != OUTSIDE else 0.0
