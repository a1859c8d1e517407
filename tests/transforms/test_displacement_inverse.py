"""Inverses of shifts and affine maps, which are known, and of fields that have none."""

from itertools import product

import numpy as np
import pytest
from support import Numbers

from npstn.transforms import compose_displacements, displacement_grid, invert_displacement

XY = {"units": "pixel", "indexing": "xy"}
OPTIONS = [
    {"units": units, "indexing": indexing, "align_corners": align}
    for units, indexing, align in product(("pixel", "normalized"), ("xy", "ij"), (True, False))
]
every = pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(map(str, o.values())))


def affine(matrix: np.ndarray, offset: np.ndarray, dims: tuple[int, ...]) -> np.ndarray:
    """The field (1, *dims, R) in pixels, x first, of p = matrix @ q + offset."""
    q = np.moveaxis(np.indices(dims)[::-1].astype(float), 0, -1)
    return (q @ matrix.T + offset - q)[None]


@pytest.mark.parametrize("shape", [(1, 4, 5, 2), (2, 3, 4, 5, 2), (2, 2, 3, 4, 5, 3)], ids=str)
def test_shifts_by_whole_pixels_are_exact(shape):
    shifts = Numbers(780).integers((shape[0], *[1] * (len(shape) - 2), shape[-1]), -3, 3)
    flow = np.broadcast_to(shifts, shape)
    inverse, residual = invert_displacement(flow, tolerance=0.0, max_iterations=1, **XY)
    assert (inverse == -flow).all()
    assert residual.shape == shape[:-1]
    assert (residual == 0).all()


@pytest.mark.parametrize("rank", [2, 3])
def test_an_affine_map(rank):
    """Where the origin of a point is inside; u is affine there, so interpolation has no error."""
    dims = (9, 8, 10)[:rank]
    linear = Numbers(781).uniform((rank, rank), -0.3, 0.3)
    matrix, offset = np.eye(rank) + linear, Numbers(782).uniform((rank,), -1, 1)
    lipschitz = np.linalg.norm(linear, 2)
    assert 0.2 < lipschitz < 0.6
    flow, last = affine(matrix, offset, dims), np.array(dims[::-1]) - 1
    back = np.linalg.inv(matrix)
    expected = affine(back, -back @ offset, dims)
    origin = affine(back, -back @ offset, dims) + affine(np.eye(rank) * 2, np.zeros(rank), dims)
    inside = ((origin >= 0) & (origin <= last)).all(-1)
    assert inside.mean() > 0.3
    for tolerance in (1e-3, 1e-6, 1e-12):
        inverse, residual = invert_displacement(flow, tolerance=tolerance, **XY)
        assert residual.max() <= tolerance
        error = np.sqrt(((inverse - expected) ** 2).sum(-1))
        assert (error <= residual.max() / (1 - lipschitz) + 1e-14)[inside].all()


@every
@pytest.mark.parametrize("shape", [(2, 4, 6, 2), (1, 2, 3, 4, 5, 3), (1, 1, 5, 2)], ids=str)
def test_the_composition_with_the_inverse_is_no_displacement(options, shape):
    scale = 0.2 if options["units"] == "pixel" else 0.06
    flow = Numbers(783).uniform(shape, -scale, scale)
    inverse, residual = invert_displacement(flow, tolerance=1e-13, **options)
    assert residual.max() <= 1e-13
    rest = compose_displacements(flow, inverse, **options)
    pixels = displacement_grid(rest, coordinates="pixel", **options)
    pixels -= displacement_grid(0 * rest, coordinates="pixel", **options)
    np.testing.assert_allclose(pixels, 0, rtol=0, atol=2e-13)
    assert abs(inverse).max() > scale / 2


def test_the_residual_is_in_pixels():
    flow = Numbers(784).uniform((1, 4, 6, 2), -0.3, 0.3)
    for options in OPTIONS:
        if options["units"] == "pixel":
            scale = np.ones(2)
        else:
            scale = np.array([6.0, 4.0]) / 2 - 0.5 * options["align_corners"]
        scale = scale[:: -1 if options["indexing"] == "ij" else 1]
        given = (flow[..., ::-1] if options["indexing"] == "ij" else flow) / scale
        rule = {"max_iterations": 2, "strict": False, "tolerance": 0.0, **options}
        inverse, residual = invert_displacement(given, **rule)
        rest = compose_displacements(given, inverse, **options) * scale
        np.testing.assert_allclose(residual, np.sqrt((rest**2).sum(-1)), rtol=0, atol=1e-15)
        assert residual.max() > 1e-3
    one, _ = invert_displacement(flow, max_iterations=1, strict=False, **XY)
    assert (one == -flow).all()


def test_steps_stop_at_the_tolerance():
    flow = affine(np.eye(2) * 1.5, np.zeros(2), (5, 5))
    for tolerance in (0.3, 0.03):
        _, residual = invert_displacement(flow, tolerance=tolerance, **XY)
        assert tolerance / 4 < residual.max() <= tolerance


def test_fields_are_inverted_one_by_one():
    """The bits of one do not depend on what else is in its batch."""
    flow = (
        Numbers(785).uniform((3, 4, 5, 2), -0.3, 0.3)
        * np.array([0.01, 1, 0.1])[:, None, None, None]
    )
    inverse, residual = invert_displacement(flow, **XY)
    for n in range(3):
        alone = invert_displacement(flow[n : n + 1], **XY)
        assert alone[0].tobytes() == inverse[n].tobytes()
        assert alone[1].tobytes() == residual[n].tobytes()
    split = invert_displacement(flow[:, None], **XY)
    assert split[0].tobytes() == inverse.tobytes()
    assert split[0].shape == (3, 1, 4, 5, 2)
    assert split[1].shape == (3, 1, 4, 5)


def test_a_field_that_folds_is_refused():
    """Even where the iteration settles: at one of several origins."""
    flow = np.zeros((2, 1, 5, 6, 2))
    flow[1, 0, 2, 3, 0] = 1.0
    with pytest.raises(ValueError, match=r"flow at \[1, 0\] .* determinant of 0, expected more"):
        invert_displacement(flow, **XY)
    flow[1, 0, 2, 3, 0] = 1.5
    with pytest.raises(ValueError, match=r"flow at \[1, 0\] .* determinant of -0.5, .* folds"):
        invert_displacement(flow, **XY)
    inverse, residual = invert_displacement(flow, strict=False, **XY)
    assert (inverse[0] == 0).all()
    assert np.isfinite(inverse).all()
    assert residual[0].max() == 0


def test_an_inverse_that_is_not_found():
    """It exists, but the map stretches too much for the iteration."""
    flow = affine(np.eye(2) * 2.5, np.full(2, -3.0), (5, 5))
    match = (
        r"flow at \[0\] has a residual of \d.* pixels after 40 iterations, expected at most 0.01"
    )
    with pytest.raises(ValueError, match=match):
        invert_displacement(flow, tolerance=0.01, max_iterations=40, **XY)
    rule = {"tolerance": 0.01, "max_iterations": 40, "strict": False, **XY}
    inverse, residual = invert_displacement(flow, **rule)
    assert residual.max() > 0.01
    rest = compose_displacements(flow, inverse, **XY)
    np.testing.assert_allclose(residual, np.sqrt((rest**2).sum(-1)), rtol=0, atol=1e-14)


def test_dtypes(readonly):
    (flow,) = readonly(Numbers(786).uniform((1, 3, 4, 2), -0.2, 0.2).astype(np.float32))
    inverse, residual = invert_displacement(flow, **XY)
    assert inverse.dtype == residual.dtype == np.float64
    assert inverse.tobytes() == invert_displacement(flow.astype(np.float64), **XY)[0].tobytes()


FLOW = np.zeros((1, 4, 5, 2))


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"flow": FLOW[0]}, ValueError, r"flow has shape \(4, 5, 2\)"),
        ({"flow": FLOW[:, :0]}, ValueError, r"flow has shape \(1, 0, 5, 2\), expected one point"),
        ({"flow": FLOW.tolist()}, TypeError, "flow is list"),
        ({"flow": FLOW * np.nan}, ValueError, "flow has an entry that is NaN or Inf, expected fin"),
        ({"units": "mm"}, ValueError, "units is 'mm'"),
        ({"indexing": "zyx"}, ValueError, "indexing is 'zyx'"),
        ({"align_corners": 2}, TypeError, "align_corners is 2"),
        ({"tolerance": -1.0}, ValueError, "tolerance is -1.0, expected a finite number of at leas"),
        ({"tolerance": "small"}, TypeError, "tolerance is 'small'"),
        ({"max_iterations": 0}, ValueError, "max_iterations is 0, expected at least 1"),
        ({"max_iterations": 1.0}, TypeError, "max_iterations is 1.0, expected an integer"),
        ({"max_iterations": True}, TypeError, "max_iterations is True"),
        ({"strict": None}, TypeError, "strict is None"),
    ],
)
def test_bad_input(change, error, match):
    options = {"flow": FLOW, **XY, **change}
    with pytest.raises(error, match=match):
        invert_displacement(options.pop("flow"), **options)


def test_an_empty_batch():
    inverse, residual = invert_displacement(np.zeros((0, 4, 5, 2)), **XY)
    assert (inverse.shape, residual.shape) == ((0, 4, 5, 2), (0, 4, 5))
