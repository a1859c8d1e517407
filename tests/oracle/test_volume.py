"""Volumes by both oracles: by hand, as images in a stack, and in any order of the axes."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from support.options import COORDINATES, OPTIONS
from support.oracle import (
    close,
    integers,
    same,
    sample_case,
    sample_exact,
    sample_naive,
    sample_terms,
)

from npstn.oracle import exact, naive

oracles = pytest.mark.parametrize("oracle", [sample_exact, sample_naive])
every_option = pytest.mark.parametrize("options", OPTIONS)
X_SHAPE, GRID_SHAPE = (2, 3, 5, 4, 2), (2, 2, 3, 4, 3)


@oracles
def test_a_cell_by_hand(oracle):
    """Weights (3/4, 1/4) along x, (1/2, 1/2) along y, (1/4, 3/4) along z."""
    x = np.reshape([[[8.0, 16], [0, -8]], [[4, 0], [-4, 12]]], (1, 2, 2, 2, 1))
    grid, t_grid = np.array([[[[[0.25, 0.5, 0.75]]]]]), np.array([[[[[1.0, 2, 4]]]]])
    d_out = np.full((1, 1, 1, 1, 1), 2.0)
    got = oracle((d_out, 0 * x, t_grid), x, grid, coordinates="pixel")
    out, d_x, d_grid, t_out, d_out2, _, d_grid2 = got
    # Along x the rows give 10, -2; 3, 0, with slopes 8, -8; -4, 16.
    assert out.item() == Fraction(10 - 2 + 3 * (3 + 0), 8)
    assert (32 * d_x).ravel().tolist() == [6, 2, 6, 2, 18, 6, 18, 6]
    by_x, by_y, by_z = Fraction(8 - 8 + 3 * (-4 + 16), 8), Fraction(-12 + 3 * -3, 4), -2.5
    assert d_grid.ravel().tolist() == [2 * by_x, 2 * by_y, 2 * by_z]
    assert t_out.item() == d_out2.item() == by_x + 2 * by_y + 4 * by_z
    by_xy, by_xz, by_yz = Fraction(-16 + 3 * 20, 4), Fraction(12 - 0, 2), -3 + 12
    hessian = [[0, by_xy, by_xz], [by_xy, 0, by_yz], [by_xz, by_yz, 0]]
    assert d_grid2.ravel().tolist() == [2 * (a + 2 * b + 4 * c) for a, b, c in hessian]


@pytest.mark.parametrize("module", [exact, naive])
def test_affine_grid_by_hand(module):
    """Each axis goes to another: x = y_t, y = 2 z_t + 1/2, z = -x_t."""
    theta = [[[0, 1.0, 0, 0], [0, 0, 2, 0.5], [-1, 0, 0, 0]]]
    grid = module.affine_grid(theta, (1, 2, 3), align_corners=False)
    assert grid.shape == (1, 1, 2, 3, 3)
    x = [-2 / 3, 0, 2 / 3]
    expected = [[[y, 0.5, -x_t] for x_t in x] for y in (-0.5, 0.5)]
    np.testing.assert_allclose(grid[0, 0].astype(float), expected, rtol=1e-15)
    flat = module.affine_grid(np.reshape(theta, (1, 12)), (1, 2, 3), align_corners=False)
    assert (flat == grid).all()
    stack = module.affine_grid(np.reshape(theta, (1, 1, 3, 4)), (1, 2, 3), align_corners=False)
    assert (stack == grid[:, None]).all()


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("dims", [(2, 5), (3, 2, 5)])
@pytest.mark.parametrize("maps", [(), (3,)])
def test_affine_grid_is_adjoint_to_its_vjp(maps, dims, align_corners):
    rank = len(dims)
    shapes = (2, *maps, rank, rank + 1), (2, *maps, *dims, rank)
    theta, d_grid = (integers(31)(shape).astype(int) for shape in shapes)
    grid = exact.affine_grid(theta, dims, align_corners=align_corners)
    d_theta, magnitude = exact.affine_grid_vjp(d_grid, align_corners=align_corners)
    assert d_theta.shape == theta.shape
    assert (grid * d_grid).sum() == (d_theta * theta).sum()
    assert (abs(d_theta) <= magnitude).all()
    close([naive.affine_grid(theta, dims, align_corners=align_corners)], [grid])
    close([naive.affine_grid_vjp(d_grid, align_corners=align_corners)], [d_theta])


@every_option
def test_one_slice_is_an_image(options):
    """At depth 0 the results in the plane are those of the image, and so are their magnitudes."""
    tangents, x, grid = sample_case(integers(32), (2, 5, 4, 2), (2, 3, 6, 2))
    options = {**options, "coordinates": "pixel"}
    flat = sample_terms(tangents, x, grid / 2, **options)
    d_out, t_x, t_grid, x, grid = (a[:, None] for a in (*tangents, x, grid / 2))
    t_grid, grid = (np.concatenate([a, 0 * a[..., :1]], axis=-1) for a in (t_grid, grid))
    deep = sample_terms((d_out, t_x, t_grid), x, grid, **options)
    for i, (want, got) in enumerate(zip(flat, deep, strict=True)):
        for a, b in zip(want[:2], got[:2], strict=True):  # values and magnitudes
            assert (a == (b[:, 0, ..., :2] if i in (2, 6) else b[:, 0])).all()


@pytest.mark.parametrize("order", [p for p in permutations(range(3)) if p != (0, 1, 2)], ids=str)
@oracles
def test_any_order_of_the_axes(oracle, order):
    """Volume and points with their axes in another order: results with theirs in that order."""
    (d_out, t_x, t_grid), x, grid = sample_case(integers(33, 4), X_SHAPE, GRID_SHAPE)
    components = [2 - order[2 - c] for c in range(3)]

    def volume(a):
        return a.transpose(0, *(1 + axis for axis in order), 4)

    def points(a):
        return a[..., components]

    options = {"padding_mode": "reflection", "align_corners": False, "coordinates": "pixel"}
    here = oracle((d_out, t_x, t_grid), x, grid, **options)
    there = oracle((d_out, volume(t_x), points(t_grid)), volume(x), points(grid), **options)
    as_they_are = [lambda a: a, volume, points]
    moves = [*as_they_are, as_they_are[0], *as_they_are]
    same_exact = [(move(a) == b).all() for a, b, move in zip(here, there, moves, strict=True)]
    assert all(same_exact)


@every_option
@pytest.mark.parametrize("coordinates", COORDINATES)
def test_both_oracles_agree_around_the_volume(coordinates, options):
    """Points up to several sizes away, many of them on texels and folds."""
    tangents, x, grid = sample_case(integers(34), X_SHAPE, GRID_SHAPE)
    arguments = tangents, x, grid * (1.5 if coordinates == "pixel" else 0.5)
    options = {**options, "coordinates": coordinates}
    same(sample_naive(*arguments, **options), sample_exact(*arguments, **options))


X, GRID, D_OUT = np.ones((2, 2, 3, 4, 1)), np.zeros((2, 1, 2, 1, 3)), np.ones((2, 1, 2, 1, 1))


@pytest.mark.parametrize(
    ("module", "call", "arguments", "message"),
    [
        (exact, "grid_sample", (X, GRID[..., :2]), "^grid of shape .*: expected .*3"),
        (exact, "grid_sample", (X[0, 0], GRID), "^x of shape .*: expected 4 or 5 axes"),
        (exact, "grid_sample", (X[:1], GRID), "^x of shape .*: expected 2 images"),
        (exact, "grid_sample", (X, GRID, D_OUT[..., 0]), "^d_out of shape .*: expected"),
        (exact, "affine_grid", (np.ones((1, 12)), (2, 2)), "^theta of shape .*: expected"),
        (exact, "affine_grid", (np.ones((1, 12)), (2,)), "^out_dims=.*: expected 2 or 3 sizes"),
        (exact, "affine_grid_vjp", (GRID[..., :1],), "^d_grid of shape .*: expected"),
        (naive, "grid_sample", (X, GRID[..., :2]), "^x of shape .*: expected 4 axes"),
        (naive, "grid_sample", (X[:1], GRID), "^x of shape .*: expected .*2"),
        (naive, "grid_sample_vjp", (D_OUT[..., 0], X, GRID), "^d_out of shape .*: expected"),
    ],
)
def test_shapes_must_fit(module, call, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(module, call)(*arguments)
