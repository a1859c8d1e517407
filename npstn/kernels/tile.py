"""A tile: up to 128 points of the output, found together and fast.

:mod:`.axis` says what a point means, one at a time and with every rounding error accounted for.
Most points need none of that: they lie inside the input, where all paddings agree, and so far from
a tie that a few float64 operations provably round to the same bits. :func:`cells` finds those in a
loop without branches, and leaves the others to :func:`locate`.

A tile is a part of a row, or several rows that are short. ``place`` and ``rule`` are what
:mod:`.sample2d` says, ``work`` is a :func:`workspace`.
"""

import numpy as np

from .affine import point
from .axis import BILINEAR, DROPPED, LEAST, ZEROS, from_grid, taps, texels
from .eft import allocates, inline, split
from .table import LIMIT, TILE, fill, length, place_of

RANK = np.int64(2)
NEXT_TO_0 = 2.0**-32
MARGIN = 2.0**-20  # far above the error of a coordinate that is rounded

# Codes of points that are not inside: all texels 0; by the rules; on the edge, or less by the cell
OUTSIDE, RULED, EDGE = -1.0, -2.0, -3.0
COLUMNS = np.uint64(2 * LIMIT)  # of cells
LINE = 2 * LIMIT
FIRST = EDGE - LINE - 1.0  # the code of cell (0, 0); that of (-1, -1) is EDGE
CODE, X0, X1, Y0, Y1 = (TILE * k for k in range(5))  # offset of the first texel or a code; weights


def numbers(dims):
    """What the dims of :mod:`.sample2d` are: seven numbers, and the rule."""
    size = dims[0], dims[1], dims[2], dims[3], dims[4], dims[5], dims[6]
    return (*size, (dims[7], dims[8], dims[9]))


@allocates
def workspace(width, rows):
    """Arrays for a task: the points of a tile; two tables; and for one point, see locate."""
    return (
        np.empty(5 * TILE + 1),
        np.empty(length(width, RANK)),
        np.empty(length(rows, RANK)),
        np.empty(2),  # slack of both coordinates
        np.empty(4, np.int64),  # texels: i0 and i1 on x, then on y
        np.empty(6),  # weights: w0 and w1 on x, then on y; then both slopes
        np.empty(12),  # scratch
    )


def start(n, first, last, place, work):
    """Prepare map n and its rows [first, last)."""
    theta, xs, ys, scale, grid = place
    if len(grid) == 0:
        columns, rows, slack = work[1], work[2], work[3]
        fill(n, first, last, theta, xs, ys, xs, scale, columns, rows, rows, slack)


@inline
def near_sum(head, tail, slack):
    """r = rint(p), f = RN(p - r), and 0 if they are certain, else Inf.

    |p - head - tail| <= slack.
    """
    r = np.rint(head)
    t = head - r
    f = t + (tail + slack)
    doubt = 0.0 if f == t + (tail - slack) else np.inf
    return r, f, doubt if abs(f) < 0.5 else np.inf


@inline
def near_product(g, c, d):
    """The same for p = g * c + d of a grid, with p rounded in front; both products are exact.

    A g next to 0 has so many bits that the rules round p before they round f.
    """
    high, low = split(g)
    a = high * c
    r = np.rint(a + d)
    t = a - (r - d)
    f = t + low * c
    doubt = 0.0 if t + (r - d) == a else np.inf
    doubt = doubt if abs(f) < 0.5 else np.inf
    least = 1.0 if abs(g) < LEAST else abs(g)
    return r + f, r, f, doubt if least > NEXT_TO_0 else np.inf


def bounds(height, width, top, bottom, step_y, step_x, shift, frame, rule):
    """What :func:`cells` needs to know of an input, and of rows [top, bottom) that matter of it.

    For x, then y: centre and half width of the interval of points that are inside and touch these
    rows. A point in both, with (ky, kx) as its first texel, gets the code ky * step_y + kx *
    step_x + shift. Then how far off it may be to be inside; on the edge, which is inside as well
    if the input has a ``frame`` of texels that do not count; and not to be outside. Last, for y:
    points between ``low`` and ``high`` and farther off than ``reach`` touch no such row.
    """
    mode, padding, _ = rule
    zeros, small = padding == ZEROS, height <= LIMIT and width <= LIMIT
    edge = 1.0 if frame and zeros else 0.0
    first, last = max(top - 1.0, -edge), min(bottom + 0.0, height - 1.0 + edge)
    half_x, half_y = (width - 1) / 2 + edge, (last - first) / 2
    margin = MARGIN if small and mode == BILINEAR else np.inf
    beyond = 1.0 - edge + (MARGIN if small else 0.5)
    low, high = (-np.inf, np.inf) if zeros else (1.0, height - 2.0)
    return (
        ((width - 1) / 2, half_x, step_x + 0.0),
        ((first + last) / 2, half_y, step_y + 0.0, shift + 0.0),
        (
            -margin,
            1.0 - margin if zeros and not frame else -np.inf,
            beyond if zeros else np.inf,
        ),
        (half_y + beyond, low, high),
    )


@inline
def note(w, j, px, rx, fx, py, ry, fy, doubt, limits):
    """Write code and weights of a point; returns 1 if it is neither inside nor outside, else 0.

    One choice after the other between two numbers: ``and`` and ``or`` would cost as much again.
    """
    (centre_x, half_x, step_x), (centre_y, half_y, step_y, shift), (inner, edge, outer), _ = limits
    x, y = abs(px - centre_x) - half_x, abs(py - centre_y) - half_y
    left, above = 1.0 if fx < 0.0 else 0.0, 1.0 if fy < 0.0 else 0.0
    kx, ky, far = rx - left, ry - above, x if x > y else y
    code = OUTSIDE if far > outer else RULED
    code = code if x + y == x + y else RULED
    far += doubt
    code = FIRST - ky * LINE - kx if far < edge else code
    code = ky * step_y + kx * step_x + shift if far < inner else code
    w[np.uint64(CODE + j)] = code
    w[np.uint64(X0 + j)] = (1.0 - left) - fx
    w[np.uint64(X1 + j)] = left + fx
    w[np.uint64(Y0 + j)] = (1.0 - above) - fy
    w[np.uint64(Y1 + j)] = above + fy
    return 1 if code <= RULED else 0


@inline
def cells(at, line, lines, left, count, place, limits, work):
    """Find the points of a tile: ``count`` columns from ``left`` on, of ``lines`` prepared rows.

    More than one row only if they are whole. ``at`` is where the points begin in the grid. Returns
    how many of them are neither inside nor outside, but -1 if none reaches the rows that matter.
    """
    _, _, _, scale, grid = place
    w, columns, rows, slack, _, _, _ = work
    others = 0
    if len(grid) != 0:
        cx, dx, cy, dy = scale[0, 0], scale[0, 1], scale[1, 0], scale[1, 1]
        for j in range(lines * count):
            gx, gy = grid[np.uint64(at + 2 * j)], grid[np.uint64(at + 2 * j + 1)]
            px, rx, fx, doubt_x = near_product(np.float64(gx), cx, dx)
            py, ry, fy, doubt_y = near_product(np.float64(gy), cy, dy)
            others += note(w, j, px, rx, fx, py, ry, fy, doubt_x + doubt_y, limits)
        return others

    first, slack_x, slack_y = 4 * left, slack[0], slack[1]
    left_x, right_x = columns[first], columns[first + count - 1]
    left_y, right_y = columns[first + 2 * TILE], columns[first + 2 * TILE + count - 1]
    missed, beside = 0, limits[0][1] + limits[2][2]
    for to in range(0, lines * count, count):
        row = place_of(line, RANK)
        line += 1
        x, tail_x = rows[row], rows[row + TILE]
        y, tail_y = rows[row + 2 * TILE], rows[row + 3 * TILE]
        number = left_x + x == left_x + x and left_y + y == left_y + y
        aside = apart(left_x + x, right_x + x, limits[0][0], beside, -np.inf, np.inf)
        above = apart(left_y + y, right_y + y, limits[1][0], *limits[3])
        if number and (aside or above):
            missed += count
            for j in range(count):
                w[np.uint64(CODE + to + j)] = OUTSIDE
            continue
        for j in range(count):
            px = columns[np.uint64(first + j)] + x
            py = columns[np.uint64(first + 2 * TILE + j)] + y
            qx = columns[np.uint64(first + TILE + j)] + tail_x
            qy = columns[np.uint64(first + 3 * TILE + j)] + tail_y
            rx, fx, doubt_x = near_sum(px, qx, slack_x)
            ry, fy, doubt_y = near_sum(py, qy, slack_y)
            others += note(w, to + j, px, rx, fx, py, ry, fy, doubt_x + doubt_y, limits)
    return -1 if missed == lines * count else others


def apart(a, b, centre, reach, low, high):
    """Whether all points from a to b are farther off than ``reach``, on the same side."""
    before = a < centre - reach and b < centre - reach
    behind = a > centre + reach and b > centre + reach
    return (before or behind) and low <= a <= high and low <= b <= high


def passes(i, first, left, columns, j, points, limits, place, work):
    """Whether point j of a tile is inside, but touches no row that matters; see locate."""
    _, _, _, scale, grid = place
    if len(grid) != 0:
        y = np.float64(grid[np.uint64(points + 2 * j + 1)]) * scale[1, 0] + scale[1, 1]
    else:
        column, row = place_of(left + j % columns, RANK), place_of(i - first + j // columns, RANK)
        y = work[1][column + 2 * TILE] + work[2][row + 2 * TILE]
    return apart(y, y, limits[1][0], *limits[3])


@inline
def locate(n, i, first, left, columns, j, points, height, width, place, rule, work):
    """Texels, weights and slopes of point j of a tile, which is neither inside nor outside.

    Its tile begins at row i of map n, of which the prepared rows begin at ``first``, and column
    ``left``; ``points`` is where it begins in the grid.
    """
    theta, xs, ys, scale, grid = place
    mode, padding, align = rule
    w, by_column, by_row, slack, texel, weight, scratch = work
    if w[CODE + j] <= EDGE:
        cell = np.uint64(EDGE - w[CODE + j])
        y, k = np.int64(cell // COLUMNS) - 1, np.int64(cell % COLUMNS) - 1
        texel[0], texel[1] = k, k + 1 if k + 1 < width else DROPPED
        texel[2], texel[3] = y, y + 1 if y + 1 < height else DROPPED
        weight[0], weight[1], weight[2], weight[3] = w[X0 + j], w[X1 + j], w[Y0 + j], w[Y1 + j]
        weight[4] = weight[5] = 1.0
        return
    i, line, j, at = i + j // columns, i - first + j // columns, left + j % columns, points + 2 * j
    for a in range(2):
        size = width if a == 0 else height
        c, d, div = scale[a, 0], scale[a, 1], scale[a, 2]
        hi = lo = 0.0
        if len(grid) != 0:
            g = np.float64(grid[np.uint64(at + a)])
            _, r, f, doubt = near_product(g, c, d)
            certain = doubt == 0.0 and abs(r) < LIMIT and size <= LIMIT
            if not certain:
                hi, lo = from_grid(g, c, d)
        else:
            x, y = place_of(j, RANK) + 2 * TILE * a, place_of(line, RANK) + 2 * TILE * a
            head, tail = by_column[x] + by_row[y], by_column[x + TILE] + by_row[y + TILE]
            r, f, doubt = near_sum(head, tail, slack[a])
            certain = doubt == 0.0
            if not certain:
                hi, lo = point(theta[n, a], xs[a, j], ys[a, i], 0.0, c, d, div, scratch)
        if certain:
            k0, k1, w0, w1, slope = texels(r, f, False, size, mode, padding, align)
        else:
            k0, k1, w0, w1, slope = taps(hi, lo, size, mode, padding, align)
        texel[2 * a], texel[2 * a + 1] = k0, k1
        weight[2 * a], weight[2 * a + 1], weight[4 + a] = w0, w1, slope
