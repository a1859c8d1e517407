"""JAX's automatic derivatives of the paper's double sum, away from kinks: first and second ones."""

import numpy as np
import pytest
from support import Numbers
from support.options import LAST, PADDINGS, RANKS

import npstn

jax = pytest.importorskip("jax", reason="JAX is not installed (pip install -e .[judges])")
KINDS = [(rank, "bilinear", p) for rank in RANKS for p in PADDINGS]
KINDS += [(rank, "bicubic", p) for rank in RANKS for p in ("zeros", "wrap")]


@pytest.fixture(autouse=True)
def wide():
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def kernel(t, mode):
    """k(t) of the paper, or of cubic convolution with a = -3/4."""
    t = abs(t)
    if mode == "bilinear":
        return jax.numpy.maximum(0.0, 1.0 - t)
    near, far = (1.25 * t - 2.25) * t * t + 1.0, -0.75 * (t - 1.0) * (t - 2.0) ** 2
    return jax.numpy.where(t < 1.0, near, jax.numpy.where(t < 2.0, far, 0.0))


def sample(x, points, mode, padding):
    """The sum over all texels m of x (B, *size, C) of the product of k(p - m), p in pixels."""
    size, rank = x.shape[1:-1], x.ndim - 2
    weights = 1.0
    for a, n in enumerate(size):
        p = points[..., rank - 1 - a]
        if padding == "border":
            p = jax.numpy.clip(p, 0.0, n - 1.0)
        if padding == "reflection":
            p = (n - 1.0) - abs((n - 1.0) - p % (2.0 * (n - 1.0)))
        if padding == "wrap":
            p = p % n
        line = kernel(p[..., None] - np.arange(n), mode)
        if padding == "wrap":  # all texels again, before and behind
            line = line + kernel(p[..., None] - n - np.arange(n), mode)
            line = line + kernel(p[..., None] + n - np.arange(n), mode)
        weights = weights * line.reshape(*p.shape, *(n if b == a else 1 for b in range(rank)))
    flat = weights.reshape(len(x), -1, int(np.prod(size)))
    out = flat @ x.reshape(len(x), -1, x.shape[-1])
    return out.reshape(*points.shape[:-1], x.shape[-1])


def problem(rank):
    """x, points that are off texels and folds, tangents of both, and d_out."""
    numbers = Numbers(500 + rank)
    x, t_x = numbers.uniform((2, 2, *(4, 5, 6)[:rank], 3))
    points = numbers.uniform((2, *(2, 3, 4)[:rank], rank), -3.0, 8.0)
    points = np.floor(points) + 0.1 + 0.8 * (points - np.floor(points))
    return x, points, t_x, numbers.uniform(points.shape), numbers.uniform((*points.shape[:-1], 3))


def agree(found, want):
    for got, expected in zip(found, want, strict=True):
        assert got.shape == expected.shape
        atol = 1e-13 * abs(np.asarray(expected)).max()
        np.testing.assert_allclose(got, expected, rtol=0, atol=atol)


@pytest.mark.parametrize(("rank", "mode", "padding"), KINDS)
def test_derivatives_of_the_double_sum(rank, mode, padding):
    x, points, t_x, t_points, d_out = problem(rank)
    options = {"mode": mode, "padding_mode": padding, "coordinates": "pixel"}
    options["layout"] = LAST[rank]

    def forward(x, points):
        return sample(x, points, mode, padding)

    def backward(d_out, x, points):
        return jax.vjp(forward, x, points)[1](d_out)

    tangents = (x, points), (t_x, t_points)
    agree(npstn.grid_sample_jvp(x, points, t_x, t_points, **options), jax.jvp(forward, *tangents))
    agree(npstn.grid_sample_vjp(d_out, x, points, **options), backward(d_out, x, points))
    found = npstn.grid_sample_vjp_vjp(t_x, t_points, d_out, x, points, **options)
    want = jax.vjp(backward, d_out, x, points)[1]((t_x, t_points))
    agree(found, want)
    assert all(abs(np.asarray(a)).max() > 0.1 for a in want)
    wrong = [found[0], found[1], found[2] * (1 + 1e-12)]
    with pytest.raises(AssertionError):
        agree(wrong, want)
