"""The exact oracle: sums worked out by hand, the naive oracle on the lattice, and properties."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.options import COORDINATES, MODES, OPTIONS, PADDINGS

from npstn.oracle import _naive_kernels, exact, naive

fractions = np.frompyfunc(Fraction, 1, 1)


def test_sums_magnitudes_and_counts_by_hand():
    """Weights 3/8, 1/8, 3/8, 1/8 in the first pixel; the second, at (1, 0), has one texel."""
    x = np.array([[[[1.0, 2], [-2, 0]], [[4, 1], [8, -1]]]])
    grid, d_out = np.array([[[[0.25, 0.5], [1, 0]]]]), np.array([[[[-2.0, 1], [3, 0]]]])
    out, d_x, d_grid = exact.grid_sample(x, grid, d_out, coordinates="pixel")
    assert out.value.tolist() == [[[[Fraction(21, 8), Fraction(1)], [-2, 0]]]]
    assert out.magnitude.tolist() == [[[[Fraction(25, 8), Fraction(5, 4)], [2, 0]]]]
    assert out.count.tolist() == [[[[4, 4], [1, 1]]]]
    assert (4 * d_x.value[0, :, :, 0]).tolist() == [[-3, 11], [-3, -1]]
    assert (4 * d_x.magnitude[0, :, :, 0]).tolist() == [[3, 13], [3, 1]]
    assert d_x.count[0, :, :, 0].tolist() == [[1, 2], [1, 1]]
    # ∂/∂x: -2 (-1 - 2 - 4 + 8)/2 + (-2 + 0 - 1 - 1)/2, ∂/∂y: -2 · 19/4 + (-3/4 · 1 - 1/4)
    assert d_grid.value[0, 0, 0].tolist() == [-3, Fraction(-21, 2)]
    assert d_grid.magnitude[0, 0, 0].tolist() == [15 + 2, Fraction(25, 2) + 1 + Fraction(3, 2)]
    assert d_grid.count[0, 0, 0].tolist() == [8, 8]
    # At (1, 0) the missing texels leave -v to the right, and the lower texel less the upper.
    assert d_grid.value[0, 0, 1].tolist() == [6, 30]
    assert d_grid.magnitude[0, 0, 1].tolist() == [6, 30]


@pytest.mark.parametrize(("g", "value"), [(2.0**53, 11), (2.0**50 + 0.25, 10.25)])
def test_only_huge_reflected_coordinates_are_rounded(g, value):
    """The period is 6 texels, and a multiple of 3 · 2**49 of them is whole.

    p = 3 · 2**52 + 3/2 becomes the float64 3 · 2**52 + 2; p = 3 · 2**49 + 15/8 stays what it is.
    """
    x = np.reshape([3.0, 5, 11, 2], (1, 1, 4, 1))
    sampled = exact.grid_sample(x, [[[[g, 0]]]], padding_mode="reflection")
    assert sampled.out.value.item() == value


def test_theta_gradient_by_hand():
    """A ramp of 8 per texel, sampled at x = -1/4, 1/4 of [-1, 1] with 2 texels per unit."""
    x = np.broadcast_to(8 * np.arange(4.0)[:, None], (1, 3, 4, 1))
    theta, d_out = np.array([[0.5, 0, 0, 0, 0, 0]]), np.array([[[[1.0], [2]]]])
    got = exact.spatial_transformer_network(x, theta, (1, 2), d_out, align_corners=False)
    assert got.out.value.ravel().tolist() == [8, 16]
    # d_gx = 8 · 2 · d and d_gy = 0 in every pixel, at x_t = -1/2, 1/2 and y_t = 0.
    assert got.d_coords.value[0].tolist() == [[8, 0, 48], [0, 0, 0]]
    # Magnitudes: 2 (8 + 16) and 2 · 2 (16 + 24) along x; 3/2 · 2 · 8 and 2 · 3/2 · 2 · 16 along y.
    assert got.d_coords.magnitude[0].tolist() == [[104, 0, 208], [60, 0, 120]]
    assert got.d_coords.count[0].tolist() == [[4, 4, 4], [4, 4, 4]]


@pytest.mark.parametrize("align_corners", [True, False])
def test_the_module_never_rounds_its_grid(align_corners):
    """Normalised float64 grids miss the texels of most sizes; the exact identity hits all."""
    x = np.random.default_rng(1).standard_normal((2, 7, 10, 3))
    theta = np.tile([1.0, 0, 0, 0, 1, 0], (2, 1))
    got = exact.spatial_transformer_network(x, theta, (7, 10), align_corners=align_corners)
    assert (got.out.value == x).all()
    assert got.d_x is None
    assert got.d_coords is None


def test_a_coordinate_beyond_float64_has_no_reflection():
    """Half a step above the largest float64, p rounds to infinity."""
    x, largest, limit = np.ones((1, 2, 9, 1)), 2**1024 - 2**971, 2**1024 - 2**970
    for p, padding_mode in [(largest, "reflection"), (limit - 1, "reflection"), (limit, "border")]:
        options = {"padding_mode": padding_mode, "coordinates": "pixel"}
        assert exact.grid_sample(x, [[[[Fraction(p), 0]]]], **options).out.value.item() == 1
    with pytest.raises(ValueError, match=r"pixel coordinate .* expected"):
        exact.grid_sample(x, [[[[limit, 0]]]], padding_mode="reflection", coordinates="pixel")


def same(got, expected):
    """Compare the naive (V, d_U, d_coords) with the exact ones; nothing is forgiven."""
    for result, term in zip(got, expected, strict=True):
        assert result.dtype == np.float64
        np.testing.assert_array_equal(fractions(result), term.value)


def sample_both(shape, coordinates, options):
    """Small integers at points that float64 computes with exactly."""
    rng = np.random.default_rng(7)
    x, d_out = rng.integers(-8, 9, (2, 7, 4, 3)), rng.integers(-8, 9, (2, *shape, 3))
    grid = rng.integers(-24, 25, (2, *shape, 2)) / (4 if coordinates == "pixel" else 8)
    options = {**options, "coordinates": coordinates}
    out = naive.grid_sample(x, grid, **options)
    got = out, *naive.grid_sample_vjp(d_out, x, grid, **options)
    return got, exact.grid_sample(x, grid, d_out, **options)


def transform_both(maps, shape, options):
    """Output sizes whose lattice float64 holds: halves and quarters."""
    rng = np.random.default_rng(8)
    out_dims = (3, 5) if options["align_corners"] else (2, 8)
    x, theta = rng.integers(-8, 9, (2, 7, 4, 3)), rng.integers(-8, 9, (2, *maps, *shape)) / 4
    d_out = rng.integers(-8, 9, (2, *maps, *out_dims, 3))
    out = naive.spatial_transformer_network(x, theta, out_dims, **options)
    got = out, *naive.spatial_transformer_network_vjp(d_out, x, theta, **options)
    return got, exact.spatial_transformer_network(x, theta, out_dims, d_out, **options)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("shape", [(3, 5), (3, 2, 5)])
def test_both_oracles_sample_the_lattice_alike(shape, coordinates, options):
    same(*sample_both(shape, coordinates, options))


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("maps", [(), (3,)])
@pytest.mark.parametrize("shape", [(6,), (2, 3)])
def test_both_oracles_transform_the_lattice_alike(shape, maps, options):
    same(*transform_both(maps, shape, options))


@pytest.mark.parametrize("which", [0, 1, 2])
def test_the_comparison_sees_one_ulp(which):
    got, expected = sample_both((3, 5), "normalized", {"mode": "bilinear"})
    got[which].flat[4] = np.nextafter(got[which].flat[4], np.inf)
    with pytest.raises(AssertionError, match="Mismatched elements: 1 "):
        same(got, expected)


def equation_7(x, m):
    return np.where(abs(m - x) >= 1, 0.0, np.where(m >= x, 1.0, -1.0))


def derivative_from_the_left(x, m):
    return 1.0 * ((m - 1 < x) & (x <= m)) - 1.0 * ((m < x) & (x <= m + 1))


def equation_4(x, m):
    return 1.0 * (np.floor(x + 0.5) == m)


FAULTS = [("_tent_slope", equation_7), ("_tent_slope", derivative_from_the_left)]
FAULTS += [("_delta", equation_4)]


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_the_comparison_sees_a_planted_fault(name, fault, monkeypatch):
    monkeypatch.setattr(_naive_kernels, name, fault)
    mode = "nearest" if name == "_delta" else "bilinear"
    options = {"mode": mode, "padding_mode": "zeros", "align_corners": True}
    with pytest.raises(AssertionError, match="Mismatched elements"):
        same(*sample_both((3, 5), "pixel", options))


@pytest.mark.parametrize("options", OPTIONS)
def test_both_oracles_agree_on_random_numbers(options):
    rng = np.random.default_rng(9)
    x, theta = rng.standard_normal((2, 7, 4, 3)), rng.standard_normal((2, 2, 6))
    d_out = rng.standard_normal((2, 2, 3, 6, 3))
    expected = exact.spatial_transformer_network(x, theta, (3, 6), d_out, **options)
    out = naive.spatial_transformer_network(x, theta, (3, 6), **options)
    got = out, *naive.spatial_transformer_network_vjp(d_out, x, theta, **options)
    for result, term in zip(got, expected, strict=True):
        np.testing.assert_allclose(result, term.value.astype(float), rtol=0, atol=1e-12)


finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
mild = st.floats(-(2.0**40), 2.0**40, width=32)
eighths = st.integers(-40, 64).map(lambda n: n / 8)
paddings = st.sampled_from(PADDINGS)
modes = st.sampled_from(MODES)
examples = settings(max_examples=60, derandomize=True, deadline=None)


def draw(data, elements, *shape):
    size = int(np.prod(shape))
    return np.reshape(data.draw(st.lists(elements, min_size=size, max_size=size)), shape)


@examples
@given(st.data(), modes, paddings, st.booleans())
def test_output_and_image_gradient_are_adjoint(data, mode, padding_mode, align_corners):
    """<V, d> = <U, d_U>, whatever the numbers are."""
    x, theta = draw(data, finite, 2, 2, 4, 1), draw(data, finite, 2, 2, 6)
    d_out = draw(data, finite, 2, 2, 1, 3, 1)
    options = {"mode": mode, "padding_mode": padding_mode, "align_corners": align_corners}
    out, d_x, _ = exact.spatial_transformer_network(x, theta, (1, 3), d_out, **options)
    assert (out.value * fractions(d_out)).sum() == (d_x.value * fractions(x)).sum()
    assert (abs(out.value) <= out.magnitude).all()
    assert (abs(d_x.value) <= d_x.magnitude).all()
    assert ((d_x.count > 0) >= (d_x.magnitude > 0)).all()


@examples
@given(st.data(), paddings, st.booleans())
def test_the_grid_gradient_is_the_difference_to_the_right(data, padding_mode, align_corners):
    """Everywhere with zeros, and between the kinks with the other two."""
    x, grid = draw(data, finite, 2, 3, 4, 2), draw(data, eighths, 2, 1, 3, 2)
    d_out = draw(data, finite, 2, 1, 3, 2)
    options = {"padding_mode": padding_mode, "align_corners": align_corners}
    options["coordinates"] = "pixel"
    here = exact.grid_sample(x, grid, d_out, **options)
    for axis in (0, 1):
        step = np.zeros(2)
        step[axis] = 1 / 8
        there = exact.grid_sample(x, grid + step, **options)
        slope = 8 * ((there.out.value - here.out.value) * fractions(d_out)).sum(axis=-1)
        smooth = (padding_mode == "zeros") | (2 * grid[..., axis] % 1 != 0)
        assert (slope == here.d_coords.value[..., axis])[smooth].all()


@examples
@given(st.data(), modes, paddings, st.booleans())
def test_the_module_is_grid_then_sample(data, mode, padding_mode, align_corners):
    """With fractions as the grid there is no rounding between the two."""
    x, theta = draw(data, finite, 2, 3, 4, 1), draw(data, finite, 2, 6)
    d_out = draw(data, finite, 2, 2, 5, 1)
    options = {"mode": mode, "padding_mode": padding_mode, "align_corners": align_corners}
    fused = exact.spatial_transformer_network(x, theta, (2, 5), d_out, **options)
    grid = exact.affine_grid(theta, (2, 5), align_corners=align_corners)
    out, d_x, d_grid = exact.grid_sample(x, grid, d_out, **options)
    d_theta, _ = exact.affine_grid_vjp(d_grid.value, align_corners=align_corners)
    assert (fused.out.value == out.value).all()
    assert (fused.d_x.value == d_x.value).all()
    assert (fused.d_coords.value == d_theta).all()


@examples
@given(st.data(), paddings, st.booleans())
def test_flipping_image_and_map_changes_nothing(data, padding_mode, align_corners):
    """Up to the coordinates that reflection rounds."""
    x, theta = draw(data, finite, 2, 3, 4, 2), draw(data, mild, 2, 2, 3)
    options = {"padding_mode": padding_mode, "align_corners": align_corners}
    out = exact.spatial_transformer_network(x, theta, (2, 5), **options).out.value
    mirror = np.array([[-1], [1]])
    flipped = exact.spatial_transformer_network(x[:, :, ::-1], mirror * theta, (2, 5), **options)
    assert (flipped.out.value == out).all()
