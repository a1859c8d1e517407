"""A tile: up to 128 neighbouring points of an output row, found together and fast.

:mod:`.axis` says what a point means, one at a time and with every rounding error accounted for.
Most points need none of that: they lie inside the input, where all paddings agree, and so far from
a tie that a few float64 operations provably round to the same bits. :func:`cells` finds those in a
loop without branches, and leaves the others to :func:`locate`.

A coordinate of a map is split into a part of its column and a part of its row, and each part into
a head, a multiple of a power of two so large that heads add without error, and a small tail.
"""

import numpy as np

from .affine import point, power_of
from .axis import BILINEAR, ZEROS, from_grid, taps, texels
from .eft import inline, split, two_product, two_sum

TILE = 128
LIMIT = 2.0**20  # of sizes and coordinates that the fast way takes
TINY = 2.0**-600
MARGIN = 2.0**-20  # far above the error of a coordinate that is rounded

RULED, OUTSIDE = -1.0, -2.0  # codes of points that :func:`cells` leaves over
CODE, X0, X1, Y0, Y1 = (TILE * k for k in range(5))  # offset of the first texel or a code; weights
HEAD, TAIL = 0, TILE  # of x, and behind them of y


def workspace(width, rows):
    """Arrays for a task: the points of a tile; heads and tails of all columns and rows of a map."""
    return (
        np.empty(5 * TILE),
        np.empty(4 * TILE * -(-width // TILE)),
        np.empty(4 * TILE * -(-rows // TILE)),
        np.empty(2),  # slack of both coordinates
        np.empty(12),  # scratch
    )


def spread(factor, points, c0, c1, div, quantum, table):
    """Heads and tails of (factor * points[j] + c0 + c1) / div; returns how many are inexact.

    An exact tail is also a multiple of quantum / 2**50, so that two of them add exactly.
    """
    shift = 1.5 * 2.0**52 * quantum
    grain = shift * 2.0**-50
    inexact = 0
    for start in range(0, len(points), TILE):
        part, block = points[start : start + TILE], table[4 * start : 4 * start + 2 * TILE]
        for j in range(len(part)):
            p, e = two_product(factor, part[j])
            s, e2 = two_sum(p, c0)
            q = s / div
            a, b = two_product(q, div)
            s2, e3 = two_sum((s - a) - b, e)
            s3, e4 = two_sum(s2, e2)
            s4, e5 = two_sum(s3, c1)
            rest = s4 / div
            head = (q + shift) - shift
            tail, e6 = two_sum(q - head, rest)
            block[HEAD + j] = head
            block[TAIL + j] = tail
            exact = e3 == 0.0 and e4 == 0.0 and e5 == 0.0 and e6 == 0.0 and rest * div == s4
            inexact += 0 if exact and (tail + grain) - grain == tail else 1
    return inexact


def start(n, first, last, place, work):
    """Prepare the columns and the rows [first, last) of map n."""
    theta, xs, ys, scale, grid = place
    _, columns, rows, slack, _ = work
    if grid.shape[0] != 0:
        return
    for a in range(2):
        c, d, div = scale[a, 0], scale[a, 1], scale[a, 2]
        t0, t1, t2 = theta[n, a, 0], theta[n, a, 1], theta[n, a, 2]
        far = (abs(t0) * abs(xs[a, 0]) + abs(t1) * abs(ys[a, 0]) + abs(t2) * c + d) / div
        if power_of(theta[n, a]) != 1.0 or not far < LIMIT:
            t0 = t1 = t2 = np.nan  # then no point is certain
            far = 0.0
        quantum = 2.0**-30
        while quantum * 2.0**50 > 2.0 * (far + 1.0):
            quantum *= 0.5
        p, e = two_product(t2, c)
        c0, e2 = two_sum(p, d)
        c1, e3 = two_sum(e, e2)
        table = columns[2 * TILE * a :]
        inexact = spread(t0, xs[a], 0.0, 0.0, div, quantum, table)
        inexact += spread(t1, ys[a, first:last], c0, c1, div, quantum, rows[2 * TILE * a :])
        slack[a] = 0.0 if inexact == 0 and e3 == 0.0 else quantum * 2.0**-48


@inline
def near_sum(head, tail, slack):
    """r = rint(p), f = RN(p - r), and whether they are certain; |p - head - tail| <= slack."""
    r = np.rint(head)
    t = head - r
    f = t + (tail + slack)
    return r, f, f == t + (tail - slack) and abs(f) < 0.5


@inline
def near_product(g, c, d):
    """The same for p = g * c + d of a grid, with p rounded in front; both products are exact."""
    high, low = split(g)
    a = high * c
    p = a + d
    r = np.rint(p)
    t = a - (r - d)
    f = t + low * c
    whole = g * TINY * (1.0 / TINY) == g  # or the products would underflow
    return p, r, f, t + (r - d) == a and abs(f) < 0.5 and whole


def bounds(height, width, top, bottom, step_y, step_x, shift, rule):
    """What :func:`cells` needs to know of an input, and of rows [top, bottom) that matter of it.

    For each axis the centre of an interval and half its width: of points that are inside and touch
    these rows; and of all that may touch them, by way of the padding too. A point of the first
    kind, with (ky, kx) as its first texel, gets the code ky * step_y + kx * step_x + shift. Last,
    for y: points between ``low`` and ``high`` and farther off than ``reach`` touch no such row.
    """
    mode, padding, _ = rule
    first, last = max(top - 1.0, 0.0), min(bottom + 0.0, height - 1.0)
    half_x, half_y, reach = (width - 1) / 2, (last - first) / 2, (last - first) / 2 + 1.5
    linear = mode == BILINEAR and height <= LIMIT and width <= LIMIT
    margin = MARGIN if linear else np.inf
    beyond = 1.5 if padding == ZEROS else np.inf
    low, high = (-np.inf, np.inf) if padding == ZEROS else (1.0, height - 2.0)
    return (
        (half_x, half_x - margin, half_x + beyond, step_x + 0.0),
        ((first + last) / 2, half_y - margin, half_y + beyond, step_y + 0.0, shift + 0.0),
        (reach, low, high),
    )


@inline
def note(w, j, px, rx, fx, py, ry, fy, certain, limits):
    """Write code and weights of a point; returns 1 if it is not inside, else 0."""
    (centre_x, inside_x, beyond_x, step_x), (centre_y, inside_y, beyond_y, step_y, shift), _ = limits
    x, y = abs(px - centre_x), abs(py - centre_y)
    left, above = 1.0 if fx < 0.0 else 0.0, 1.0 if fy < 0.0 else 0.0
    inside = x < inside_x and y < inside_y and certain
    outside = (x > beyond_x or y > beyond_y) and x == x and y == y
    code = (ry - above) * step_y + (rx - left) * step_x + shift
    w[np.uint64(CODE + j)] = code if inside else (OUTSIDE if outside else RULED)
    w[np.uint64(X0 + j)] = (1.0 - left) - fx
    w[np.uint64(X1 + j)] = left + fx
    w[np.uint64(Y0 + j)] = (1.0 - above) - fy
    w[np.uint64(Y1 + j)] = above + fy
    return 0 if inside else 1


@inline
def cells(at, line, lines, left, count, place, limits, work):
    """Find the points of a tile: ``count`` columns from ``left`` on, of ``lines`` prepared rows.

    More than one row only if they are whole. ``at`` is where the points begin in the grid. Returns
    how many of them are not inside, but -1 if none reaches the rows that matter.
    """
    _, _, _, scale, grid = place
    w, columns, rows, slack, _ = work
    others = 0
    if len(grid) != 0:
        cx, dx, cy, dy = scale[0, 0], scale[0, 1], scale[1, 0], scale[1, 1]
        for j in range(lines * count):
            gx, gy = grid[np.uint64(at + 2 * j)], grid[np.uint64(at + 2 * j + 1)]
            px, rx, fx, sure_x = near_product(np.float64(gx), cx, dx)
            py, ry, fy, sure_y = near_product(np.float64(gy), cy, dy)
            others += note(w, j, px, rx, fx, py, ry, fy, sure_x and sure_y, limits)
        return others

    first, slack_x, slack_y = 4 * left, slack[0], slack[1]
    left_x, right_x = columns[first], columns[first + count - 1]
    left_y, right_y = columns[first + 2 * TILE], columns[first + 2 * TILE + count - 1]
    missed = 0
    for to in range(0, lines * count, count):
        row = place_of(line)
        line += 1
        x, tail_x, y, tail_y = rows[row], rows[row + TILE], rows[row + 2 * TILE], rows[row + 3 * TILE]
        if apart(left_x + x, right_x + x, limits[0][0], limits[0][2], -np.inf, np.inf) or apart(
            left_y + y, right_y + y, limits[1][0], *limits[2]
        ):
            missed += count
            for j in range(count):
                w[np.uint64(CODE + to + j)] = OUTSIDE
            continue
        for j in range(count):
            px = columns[np.uint64(first + j)] + x
            py = columns[np.uint64(first + 2 * TILE + j)] + y
            qx = columns[np.uint64(first + TILE + j)] + tail_x
            qy = columns[np.uint64(first + 3 * TILE + j)] + tail_y
            rx, fx, sure_x = near_sum(px, qx, slack_x)
            ry, fy, sure_y = near_sum(py, qy, slack_y)
            others += note(w, to + j, px, rx, fx, py, ry, fy, sure_x and sure_y, limits)
    return -1 if missed == lines * count else others + missed


def place_of(j):
    """Where the heads of column or row j are in their table."""
    return 4 * (j - j % TILE) + j % TILE


def apart(a, b, centre, reach, low, high):
    """Whether all points from a to b are farther off than ``reach``, on the same side."""
    before = a < centre - reach and b < centre - reach
    behind = a > centre + reach and b > centre + reach
    return (before or behind) and low <= a <= high and low <= b <= high


def passes(at, line, j, limits, place, work):
    """Whether point j of a row is inside, but touches no row that matters."""
    _, _, _, scale, grid = place
    if len(grid) != 0:
        y = np.float64(grid[np.uint64(at + 1)]) * scale[1, 0] + scale[1, 1]
    else:
        y = work[1][place_of(j) + 2 * TILE] + work[2][place_of(line) + 2 * TILE]
    return apart(y, y, limits[1][0], *limits[2])


@inline
def locate(n, i, at, line, j, height, width, place, rule, work, texel, weight):
    """Point j of row i of map n by the rules: texel (4,) and weight (6,), x first.

    texel is i0, i1 of both axes; weight is w0, w1 of both, then their slopes.
    """
    theta, xs, ys, scale, grid = place
    mode, padding, align = rule
    _, columns, rows, slack, scratch = work
    for a in range(2):
        size = width if a == 0 else height
        c, d, div = scale[a, 0], scale[a, 1], scale[a, 2]
        hi = lo = 0.0
        if len(grid) != 0:
            g = np.float64(grid[np.uint64(at + a)])
            _, r, f, certain = near_product(g, c, d)
            certain = certain and abs(r) < LIMIT and size <= LIMIT
            if not certain:
                hi, lo = from_grid(g, c, d)
        else:
            column, row = place_of(j) + 2 * TILE * a, place_of(line) + 2 * TILE * a
            head, tail = columns[column] + rows[row], columns[column + TILE] + rows[row + TILE]
            r, f, certain = near_sum(head, tail, slack[a])
            if not certain:
                hi, lo = point(theta[n, a], xs[a, j], ys[a, i], c, d, div, scratch)
        if certain:
            k0, k1, w0, w1, slope = texels(r, f, False, size, mode, padding, align)
        else:
            k0, k1, w0, w1, slope = taps(hi, lo, size, mode, padding, align)
        texel[2 * a], texel[2 * a + 1] = k0, k1
        weight[2 * a], weight[2 * a + 1], weight[4 + a] = w0, w1, slope
