"""The loops over pixels in two dimensions: gather, and its adjoints in input and coordinates.

x (B, G, H, W, C) holds both layouts: NHWC has G = 1 group, NCHW has C = 1 channel in a group.
N = B * K maps, K of each image, give out (N, G, Ho, Wo, C).

``place`` says where the points are: ``(theta, xs, ys, scale, grid)`` with theta (N, 2, 3), lattices
xs (2, Wo) and ys (2, Ho) for both coordinates, and an empty grid; or grid (N, Ho, Wo, 2) and the
rest unused. scale (2, 3) is (c, d, div) of each coordinate. ``rule`` is (mode, padding, align). No
loop here knows what they mean: :func:`locate` turns a row of points into texels and weights.
"""

import numpy as np

from .affine import columns, pull_row, row
from .axis import from_grid, taps
from .eft import dot


def workspace(width):
    """Arrays for one row of points: coordinates (axis, hi/lo, j), then taps (axis, 0/1, j)."""
    return (
        np.empty((2, 2, width)),  # t: theta0 * xs, exact
        np.empty(2),  # the power of two that scales each row of theta
        np.empty(12),  # v: scratch for the terms of a row
        np.empty((2, width)),  # p: coordinates of one axis
        np.empty((2, 2, width), np.int64),  # texels
        np.empty((2, 2, width)),  # weights
        np.empty((2, width)),  # slopes
    )


def part(task, height, rows):
    """Map n, and rows [first, last) of its ``height``, that a task of ``rows`` rows writes."""
    tasks = -(-height // rows)
    first = task % tasks * rows
    return task // tasks, first, min(first + rows, height)


def start(n, place, work):
    """Prepare map n."""
    theta, xs, _, _, grid = place
    t, power, _, _, _, _, _ = work
    if grid.shape[0] == 0:
        for a in range(2):
            power[a] = columns(theta[n, a], xs[a], t[a])


def locate(n, i, a, size, place, rule, work):
    """Texels, weights and slopes on axis a of output row i of map n."""
    theta, _, ys, scale, grid = place
    mode, padding, align = rule
    t, power, v, p, texel, weight, slope = work
    c, d, div = scale[a, 0], scale[a, 1], scale[a, 2]
    width = p.shape[1]
    if grid.shape[0] == 0:
        row(theta[n, a], t[a], power[a], ys[a, i], c, d, div, v, p)
    else:
        for j in range(width):
            p[0, j], p[1, j] = from_grid(np.float64(grid[n, i, j, a]), c, d)
    for j in range(width):
        k0, k1, w0, w1, s = taps(p[0, j], p[1, j], size, mode, padding, align)
        texel[a, 0, j], texel[a, 1, j] = k0, k1
        weight[a, 0, j], weight[a, 1, j] = w0, w1
        slope[a, j] = s


def locate_both(n, i, x, place, rule, work):
    """Both axes of a row of points over x (G, H, W, C)."""
    for a in range(2):
        locate(n, i, a, x.shape[2 - a], place, rule, work)


def value(x, y, k, c):
    """Channel c of texel (y, k) of a plane (H, W, C); 0 where it does not take part."""
    return np.float64(x[y, k, c]) if y >= 0 and k >= 0 else 0.0


def sample(task, x, theta, xs, ys, scale, grid, mode, padding, align, rows, out):
    """out = sum over the texels of the cell of weight * x; a task writes ``rows`` rows of a map."""
    place, rule = (theta, xs, ys, scale, grid), (mode, padding, align)
    n, first, last = part(task, out.shape[2], rows)
    image = x[n // (out.shape[0] // x.shape[0])]
    work = workspace(out.shape[3])
    _, _, _, _, texel, weight, _ = work
    start(n, place, work)
    for i in range(first, last):
        locate_both(n, i, image, place, rule, work)
        for g in range(x.shape[1]):
            plane = image[g]
            for j in range(out.shape[3]):
                x0, x1, y0, y1 = texel[0, 0, j], texel[0, 1, j], texel[1, 0, j], texel[1, 1, j]
                w00 = weight[1, 0, j] * weight[0, 0, j]
                w01 = weight[1, 0, j] * weight[0, 1, j]
                w10 = weight[1, 1, j] * weight[0, 0, j]
                w11 = weight[1, 1, j] * weight[0, 1, j]
                # Diagonals first: the sum then has the symmetries of the square, bit for bit.
                for c in range(x.shape[4]):
                    out[n, g, i, j, c] = (
                        value(plane, y0, x0, c) * w00 + value(plane, y1, x1, c) * w11
                    ) + (value(plane, y0, x1, c) * w01 + value(plane, y1, x0, c) * w10)


def touches(texel, top, bottom):
    """Whether any texel (2, Wo) lies in [top, bottom)."""
    for j in range(texel.shape[1]):
        if top <= texel[0, j] < bottom or top <= texel[1, j] < bottom:
            return True
    return False


def sample_vjp_x(task, d_out, theta, xs, ys, scale, grid, mode, padding, align, rows, d_x):
    """d_x = sum over the points of weight * d_out, in the order of the points.

    A task owns ``rows`` rows of an image of d_x and visits every point that may write to them.
    """
    place, rule = (theta, xs, ys, scale, grid), (mode, padding, align)
    many = d_out.shape[0] // d_x.shape[0]
    height, width = d_x.shape[2], d_x.shape[3]
    b, top, bottom = part(task, height, rows)
    total = np.zeros((d_x.shape[1], rows, width, d_x.shape[4]))
    work = workspace(d_out.shape[3])
    _, _, _, _, texel, weight, _ = work
    for n in range(b * many, (b + 1) * many):
        start(n, place, work)
        for i in range(d_out.shape[2]):
            locate(n, i, 1, height, place, rule, work)
            if not touches(texel[1], top, bottom):
                continue
            locate(n, i, 0, width, place, rule, work)
            for g in range(d_x.shape[1]):
                for j in range(d_out.shape[3]):
                    for a in range(2):
                        y = texel[1, a, j]
                        if not top <= y < bottom:
                            continue
                        for q in range(2):
                            k = texel[0, q, j]
                            if k < 0:
                                continue
                            w = weight[1, a, j] * weight[0, q, j]
                            for c in range(d_x.shape[4]):
                                total[g, y - top, k, c] += w * np.float64(d_out[n, g, i, j, c])
    for g in range(d_x.shape[1]):
        for y in range(top, bottom):
            for k in range(width):
                for c in range(d_x.shape[4]):
                    d_x[b, g, y, k, c] = total[g, y - top, k, c]


def inner(d, x, y, k):
    """Sum over all channels of d (G, C) times the texel (y, k) of x (G, H, W, C)."""
    if y < 0 or k < 0:
        return 0.0
    return dot(d[0], x[0, y, k]) if len(d) == 1 else dot(d[:, 0], x[:, y, k, 0])


def pull_points(d_out, x, work, e):
    """d_p of a row of points, both axes: e (2, Wo) from d_out (G, Wo, C) and x (G, H, W, C)."""
    _, _, _, _, texel, weight, slope = work
    for j in range(e.shape[1]):
        x0, x1, y0, y1 = texel[0, 0, j], texel[0, 1, j], texel[1, 0, j], texel[1, 1, j]
        wx0, wx1, wy0, wy1 = weight[0, 0, j], weight[0, 1, j], weight[1, 0, j], weight[1, 1, j]
        d = d_out[:, j]
        d00, d01 = inner(d, x, y0, x0), inner(d, x, y0, x1)
        d10, d11 = inner(d, x, y1, x0), inner(d, x, y1, x1)
        e[0, j] = chain(slope[0, j], (d01 - d00) * wy0 + (d11 - d10) * wy1, wy0)
        e[1, j] = chain(slope[1, j], (d10 - d00) * wx0 + (d11 - d01) * wx1, wx0)


def chain(slope, derivative, weight):
    """slope * derivative; a slope of 0 wins over Inf and NaN texels, not over a NaN coordinate."""
    return 0.0 if slope == 0.0 and weight == weight else slope * derivative


def sample_vjp_grid(task, d_out, x, theta, xs, ys, scale, grid, mode, padding, align, rows, d_grid):
    """d_grid (N, Ho, Wo, 2); a task writes ``rows`` rows of a map."""
    place, rule = (theta, xs, ys, scale, grid), (mode, padding, align)
    n, first, last = part(task, d_out.shape[2], rows)
    image = x[n // (d_out.shape[0] // x.shape[0])]
    work = workspace(d_out.shape[3])
    e = np.empty((2, d_out.shape[3]))
    for i in range(first, last):
        locate_both(n, i, image, place, rule, work)
        pull_points(d_out[n, :, i], image, work, e)
        for j in range(d_out.shape[3]):
            d_grid[n, i, j, 0] = e[0, j] * scale[0, 0]
            d_grid[n, i, j, 1] = e[1, j] * scale[1, 0]


def sample_vjp_theta(
    task, d_out, x, theta, xs, ys, scale, grid, mode, padding, align, rows, base_x, sums
):
    """The sums (N, Ho, 2, 2) behind d_theta: see :func:`.affine.pull`."""
    place, rule = (theta, xs, ys, scale, grid), (mode, padding, align)
    n, first, last = part(task, d_out.shape[2], rows)
    image = x[n // (d_out.shape[0] // x.shape[0])]
    work = workspace(d_out.shape[3])
    e = np.empty((2, d_out.shape[3]))
    start(n, place, work)
    for i in range(first, last):
        locate_both(n, i, image, place, rule, work)
        pull_points(d_out[n, :, i], image, work, e)
        pull_row(e, base_x, sums[n, i])
