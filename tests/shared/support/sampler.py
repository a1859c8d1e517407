"""A sampler in NumPy and its derivatives, for checks that must find faults planted in them."""

import itertools

import numpy as np

H, W, C = 3, 5, 2


def taps(x, g):
    """Yield per corner: which points have it, its index, its weights in x and y, its signs."""
    p = (g.astype(np.float64) + 1) * [(W - 1) / 2, (H - 1) / 2]
    k = np.floor(p)
    for corner in itertools.product((0, 1), repeat=2):
        ix, iy = (k + corner).T.astype(int)
        inside = (ix >= 0) & (ix < W) & (iy >= 0) & (iy < H)
        weights = np.where(corner, p - k, 1 - (p - k))[inside]
        yield inside, (iy[inside], ix[inside]), weights, 2 * np.array(corner) - 1


def sample(x, g):
    """Sample x (H, W, C) at g (N, 2), normalised with aligned corners, zeros outside."""
    out = np.zeros((len(g), C))
    for inside, index, w, _ in taps(x, g):
        out[inside] += (w[:, 0] * w[:, 1])[:, None] * x[index]
    return out.astype(x.dtype)


def sample_vjp(d_out, x, g, scale=((W - 1) / 2, (H - 1) / 2)):
    d_x, d_g = np.zeros(x.shape), np.zeros(g.shape)
    for inside, index, w, sign in taps(x, g):
        np.add.at(d_x, index, (w[:, 0] * w[:, 1])[:, None] * d_out[inside])
        slope = (x[index].astype(np.float64) * d_out[inside]).sum(axis=1)
        d_g[inside] += slope[:, None] * w[:, ::-1] * sign * scale
    return d_x.astype(x.dtype), d_g.astype(g.dtype)


def sample_jvp(x, g, t_x, t_g):
    t_out = np.zeros((len(g), C))
    for inside, index, w, sign in taps(x, g):
        slope = (t_g[inside] * w[:, ::-1] * sign * ((W - 1) / 2, (H - 1) / 2)).sum(axis=1)
        t_out[inside] += (w[:, 0] * w[:, 1])[:, None] * t_x[index] + slope[:, None] * x[index]
    return sample(x, g), t_out.astype(x.dtype)


def problem(dtype=np.float64, kinks=False, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((H, W, C)).astype(dtype)
    if kinks:
        p = rng.integers([-2, -2], [W + 1, H + 1], (6, 2))
        return x, (p / [(W - 1) / 2, (H - 1) / 2] - 1).astype(dtype)
    return x, rng.uniform(-1.3, 1.3, (6, 2)).astype(dtype)
