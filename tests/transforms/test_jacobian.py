"""Jacobian determinants against areas, matrices, and the derivatives of the interpolated grid."""

import doctest

import numpy as np
import pytest
from support import Numbers

from npstn.transforms import affine_grid, displacement_grid, jacobian, jacobian_determinant

UNITS = ("pixel", "normalized")
aligned = pytest.mark.parametrize("align", [True, False])


def shifted(shape: tuple[int, ...], by: float, **options: object) -> np.ndarray:
    return displacement_grid(np.full(shape, by), units="pixel", indexing="xy", **options)


def in_pixels(flow: np.ndarray) -> np.ndarray:
    """The determinants of a field in pixels."""
    grid = displacement_grid(flow, units="pixel", indexing="xy", coordinates="pixel")
    return jacobian_determinant(grid, coordinates="pixel")


@aligned
@pytest.mark.parametrize("coordinates", UNITS)
@pytest.mark.parametrize(
    "shape", [(1, 7, 11, 2), (2, 3, 50, 37, 2), (1, 1, 5, 2), (2, 3, 6, 7, 3), (1, 4, 1, 5, 3)]
)
def test_the_identity_has_the_determinant_1(shape, coordinates, align):
    options = {"coordinates": coordinates, "align_corners": align}
    det, rank = jacobian_determinant(shifted(shape, 0.0, **options), **options), shape[-1]
    cells = tuple(max(n - 1, 1) for n in shape[-1 - rank : -1])
    assert det.shape == (*shape[: -1 - rank], *cells, 2**rank)
    assert det.dtype == np.float64
    assert (det == 1.0).all()
    moved = jacobian_determinant(shifted(shape, 3.0, **options), **options)
    if coordinates == "pixel":
        assert (moved == 1.0).all()
    np.testing.assert_allclose(moved, 1.0, rtol=0, atol=1e-13)


@aligned
@pytest.mark.parametrize("rank", [2, 3])
def test_an_affine_map_has_the_determinant_of_its_matrix(rank, align):
    theta = Numbers(720).uniform((2, 3, rank, rank + 1), -2, 2)
    grid = affine_grid(theta, (4, 5, 6)[-rank:], align_corners=align)
    det = jacobian_determinant(grid, align_corners=align)
    expected = np.linalg.det(theta[..., :rank]).reshape(2, 3, *[1] * (rank + 1))
    np.testing.assert_allclose(det, np.broadcast_to(expected, det.shape), rtol=0, atol=1e-12)


def test_corners_are_triangles_and_their_mean_is_the_area():
    grid = Numbers(721).uniform((2, 4, 5, 2), -3, 9)
    det = jacobian_determinant(grid, coordinates="pixel")
    for b, i, j in np.ndindex(2, 3, 4):
        p, q, r, s = (grid[b, i + di, j + dj] for di, dj in ((0, 0), (0, 1), (1, 1), (1, 0)))

        def twice(a, b, c):
            """Twice the area of a triangle, positive in the sense from x to y."""
            (x, y), (v, w) = b - a, c - a
            return x * w - v * y

        corners = twice(p, q, s), twice(q, r, p), twice(s, p, r), twice(r, s, q)
        np.testing.assert_allclose(det[b, i, j], corners, rtol=0, atol=1e-12)
        area = (twice(p, q, r) + twice(p, r, s)) / 2
        np.testing.assert_allclose(det[b, i, j].mean(), area, rtol=0, atol=1e-12)


@pytest.mark.parametrize("rank", [2, 3])
def test_corners_are_derivatives_of_the_interpolated_grid(rank):
    """Of the multilinear polynomial in each cell, by the differences that are exact for it."""
    dims = (3, 4, 5)[-rank:]
    grid = Numbers(722).uniform((1, *dims, rank), -3, 9)
    det = jacobian_determinant(grid, coordinates="pixel")
    for *cell, k in np.ndindex(*det.shape[1:]):
        corner = [k >> (rank - 1 - a) & 1 for a in range(rank)]  # x fastest
        at = np.array(cell) + corner
        matrix = np.empty((rank, rank))
        for a in range(rank):  # a moves along the axis a of the array
            ends = []
            for side in (0, 1):
                place = at.copy()
                place[a] = cell[a] + side
                ends.append(grid[(0, *place)])
            matrix[:, rank - 1 - a] = ends[1] - ends[0]
        np.testing.assert_allclose(
            det[(0, *cell, k)], np.linalg.det(matrix), rtol=1e-12, atol=1e-11
        )


def test_in_an_image_the_corners_decide_for_the_whole_cell():
    flow = Numbers(723).uniform((40, 2, 2, 2), -0.8, 0.8)
    det = in_pixels(flow)
    (p, q), (s, r) = (flow + np.stack(np.meshgrid([0, 1], [0, 1]), -1)).transpose(1, 2, 0, 3)
    inner = []
    for t in np.linspace(0, 1, 9):
        for v in np.linspace(0, 1, 9):
            a, b = (1 - v) * (q - p) + v * (r - s), (1 - t) * (s - p) + t * (r - q)
            inner.append(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    folds = np.array(inner).min(0) < 0
    assert 5 < folds.sum() < 35
    assert (folds == (det.min((1, 2, 3)) < 0)).all()
    np.testing.assert_allclose(np.array(inner).min(0), det.min((1, 2, 3)), rtol=0, atol=1e-14)


def test_the_sign():
    for size, sign in ((0.5, 1), (-0.5, -1), (0.0, 0)):
        theta = np.array([[size, 0, 0, 0, 0.5, 0]])
        det = jacobian_determinant(affine_grid(theta, (5, 9)))
        np.testing.assert_array_equal(det, 0.25 * sign)


def test_a_fold_that_central_differences_miss():
    """One pixel beyond its neighbours: it is not among the points of its own central difference."""
    flow = np.zeros((1, 5, 5, 2))
    flow[0, 2, 2] = 2.5, 0.0
    grid = displacement_grid(flow, units="pixel", indexing="xy", coordinates="pixel")[0]
    down, right = np.gradient(grid, axis=(0, 1))
    assert (right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0])[2, 2] == 1.0
    det = in_pixels(flow)
    folded = ~(det > 0).all(-1)[0]
    assert np.argwhere(folded).tolist() == [[1, 2], [2, 2]]
    assert det[0, 1, 2].min() == -1.5


def test_what_is_nan_stays_in_its_cells():
    flow = np.zeros((1, 5, 6, 2))
    flow[0, 2, 3] = np.nan
    bad = ~(in_pixels(flow) > 0).all(-1)[0]
    assert np.argwhere(bad).tolist() == [[1, 2], [1, 3], [2, 2], [2, 3]]


def test_the_example_of_the_docstring():
    finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner()
    (example,) = finder.find(jacobian_determinant, "jacobian_determinant", jacobian)
    assert runner.run(example) == (0, 6)


def test_arrays_are_only_read(readonly):
    (grid,) = readonly(Numbers(724).uniform((1, 3, 4, 2)).astype(np.float32))
    wide = jacobian_determinant(grid.astype(np.float64))
    assert (jacobian_determinant(grid) == wide).all()


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda g: jacobian_determinant(g[0]), ValueError, r"grid has shape \(4, 5, 2\)"),
        (lambda g: jacobian_determinant(g[:, :0]), ValueError, r"\(1, 0, 5, 2\), expected one poi"),
        (lambda g: jacobian_determinant(g, coordinates="px"), ValueError, "coordinates is 'px'"),
        (lambda g: jacobian_determinant(g, align_corners=2), TypeError, "align_corners is 2"),
        (lambda g: jacobian_determinant(g.tolist()), TypeError, "grid is list"),
    ],
)
def test_bad_input(call, error, match):
    with pytest.raises(error, match=match):
        call(np.zeros((1, 4, 5, 2)))
