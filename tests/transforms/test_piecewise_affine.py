"""Piecewise affine maps against SciPy's and Matplotlib's interpolation in triangles."""

import numpy as np
import pytest
from matplotlib.tri import LinearTriInterpolator, Triangulation
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import Delaunay
from support import Numbers

from npstn.transforms import (
    affine_grid,
    piecewise_affine_grid,
    piecewise_affine_grid_jvp,
    piecewise_affine_grid_vjp,
    piecewise_affine_identity,
    piecewise_affine_triangles,
)

POINTS = Numbers(460).uniform((12, 2), -0.8, 0.8)


def lattice(dims: tuple[int, int], align: bool = True) -> np.ndarray:
    return affine_grid(np.array([[1.0, 0, 0, 0, 1, 0]]), dims, align_corners=align)[0]


def rotated(n: int) -> np.ndarray:
    """A turned square of n x n points, whose edges rounding has made uneven."""
    line = np.linspace(-0.6, 0.6, n)
    square = np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)
    return square @ [[np.cos(0.4), np.sin(0.4)], [-np.sin(0.4), np.cos(0.4)]]


@pytest.mark.parametrize("align", [True, False])
def test_against_scipy_inside_the_hull(align):
    params = Numbers(461).uniform((2, 24))
    grid = piecewise_affine_grid(params, (19, 23), align_corners=align, control_points=POINTS)
    base, seen = lattice((19, 23), align), 0
    for row, got in zip(params, grid, strict=True):
        expected = LinearNDInterpolator(Delaunay(POINTS), row.reshape(12, 2))(base)
        inside = ~np.isnan(expected)
        seen += inside.sum()
        np.testing.assert_allclose(got[inside], expected[inside], atol=1e-13)
    assert 200 < seen < grid.size


def test_against_matplotlib_with_the_default_triangles():
    params, triangles = Numbers(462).uniform((1, 32)), piecewise_affine_triangles()
    points = piecewise_affine_identity().reshape(-1, 2)
    grid, base = piecewise_affine_grid(params, (17, 14)), lattice((17, 14))
    mesh = Triangulation(*points.T, triangles)
    for axis in range(2):
        judge = LinearTriInterpolator(mesh, params[0, axis::2])
        expected = judge(base[..., 0], base[..., 1])
        assert expected.count() > 200
        np.testing.assert_allclose(grid[0, ..., axis], expected.filled(np.nan), atol=1e-13)


@pytest.mark.parametrize("align", [True, False])
def test_the_default_identity_is_close(align):
    grid = piecewise_affine_grid(piecewise_affine_identity()[None], (33, 57), align_corners=align)[
        0
    ]
    assert np.abs(grid - lattice((33, 57), align)).max() <= 2.0**-51


def test_the_control_points_go_where_they_are_sent():
    params = Numbers(463).uniform((1, 32))
    np.testing.assert_allclose(piecewise_affine_grid(params, (4, 4)).ravel(), params[0], atol=1e-15)


@pytest.mark.parametrize("points", [POINTS, rotated(4), None])
def test_it_is_exact_for_affine_maps_also_outside(points):
    places = piecewise_affine_identity(control_points=points).reshape(-1, 2)
    theta = Numbers(464).uniform((2, 2, 3))
    sent = places @ theta[:, :, :2].transpose(0, 2, 1) + theta[:, None, :, 2]
    grid = piecewise_affine_grid(sent.reshape(2, -1), (21, 20), control_points=points)
    np.testing.assert_allclose(grid, affine_grid(theta, (21, 20)), atol=1e-13)


def test_outside_the_nearest_triangle_goes_on():
    points = np.array([[0.0, 0], [0.5, 0], [0, 0.5], [0.5, 0.5]])  # two triangles: 0 1 3, 0 3 2
    params = np.array([[0.0, 0, 1, 0, 0, 1, 5, 5]])
    grid = piecewise_affine_grid(params, (5, 5), control_points=points)[0]
    x, y = lattice((5, 5))[1].T  # y = -0.5: above the square, so the triangle 0 1 3
    np.testing.assert_allclose(grid[1, 2:], np.stack([2 * x + 8 * y, 10 * y], 1)[2:], atol=1e-14)
    # (-1, 1) is nearest to corner 2, which the triangle 0 3 2 has alone.
    np.testing.assert_allclose(grid[4, 0], [10 * -1.0, 2 + 8 * -1.0], atol=1e-14)
    # (-1, -1) is nearest to corner 0, which both have: the first of them.
    np.testing.assert_allclose(grid[0, 0], [2 * -1 + 8 * -1, 10 * -1.0], atol=1e-14)


def test_nearest_triangles_against_dense_edges():
    triangles = piecewise_affine_triangles(control_points=POINTS)
    hull = Delaunay(POINTS).convex_hull
    owners = [next(t for t in triangles if {a, b} <= set(t)) for a, b in hull]
    along = np.linspace(0, 1, 2001)[:, None]
    edges = [POINTS[a] * along + POINTS[b] * (1 - along) for a, b in hull]
    params = Numbers(471).uniform((1, 24))
    dims = (9, 11)
    grid, seen = piecewise_affine_grid(params, dims, control_points=POINTS)[0], set()
    for got, point in zip(grid.reshape(-1, 2), lattice(dims).reshape(-1, 2), strict=True):
        distances = [np.hypot(*(edge - point).T).min() for edge in edges]
        first, second = np.argsort(distances)[:2]
        inside = Delaunay(POINTS).find_simplex(point) >= 0
        if inside or distances[second] - distances[first] < 1e-3:
            continue
        corners = np.vstack([POINTS[owners[first]].T, np.ones(3)])
        weights = np.linalg.solve(corners, [*point, 1.0])
        expected = weights @ params.reshape(12, 2)[owners[first]]
        np.testing.assert_allclose(got, expected, atol=1e-12)
        seen.add(first)
    assert len(seen) >= len(hull) - 1


def test_there_are_no_cracks_and_the_map_is_continuous():
    params = Numbers(465).uniform((1, 32))
    fine = piecewise_affine_grid(params, (1, 3001))[0, 0]  # y = 0 crosses edges and diagonals
    steps = np.abs(np.diff(fine, axis=0)).max()
    slopes = np.abs(np.diff(params.reshape(16, 2), axis=0)).max() * 3
    assert steps <= slopes * 2 / 3000
    whole = piecewise_affine_grid(params, (301, 301))[0]  # a lattice that meets every edge
    assert np.abs(np.diff(whole, axis=0)).max() <= slopes * 2 / 300
    assert np.abs(np.diff(whole, axis=1)).max() <= slopes * 2 / 300


def test_triangles_of_a_square_lattice_share_the_lowest_corner():
    expected = [t for i in range(11) if i % 4 < 3 for t in ((i, i + 1, i + 5), (i, i + 5, i + 4))]
    assert [tuple(t) for t in piecewise_affine_triangles()] == expected
    assert [tuple(t) for t in piecewise_affine_triangles(control_points=rotated(4))] == expected


def test_triangles_of_a_circle_are_a_fan():
    turns = np.array([3, 5, 0, 6, 1, 4, 2]) / 7 * 2 * np.pi
    points = np.column_stack([np.cos(turns), np.sin(turns)])
    triangles = piecewise_affine_triangles(control_points=points)
    assert triangles.shape == (5, 3)
    assert (triangles[:, 0] == 0).all()
    (a, b), (c, d) = (np.diff(points[triangles], axis=1)[:, k].T for k in (0, 1))
    assert (a * d > b * c).all()


@pytest.mark.parametrize("seed", range(3))
def test_triangles_are_those_of_scipy_without_ties(seed):
    points = Numbers(466 + seed).uniform((30, 2)) * 1e3 + 1e4
    ours = piecewise_affine_triangles(control_points=points)
    theirs = Delaunay(points).simplices
    assert {frozenset(t) for t in ours.tolist()} == {frozenset(t) for t in theirs.tolist()}
    ours[:] = 0  # a copy
    assert piecewise_affine_triangles(control_points=points).any()


def test_small_triangles_beside_large_ones_are_kept_as_they_are():
    points = np.vstack([Numbers(472).uniform((9, 2)) * 1e-4, POINTS])
    ours = piecewise_affine_triangles(control_points=points)
    theirs = Delaunay(points).simplices
    assert {frozenset(t) for t in ours.tolist()} == {frozenset(t) for t in theirs.tolist()}


@pytest.mark.parametrize(
    ("gap", "match"),
    [(1e-16, r"control_points\[5\] is in no triangle"), (1e-12, r"\[5\] and \[16\] nearly")],
)
def test_points_that_nearly_coincide_are_refused(gap, match):
    points = piecewise_affine_identity().reshape(-1, 2)
    points = np.vstack([points, points[5] + [gap, 0]])
    with pytest.raises(ValueError, match=match):
        piecewise_affine_triangles(control_points=points)


def test_a_flat_triangle_on_the_hull_is_left_out():
    points = np.array([[0.0, 0], [1, 1e-14], [2, 0], [1, 1], [0, 1], [2, 1]])
    triangles = piecewise_affine_triangles(control_points=points)
    assert [0, 1, 2] not in np.sort(triangles, axis=1).tolist()
    assert set(triangles.flat) == set(range(6))


def test_the_result_does_not_depend_on_the_bands_of_rows():
    params = piecewise_affine_identity() + Numbers(469).uniform((2, 32), -0.1, 0.1)
    tall = piecewise_affine_grid(params, (961, 100))
    np.testing.assert_allclose(tall[:, ::192], piecewise_affine_grid(params, (6, 100)), atol=1e-14)
    d = Numbers(470).uniform((2, 961, 100, 2))
    _, t_grid = piecewise_affine_grid_jvp(params, params, (961, 100))
    inner = (t_grid * d).sum(), (piecewise_affine_grid_vjp(d, params) * params).sum()
    assert abs(inner[0] - inner[1]) <= 1e-10


def test_nan_reaches_the_triangles_of_its_point_only():
    params = piecewise_affine_identity()[None].copy()
    params[0, 0] = np.nan  # the top left corner
    grid = piecewise_affine_grid(params, (31, 31))
    lost = np.isnan(grid[0, ..., 0])
    assert lost.any()
    assert not lost[11:].any()
    assert not lost[:, 11:].any()
    assert not np.isnan(grid[..., 1]).any()
