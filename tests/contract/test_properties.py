"""Properties: what stays the same, to the bit, when a problem is turned, split, scaled or moved."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import Numbers, lattice_points, run_module, run_sample
from support.options import LINEAR, LINEAR_OPTIONS, OPTIONS

import npstn

B, H, W, HO, WO, C = 2, 4, 5, 3, 6, 2
prop = settings(max_examples=30, derandomize=True, deadline=None, database=None)
seeds = st.integers(0, 2**32).map(Numbers)
rules, linear_rules = st.sampled_from(OPTIONS), st.sampled_from(LINEAR_OPTIONS)
sizes = st.tuples(*[st.integers(1, 8)] * 4).filter(lambda s: len(set(s)) == 4)
flips = st.sampled_from([(y, x) for y in (1, -1) for x in (1, -1)])


def same(got, want):
    """Equal to the bit, but for the sign of zero."""
    for a, b in zip(got, want, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


def problem(numbers, size=(H, W, HO, WO), channels=C, k=()):
    """x, grid, d_out of float64, with a third of the points outside."""
    h, w, ho, wo = size
    x = numbers.uniform((B, h, w, channels))
    grid = numbers.uniform((B, *k, ho, wo, 2), -1.5, 1.5)
    return x, grid, numbers.uniform((B, *k, ho, wo, channels))


def lattice(numbers):
    """x, grid in pixels, d_out that leave every operation exact."""
    x, d_out = (numbers.integers((B, *dims, C), -9, 9) for dims in ((H, W), (HO, WO)))
    return x, lattice_points(numbers, (B, HO, WO), (H, W)), d_out


def close(got, want):
    """Raise unless two cotangents of x differ by the order of their sums only.

    At a texel the cell is the one to the right, in a flipped problem too: so the texels of a point
    are others, and what is summed for each of them is.
    """
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-14)


def dot(a, b):
    return sum(Fraction(float(p)) * Fraction(float(q)) for p, q in zip(a.flat, b.flat, strict=True))


def test_the_comparison_finds_one_bit():
    with pytest.raises(AssertionError):
        same([np.ones(3)], [np.array([1, 1, 1 + 2.0**-52])])
    with pytest.raises(AssertionError):
        same([np.ones(3)], [np.ones(3, np.float32)])


@settings(prop, max_examples=60)
@given(seeds, st.integers(1, 300), rules, st.booleans(), st.booleans())
def test_identity(numbers, n, rule, tall, single):  # P2
    x = numbers.uniform((B, n, 2, C) if tall else (B, 3, n, 1))
    x = x.astype(np.float32 if single else np.float64)
    theta = np.tile(np.array([1.0, 0, 0, 0, 1, 0], x.dtype), (B, 1))
    assert npstn.spatial_transformer_network(x, theta, **rule).tobytes() == x.tobytes()


@prop
@given(seeds, st.integers(-7, 7), st.integers(-7, 7), st.booleans())
def test_whole_shifts(numbers, right, down, align):  # P3
    h, w = (5, 9) if align else (4, 8)  # theta2 = 2 k / (n - align) is exact
    x = numbers.uniform((B, h, w, C))
    theta = np.array([[1, 0, 2 * right / (w - align), 0, 1, 2 * down / (h - align)]] * B)
    got = npstn.spatial_transformer_network(x, theta, align_corners=align)
    padded = np.pad(x, ((0, 0), (9, 9), (9, 9), (0, 0)))
    same([got], [padded[:, 9 + down : 9 + down + h, 9 + right : 9 + right + w]])


@prop
@given(seeds, sizes, rules, flips, st.booleans())
def test_flips_and_quarter_turns_of_an_image(numbers, size, rule, flip, turn):  # P9
    (h, w, *_), (y, x_) = size, flip
    x = numbers.uniform((B, h, w, C))
    want = (x.transpose(0, 2, 1, 3) if turn else x)[:, ::y, ::x_]
    first, second = ((0, y, 0), (x_, 0, 0)) if turn else ((x_, 0, 0), (0, y, 0))
    theta = np.array([[first, second]] * B, float)
    same([npstn.spatial_transformer_network(x, theta, want.shape[1:3], **rule)], [want])


@prop
@given(seeds, sizes, rules, flips, st.booleans())
def test_symmetry_of_the_sampler(numbers, size, rule, flip, turn):  # P9
    x, grid, d_out = problem(numbers, size)
    out, d_x, d_grid = run_sample(x, grid, d_out, **rule)
    image, signs = x[:, :: flip[0], :: flip[1]], np.array(flip[::-1], float)
    d_image = d_x[:, :: flip[0], :: flip[1]]
    if turn:
        image, d_image = image.transpose(0, 2, 1, 3), d_image.transpose(0, 2, 1, 3)
    order = slice(None, None, -1 if turn else 1)
    got, *got_d = run_sample(image, (signs * grid)[..., order], d_out, **rule)
    same([got, got_d[1]], [out, (signs * d_grid)[..., order]])
    close(got_d[0], d_image)


@prop
@given(seeds, sizes, rules, flips, st.booleans())
def test_symmetry_of_the_module(numbers, size, rule, flip, turn):  # P9
    x, _, d_out = problem(numbers, size)
    theta = numbers.uniform((B, 2, 3), -1.5, 1.5)
    out, d_x, _ = run_module(x, theta, d_out, size[2:], **rule)
    image, d_image = x[:, :: flip[0], :: flip[1]], d_x[:, :: flip[0], :: flip[1]]
    theta = theta * np.array(flip[::-1], float)[:, None]
    if turn:  # the output too: then theta changes rows and columns
        theta = theta[:, ::-1][..., [1, 0, 2]]
        image, d_image, out, d_out = (a.transpose(0, 2, 1, 3) for a in (image, d_image, out, d_out))
    got_out, got_d_x, _ = run_module(image, theta, d_out, out.shape[1:3], **rule)
    same([got_out], [out])
    if not turn:
        close(got_d_x, d_image)


@prop
@given(seeds, rules, st.integers(1, 40), st.sampled_from([2, 3, 7]))
def test_layouts_and_slabs(numbers, rule, slabs, channels):  # P10, P11
    x, grid, d_out = problem(numbers, channels=channels)
    theta = numbers.uniform((B, 6))
    turned = [np.moveaxis(a, -1, 1) for a in (x, d_out)]
    for run, points, dims in ((run_sample, grid, ()), (run_module, theta, [(HO, WO)])):
        out, d_x, d_points = run(x, points, d_out, *dims, **rule)
        got = run(turned[0], points, turned[1], *dims, layout="NCHW", **rule)
        same(got, (np.moveaxis(out, -1, 1), np.moveaxis(d_x, -1, 1), d_points))
        with pytest.MonkeyPatch.context() as patch:  # split the work as for many threads
            patch.setattr("npstn.jit.compiler.threads", lambda: slabs)
            same(run(x, points, d_out, *dims, **rule), (out, d_x, d_points))


@prop
@given(seeds, rules, st.permutations(range(3)))
def test_batch_channels_and_shape_of_theta(numbers, rule, order):  # P10
    x, grid, d_out = (np.concatenate([a, a[:1]]) for a in problem(numbers, channels=3))
    x[2] *= 0.5
    order, theta = list(order), numbers.uniform((3, 6))
    for run, points, dims in ((run_sample, grid, ()), (run_module, theta, [(HO, WO)])):
        whole = list(run(x, points, d_out, *dims, **rule))
        got = run(x[order], points[order], d_out[order], *dims, **rule)
        same(got, [a[order] for a in whole])
        for b in range(3):
            part = slice(b, b + 1)
            same(run(x[part], points[part], d_out[part], *dims, **rule), [a[part] for a in whole])
        got = list(run(x[..., order], points, d_out[..., order], *dims, **rule))
        same(got[:2], [a[..., order] for a in whole[:2]])
        wide = [np.repeat(a, 2, -2)[..., ::2, :] for a in (x, d_out)]
        same(run(wide[0], points, wide[1], *dims, **rule), whole)
    got = run_module(x, theta.reshape(3, 2, 3), d_out, (HO, WO), **rule)
    same(got, (*whole[:2], whole[2].reshape(3, 2, 3)))


@pytest.mark.parametrize("run", [run_sample, run_module])
@prop
@given(numbers=seeds, rule=rules)
def test_many_transforms_of_an_image(run, numbers, rule):
    x, grid, d_out = problem(numbers, k=(3,))
    points, dims = (grid, ()) if run is run_sample else (numbers.uniform((B, 3, 6)), [(HO, WO)])
    out, d_x, d_points = run(x, points, d_out, *dims, **rule)
    parts = [list(run(x, points[:, k], d_out[:, k], *dims, **rule)) for k in range(3)]
    same((out, d_points), (np.stack([q[j] for q in parts], 1) for j in (0, 2)))
    np.testing.assert_allclose(d_x, sum(q[1] for q in parts), rtol=0, atol=1e-14)


@prop
@given(seeds, rules, st.sampled_from([-1.0, 2.0**-40, -(2.0**30)]))
def test_scale(numbers, rule, factor):  # P4
    x, grid, d_out = problem(numbers)
    out, d_x, d_grid = run_sample(x, grid, d_out, **rule)
    same(run_sample(factor * x, grid, d_out, **rule), (factor * out, d_x, factor * d_grid))
    got = run_sample(x, grid, factor * d_out, **rule)
    same(got, (out, factor * d_x, factor * d_grid))


@prop
@given(seeds, rules)
def test_linear_and_adjoint(numbers, rule):  # P5, P6, P17
    rule = {"coordinates": "pixel", **rule}
    (x, grid, d_out), y = lattice(numbers), numbers.integers((B, H, W, C), -9, 9)
    out, d_x, _ = run_sample(x, grid, d_out, **rule)
    out_y, d_y, _ = run_sample(y, grid, d_out, **rule)
    same([npstn.grid_sample(x + y, grid, **rule), d_y], [out + out_y, d_x])
    assert dot(out, d_out) == dot(x, d_x)
    weights = npstn.grid_sample(np.ones_like(x), grid, **rule)
    assert d_x.sum() == (weights * d_out).sum()
    b, i, j, n, m = (int(numbers.bits() % k) for k in (B, HO, WO, H, W))
    one, texel = np.zeros_like(d_out), np.zeros_like(x)
    one[b, i, j, 0] = texel[b, n, m, 0] = 1
    column = npstn.grid_sample(texel, grid, **rule)[b, i, j, 0]
    assert npstn.grid_sample_vjp(one, x, grid, **rule)[0][b, n, m, 0] == column  # P19
    assert column >= 0 or rule["mode"] not in LINEAR


@prop
@given(seeds, st.sampled_from([(3, 5), (5, 9), (2, 3)]))
def test_adjoint_of_the_affine_grid(numbers, dims):  # P15
    theta, d_grid = numbers.integers((B, 2, 3), -9, 9), numbers.integers((B, *dims, 2), -9, 9)
    d_theta = npstn.affine_grid_vjp(d_grid)
    assert dot(npstn.affine_grid(theta, dims), d_grid) == dot(theta, d_theta)


@prop
@given(seeds, st.sampled_from(["x", "y"]))
def test_derivatives_are_right_derivatives(numbers, axis):  # P13
    x, grid, d_out = lattice(numbers)
    step = np.array([axis == "x", axis == "y"]) / 16
    here, there = (npstn.grid_sample(x, g, coordinates="pixel") for g in (grid, grid + step))
    slopes = ((there - here) * d_out).sum(-1) * 16
    d_grid = npstn.grid_sample_vjp(d_out, x, grid, coordinates="pixel")[1]
    same([d_grid[..., "xy".index(axis)]], [slopes])


@prop
@given(seeds, linear_rules)
def test_range_and_rounding(numbers, rule):  # P7, P8, P19, P21
    x, grid, d_out = (a.astype(np.float32) for a in problem(numbers))
    single = run_sample(x, grid, d_out, **rule)
    double = run_sample(*(a.astype(np.float64) for a in (x, grid, d_out)), **rule)
    with_zero = 0.0 if rule["padding_mode"] == "zeros" else x[0, 0, 0, 0]
    for a, b in zip(single, double, strict=True):
        same([a], [b.astype(np.float32)])
    out = npstn.grid_sample(x, grid, **rule)
    assert min(x.min(), with_zero) <= out.min() <= out.max() <= max(x.max(), with_zero)
    raised = npstn.grid_sample(x + np.float32(0.5) * (x > 0), grid, **rule)
    assert (raised >= out).all()
    inside = npstn.grid_sample(np.full_like(x, 0.7), np.clip(grid, -0.7, 0.7), **rule)
    assert (inside == np.float32(0.7)).all()
    moved = npstn.grid_sample(x, grid + np.float32(2**-10), **rule)
    if rule == {"mode": "bilinear", "padding_mode": "border", "align_corners": True}:
        assert np.abs(moved - out).max() <= 2**-11 * (H + W) * np.ptp(x)


@prop
@given(seeds, linear_rules)
def test_nothing_leaks(numbers, rule):  # P18, P20
    x, grid, d_out = problem(numbers)
    got = npstn.grid_sample_vjp(np.zeros_like(d_out), x, grid, **rule)
    assert not any(a.any() for a in got)
    b, n, m, c = (int(numbers.bits() % k) for k in x.shape)
    out, d_x, d_grid = run_sample(x, grid, d_out, **rule)
    other, near = x.copy(), np.zeros_like(x)
    other[b, n, m, c] = np.nan
    near[b, max(n - 1, 0) : n + 2, max(m - 1, 0) : m + 2, c] = 1
    got, got_d_x, got_d_grid = run_sample(other, grid, d_out, **rule)
    lost = np.isnan(got)
    assert (lost <= (npstn.grid_sample(near, grid, **rule) > 0)).all()
    same([got[~lost], got_d_x], [out[~lost], d_x])
    clean = ~lost.any(-1)
    same([got_d_grid[clean]], [d_grid[clean]])
    holes = np.where(clean[..., None], grid, np.nan)
    got_d_x = npstn.grid_sample_vjp(d_out, x, holes, **rule)[0]
    same([got_d_x], npstn.grid_sample_vjp(d_out * clean[..., None], x, grid, **rule)[:1])
