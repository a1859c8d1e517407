"""The contract for volumes, bicubic, tangents and second derivatives, against exact arithmetic.

Roundings are counted along the longest way. The additions of a result are at most n - 1 on any
way, for n terms. Other roundings, in u, where a weight of the linear kernel is within 2u of its
value and one of the cubic kernel within 9u, and a tangent of the module is rounded once:

                    images  volumes  bicubic  tricubic
    output               6        9       20        30  weights, their product, x
    tangent, d_x'        6        9       14        24  weights, products, unit, tangent, x or d_out
    second d_theta       8       11       18        28  these, x and d_out, lattice, denominator

So all is within (n + C + 10)u, bicubic within (n + C + 20)u, in volumes (n + C + 30)u. Sums of an
output are 2, 3, 4 and 6 deep: it is within 8u, 12u, 24u and 36u. Derivatives of the cubic kernel
vanish inside a cell: there they are within 12u of 1 for each, and a bound has to allow for that.
These are the constants of `npstn.contract`.
"""

import numpy as np
import pytest
from support import Numbers, assert_exact
from support.options import KIND_OPTIONS, LAST, ids

import npstn
from npstn.contract import SLACK, bound
from npstn.grid import pixel_scale
from npstn.oracle import exact
from npstn.oracle.bounds import ratios

pytestmark = pytest.mark.truth

SIZE, DIMS, C = (2, 4, 3), (2, 2, 3), 2
RESULTS = "out", "t_out", "d_x", "d_grid", "dd_out", "dd_x", "dd_grid"
every_option = pytest.mark.parametrize("options", KIND_OPTIONS, ids=ids)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
both_engines = pytest.mark.usefixtures("engine")


def arrays(rank, dtype, seed=90):
    """x, t_x, d_out, and the sizes of input and output."""
    numbers = Numbers(seed)
    size, dims = SIZE[3 - rank :], DIMS[3 - rank :]
    x, t_x = numbers.uniform((2, 2, *size, C))
    x *= numbers.integers(x.shape, 0, 2) > 0
    d_out = numbers.uniform((2, *dims, C))
    return *(a.astype(dtype) for a in (x, t_x, d_out)), size, dims


def sampled(x, grid, t_x, t_grid, d, rank, **options):
    """By name, what the library makes of a problem and what is exact."""
    given = {**options, "layout": LAST[rank]}
    _, t_out = npstn.grid_sample_jvp(x, grid, t_x, t_grid, **given)
    found = [
        npstn.grid_sample(x, grid, **given),
        t_out,
        *npstn.grid_sample_vjp(d, x, grid, **given),
    ]
    found += npstn.grid_sample_vjp_vjp(t_x, t_grid, d, x, grid, **given)
    first = exact.grid_sample(x, grid, d, **options)
    want = [first.out, exact.grid_sample_jvp(x, grid, t_x, t_grid, **options), *first[1:]]
    want += exact.grid_sample_vjp_vjp(t_x, t_grid, d, x, grid, **options)
    return dict(zip(RESULTS, zip(found, want, strict=True), strict=True))


def moved(x, theta, t_x, t_theta, d, dims, rank, **options):
    """The same for the module."""
    given = {**options, "layout": LAST[rank]}
    module, arguments = npstn.spatial_transformer_network, (x, theta, dims)
    _, t_out = npstn.spatial_transformer_network_jvp(x, theta, t_x, t_theta, dims, **given)
    found = [module(*arguments, **given), t_out]
    found += npstn.spatial_transformer_network_vjp(d, x, theta, **given)
    found += npstn.spatial_transformer_network_vjp_vjp(t_x, t_theta, d, x, theta, **given)
    first = exact.spatial_transformer_network(*arguments, d, **options)
    want = [first.out, exact.spatial_transformer_network_jvp(*arguments, t_x, t_theta, **options)]
    want += first[1:]
    want += exact.spatial_transformer_network_vjp_vjp(t_x, t_theta, d, x, theta, **options)
    return dict(zip(RESULTS, zip(found, want, strict=True), strict=True))


def worst(found, options, size, dims):
    """Largest error / bound of all results."""
    rank, mode, largest = options["rank"], options["mode"], 0.0
    for name, (result, term) in found.items():
        limit, slack = bound(name, mode, rank), 0
        if mode == "bicubic" and name not in ("out", "d_x"):  # times all that it is multiplied with
            slack = SLACK * 4**rank * C * 8 * max(size) ** 2 * int(np.prod(dims))
        found_ratios = ratios(result, term, lambda n, b=limit: b.factor(n, C, dims), slack=slack)
        largest = max(largest, found_ratios.max())
    return largest


@every_option
@both_dtypes
def test_grid_sample_random(options, dtype):
    rank = options["rank"]
    x, t_x, d, size, dims = arrays(rank, dtype)
    numbers = Numbers(91)
    grid = numbers.uniform((2, *dims, rank), -1.6, 1.6).astype(dtype)
    t_grid = numbers.uniform(grid.shape).astype(dtype)
    found = sampled(x, grid, t_x, t_grid, d, **options)
    assert worst(found, options, size, dims) <= 1


@every_option
@both_dtypes
def test_module_random(options, dtype):
    rank = options["rank"]
    x, t_x, d, size, dims = arrays(rank, dtype)
    numbers = Numbers(92)
    theta, t_theta = numbers.uniform((2, 2, rank * (rank + 1)), -1.2, 1.2).astype(dtype)
    found = moved(x, theta, t_x, t_theta, d, dims, **options)
    assert worst(found, options, size, dims) <= 1


@every_option
@both_dtypes
def test_an_ulp_around_texels_and_folds(options, dtype):
    rank = options["rank"]
    x, t_x, d, size, dims = arrays(rank, dtype)
    numbers = Numbers(93)
    c, e = np.array([pixel_scale(n, options["align_corners"]) for n in reversed(size)]).T
    p = numbers.integers((2, *dims, rank), -4, 2 * max(size) + 2) / 2
    grid = ((p - e) / c).astype(dtype)
    step = numbers.integers(grid.shape, -1, 1)
    grid = np.where(step == 0, grid, np.nextafter(grid, (9 * step).astype(dtype)))
    t_grid = numbers.uniform(grid.shape).astype(dtype)
    found = sampled(x, grid, t_x, t_grid, d, **options)
    assert worst(found, options, size, dims) <= 1


@both_engines
@every_option
@both_dtypes
def test_the_lattice(options, dtype):
    """Small integers, and coordinates with few fraction bits: tolerance 0 everywhere."""
    rank = options["rank"]
    x, t_x, d, _, dims = arrays(rank, dtype, seed=94)
    x, t_x, d = (np.round(8 * a) for a in (x, t_x, d))
    numbers = Numbers(95)
    grid = (numbers.integers((2, *dims, rank), -12, 24) / 4).astype(dtype)
    t_grid = numbers.integers(grid.shape, -4, 4).astype(dtype)
    for result, term in sampled(x, grid, t_x, t_grid, d, **options, coordinates="pixel").values():
        assert_exact(result, term)


@both_engines
@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("size", [(3, 4, 5), (1, 2, 7)])
def test_exact_maps_of_a_volume(align, size):
    """Identity, flips, integer shifts and quarter turns are exact, whatever the texels."""
    x = Numbers(96).uniform((1, *size, 2))
    options = {"align_corners": align, "layout": "NDHWC"}
    identity = np.eye(3, 4)[None]
    assert (npstn.spatial_transformer_network(x, identity, **options) == x).all()
    for axis in range(3):
        flip = identity.copy()
        flip[0, axis, axis] = -1
        out = npstn.spatial_transformer_network(x, flip, **options)
        assert (out == np.flip(x, 3 - axis)).all()
    turn = np.array([[[0.0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 1, 0]]])
    dims = size[0], size[2], size[1]
    out = npstn.spatial_transformer_network(x, turn, dims, **options)
    assert (out == np.rot90(x, 1, (3, 2))).all() or (out == np.rot90(x, 1, (2, 3))).all()
    if not align:
        shift = identity.copy()
        shift[0, :, 3] = [2 / n for n in reversed(size)]
        out = npstn.spatial_transformer_network(x, shift, **options)
        want = np.zeros_like(x)
        want[:, :-1, :-1, :-1] = x[:, 1:, 1:, 1:]
        assert abs(out - want).max() < 1e-14
