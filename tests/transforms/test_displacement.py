"""The grid of a displacement field: exact where it can be, and against SciPy."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy import ndimage
from support import Numbers

import npstn
from npstn import testing
from npstn.transforms import (
    affine_grid,
    displacement_grid,
    displacement_grid_jvp,
    displacement_grid_vjp,
)

UNITS = ("pixel", "normalized")
SHAPES = [(2, 4, 5, 2), (2, 3, 4, 5, 2), (2, 1, 6, 2), (2, 3, 4, 5, 3), (2, 2, 3, 4, 5, 3)]
shaped = pytest.mark.parametrize("shape", SHAPES, ids=str)
aligned = pytest.mark.parametrize("align", [True, False])
OPTIONS = [
    {"units": units, "indexing": indexing, "coordinates": coordinates, "align_corners": align}
    for units, indexing, coordinates, align in product(UNITS, ("xy", "ij"), UNITS, (True, False))
]
every = pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(map(str, o.values())))


def pixels(dims: tuple[int, ...]) -> np.ndarray:
    """The coordinates of all pixels, x first."""
    return np.moveaxis(np.indices(dims)[::-1].astype(float), 0, -1)


def image(shape: tuple[int, ...], seed: int) -> tuple[np.ndarray, str]:
    """An input (B, ..., C) of the size of a field, and its layout."""
    rank = shape[-1]
    x = Numbers(seed).uniform((shape[0], *shape[-1 - rank : -1], 3))
    return x, ("NHWC", "NDHWC")[rank - 2]


@every
@pytest.mark.parametrize("shape", [(2, 4, 5, 2), (2, 3, 4, 5, 3)], ids=str)
def test_no_displacement_is_the_identity(options, shape):
    grid, rank = displacement_grid(np.zeros(shape), **options), shape[-1]
    dims, align = shape[1:-1], options["align_corners"]
    assert grid.dtype == np.float64
    expected = np.broadcast_to(pixels(dims), shape)
    if options["coordinates"] == "normalized":
        theta = np.broadcast_to(np.eye(rank, rank + 1), (2, rank, rank + 1))
        expected = affine_grid(theta, dims, align_corners=align)
    assert grid.tobytes() == expected.tobytes()


@shaped
@pytest.mark.parametrize("indexing", ["xy", "ij"])
def test_whole_pixels_copy_texels(shape, indexing):
    """In pixels, with a displacement of its own at each point."""
    flow = Numbers(700).integers(shape, -3, 3).astype(np.float32)
    grid = displacement_grid(flow, units="pixel", indexing=indexing, coordinates="pixel")
    x, layout = image(shape, 701)
    out = npstn.grid_sample(x, grid, layout=layout, coordinates="pixel")
    for at in np.ndindex(*shape[:-1]):
        u = flow[at] if indexing == "ij" else flow[at][::-1]
        source = tuple(int(i + d) for i, d in zip(at[-len(u) :], u, strict=True))
        size = x.shape[1:-1]
        inside = all(0 <= i < n for i, n in zip(source, size, strict=True))
        expected = x[(at[0], *source)] if inside else np.zeros(3)
        assert out[at].tolist() == expected.tolist(), at


@aligned
@pytest.mark.parametrize("shape", [(1, 7, 11, 2), (1, 3, 7, 11, 3)], ids=str)
def test_whole_pixels_give_the_numbers_of_the_identity_grid(align, shape):
    options = {"units": "pixel", "indexing": "xy", "align_corners": align}
    identity = displacement_grid(np.zeros(shape), **options)
    flow = np.zeros(shape)
    flow[..., 0], flow[..., 1] = 2.0, -1.0
    grid = displacement_grid(flow, **options)
    moved = np.roll(identity, (1, -2), (-3, -2))
    assert (grid[..., 1:, :-2, :] == moved[..., 1:, :-2, :]).all()


@every
@shaped
def test_by_fractions(options, shape):
    """Each coordinate is (j - d + u) / c and so on, within two roundings of its largest term."""
    flow, rank = Numbers(702).uniform(shape, -2, 2), shape[-1]
    grid, dims = displacement_grid(flow, **options), shape[-1 - rank : -1]
    for *at, k in np.ndindex(*shape):
        component = k if options["indexing"] == "xy" else rank - 1 - k
        n, j = dims[rank - 1 - k], at[len(at) - 1 - k]
        c, d = (Fraction(v) for v in npstn.grid.pixel_scale(n, options["align_corners"]))
        u = Fraction(flow[(*at, component)]) * (c if options["units"] == "normalized" else 1)
        p, size = j + u, abs(u) + n
        if options["coordinates"] == "normalized":
            p, size = ((p - d) / c, size / c) if c else (Fraction(0), 1)
            if not c and options["units"] == "normalized":  # the lone pixel: it goes nowhere
                p = Fraction(flow[(*at, component)])
        error = abs(Fraction(grid[(*at, k)]) - p)
        once = options["units"] == options["coordinates"] == "pixel"
        assert grid[(*at, k)] == float(p) if once else error <= size * Fraction(2) / 2**53


@shaped
def test_against_scipy(shape):
    flow, rank = Numbers(703).uniform(shape, -3, 3), shape[-1]
    x, layout = image(shape, 704)
    for padding, mode in (("zeros", "grid-constant"), ("border", "nearest")):
        for coordinates in UNITS:
            if coordinates == "normalized" and 1 in shape[-1 - rank : -1]:
                continue
            unit = {"coordinates": coordinates}
            grid = displacement_grid(flow, units="pixel", indexing="ij", **unit)
            out = npstn.grid_sample(x, grid, layout=layout, padding_mode=padding, **unit)
            for at in np.ndindex(*shape[: -1 - rank]):
                where = np.indices(x.shape[1:-1]) + np.moveaxis(flow[at], -1, 0)
                for c in range(3):
                    image_of = x[at[0], ..., c]
                    expected = ndimage.map_coordinates(image_of, where, order=1, mode=mode)
                    np.testing.assert_allclose(out[at][..., c], expected, rtol=0, atol=1e-13)


@every
@pytest.mark.parametrize("shape", [(2, 3, 1, 2), (1, 2, 3, 1, 4, 3)], ids=str)
def test_derivatives(options, shape):
    flow, d = Numbers(705).uniform(shape, -2, 2), Numbers(706).uniform(shape)
    t = Numbers(707).uniform(shape)

    def f(flow):
        return displacement_grid(flow, **options)

    def vjp(d_grid, *_):
        return (displacement_grid_vjp(d_grid, **options),)

    testing.check_vjp(f, vjp, [flow], d)
    grid, t_grid = displacement_grid_jvp(flow, t, **options)
    assert grid.tobytes() == f(flow).tobytes()
    assert t_grid.dtype == np.float64
    testing.dot_test(
        lambda t: displacement_grid_jvp(flow, t, **options)[1], lambda d: vjp(d)[0], t, d
    )


def test_the_cotangent_of_a_field_through_the_sampler():
    """What registration descends on, by differences."""
    shape, unit = (1, 4, 5, 2), {"units": "pixel", "indexing": "ij"}
    flow, (x, _) = Numbers(708).uniform(shape, -1, 1), image(shape, 709)

    def vjp(d_out, flow):
        grid = displacement_grid(flow, **unit)
        return (displacement_grid_vjp(npstn.grid_sample_vjp(d_out, x, grid)[1], **unit),)

    testing.check_vjp(
        lambda flow: npstn.grid_sample(x, displacement_grid(flow, **unit)), vjp, [flow]
    )


def test_a_lone_pixel_moves_in_pixels_only():
    flow = np.full((1, 1, 3, 2), 0.5)
    normalized = displacement_grid(flow, units="pixel", indexing="xy")
    assert (normalized[..., 1] == 0).all()
    assert (displacement_grid_vjp(flow, units="pixel", indexing="xy")[..., 1] == 0).all()
    inner = displacement_grid(flow, units="normalized", indexing="xy", coordinates="pixel")
    assert (inner[..., 1] == 0).all()
    outer = displacement_grid(flow, units="pixel", indexing="xy", align_corners=False)
    assert (outer[..., 1] == 1.0).all()
    moved = displacement_grid(flow, units="pixel", indexing="xy", coordinates="pixel")
    assert (moved[..., 1] == 0.5).all()


def test_arrays_are_only_read(readonly):
    (flow,) = readonly(Numbers(710).uniform((1, 3, 4, 2)).astype(np.float32))
    for options in OPTIONS:
        results = [displacement_grid(flow, **options), displacement_grid_vjp(flow, **options)]
        for result in (*results, *displacement_grid_jvp(flow, flow, **options)):
            assert result.dtype == np.float64
            assert result.flags.c_contiguous
            assert not np.shares_memory(result, flow)


def test_what_is_not_finite_stays_with_its_point():
    flow = np.zeros((1, 3, 4, 2))
    flow[0, 1, 2, 0], flow[0, 0, 1, 1] = np.nan, np.inf
    for options in OPTIONS:
        grid = displacement_grid(flow, **options)
        assert np.isnan(grid).sum() == 1
        assert np.isinf(grid).sum() == 1
        assert np.isnan(grid[0, 1, 2]).any()
        assert np.isinf(grid[0, 0, 1]).any()


GOOD = {"units": "pixel", "indexing": "xy"}


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"flow": np.zeros((1, 2, 4, 5))}, ValueError, r"(flow|d_grid) has shape \(1, 2, 4, 5\)"),
        ({"flow": np.zeros((4, 5, 2))}, ValueError, r"(flow|d_grid) has shape \(4, 5, 2\)"),
        ({"flow": np.zeros((1, 4, 5, 2), int)}, TypeError, "(flow|d_grid) has dtype int64"),
        ({"flow": [[0.0]]}, TypeError, "(flow|d_grid) is list"),
        ({"units": "pixels"}, ValueError, "units is 'pixels', expected one of 'normalized', 'pi"),
        ({"units": 1}, TypeError, "units is 1"),
        ({"indexing": "yx"}, ValueError, "indexing is 'yx', expected one of 'xy', 'ij'"),
        ({"coordinates": "px"}, ValueError, "coordinates is 'px'"),
        ({"align_corners": 2}, TypeError, "align_corners is 2"),
    ],
)
@pytest.mark.parametrize(
    "function",
    [
        displacement_grid,
        displacement_grid_vjp,
        lambda flow, **options: displacement_grid_jvp(flow, flow, **options),
    ],
)
def test_bad_input(function, change, error, match):
    options = {**GOOD, **change}
    with pytest.raises(error, match=match):
        function(options.pop("flow", np.zeros((1, 4, 5, 2))), **options)


def test_a_tangent_of_another_shape():
    with pytest.raises(ValueError, match=r"t_flow has shape \(1, 4, 5, 2\), expected that of flow"):
        displacement_grid_jvp(np.zeros((1, 5, 4, 2)), np.zeros((1, 4, 5, 2)), **GOOD)


@pytest.mark.parametrize("function", [displacement_grid, displacement_grid_vjp])
def test_unit_and_order_have_to_be_said(function):
    for missing in ("units", "indexing"):
        options = {name: value for name, value in GOOD.items() if name != missing}
        with pytest.raises(TypeError, match=missing):
            function(np.zeros((1, 4, 5, 2)), **options)
