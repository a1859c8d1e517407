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

from .cell import MOST, find, prepare, product, scratch, total, weighted, whole
from .corners import chain
from .eft import UNIT, ZERO, dot
from .sample2d import part


def numbers(dims):
    """What the dims are: groups, size (W, H, D), channels, maps, output size, and the rule."""
    size, out_size = (dims[3], dims[2], dims[1]), (dims[8], dims[7], dims[6])
    return dims[0], size, dims[4], dims[5], out_size, (dims[9], dims[10], dims[11])


def unit(a, b):
    """How often weights are derived by axis b when they are by axis a."""
    return UNIT if a == b else ZERO


def unit_of(scale, a):
    """dp/dg of axis a."""
    return scale[a, 0] / scale[a, 2]


def moves(a, again, point):
    """Whether the weights depend on axis a, and ``again`` their derivatives by it as well.

    Not where padding holds the point, nor twice if the kernel is linear. What does not is left out:
    0 times an infinite texel would be NaN.
    """
    return point[3][a] != 0.0 and not (again and point[2][a] == 2)


def pushed(a, t_points, at, scale, s, point):
    """The part of axis a in a tangent: s is the sum by its derived weights."""
    return chain(point[3][a], t_points[at + a] * unit_of(scale, a) * s, whole(point[1]))


def seen(number, point):
    """Whether a point looks at any texel, or is NaN."""
    w = whole(point[1])
    for q in range(number):
        if point[4][q] >= 0:
            return True
    return w != w


def sample(task, x, t_x, theta, xs, ys, zs, scale, grid, t_points, dims, rows, out, t_out):
    """out, and t_out unless it is empty; a task writes ``rows`` rows of a map."""
    groups, size, channels, many, (width, height, depth), rule = numbers(dims)
    where, point = (theta, xs, ys, zs, scale, grid), scratch()
    count, weights, derived = point[2], point[5], np.empty((3, MOST))
    n, first, last = part(task, depth * height, rows)
    texels = size[0] * size[1] * size[2] * channels
    for r in range(first, last):
        prepare(n, r // height, r % height, where, point)
        for j in range(width):
            at = (n * depth * height + r) * width + j
            number = find(n, r // height, r % height, j, at * len(scale), where, size, rule, point)
            slices = number // (count[0] * count[1])
            product(ZERO, ZERO, ZERO, point, weights)
            tangents = len(t_points) > 0 and seen(number, point)
            for a in range(len(scale) if tangents else 0):
                product(unit(a, 0), unit(a, 1), unit(a, 2), point, derived[a])
            for g in range(groups):
                image = (n // many * groups + g) * texels
                of = (((n * groups + g) * depth * height + r) * width + j) * channels
                for c in range(channels):
                    out[of + c] = weighted(weights, number, slices, x, image + c, channels, point)
                    if len(t_out) > 0:
                        t = weighted(weights, number, slices, t_x, image + c, channels, point)
                        for a in range(len(scale) if tangents else 0):
                            if moves(a, False, point):
                                by_a = derived[a]
                                d = weighted(by_a, number, slices, x, image + c, channels, point)
                                t += pushed(a, t_points, at * len(scale), scale, d, point)
                        t_out[of + c] = t


def sample_vjp_x(task, d_out, theta, xs, ys, zs, scale, grid, t_points, dims, rows, d_x):
    """d_x, or d_x' if there are tangents, in the order of the points. It is 0 before.

    A task owns ``rows`` of the D * H rows of an image of d_x and visits every point.
    """
    groups, size, channels, many, (width, height, depth), rule = numbers(dims)
    where, point = (theta, xs, ys, zs, scale, grid), scratch()
    texels, weights, derived, rank = point[4], point[5], np.empty(MOST), len(scale)
    b, top, bottom = part(task, size[1] * size[2], rows)
    low, high, volume = top * size[0], bottom * size[0], size[0] * size[1] * size[2]
    for n in range(b * many, (b + 1) * many):
        for r in range(depth * height):
            prepare(n, r // height, r % height, where, point)
            for j in range(width):
                at = (n * depth * height + r) * width + j
                number = find(n, r // height, r % height, j, at * rank, where, size, rule, point)
                if len(t_points) == 0:
                    product(ZERO, ZERO, ZERO, point, weights)
                else:
                    for q in range(number):
                        weights[q] = 0.0
                    moved = False
                    for a in range(rank):
                        if moves(a, False, point):
                            moved = True
                            product(unit(a, 0), unit(a, 1), unit(a, 2), point, derived)
                            for q in range(number):
                                weights[q] += pushed(
                                    a, t_points, at * rank, scale, derived[q], point
                                )
                    if not moved:
                        continue
                for q in range(number):
                    if low <= texels[q] < high:
                        for g in range(groups):
                            to = ((b * groups + g) * volume + texels[q]) * channels
                            of = (((n * groups + g) * depth * height + r) * width + j) * channels
                            for c in range(channels):
                                d_x[to + c] += weights[q] * d_out[of + c]


def sample_vjp_points(
    task, d_out, x, t_x, theta, xs, ys, zs, scale, grid, t_points, dims, rows, d_points
):
    """d_points (N, Do, Ho, Wo, R), or d_points' if there are tangents, in the unit of the grid."""
    groups, size, channels, many, (width, height, depth), rule = numbers(dims)
    where, point = (theta, xs, ys, zs, scale, grid), scratch()
    count, slope, weights = point[2], point[3], point[5]
    second, rank = len(t_points) > 0, len(scale)  # then there is t_x as well
    of_x, of_t = np.zeros(MOST), np.zeros(MOST)
    n, first, last = part(task, depth * height, rows)
    shape = groups, channels, size[0] * size[1] * size[2], depth * height * width
    image = n // many * groups * shape[2]
    for r in range(first, last):
        prepare(n, r // height, r % height, where, point)
        for j in range(width):
            at = (n * depth * height + r) * width + j
            number = find(n, r // height, r % height, j, at * rank, where, size, rule, point)
            slices = number // (count[0] * count[1])
            tangents = second and seen(number, point)
            of = (n * groups * depth * height + r) * width + j
            products(d_out, of, x, image, shape, number, point, of_x)
            if second:
                products(d_out, of, t_x, image, shape, number, point, of_t)
            for b in range(rank):
                x_, y_, z_ = unit(b, 0), unit(b, 1), unit(b, 2)
                product(x_, y_, z_, point, weights)
                e = against(weights, of_t if second else of_x, number, slices, point)
                for a in range(rank if tangents else 0):
                    if moves(a, a == b, point):
                        product(x_ + unit(a, 0), y_ + unit(a, 1), z_ + unit(a, 2), point, weights)
                        d = against(weights, of_x, number, slices, point)
                        e += pushed(a, t_points, at * rank, scale, d, point)
                d_points[at * rank + b] = chain(slope[b], e, whole(point[1])) * unit_of(scale, b)


def products(d_out, of, x, image, shape, number, point, into):
    """into = the sum over channels of d_out times texel, for every texel of a point."""
    groups, channels, volume, plane = shape
    texels = point[4]
    for q in range(number):
        into[q] = 0.0
        if texels[q] >= 0:
            if channels == 1:
                into[q] = dot(d_out, of, plane, x, image + texels[q], volume, groups)
            else:
                at = (image + texels[q]) * channels
                into[q] = dot(d_out, of * channels, UNIT, x, at, UNIT, channels)


def against(weights, values, number, slices, point):
    """Sum of weight * value over the texels of a point."""
    terms = point[6]
    for q in range(number):
        terms[q] = weights[q] * values[q]
    return total(terms, number, slices)


def entries(task, theta, xs, ys, zs, scale, grid, dims, rows, texels, weights, inside):
    """The weights of out = S x: texels and weights (N, Do, Ho, Wo, MOST), texels -1 where none is.

    inside (N, Do, Ho, Wo): 1 where all coordinates are within [0, S - 1].
    """
    _, size, _, _, (width, height, depth), rule = numbers(dims)
    where, point = (theta, xs, ys, zs, scale, grid), scratch()
    rank = len(scale)
    n, first, last = part(task, depth * height, rows)
    for r in range(first, last):
        for j in range(width):
            at = (n * depth * height + r) * width + j
            number = find(n, r // height, r % height, j, at * rank, where, size, rule, point)
            product(ZERO, ZERO, ZERO, point, point[5])
            inside[at] = 1
            for a in range(rank):
                hi, lo = point[7][2 * a], point[7][2 * a + 1]
                before = hi < 0.0 or (hi == 0.0 and lo < 0.0)
                behind = hi > size[a] - 1 or (hi == size[a] - 1 and lo > 0.0)
                if before or behind or hi != hi:
                    inside[at] = 0
            for q in range(MOST):
                texel, weight = (point[4][q], point[5][q]) if q < number else (-1, 0.0)
                texels[at * MOST + q] = texel
                weights[at * MOST + q] = 0.0 if texel < 0 and weight == weight else weight
