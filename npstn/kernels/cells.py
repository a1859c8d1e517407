"""The cells of an owner of a part of d_x, and how they become d_x.

With one channel a cell belongs to a first texel, and holds four texels of a point, two by two or in
a row, side by side. What a point adds goes to one place, and never waits for the one before. At the
end the texels are brought together: the order of sums is that of the points for each texel of a
cell, then that of :func:`together`. With more channels that would be too much memory: a cell is a
texel with all its channels, in either layout, and the order of sums is that of the points.

What padding of texels adds from beyond the edge is folded back at the end, but for wrap: there an
owner has every image of a point that touches its texels, and a texel needs no other.

``form`` is numbers of a cell, cells of a row, rows of a slice, and whether a cell is one texel.
"""

import numpy as np

from ..jit.lanes import lane, load, splat, transpose
from .axis import CUBIC, KERNEL, RANK, TAPS, TEXELS, WRAP, ZEROS, texel_for
from .eft import inline
from .results import store_some
from .sizes import ALIGN, CHANNELS, GROUPS, PADDING, SIZE, fours, texels_of
from .space import WINDOW
from .taps import CELL, CELLS, four, pair, term
from .visits import begin

FRAME = 11  # cells beyond the input that cubic kernels use
SUMS = WINDOW  # where the cells begin


def cells_of(size, owners, q):
    """First texel, first cell, and how many cells owner q has on an axis; texels end with cells."""
    first, last = begin(size, owners, q), begin(size, owners, q + 1)
    low, high = first - TAPS + 1, last
    if KERNEL == CUBIC:
        low = low - FRAME if q == 0 else low
        high = high + FRAME if q == owners - 1 else high
    return first, last, low, high - low


def turns_of(dims, a, x):
    """How often points may touch the texels of an owner on axis a: by wrap, also from behind."""
    if dims[PADDING] != WRAP or x[0] >= TAPS - 1:
        return 1
    return 1 + (TAPS - 2 + dims[SIZE + a]) // dims[SIZE + a]


def form_of(dims, x, y):
    """The form of the cells of an owner."""
    many = dims[GROUPS] * dims[CHANNELS]
    if many == 1:
        return min(TEXELS, 4), x[3], y[3] + (3 if TAPS == 4 else 0), False
    return fours(many), x[3] + TAPS - 1, y[3] + TAPS - 1, True


def count_of(form, z):
    """How many cells an owner has; those behind them are for points of other owners."""
    deep = z[3] + TAPS - 1 if RANK == 3 else 1
    return form[1] * form[2] * deep


def size_of(form, z):
    """Numbers in all cells."""
    return (count_of(form, z) + spare_of(form)) * form[0]


def spare_of(form):
    """How many cells a point of another owner adds to, at most."""
    _, wide, high, _ = form
    cells = 1 + (TAPS - 1) * (1 + wide)
    return cells + (TAPS - 1) * wide * high if RANK == 3 else cells


def finish(dims, image, x, y, z, form, scratch, d_x):
    """Write d_x from the cells of an owner."""
    width, height, channels, groups = dims[SIZE], dims[SIZE + 1], dims[CHANNELS], dims[GROUPS]
    step_x, step_y = form[0], form[1] * form[0]
    step_z, lines = form[2] * step_y, y[1] - y[0]
    folds = KERNEL == CUBIC and ZEROS < dims[PADDING] < WRAP
    for q in range(lines * (z[1] - z[0])):
        i, l = y[0] + q % lines, z[0] + q // lines
        at = SUMS + (i - y[2]) * step_y + (l - z[2]) * step_z - x[2] * step_x
        to = ((image * groups * dims[SIZE + 2] + l) * height + i) * width * channels
        if folds:
            fold_row(dims, x, y, z, i, l, form, scratch, d_x, to)
        elif not form[3]:
            for j in range(x[0], x[1], 4):
                s = together(CELLS, scratch, at + j * step_x, step_x, step_y)
                store_some(d_x, to + j, s, x[1] - j)
        elif groups == 1:
            for j in range(x[0], x[1]):
                for c in range(0, channels, 4):
                    more = channels - c if j + 1 == x[1] else 4  # the next texel comes later
                    store_some(d_x, to + j * channels + c, load(scratch, at + j * step_x + c), more)
        else:
            finish_groups(dims, x, at, step_x, scratch, d_x, to)


def finish_groups(dims, x, at, step, scratch, d_x, to):
    """Write a row of d_x of all groups, four of them and four texels at a time."""
    groups, plane = dims[GROUPS], texels_of(dims)
    for g in range(0, groups, 4):
        for j in range(x[0], x[1], 4):
            k, rest = at + j * step + g, x[1] - 1 - j
            v0, v1, v2, v3 = transpose(
                load(scratch, k),
                load(scratch, k + min(1, rest) * step),
                load(scratch, k + min(2, rest) * step),
                load(scratch, k + min(3, rest) * step),
            )
            start = to + g * plane + j
            store_some(d_x, start, v0, rest + 1)
            if g + 1 < groups:
                store_some(d_x, start + plane, v1, rest + 1)
            if g + 2 < groups:
                store_some(d_x, start + 2 * plane, v2, rest + 1)
            if g + 3 < groups:
                store_some(d_x, start + 3 * plane, v3, rest + 1)


@inline
def together(kind, a, at, step_x, step_y):
    """The sum over the cells of a texel, which begin at ``at``; or those of four texels."""
    if TAPS == 1:
        return term(kind, a, at, a, 0) + 0.0
    if TAPS == 2:
        return four(kind, a, at, 1 - step_x, 2 - step_y, a, 0)
    step, end = 1 - step_x, at + 3 * (1 - step_x)
    return pair(kind, a, at, end, a, 0, 0) + pair(kind, a, at + step, end - step, a, 0, 0)


def fold_row(dims, x, y, z, i, l, form, scratch, d_x, to):
    """Write a row of d_x with all that padding adds to it from beyond the edge."""
    padding, align, channels = dims[PADDING], dims[ALIGN], dims[CHANNELS]
    width, height, depth, step_x = dims[SIZE], dims[SIZE + 1], dims[SIZE + 2], form[0]
    step_y, many = form[1] * step_x, dims[GROUPS] * channels
    step_z, step = form[2] * step_y, 1 if dims[GROUPS] == 1 else texels_of(dims)
    for j in range(x[0], x[1]):
        for c in range(0, many, 4):
            s = splat(0.0)
            for e in range(1 if RANK == 2 else images_of(z, l, depth)):
                m = l if RANK == 2 else image_of(z, l, depth, e)
                if RANK == 3 and texel_for(m, depth, padding, align) != l:
                    continue
                for f in range(images_of(y, i, height)):
                    n = image_of(y, i, height, f)
                    if texel_for(n, height, padding, align) != i:
                        continue
                    for h in range(images_of(x, j, width)):
                        k = image_of(x, j, width, h)
                        if texel_for(k, width, padding, align) == j:
                            at = (k - x[2]) * step_x + (n - y[2]) * step_y + (m - z[2]) * step_z
                            k = SUMS + at + c
                            if form[3]:
                                s = s + load(scratch, k)
                            else:
                                s = s + together(CELL, scratch, k, step_x, step_y)
            for q in range(min(4, many - c)):
                v = lane(s, q)
                d_x[to + j * channels + (c + q) * step] = v if v == v else np.nan


def images_of(x, j, size):
    """How many texels may be images of texel j: those beyond the edges, if it is near to one."""
    if FRAME <= j < size - FRAME:
        return 1
    return 1 + max(0, 1 - TAPS - x[2]) + max(0, x[2] + x[3] - size)


def image_of(x, j, size, h):
    """The texel that is the h-th of them: j itself, those before the input, those behind it."""
    before = max(0, 1 - TAPS - x[2])
    if h == 0:
        return j
    return h - 1 - before if h <= before else size + h - 1 - before
