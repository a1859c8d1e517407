"""The texels of the points of a tile: their weights and values, and sums into them.

What there is of each point and texel q comes in row q, of ROW numbers: ``weights`` (a
:func:`product`), ``values`` of x (from :func:`gather`) or their sums over channels
(:func:`against`). ``work`` is that of :mod:`.cell`, ``number`` how many texels there are: 1, 4, 8
or 16.
"""

import numpy as np

from .axis import BICUBIC
from .axis import weights as weights_of
from .corners import add_three
from .eft import ONE, TWO, UNIT, dot, inline, lanes
from .near import CODE, MOST, PLACE, ROW, taps
from .tile import OUTSIDE, RULED

EIGHT, SIXTEEN = np.int64(8), np.int64(16)


def weigh(orders, rank, count, mode, w, axes):
    """Rows of ``axes``: weights by axis, derivative below ``orders`` and texel: (3, 3, 4, ROW)."""
    for a in range(rank):
        place = PLACE + 3 * ROW * a
        for order in range(orders):
            to = (3 * a + order) * 4 * ROW
            for j in range(count):
                s, t = w[np.uint64(place + j)], w[np.uint64(place + ROW + j)]
                w0, w1, w2, w3 = weights_of(mode, order, s, t)
                axes[np.uint64(to + j)] = w0
                axes[np.uint64(to + ROW + j)] = w1
                if mode == BICUBIC:
                    axes[np.uint64(to + 2 * ROW + j)] = w2
                    axes[np.uint64(to + 3 * ROW + j)] = w3


def product(x, y, z, rank, count, mode, axes, weights):
    """The products of weights of the texels; x, y and z say which derivative of each."""
    many = taps(mode)
    for q in range(many**rank):
        along = (x * 4 + q % many) * ROW
        across = ((3 + y) * 4 + q // many % many) * ROW
        deep = ((6 + z) * 4 + q // many // many) * ROW
        for j in range(count):
            w = axes[np.uint64(across + j)] * axes[np.uint64(along + j)]
            w = axes[np.uint64(deep + j)] * w if rank == 3 else w
            weights[np.uint64(q * ROW + j)] = w


def gather(x, base, count, number, work, values):
    """The texels of x of all points, in the channel that begins at ``base``; DROPPED ones are 0."""
    w, texels, _, offsets, _, _, _ = work
    for j in range(count):
        code = w[np.uint64(CODE + j)]
        if code >= 0.0:
            at = base + np.int64(code)
            if number == 8:
                fetch(x, at, offsets, EIGHT, values, j)
            elif number == 16:
                fetch(x, at, offsets, SIXTEEN, values, j)
            else:
                fetch(x, at, offsets, number, values, j)
        elif code == RULED:
            for q in range(number):
                texel = texels[np.uint64(q * ROW + j)]
                value = np.float64(x[np.uint64(base + texel)]) if texel >= 0 else 0.0
                values[np.uint64(q * ROW + j)] = value


@inline
def fetch(x, at, offsets, number, values, j):
    """The texels of a point whose first one is at ``at``: no loop, if LLVM knows their number."""
    for q in range(number):
        values[np.uint64(q * ROW + j)] = x[np.uint64(at + offsets[np.uint64(q)])]


def against(x, image, shape, d_out, of, count, number, work, values, sums):
    """sums = those over channels of d_out * texel, for every texel of the points.

    ``shape`` is groups, channels, numbers of a group of x, and of d_out.
    """
    groups, channels, volume, plane = shape
    w, texels, _, offsets, _, _, _ = work
    d, together = values[MOST * ROW :], channels == 1 and groups < 4
    if together:
        for g in range(groups):
            gather(x, image + g * volume, count, number, work, values)
            for j in range(count):
                d[np.uint64(j)] = d_out[np.uint64(of + g * plane + j)]
            for q in range(number):
                for j in range(count):
                    at = np.uint64(q * ROW + j)
                    before = sums[at] if g > 0 else 0.0
                    sums[at] = before + d[np.uint64(j)] * values[at]
    for j in range(count):
        code, start = w[np.uint64(CODE + j)], of + j * channels
        if code >= 0.0 and together:
            continue
        if code >= 0.0 and channels == 3:
            d0, d1, d2 = three(d_out, start)
            at = image + np.int64(code)
            if number == 16:
                meet(x, at, offsets, SIXTEEN, d0, d1, d2, sums, j)
            else:
                meet(x, at, offsets, number, d0, d1, d2, sums, j)
            continue
        for q in range(number if code != OUTSIDE else 0):
            at = np.uint64(q * ROW + j)
            texel = texels[at] if code == RULED else np.int64(code) + offsets[np.uint64(q)]
            s = 0.0
            if texel >= 0 and channels == 1:
                s = dot(d_out, start, plane, x, image + texel, volume, groups)
            elif texel >= 0:
                s = lanes(d_out, start, UNIT, x, image + texel, UNIT, channels)
            sums[at] = s


@inline
def meet(x, at, offsets, number, d0, d1, d2, sums, j):
    """Sums over three channels for the texels of point j, whose first one is at ``at``."""
    for q in range(number):
        v0, v1, v2 = three(x, at + offsets[np.uint64(q)])
        sums[np.uint64(q * ROW + j)] = ((0.0 + d0 * v0) + d1 * v1) + d2 * v2


@inline
def three(a, at):
    """Three channels."""
    at = np.uint64(at)
    return np.float64(a[at]), np.float64(a[at + ONE]), np.float64(a[at + TWO])


def scatter(weights, d_out, of, count, number, shape, low, high, work, d_x):
    """d_x += weight * d_out at texels from ``low``, the first of d_x, to ``high``.

    In the order of the points.
    """
    groups, channels, volume, plane = shape
    w, _, _, offsets, _, _, _ = work
    span = offsets[number - 1]
    for g in range(groups):
        to = g * volume - low
        touch(d_x, to, count, number, low, high, work)
        for j in range(count):
            code, start = w[np.uint64(CODE + j)], of + g * plane + j * channels
            first = np.int64(code)
            inside = code >= 0.0 and first >= low and first + span < high
            if inside and number == 8 and channels == 1:
                add(d_x, to + first, offsets, EIGHT, weights, j, d_out, start)
            elif inside and number == 16 and channels == 1:
                add(d_x, to + first, offsets, SIXTEEN, weights, j, d_out, start)
            elif inside and number == 16 and channels == 3:
                add_all(d_x, to + first, offsets, SIXTEEN, weights, j, d_out, start)
            elif code == RULED or (code >= 0.0 and first < high and first + span >= low):
                add_any(d_x, to, number, weights, j, d_out, start, channels, low, high, work)


@inline
def touch(a, to, count, number, low, high, work):
    """Read a[to:] where sums will be: waits for memory overlap here, but not there.

    Of points with all texels from ``low`` to ``high``, the last ones, which are new to the cache.
    """
    w, _, _, offsets, _, _, aside = work
    end, corner, s = offsets[number - 1], offsets[number - number // 4], 0.0
    for j in range(0, count, 2):
        first = np.int64(w[np.uint64(CODE + j)])
        if first >= low and first + end < high:
            s += a[np.uint64(to + first + end)] + a[np.uint64(to + first + corner)]
    aside[0] = s  # or they would not be read


@inline
def add(d_x, at, offsets, number, weights, j, d_out, start):
    """Add d_out times its weight to all texels of point j, whose first one is at ``at``."""
    d = np.float64(d_out[np.uint64(start)])
    for q in range(number):
        d_x[np.uint64(at + offsets[np.uint64(q)])] += weights[np.uint64(q * ROW + j)] * d


@inline
def add_all(d_x, at, offsets, number, weights, j, d_out, start):
    """The same for three channels: see :func:`.corners.add_three`."""
    d0, d1, d2 = three(d_out, start)
    for q in range(number):
        texel = at + offsets[np.uint64(q)]
        add_three(d_x, texel, weights[np.uint64(q * ROW + j)], d0, d1, d2)


def add_any(d_x, to, number, weights, j, d_out, start, channels, low, high, work):
    """The same for any channels and texels, and wherever point j is: for what is rare."""
    w, texels, _, offsets, _, _, _ = work
    code = w[np.uint64(CODE + j)]
    for q in range(number):
        weight, texel = weights[np.uint64(q * ROW + j)], np.int64(code) + offsets[np.uint64(q)]
        texel = texels[np.uint64(q * ROW + j)] if code == RULED else texel
        for c in range(channels if low <= texel < high else 0):
            d_x[np.uint64(to + texel + c)] += weight * np.float64(d_out[np.uint64(start + c)])
