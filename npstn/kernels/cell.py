"""The texels of one point, for any kernel in two or three dimensions, and weighted sums of them.

The kernel of a point is a product over axes of those of :func:`.axis.spread`. In two dimensions
there is a z axis of one texel as well, of weight 1. ``where`` is ``(theta, xs, ys, zs, scale,
grid)`` as in :mod:`.tensor`, ``size`` (width, height, depth), ``point`` a :func:`scratch`.
"""

import numpy as np

from .affine import constants, power_of, settled
from .affine import point as point_of_map
from .axis import from_grid, spread
from .eft import allocates, two_product

MOST = 16  # texels of a point: 4 x 4, or 2 x 2 x 2


@allocates
def scratch():
    """Arrays for a point, by axis, x first: texels (3, 4), weights (3, 3, 4), how many, slope (3,).

    And for the point: its texels (MOST,), DROPPED or not; weights; terms of a sum; its hi and lo
    by axis. For a row of a map, see :func:`prepare`: powers (3,) and terms (3, 12).
    """
    return (
        np.zeros((3, 4), np.int64),
        np.zeros((3, 3, 4)),
        np.zeros(3, np.int64),
        np.zeros(3),
        np.zeros(MOST, np.int64),
        np.zeros(MOST),
        np.zeros(MOST),
        np.zeros(6),
        np.zeros(3),
        np.zeros((3, 12)),
    )


def prepare(n, z, i, where, point):
    """What the points of row (z, i) of map n have in common."""
    theta, _, ys, zs, scale, grid = where
    power, v = point[8], point[9]
    for a in range(len(scale) if len(grid) == 0 else 0):
        power[a] = power_of(theta[n, a])
        constants(theta[n, a], power[a], ys[a, i], zs[a, z], scale[a, 0], scale[a, 1], v[a])


def find(n, z, i, j, at, where, size, rule, point):
    """Texels and weights of output point (z, i, j) of map n, which begins at ``at`` in a grid.

    Its row is prepared. Returns how many texels there are in all. Slices of the input outside it
    are left out.
    """
    theta, xs, ys, zs, scale, grid = where
    k, w, count, slope, texels, _, _, p, power, v = point
    rank = len(scale)
    for a in range(rank):
        c, d, div = scale[a, 0], scale[a, 1], scale[a, 2]
        if len(grid) != 0:
            hi, lo = from_grid(np.float64(grid[at + a]), c, d)
        elif power[a] == 0.0:
            hi, lo = point_of_map(theta[n, a], xs[a, j], ys[a, i], zs[a, z], c, d, div, v[a])
        else:
            t0, t1 = two_product(theta[n, a, 0] * power[a], xs[a, j])
            hi, lo = settled(t0, t1, v[a], div, power[a])
        p[2 * a], p[2 * a + 1] = hi, lo
        count[a], slope[a] = spread(hi, lo, size[a], rule[0], rule[1], rule[2], k[a], w[a])
    if rank == 2:
        k[2, 0], w[2, 0, 0], count[2], slope[2] = 0, 1.0, 1, 0.0

    width, height, _ = size
    number = 0
    for c in range(count[2]):
        if left_out(c, k, w):
            continue
        for b in range(count[1]):
            for a in range(count[0]):
                inside = k[2, c] >= 0 and k[1, b] >= 0 and k[0, a] >= 0
                texel = (k[2, c] * height + k[1, b]) * width + k[0, a]
                texels[number] = texel if inside else -1
                number += 1
    return number


def whole(w):
    """A number, or NaN if a coordinate of the point with these weights is."""
    return w[0, 0, 0] + w[1, 0, 0] + w[2, 0, 0]


def left_out(c, k, w):
    """Whether slice c takes no part; all do where a coordinate is NaN, for then the sum is."""
    return k[2, c] < 0 and whole(w) == whole(w)


def product(x, y, z, point, into):
    """into = the products of weights of the texels; x, y and z say which derivative of each."""
    k, w, count = point[0], point[1], point[2]
    number = 0
    for c in range(count[2]):
        if left_out(c, k, w):
            continue
        for b in range(count[1]):
            for a in range(count[0]):
                into[number] = w[2, z, c] * (w[1, y, b] * w[0, x, a])
                number += 1


def total(terms, number, slices):
    """The sum of the terms of a point, slice by slice, with the symmetries of the square in bits.

    A slice is 2 x 2 or 4 x 4. Every sum is of two numbers that a flip or a transposition swaps.
    """
    s, each = 0.0, number // max(1, slices)
    for q in range(slices):
        t = terms[q * each : (q + 1) * each]
        if each == 4:
            part = (t[0] + t[3]) + (t[1] + t[2])
        else:
            part = (t[0] + t[15]) + (t[3] + t[12])
            part += (t[5] + t[10]) + (t[6] + t[9])
            part += ((t[1] + t[14]) + (t[2] + t[13])) + ((t[4] + t[11]) + (t[8] + t[7]))
        s = part if q == 0 else s + part
    return s


def weighted(weights, number, slices, x, at, step, point):
    """Sum of weight * texel of one channel, which begins at ``at``; dropped texels count as 0."""
    texels, terms = point[4], point[6]
    for q in range(number):
        value = 0.0
        if texels[q] >= 0:
            value = np.float64(x[at + texels[q] * step])
        terms[q] = weights[q] * value
    return total(terms, number, slices)
