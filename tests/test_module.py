"""Every family in front of the sampler: what a new row of FAMILIES has to do."""

from dataclasses import replace

import numpy as np
import pytest
from support import Numbers
from support.options import LAST

import npstn
from npstn import _check
from npstn.testing import check_vjp
from npstn.transforms import FAMILIES, family

B, C = 2, 2
SIZE, DIMS = {2: (5, 6), 3: (3, 4, 5)}, {2: (4, 3), 3: (2, 3, 4)}
CASES = [(name, rank) for name, row in FAMILIES.items() for rank in row.ranks]
LINEAR = [(name, rank) for name, rank in CASES if rank in FAMILIES[name].linear]
every_family = pytest.mark.parametrize(("name", "rank"), CASES)


def problem(name, rank=2, many=(), seed=100):
    """x, parameters not far from the identity, tangents of both, and d_out."""
    numbers = Numbers(seed)
    identity = FAMILIES[name].identity(rank)
    x, t_x = numbers.uniform((2, B, *SIZE[rank], C))
    params = identity + 0.15 * numbers.uniform((B, *many, len(identity)))
    t_params = numbers.uniform(params.shape)
    return x, params, t_x, t_params, numbers.uniform((B, *many, *DIMS[rank], C))


@every_family
def test_the_module_is_the_grid_and_the_sampler(name, rank):
    x, params, _, _, d = problem(name, rank)
    for align in (True, False):
        options = {"align_corners": align, "layout": LAST[rank]}
        grid = FAMILIES[name].grid(params, DIMS[rank], align_corners=align)
        out = npstn.spatial_transformer_network(x, params, DIMS[rank], transform=name, **options)
        want = npstn.grid_sample(x, grid, **options)
        np.testing.assert_allclose(out, want, atol=1e-13)
        d_x, d_params = npstn.spatial_transformer_network_vjp(
            d, x, params, transform=name, **options
        )
        same_x, d_grid = npstn.grid_sample_vjp(d, x, grid, **options)
        np.testing.assert_allclose(d_x, same_x, atol=1e-13)
        want = FAMILIES[name].vjp(d_grid, params, align_corners=align)
        np.testing.assert_allclose(d_params, want, atol=1e-11)


@every_family
def test_the_identity(name, rank):
    x, _, _, _, _ = problem(name, rank)
    params = np.tile(FAMILIES[name].identity(rank), (B, 1))
    out = npstn.spatial_transformer_network(x, params, transform=name, layout=LAST[rank])
    if FAMILIES[name].theta is not None:
        assert (out == x).all()
    np.testing.assert_allclose(out, x, atol=1e-13)


@every_family
def test_finite_differences_of_parameters(name, rank):
    x, params, _, _, _ = problem(name, rank)
    options = {"transform": name, "mode": "bicubic", "layout": LAST[rank]}

    def f(x, theta):
        return npstn.spatial_transformer_network(x, theta, DIMS[rank], **options)

    def vjp(d_out, x, theta):
        return npstn.spatial_transformer_network_vjp(d_out, x, theta, **options)

    entries = {2: 40, 3: 8}[rank]
    report = check_vjp(f, vjp, (x[:1], params[:1]), names=("x", "theta"), max_entries=entries)
    assert report.inputs[1].checked == min(entries, params.shape[1])


@every_family
@pytest.mark.parametrize("many", [(), (3,)])
def test_forwards_and_backwards(name, rank, many):
    (x, params, t_x, t_params, d), dims = problem(name, rank, many), DIMS[rank]
    options = {"transform": name, "padding_mode": "border", "layout": LAST[rank]}
    out, t_out = npstn.spatial_transformer_network_jvp(x, params, t_x, t_params, dims, **options)
    assert (out == npstn.spatial_transformer_network(x, params, dims, **options)).all()
    d_x, d_params = npstn.spatial_transformer_network_vjp(d, x, params, **options)
    assert d_params.shape == params.shape
    left, right = (d * t_out).sum(), (d_x * t_x).sum() + (d_params * t_params).sum()
    assert abs(left - right) < 1e-12 * max(1, abs(left))


@pytest.mark.parametrize(("name", "rank"), LINEAR)
def test_second_derivatives_of_linear_families(name, rank):
    """Symmetric, and what differences of the first ones say."""
    (x, params, t_x, t_params, d), dims = problem(name, rank), DIMS[rank]
    s_x, s_params, _, _, _ = problem(name, rank, seed=101)
    options = {"transform": name, "mode": "bicubic", "layout": LAST[rank]}
    second = npstn.spatial_transformer_network_vjp_vjp
    d_d, d_x, d_params = second(t_x, t_params, d, x, params, **options)
    _, e_x, e_params = second(s_x, s_params, d, x, params, **options)
    left = (d_x * s_x).sum() + (d_params * s_params).sum()
    assert abs(left - (e_x * t_x).sum() - (e_params * t_params).sum()) < 1e-10 * abs(left)
    h = 1e-5
    ends = [
        npstn.spatial_transformer_network_vjp(d, x + k * t_x, params + k * t_params, **options)
        for k in (h, -h)
    ]
    for found, plus, minus in zip((d_x, d_params), *ends, strict=True):
        np.testing.assert_allclose(found, (plus - minus) / (2 * h), rtol=1e-5, atol=1e-5)
    _, t_out = npstn.spatial_transformer_network_jvp(x, params, t_x, t_params, dims, **options)
    assert (d_d == t_out).all()


@pytest.mark.parametrize(("name", "rank"), sorted(set(CASES) - set(LINEAR)))
def test_no_second_derivatives_of_the_others(name, rank):
    x, params, t_x, t_params, d = problem(name, rank)
    options = {"transform": name, "layout": LAST[rank]}
    with pytest.raises(ValueError, match=f"transform is '{name}', expected one that is linear"):
        npstn.spatial_transformer_network_vjp_vjp(t_x, t_params, d, x, params, **options)


def test_a_family_with_options():
    x, _, _, _, _ = problem("affine")
    turned = family("rst", scale=False, translation=False)
    out = npstn.spatial_transformer_network(x, np.full((B, 1), np.pi), transform=turned)
    np.testing.assert_allclose(out, x[:, ::-1, ::-1], atol=1e-13)


@every_family
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtypes(name, rank, dtype):
    x, params, t_x, t_params, d = problem(name, rank)
    options = {"transform": name, "layout": LAST[rank]}
    x, t_x, d = (a.astype(dtype) for a in (x, t_x, d))
    other = np.float32 if dtype == np.float64 else np.float64
    params, t_params = params.astype(other), t_params.astype(other)
    out, t_out = npstn.spatial_transformer_network_jvp(
        x, params, t_x, t_params, DIMS[rank], **options
    )
    d_x, d_params = npstn.spatial_transformer_network_vjp(d, x, params, **options)
    assert [a.dtype for a in (out, t_out, d_x, d_params)] == [dtype, dtype, dtype, other]


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"transform": "spline"}, ValueError, "transform is 'spline', expected one of 'affine'"),
        ({"transform": None}, TypeError, "transform is None, expected one of"),
        (
            {"transform": "rst", "layout": "NDHWC", "x": 5},
            ValueError,
            "transform is 'rst' for images, expected 'affine' or .* for volumes",
        ),
        ({"transform": "tps", "theta": np.zeros((B, 6))}, ValueError, r"^theta has shape \(2, 6\)"),
        ({"transform": "similarity", "theta": np.zeros((1, 4))}, ValueError, "batch size 2"),
        ({"transform": "tps", "theta": np.zeros((1, 32))}, ValueError, "batch size 2"),
        ({"transform": "tps", "out_dims": (2, 3, 4)}, ValueError, r"out_dims is \(2, 3, 4\)"),
    ],
)
def test_bad_arguments(change, error, said):
    given = {"x": np.zeros((B, *SIZE[2], C)), "theta": np.zeros((B, 32)), **change}
    if isinstance(given["x"], int):
        given["x"] = np.zeros((B, *SIZE[3], C))
    with pytest.raises(error, match=said):
        npstn.spatial_transformer_network(**given)


def test_planted_ranks_raise():
    volume, image = (np.zeros((B, *SIZE[rank], C)) for rank in (3, 2))
    for name, row in FAMILIES.items():
        theta = np.tile(row.identity(), (B, 1))
        expected = f"transform is '{name}' for images, expected 'affine' or .* for volumes"
        planted = replace(row, ranks=(2,))
        with pytest.raises(ValueError, match=expected):
            npstn.spatial_transformer_network(volume, theta, transform=planted, layout="NDHWC")
        expected = f"transform is '{name}' for volumes, .* 'tps' .* for images"
        with pytest.raises(ValueError, match=expected):
            npstn.spatial_transformer_network(image, theta, transform=replace(row, ranks=(3,)))
        planted = replace(row, ranks=(2, 3))
        if row.ranks == (2,):
            with pytest.raises(ValueError, match="theta is for a rank of 3, expected 2"):
                npstn.spatial_transformer_network(volume, theta, transform=planted, layout="NDHWC")


@every_family
def test_parameters_are_checked_once(name, rank, monkeypatch):
    """And what is computed from them is not checked at all."""
    (x, params, t_x, t_params, d), dims = problem(name, rank), DIMS[rank]
    options = {"transform": name, "layout": LAST[rank]}
    checked, check = [], _check.array

    def recorded(name, *rest):
        checked.append(name)
        return check(name, *rest)

    monkeypatch.setattr(_check, "array", recorded)
    npstn.spatial_transformer_network(x, params, dims, **options)
    npstn.spatial_transformer_network_vjp(d, x, params, **options)
    assert checked.count("theta") == 2
    npstn.spatial_transformer_network_jvp(x, params, t_x, t_params, dims, **options)
    assert (checked.count("theta"), checked.count("t_theta")) == (3, 1)
    if (name, rank) in LINEAR:
        npstn.spatial_transformer_network_vjp_vjp(t_x, t_params, d, x, params, **options)
        assert (checked.count("theta"), checked.count("dd_theta")) == (4, 1)
    assert not {"params", "t_params", "d_theta", "d_grid"} & set(checked)


def test_a_tangent_of_another_shape():
    x, params, t_x, t_params, _ = problem("tps")
    with pytest.raises(ValueError, match=r"t_theta has shape \(1, 32\), expected that of theta"):
        npstn.spatial_transformer_network_jvp(x, params, t_x, t_params[:1], transform="tps")
    with pytest.raises(ValueError, match=r"t_x has shape .* expected that of x"):
        npstn.spatial_transformer_network_jvp(x, params, t_x[:1], t_params, transform="tps")
