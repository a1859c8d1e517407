"""The cells of an owner of a part of d_x, and how they become d_x.

An owner has a cell for each first texel of its points. With up to three channels the TEXELS texels
of a point lie side by side in its cell: what a point adds goes to one place, and never waits for
the one before. At the end the texels are brought together: the order of sums is that of the points
for each texel of a cell, then that of :func:`.taps.summed`. With more channels that would be too
much memory: a cell is a texel, and the order of sums is that of the points.

``form`` is numbers of a cell, cells of a row, rows of a slice, and whether a cell is one texel.
"""

from ..jit.lanes import load, splat
from .axis import CUBIC, KERNEL, RANK, TAPS, TEXELS, ZEROS, texel_for
from .results import store_some
from .sizes import ALIGN, CHANNELS, GROUPS, PADDING, SIZE
from .space import WINDOW
from .taps import CELL, CELLS, summed
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


def form_of(dims, room, x, y):
    """The form of the cells of an owner."""
    if dims[GROUPS] * dims[CHANNELS] < 4:
        return TEXELS * room, x[3], y[3], False
    return room, x[3] + TAPS - 1, y[3] + TAPS - 1, True


def group_size(form, z):
    """Numbers in the cells of a group: the last ones are for points of other owners."""
    unit, wide, high, alone = form
    deep = z[3] + TAPS - 1 if alone and RANK == 3 else z[3]
    return (wide * high * deep + spare_of(form)) * unit


def spare_of(form):
    """How many cells a point of another owner adds to."""
    _, wide, high, alone = form
    if not alone:
        return 1
    cells = 1 + (TAPS - 1) * (1 + wide)
    return cells + (TAPS - 1) * wide * high if RANK == 3 else cells


def finish(dims, image, room, x, y, z, form, scratch, d_x):
    """Write d_x from the cells of an owner."""
    width, height, channels = dims[SIZE], dims[SIZE + 1], dims[CHANNELS]
    step_x, step_y = form[0], form[1] * form[0]
    step_z = form[2] * step_y
    folds = KERNEL == CUBIC and dims[PADDING] != ZEROS
    lines, size = y[1] - y[0], group_size(form, z)
    for q in range(dims[GROUPS] * lines * (z[1] - z[0])):
        g, i, l = q // lines // (z[1] - z[0]), y[0] + q % lines, z[0] + q // lines % (z[1] - z[0])
        part = SUMS + g * size
        at = part + (i - y[2]) * step_y + (l - z[2]) * step_z - x[2] * step_x
        to = (((image * dims[GROUPS] + g) * dims[SIZE + 2] + l) * height + i) * width * channels
        if folds:
            fold_row(dims, room, x, y, z, i, l, part, form, scratch, d_x, to)
        elif room == 1 and not form[3]:
            tap_x, tap_y = room - step_x, TAPS * room - step_y
            for j in range(x[0], x[1], 4):
                tap_z = TAPS * TAPS * room - step_z
                s = summed(CELLS, scratch, at + j * step_x, tap_x, tap_y, tap_z, scratch, 0)
                store_some(d_x, to + j, s, x[1] - j)
        else:
            for j in range(x[0], x[1]):
                for c in range(0, channels, 4):
                    s = texel_sum(at + j * step_x + c, room, form, scratch)
                    store_some(d_x, to + j * channels + c, s, channels - c)


def texel_sum(at, room, form, scratch):
    """The sums of four channels of the texel whose cell is at ``at``."""
    step_x, step_y = form[0], form[1] * form[0]
    step_z = form[2] * step_y
    if form[3]:
        return load(scratch, at)
    tap_x, tap_y, tap_z = room - step_x, TAPS * room - step_y, TAPS * TAPS * room - step_z
    return summed(CELL, scratch, at, tap_x, tap_y, tap_z, scratch, 0)


def fold_row(dims, room, x, y, z, i, l, part, form, scratch, d_x, to):
    """Write a row of d_x with all that padding adds to it from beyond the edge."""
    padding, align, channels = dims[PADDING], dims[ALIGN], dims[CHANNELS]
    width, height, depth, step_x = dims[SIZE], dims[SIZE + 1], dims[SIZE + 2], form[0]
    step_y = form[1] * step_x
    step_z = form[2] * step_y
    for j in range(x[0], x[1]):
        for c in range(0, channels, 4):
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
                            s = s + texel_sum(part + at + c, room, form, scratch)
            store_some(d_x, to + j * channels + c, s, min(room, channels - c))


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
