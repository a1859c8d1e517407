"""Tangents and second derivatives: by hand, by adjointness, by exact differences."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from support.options import KINDS, LINEAR, LINEAR_OPTIONS, OPTIONS
from support.oracle import (
    close,
    integers,
    module_case,
    module_exact,
    module_naive,
    module_terms,
    same,
    sample_case,
    sample_exact,
    sample_naive,
    sample_terms,
)

from npstn.oracle import exact, naive

fractions = np.frompyfunc(Fraction, 1, 1)
every_option_and_rank = pytest.mark.parametrize(
    ("options", "rank"), [(o, rank) for rank in (2, 3) for o in OPTIONS]
)


def test_terms_by_hand():
    """Weights (3, 1)/4 along x and (1, 1)/2 along y."""
    x, dd_x = np.reshape([[8.0, 16], [0, -8]], (1, 2, 2, 1)), [[[[1], [0]], [[0], [2]]]]
    grid, dd_grid, d_out = [[[[0.25, 0.5]]]], [[[[2, -8]]]], [[[[4]]]]
    arguments = (dd_x, dd_grid, d_out, x, grid)
    d_out2, d_x2, d_grid2 = exact.grid_sample_vjp_vjp(*arguments, coordinates="pixel")
    # By x (-8 + 16 - 0 - 8)/2, by y -(6 + 4) + (0 - 2), and 3/8 + 2/8 of dd_x.
    t_out = exact.grid_sample_jvp(x, grid, dd_x, dd_grid, coordinates="pixel")
    for term in (d_out2, t_out):
        assert term.value.item() == 2 * 0 - 8 * -12 + Fraction(5, 8)
        assert term.magnitude.item() == 2 * 16 + 8 * 12 + Fraction(5, 8)
        assert term.count.item() == 12
    assert d_x2.value.ravel().tolist() == [4 * (-1 + 6), 4 * (1 + 2), 4 * (-1 - 6), 4 * (1 - 2)]
    assert d_x2.magnitude.ravel().tolist() == [4 * 7, 4 * 3, 4 * 7, 4 * 3]
    assert (d_x2.count == 2).all()
    # By x and y: 8 - 16 - 0 - 8 = -16; twice by x or y: nothing.
    assert d_grid2.value.ravel().tolist() == [
        4 * (Fraction(-1 + 2, 2) + -8 * -16),
        4 * (Fraction(-3 + 2, 4) + 2 * -16),
    ]
    assert d_grid2.magnitude.ravel().tolist() == [
        4 * (Fraction(1 + 2, 2) + 8 * 32),
        4 * (Fraction(3 + 2, 4) + 2 * 32),
    ]
    assert (d_grid2.count == 8).all()


def test_theta_by_hand():
    """On x · y of a 3 × 5 image, x_t = -1/2, 1/2 and theta = diag(1/2, 1/2): p = 2 ± 1/2, 1."""
    x = np.reshape(np.outer([0.0, 1, 2], [0.0, 1, 2, 3, 4]), (1, 3, 5, 1))
    theta, dd_theta = [[[0.5, 0, 0], [0, 0.5, 0]]], [[[0, 0, 8], [4, 0, 0]]]
    d_out = np.array([[[[2.0], [1]]]])
    for module in (exact, naive):
        arguments = (0 * x, dd_theta, d_out, x, theta)
        got = module.spatial_transformer_network_vjp_vjp(*arguments, align_corners=False)
        d_out2, _, d_theta2 = (a.value for a in got) if module is exact else got
        # dp = (8 · 5/2, ∓ 4/2 · 3/2), px = 2 ∓ 5/8, py = 1; F = d px py.
        dpx, dpy, px = 20, np.array([-3, 3]), np.array([11, 21]) / 8
        assert d_out2.ravel().tolist() == (dpx + px * dpy).tolist()
        # By px: d dpy, by py: d dpx; by theta with 5/2, 3/2 and (x_t, 0, 1).
        by_x, by_y = np.array([2, 1]) * dpy * 2.5, np.array([2, 1]) * dpx * 1.5
        x_t = np.array([-0.5, 0.5])
        rows = [[(by * x_t).sum(), 0, by.sum()] for by in (by_x, by_y)]
        assert d_theta2[0].tolist() == rows


SHAPES = {
    2: ((2, 3, 5, 2), [(2, 2, 3, 2), (2, 3, 1, 2, 2)], (2, 3)),
    3: ((2, 3, 2, 4, 2), [(2, 2, 1, 3, 3), (2, 2, 1, 3, 1, 3)], (2, 1, 3)),
}


@every_option_and_rank
@pytest.mark.parametrize("coordinates", ["normalized", "pixel"])
@pytest.mark.parametrize("maps", [0, 1])
def test_both_oracles_agree_on_the_lattice(maps, coordinates, options, rank):
    x_shape, grid_shapes, _ = SHAPES[rank]
    tangents, x, grid = sample_case(integers(41), x_shape, grid_shapes[maps])
    arguments = tangents, x, grid / 4
    options = {**options, "coordinates": coordinates}
    same(sample_naive(*arguments, **options), sample_exact(*arguments, **options))


@every_option_and_rank
@pytest.mark.parametrize("maps", [(), (3,)])
def test_both_oracles_agree_on_random_maps(maps, options, rank):
    x_shape, _, dims = SHAPES[rank]
    numbers = np.random.default_rng(42).standard_normal
    theta_shape = (2, *maps, rank * (rank + 1))
    arguments = module_case(numbers, x_shape, theta_shape, maps, dims)
    close(module_naive(*arguments, **options), module_exact(*arguments, **options))


@pytest.mark.parametrize("shape", [(2, 1, 1, 2), (2, 0, 3, 2), (2, 0, 1, 3, 2), (0, 2, 1, 2)])
@pytest.mark.parametrize("channels", [0, 1])
def test_one_point_for_each_image_and_none(shape, channels):
    arguments = sample_case(integers(49, 4), (shape[0], 3, 5, channels), shape)
    same(sample_naive(*arguments), sample_exact(*arguments))


def inner(*pairs):
    return sum((fractions(a) * fractions(b)).sum() for a, b in pairs)


@every_option_and_rank
@pytest.mark.parametrize("through", ["grid", "theta"])
def test_jvp_and_vjp_are_adjoint(through, options, rank):
    """<t_out, d> = <t, d_in>, and the jvp is the first result of the vjp of the vjp."""
    numbers = np.random.default_rng(43).standard_normal
    x_shape, grid_shapes, dims = SHAPES[rank]
    if through == "grid":
        arguments = sample_case(numbers, x_shape, grid_shapes[1])
        got = sample_terms(*arguments, **options)
    else:
        theta_shape = (2, 3, rank, rank + 1)
        arguments = module_case(numbers, x_shape, theta_shape, (3,), dims)
        got = module_terms(*arguments, **options)
    d_out, t_x, t_coords = arguments[0]
    _, d_x, d_coords, t_out, d_out2, *_ = got
    assert inner((t_out.value, d_out)) == inner((t_x, d_x.value), (t_coords, d_coords.value))
    for a, b in zip(t_out, d_out2, strict=True):
        assert (a == b).all()
    for term in got:
        assert (abs(term.value) <= term.magnitude).all()
        assert ((term.count > 0) >= (term.magnitude > 0)).all()


@every_option_and_rank
@pytest.mark.parametrize("through", ["grid", "theta"])
def test_the_hessian_is_symmetric(through, options, rank):
    """<a, H b> = <H a, b> for any two directions of x and grid or theta at once."""
    numbers = np.random.default_rng(44).standard_normal
    x_shape, grid_shapes, dims = SHAPES[rank]
    if through == "grid":
        (d_out, *a), *point = sample_case(numbers, x_shape, grid_shapes[0])
        vjp_vjp = exact.grid_sample_vjp_vjp
    else:
        case = module_case(numbers, x_shape, (2, rank, rank + 1), (), dims)
        (d_out, *a), *point, _ = case
        vjp_vjp = exact.spatial_transformer_network_vjp_vjp
    b = [numbers(direction.shape) for direction in a]
    times_a, times_b = (
        [term.value for term in vjp_vjp(*direction, d_out, *point, **options)[1:]]
        for direction in (a, b)
    )
    product = inner(*zip(a, times_b, strict=True))
    assert product == inner(*zip(b, times_a, strict=True))
    assert (product != 0) or options["mode"] == "nearest"


def slope(f, degree):
    """The derivative at 0 of a polynomial f, exactly, from its values to the right.

    f' = Σ (-1)^(k-1) Δ^k f / (k h) for k = 1 ... degree; h is small, so as to stay in a cell.
    """
    h = Fraction(1, 2**60)
    values, result = [f(n * h) for n in range(degree + 1)], Fraction(0)
    for k in range(1, degree + 1):
        values = [b - a for a, b in pairwise(values)]
        result += Fraction((-1) ** (k - 1), k) * values[0] / h
    return result


def degree(mode, rank):
    """Of the gradients, where d_out, x and points all move along a line."""
    return 2 + {"nearest": 0, "bilinear": 1, "bicubic": 3}[mode] * rank


def differences(arguments, along, options, rank):
    """Compare the derivative of <dd, vjp> along a line with the vjp of the vjp, both exact."""
    (d_out, *dd), *inputs = arguments
    start = [fractions(a) for a in (d_out, *inputs)]

    def vjp_times_dd(h):
        d, x, grid = (a + h * fractions(b) for a, b in zip(start, along, strict=True))
        _, d_x, d_grid = exact.grid_sample(x, grid, d, **options)
        return inner((dd[0], d_x.value), (dd[1], d_grid.value))

    got = exact.grid_sample_vjp_vjp(*dd, *start, **options)
    expected = slope(vjp_times_dd, degree(options["mode"], rank))
    assert inner(*((term.value, b) for term, b in zip(got, along, strict=True))) == expected


@every_option_and_rank
def test_second_derivatives_are_exact_differences(options, rank):
    numbers = np.random.default_rng(45).standard_normal
    x_shape, grid_shapes, _ = SHAPES[rank]
    arguments = sample_case(numbers, x_shape, grid_shapes[0])
    (d_out, *_), *inputs = arguments
    along = [numbers(a.shape) for a in (d_out, *inputs)]
    differences(arguments, along, options, rank)


@pytest.mark.parametrize(
    ("options", "rank"),
    [(o, rank) for rank, mode in KINDS if mode not in LINEAR for o in OPTIONS if o["mode"] == mode]
    + [({"mode": "bilinear", "padding_mode": "zeros"}, rank) for rank in (2, 3)],
)
def test_second_derivatives_at_texels_are_those_to_the_right(options, rank):
    """Where the texels are padded, not the point, all that ends at a texel is its cell."""
    x_shape, grid_shapes, _ = SHAPES[rank]
    arguments = sample_case(integers(46), x_shape, grid_shapes[0])
    (d_out, *_), *inputs = arguments
    along = [integers(47)(a.shape) for a in (d_out, *inputs)]
    along[2] = abs(along[2])
    differences(arguments, along, {**options, "coordinates": "pixel"}, rank)


@pytest.mark.parametrize("options", LINEAR_OPTIONS)
def test_only_mixed_derivatives_of_bilinear_are_not_zero(options):
    """With one axis of the grid moving, the other is all that its second derivative has."""
    tangents, x, grid = sample_case(
        np.random.default_rng(48).standard_normal, SHAPES[2][0], SHAPES[2][1][0]
    )
    d_out, t_x, t_grid = tangents
    t_grid[..., 0] = 0
    *_, d_grid2 = sample_exact((d_out, 0 * t_x, t_grid), x, grid, **options)
    assert (d_grid2[..., 1] == 0).all()
    assert (d_grid2[..., 0] != 0).any() == (options["mode"] == "bilinear")


@pytest.mark.parametrize("name", ["dd_x", "dd_grid"])
def test_bad_cotangents_are_named(name):
    x, grid, d_out = np.ones((2, 3, 4, 1)), np.zeros((2, 1, 2, 2)), np.ones((2, 1, 2, 1))
    for module in (exact, naive):
        for bad in (np.nan, np.inf):
            given = {"dd_x": 0 * x, "dd_grid": 0 * grid}
            given[name].flat[1] = bad
            with pytest.raises(ValueError, match=rf"^{name} holds .*: expected finite"):
                module.grid_sample_vjp_vjp(*given.values(), d_out, x, grid)
        given = {"dd_x": 0 * x, "dd_grid": 0 * grid}
        given[name] = given[name][:, :, :1]
        with pytest.raises(ValueError, match=rf"^{name} (of|for) .*shape .*: expected"):
            module.grid_sample_vjp_vjp(*given.values(), d_out, x, grid)
