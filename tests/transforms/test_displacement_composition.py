"""Fields of fields: shifts are exact, and the grids are those of composed grids."""

from itertools import product

import numpy as np
import pytest
from support import Numbers

import npstn
from npstn import testing
from npstn.transforms import (
    compose_displacements,
    compose_displacements_jvp,
    compose_displacements_vjp,
    compose_grids,
    displacement_grid,
)

XY = {"units": "pixel", "indexing": "xy"}
OPTIONS = [
    {"units": units, "indexing": indexing, "align_corners": align}
    for units, indexing, align in product(("pixel", "normalized"), ("xy", "ij"), (True, False))
]
every = pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(map(str, o.values())))
SHAPES = [(2, 4, 6, 2), (2, 3, 4, 6, 2), (2, 3, 4, 5, 3), (1, 2, 3, 4, 5, 3)]
shaped = pytest.mark.parametrize("shape", SHAPES, ids=str)


@shaped
def test_shifts_add_up_everywhere(shape):
    outer, inner = Numbers(760).integers(shape[-1:], -9, 9), Numbers(761).integers(shape, -9, 9)
    for indexing in ("xy", "ij"):
        flow = compose_displacements(
            np.broadcast_to(outer, shape), inner, units="pixel", indexing=indexing
        )
        assert (flow == outer + inner).all()


def test_by_hand():
    """The outer field is taken where the inner one points."""
    outer, inner = np.zeros((1, 2, 5, 2)), np.zeros((1, 2, 5, 2))
    outer[0, 1, 3] = 10, 20
    inner[0, 0, 1] = 2, 1  # to the pixel (3, 1)
    inner[0, 0, 2] = 1.5, 1  # halfway to the next
    flow = compose_displacements(outer, inner, **XY)
    assert flow[0, 0, 1].tolist() == [12, 21]
    assert flow[0, 0, 2].tolist() == [6.5, 11]
    assert flow[0, 1, 3].tolist() == [10, 20]
    swapped = compose_displacements(
        outer[..., ::-1], inner[..., ::-1], units="pixel", indexing="ij"
    )
    assert (swapped[..., ::-1] == flow).all()


@every
@shaped
def test_the_grid_is_that_of_composed_grids(options, shape):
    """Where the inner field points inside; there warping twice is warping once."""
    rank = shape[-1]
    outer, inner = Numbers(762).uniform(shape, -0.3, 0.3), Numbers(763).uniform(shape, -0.9, 0.9)
    grids = [displacement_grid(flow, **options) for flow in (outer, inner)]
    unit = {"align_corners": options["align_corners"]}
    expected = compose_grids(*grids, **unit)
    grid = displacement_grid(compose_displacements(outer, inner, **options), **options)
    last = 1 - (0 if unit["align_corners"] else 1 / np.array(shape[-2 : -2 - rank : -1]))
    inside = (abs(grids[1]) <= last).all(-1)
    assert 0.1 < inside.mean() < 0.99
    np.testing.assert_allclose(grid[inside], expected[inside], rtol=0, atol=1e-14)


def test_two_warps_are_one():
    """Of an image without curvature, within its frame."""
    shape = (1, 8, 9, 2)
    outer, inner = Numbers(764).uniform(shape, -1, 1), Numbers(765).uniform(shape, -1, 1)
    x = np.tensordot(np.moveaxis(np.indices(shape[1:3]), 0, -1), np.array([[3.0], [1]]), 1)[None]

    def warp(x, flow):
        grid = displacement_grid(flow, coordinates="pixel", **XY)
        return npstn.grid_sample(x, grid, coordinates="pixel", padding_mode="border")

    twice, once = warp(warp(x, outer), inner), warp(x, compose_displacements(outer, inner, **XY))
    np.testing.assert_allclose(once[:, 2:-2, 2:-2], twice[:, 2:-2, 2:-2], rtol=0, atol=1e-13)
    other_way = warp(warp(x, inner), outer)
    assert abs(once - other_way)[:, 2:-2, 2:-2].max() > 0.1


@every
@pytest.mark.parametrize("shape", [(1, 3, 4, 2), (1, 2, 2, 3, 2, 3)], ids=str)
def test_derivatives(options, shape):
    outer, inner = Numbers(766).uniform(shape, -1, 1), Numbers(767).uniform(shape, -1, 1)
    d, both = Numbers(768).uniform(shape), Numbers(769).uniform((2, *shape))

    def f(outer, inner):
        return compose_displacements(outer, inner, **options)

    def vjp(d, outer, inner):
        return compose_displacements_vjp(d, outer, inner, **options)

    testing.check_vjp(f, vjp, [outer, inner], d, max_entries=16)
    testing.dot_test(
        lambda t: compose_displacements_jvp(outer, inner, *t, **options)[1],
        lambda d: np.stack(vjp(d, outer, inner)),
        both,
        d,
    )
    flow, _ = compose_displacements_jvp(outer, inner, *both, **options)
    assert flow.tobytes() == f(outer, inner).tobytes()


def test_dtypes(readonly):
    wide = Numbers(770).uniform((2, 1, 3, 4, 2))
    outer, inner = readonly(wide[0].astype(np.float32), wide[1])
    expected = compose_displacements(outer.astype(np.float64), inner, **XY)
    assert compose_displacements(outer, inner, **XY).tobytes() == expected.tobytes()
    narrow = compose_displacements(outer, outer, **XY)
    assert narrow.dtype == np.float64
    assert compose_displacements_jvp(outer, outer, outer, outer, **XY)[1].dtype == np.float64
    cotangents = compose_displacements_vjp(inner, outer, inner, **XY)
    assert [a.dtype for a in cotangents] == [np.float32, np.float64]


A, B = np.zeros((2, 4, 5, 2)), np.zeros((2, 5, 4, 2))


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: compose_displacements(A[0], A, **XY), ValueError, r"outer has shape \(4, 5, 2\)"),
        (
            lambda: compose_displacements(A, B, **XY),
            ValueError,
            r"inner has shape .* that of outer",
        ),
        (lambda: compose_displacements(A[:, :0], B, **XY), ValueError, r"\(2, 0, 5, 2\), expected"),
        (lambda: compose_displacements(A, A.tolist(), **XY), TypeError, "inner is list"),
        (lambda: compose_displacements(A, A, **{**XY, "units": "mm"}), ValueError, "units is 'mm'"),
        (
            lambda: compose_displacements(A, A, **XY, align_corners=2),
            TypeError,
            "align_corners is 2",
        ),
        (lambda: compose_displacements(A, A, units="pixel"), TypeError, "indexing"),
        (lambda: compose_displacements(A, A, indexing="xy"), TypeError, "units"),
        (lambda: compose_displacements_vjp(B, A, A, **XY), ValueError, "d_flow has shape"),
        (lambda: compose_displacements_jvp(A, A, B, A, **XY), ValueError, "t_outer has shape"),
        (lambda: compose_displacements_jvp(A, A, A, B, **XY), ValueError, "t_inner has shape"),
    ],
)
def test_bad_input(call, error, match):
    with pytest.raises(error, match=match):
        call()
