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
from .axis import BILINEAR, ZEROS, from_grid, taps, texels
from .eft import inline, split
from .table import LIMIT, TILE, fill, place_of

NEXT_TO_0 = 2.0**-32
MARGIN = 2.0**-20  # far above the error of a coordinate that is rounded

RULED, OUTSIDE = -1.0, -2.0  # codes of points that :func:`cells` leaves over
CODE, X0, X1, Y0, Y1 = (TILE * k for k in range(5))  # offset of the first texel or a code; weights


def numbers(dims):
    """What the dims of :mod:`.sample2d` are: seven numbers, and the rule."""
    size = dims[0], dims[1], dims[2], dims[3], dims[4], dims[5], dims[6]
    return (*size, (dims[7], dims[8], dims[9]))


def workspace(width, rows):
    """Arrays for a task: the points of a tile; two tables; and for one point, see locate."""
    return (
        np.empty(5 * TILE + 1),
        np.empty(4 * TILE * -(-width // TILE)),
        np.empty(4 * TILE * -(-rows // TILE)),
        np.empty(2),  # slack of both coordinates
        np.empty(4, np.int64),  # texels: i0 and i1 on x, then on y
        np.empty(6),  # weights: w0 and w1 on x, then on y; then both slopes
        np.empty(12),  # scratch
    )


def start(n, first, last, place, work):
    """Prepare map n and its rows [first, last)."""
    theta, xs, ys, scale, grid = place
    if len(grid) == 0:
        fill(n, first, last, theta, xs, ys, scale, work[1], work[2], work[3])


@inline
def near_sum(head, tail, slack):
    """r = rint(p), f = RN(p - r), and whether they are certain; |p - head - tail| <= slack."""
    r = np.rint(head)
    t = head - r
    f = t + (tail + slack)
    return r, f, f == t + (tail - slack) and abs(f) < 0.5


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
    certain = t + (r - d) == a and abs(f) < 0.5 and (abs(g) > NEXT_TO_0 or g == 0.0)
    return r + f, r, f, certain


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
    (centre_x, inside_x, beyond_x, step_x), (centre_y, inside_y, beyond_y, step_y, shift), _ = (
        limits
    )
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
    w, columns, rows, slack, _, _, _ = work
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
        x, tail_x, y, tail_y = (
            rows[row],
            rows[row + TILE],
            rows[row + 2 * TILE],
            rows[row + 3 * TILE],
        )
        number = left_x + x == left_x + x and left_y + y == left_y + y
        aside = apart(left_x + x, right_x + x, limits[0][0], limits[0][2], -np.inf, np.inf)
        above = apart(left_y + y, right_y + y, limits[1][0], *limits[2])
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
            rx, fx, sure_x = near_sum(px, qx, slack_x)
            ry, fy, sure_y = near_sum(py, qy, slack_y)
            others += note(w, to + j, px, rx, fx, py, ry, fy, sure_x and sure_y, limits)
    return -1 if missed == lines * count else others + missed


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
        column, row = place_of(left + j % columns), place_of(i - first + j // columns)
        y = work[1][column + 2 * TILE] + work[2][row + 2 * TILE]
    return apart(y, y, limits[1][0], *limits[2])


@inline
def locate(n, i, first, left, columns, j, points, height, width, place, rule, work):
    """Texels, weights and slopes of point j of a tile, by the rules.

    Its tile begins at row i of map n, of which the prepared rows begin at ``first``, and column
    ``left``; ``points`` is where it begins in the grid.
    """
    theta, xs, ys, scale, grid = place
    mode, padding, align = rule
    _, by_column, by_row, slack, texel, weight, scratch = work
    i, line, j, at = i + j // columns, i - first + j // columns, left + j % columns, points + 2 * j
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
            x, y = place_of(j) + 2 * TILE * a, place_of(line) + 2 * TILE * a
            head, tail = by_column[x] + by_row[y], by_column[x + TILE] + by_row[y + TILE]
            r, f, certain = near_sum(head, tail, slack[a])
            if not certain:
                hi, lo = point(theta[n, a], xs[a, j], ys[a, i], c, d, div, scratch)
        if certain:
            k0, k1, w0, w1, slope = texels(r, f, False, size, mode, padding, align)
        else:
            k0, k1, w0, w1, slope = taps(hi, lo, size, mode, padding, align)
        texel[2 * a], texel[2 * a + 1] = k0, k1
        weight[2 * a], weight[2 * a + 1], weight[4 + a] = w0, w1, slope
