"""Grids of grids: exact at whole pixels, against SciPy, and against warping twice."""

import numpy as np
import pytest
from scipy import ndimage
from support import Numbers

import npstn
from npstn import testing
from npstn.transforms import (
    affine_grid,
    compose,
    compose_grids,
    compose_grids_jvp,
    compose_grids_vjp,
)

PIXEL = {"coordinates": "pixel"}
aligned = pytest.mark.parametrize("align", [True, False])
# Shapes of outer and inner.
PAIRS = [
    ((2, 5, 6, 2), (2, 4, 8, 2)),
    ((2, 3, 5, 6, 2), (2, 3, 4, 8, 2)),
    ((2, 3, 4, 5, 3), (2, 2, 5, 3, 3)),
    ((1, 2, 3, 4, 5, 3), (1, 2, 2, 1, 3, 3)),
]
paired = pytest.mark.parametrize("shapes", PAIRS, ids=str)


def points(shape: tuple[int, ...], size: tuple[int, ...], seed: int, out: float = 0.0):
    """Pixel coordinates in an input of ``size``, and up to ``out`` pixels beyond."""
    last = np.array(size[::-1]) - 1.0
    return Numbers(seed).uniform(shape, 0, 1) * (last + 2 * out) - out


def size(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape[-1 - shape[-1] : -1]


@paired
def test_whole_pixels_pick_points(shapes):
    """Also beyond the border, where a grid is what it is there."""
    outer = Numbers(740).uniform(shapes[0], -9, 9)
    inner = np.round(points(shapes[1], size(shapes[0]), 741, out=2.0))
    grid, rank = compose_grids(outer, inner, **PIXEL), shapes[0][-1]
    assert grid.shape == shapes[1]
    for at in np.ndindex(*shapes[1][:-1]):
        last = np.array(size(shapes[0])) - 1
        where = np.clip(inner[at][::-1], 0, last).astype(int)
        assert grid[at].tolist() == outer[(*at[: len(at) - rank], *where)].tolist()


@paired
def test_against_scipy(shapes):
    outer = Numbers(742).uniform(shapes[0], -9, 9)
    inner, rank = points(shapes[1], size(shapes[0]), 743, out=2.0), shapes[0][-1]
    grid = compose_grids(outer, inner, **PIXEL)
    for at in np.ndindex(*shapes[1][: -1 - rank]):
        where = np.moveaxis(inner[at][..., ::-1], -1, 0)
        for k in range(rank):
            expected = ndimage.map_coordinates(outer[at][..., k], where, order=1, mode="nearest")
            np.testing.assert_allclose(grid[at][..., k], expected, rtol=0, atol=1e-13)


@aligned
@pytest.mark.parametrize("coordinates", ["pixel", "normalized"])
@pytest.mark.parametrize("shapes", [PAIRS[0], PAIRS[2]], ids=str)
def test_two_warps_are_one(shapes, coordinates, align):
    """Exactly, for an image without curvature: interpolation has no error there."""
    rank, frame = shapes[0][-1], (9, 7, 8)[: shapes[0][-1]]
    slopes = np.arange(1.0, 2 * rank + 1).reshape(rank, 2)
    x = np.tensordot(np.moveaxis(np.indices(frame), 0, -1), slopes, 1)[None].repeat(2, 0)
    options = {"coordinates": coordinates, "align_corners": align, "padding_mode": "border"}
    options["layout"] = ("NHWC", "NDHWC")[rank - 2]
    outer = points(shapes[0], frame, 744)
    inner = points(shapes[1], size(shapes[0]), 745, out=2.0)
    if coordinates == "normalized":
        for grid, frame_of in ((outer, frame), (inner, size(shapes[0]))):
            for k, n in enumerate(frame_of[::-1]):
                c, d = npstn.grid.pixel_scale(n, align)
                grid[..., k] = (grid[..., k] - d) / c
    twice = npstn.grid_sample(npstn.grid_sample(x, outer, **options), inner, **options)
    unit = {"coordinates": coordinates, "align_corners": align}
    once = npstn.grid_sample(x, compose_grids(outer, inner, **unit), **options)
    np.testing.assert_allclose(once, twice, rtol=0, atol=1e-12)
    other_way = npstn.grid_sample(x, compose_grids(inner, outer, **unit), **options)
    assert other_way.shape != twice.shape


@aligned
def test_affine_grids(align):
    """As long as the inner one stays inside."""
    outer, inner = (
        np.array([[1.5, 0.2, 0.1, -0.3, 0.8, 2]]),
        np.array([[0.4, 0.3, 0.1, 0.2, 0.5, 0]]),
    )
    unit = {"align_corners": align}
    grids = affine_grid(outer, (9, 8), **unit), affine_grid(inner, (5, 6), **unit)
    expected = affine_grid(compose(outer, inner), (5, 6), **unit)
    np.testing.assert_allclose(compose_grids(*grids, **unit), expected, rtol=0, atol=1e-14)


@paired
def test_derivatives(shapes):
    """At points of which some are beyond the border, where nothing moves."""
    outer = Numbers(746).uniform(shapes[0], -3, 3)
    inner, d = points(shapes[1], size(shapes[0]), 747, 1.0), Numbers(748).uniform(shapes[1])

    def f(outer, inner):
        return compose_grids(outer, inner, **PIXEL)

    def vjp(d, outer, inner):
        return compose_grids_vjp(d, outer, inner, **PIXEL)

    testing.check_vjp(f, vjp, [outer, inner], d, max_entries=24)
    t = np.concatenate([Numbers(749).uniform((outer.size,)), Numbers(750).uniform((inner.size,))])

    def tangent(t):
        parts = t[: outer.size].reshape(outer.shape), t[outer.size :].reshape(inner.shape)
        return compose_grids_jvp(outer, inner, *parts, **PIXEL)[1]

    testing.dot_test(
        tangent, lambda d: np.concatenate([a.ravel() for a in vjp(d, outer, inner)]), t, d
    )
    grid, _ = compose_grids_jvp(outer, inner, outer, inner, **PIXEL)
    assert grid.tobytes() == f(outer, inner).tobytes()


def test_dtypes(readonly):
    outer, inner = Numbers(751).uniform((1, 3, 4, 2)), Numbers(752).uniform((1, 2, 5, 2))
    outer, inner = readonly(outer.astype(np.float32), inner)
    wide = compose_grids(outer.astype(np.float64), inner)
    assert compose_grids(outer, inner).tobytes() == wide.tobytes()
    assert compose_grids(outer, inner.astype(np.float32)).dtype == np.float64
    d_outer, d_inner = compose_grids_vjp(inner, outer, inner)
    assert (d_outer.dtype, d_inner.dtype) == (np.float32, np.float64)
    assert compose_grids_jvp(outer, inner, outer, inner)[1].dtype == np.float64


A, B = np.zeros((2, 4, 5, 2)), np.zeros((2, 3, 6, 2))


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: compose_grids(A[0], B), ValueError, r"outer has shape \(4, 5, 2\)"),
        (lambda: compose_grids(A, B[0]), ValueError, r"inner has shape \(3, 6, 2\)"),
        (
            lambda: compose_grids(A, B[:1]),
            ValueError,
            r"inner .* starts \(1,\), expected .* \(2,\)",
        ),
        (lambda: compose_grids(A, np.zeros((2, 2, 3, 6, 3))), ValueError, "inner has shape"),
        (lambda: compose_grids(A, B[:, None]), ValueError, r"inner .* starts \(2, 1\)"),
        (lambda: compose_grids(A[:, :0], B), ValueError, r"outer has shape \(2, 0, 5, 2\), expect"),
        (lambda: compose_grids(A.tolist(), B), TypeError, "outer is list"),
        (lambda: compose_grids(A, B.astype(int)), TypeError, "inner has dtype int64"),
        (lambda: compose_grids(A, B, coordinates="px"), ValueError, "coordinates is 'px'"),
        (lambda: compose_grids(A, B, align_corners=2), TypeError, "align_corners is 2"),
        (lambda: compose_grids_vjp(A, A, B), ValueError, "d_grid has shape .* that of inner"),
        (lambda: compose_grids_jvp(A, B, B, B), ValueError, "t_outer has shape .* that of outer"),
        (lambda: compose_grids_jvp(A, B, A, A), ValueError, "t_inner has shape .* that of inner"),
    ],
)
def test_bad_input(call, error, match):
    with pytest.raises(error, match=match):
        call()
