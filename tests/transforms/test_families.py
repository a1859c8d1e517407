"""What holds for every family. A new row of FAMILIES is tested here by itself."""

import inspect
import pickle
from contextlib import suppress
from dataclasses import replace
from typing import get_type_hints

import numpy as np
import pytest
from support import Numbers, api
from support.api import check_docstring, check_jvp, check_names, check_signature, check_vjp

import npstn
from npstn import testing, transforms
from npstn.transforms import FAMILIES, Family, affine_grid, affine_grid_vjp, family

ENTRIES = {2: 50, 3: 10}  # of the parameters, moved one by one
POINTS = Numbers(400).uniform((7, 2), -0.9, 0.9)
VOLUME = Numbers(415).uniform((8, 3), -0.9, 0.9)
OPTIONS = [
    ("rst", {"rotation": False}),
    ("rst", {"scale": False}),
    ("rst", {"translation": False}),
    ("rst", {"rotation": False, "scale": False}),
    ("rst", {"rotation": False, "translation": False}),
    ("rst", {"scale": False, "translation": False}),
    ("tps", {"control_points": POINTS}),
    ("tps", {"control_points": POINTS, "regularization": 0.3}),
    ("tps", {"regularization": 50.0}),
    ("tps", {"units": "pixel"}),
    ("tps", {"control_points": VOLUME, "units": "pixel", "regularization": 0.3}),
    ("piecewise_affine", {"control_points": POINTS}),
]
VARIANTS = {name: family(name) for name in FAMILIES}
VARIANTS |= {f"{name}-{'-'.join(options)}": family(name, **options) for name, options in OPTIONS}
DIMS, LARGE = {2: (4, 5), 3: (3, 4, 2)}, {2: (64, 64), 3: (2, 33, 9)}
CASES = {f"{name}-{rank}D": (v, rank) for name, v in VARIANTS.items() for rank in v.ranks}
AFFINE = {name: (v, rank) for name, (v, rank) in CASES.items() if v.theta}

every = pytest.mark.parametrize(("row", "rank"), CASES.values(), ids=CASES.keys())
affine = pytest.mark.parametrize(("row", "rank"), AFFINE.values(), ids=AFFINE.keys())
aligned = pytest.mark.parametrize("align", [True, False])


def near_identity(
    row: Family, rank: int = 2, leading: tuple[int, ...] = (2,), seed: int = 401
) -> np.ndarray:
    identity = row.identity(rank)
    return identity + Numbers(seed).uniform((*leading, len(identity)), -0.15, 0.15)


def lattice(dims: tuple[int, ...], align: bool = True) -> np.ndarray:
    return affine_grid(np.eye(len(dims), len(dims) + 1)[None], dims, align_corners=align)


@every
@aligned
@pytest.mark.parametrize("dims", [(3, 4, 5), (2, 1, 7), (1, 23, 1), (3, 19, 30)])
def test_identity(row, rank, align, dims):
    dims = dims[-rank:]
    grid = row.grid(row.identity(rank)[None], dims, align_corners=align)
    if row.theta or row.name == "projective":
        assert grid.tobytes() == lattice(dims, align).tobytes()
    else:
        bound = 1e-13
        if row.name == "tps":  # pixels may be much longer one way than the other
            condition = transforms.tps_condition(dims, align_corners=align, **row.core.keywords)
            bound = max(bound, condition * 2.0**-53)
        assert np.abs(grid - lattice(dims, align)).max() <= bound


@every
@aligned
def test_derivatives_against_differences(row, rank, align):
    params, dims = near_identity(row, rank), DIMS[rank]
    report = testing.check_vjp(
        lambda p: row.grid(p, dims, align_corners=align),
        lambda d, p: (row.vjp(d, p, align_corners=align),),
        [params],
        max_entries=ENTRIES[rank],
    )
    assert report.inputs[0].checked == min(params.size, ENTRIES[rank])
    assert report.inputs[0].unresolved == 0
    t = Numbers(402).uniform(params.shape)
    grid, t_grid = row.jvp(params, t, dims, align_corners=align)
    assert (grid == row.grid(params, dims, align_corners=align)).all()
    step = 2.0**-17
    ends = [row.grid(params + s * t, dims, align_corners=align) for s in (step, -step)]
    np.testing.assert_allclose(t_grid, (ends[0] - ends[1]) / (2 * step), atol=1e-8)


@every
def test_adjoint(row, rank):
    params, dims = near_identity(row, rank, (2, 3)), DIMS[rank]
    t, d = Numbers(403).uniform(params.shape), Numbers(404).uniform((2, 3, *dims, rank))
    testing.dot_test(lambda t: row.jvp(params, t, dims)[1], lambda d: row.vjp(d, params), t, d)


@every
def test_each_map_is_by_itself(row, rank):
    params, dims = near_identity(row, rank, (2, 3)), DIMS[rank]
    d = Numbers(405).uniform((2, 3, *dims, rank))
    grid, d_params = row.grid(params, dims), row.vjp(d, params)
    assert grid.shape == (2, 3, *dims, rank)
    for b, k in np.ndindex(2, 3):
        one = params[b : b + 1, k]
        assert (row.grid(one, dims)[0] == grid[b, k]).all()
        assert (row.vjp(d[b : b + 1, k], one)[0] == d_params[b, k]).all()


@every
def test_dtypes_strides_and_inputs_left_alone(row, rank):
    params, dims = near_identity(row, rank).astype(np.float32), DIMS[rank]
    wide = params.astype(np.float64)
    d = Numbers(406).uniform((2, *dims, rank))
    grid, d_params = row.grid(params, dims), row.vjp(d, wide)
    assert grid.dtype == np.float64
    assert (grid == row.grid(wide, dims)).all()
    assert row.vjp(d, params).dtype == np.float32
    assert (row.vjp(d, params) == d_params.astype(np.float32)).all()
    strided = np.repeat(wide, 2, axis=1)[:, ::2]
    strided.flags.writeable = False
    assert (row.grid(strided, dims) == grid).all()
    swapped = wide.astype(">f8")
    assert (row.grid(swapped, dims) == grid).all()
    assert row.vjp(d, swapped).dtype == np.dtype("=f8")
    assert (wide == params).all()


@every
def test_nothing(row, rank):
    params = near_identity(row, rank)
    for dims in ((2, 0, 5)[-rank:], (2, 3, 0)[-rank:]):
        assert row.grid(params, dims).shape == (2, *dims, rank)
        d = np.zeros((2, *dims, rank))
        assert (row.vjp(d, params) == np.zeros(params.shape)).all()
    dims = DIMS[rank]
    assert row.grid(params[:0], dims).shape == (0, *dims, rank)


@every
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_seen(row, rank, value):
    params, dims = near_identity(row, rank), (2, 6, 5)[-rank:]
    params[0, 0] = value
    grid = row.grid(params, dims)
    assert not np.isfinite(grid[0]).all()
    assert (grid[1] == row.grid(params[1:], dims)[0]).all()
    row.jvp(params, params, dims)
    row.vjp(grid, params)


@affine
def test_theta(row, rank):
    theta, theta_jvp, theta_vjp = row.theta
    params, dims, shape = near_identity(row, rank), DIMS[rank], (rank, rank + 1)
    assert theta(params).shape == (2, *shape)
    assert theta(near_identity(row, rank, (2, 3))).shape == (2, 3, *shape)
    assert (row.grid(params, dims) == affine_grid(theta(params), dims)).all()
    d, t = Numbers(407).uniform((2, *shape)), Numbers(408).uniform(params.shape)
    testing.check_vjp(theta, lambda d, p: (theta_vjp(d, p),), [params], d)
    testing.dot_test(lambda t: theta_jvp(params, t)[1], lambda d: theta_vjp(d, params), t, d)
    assert (theta_jvp(params, t)[0] == theta(params)).all()
    assert (theta_vjp(d.reshape(2, -1), params) == theta_vjp(d, params)).all()
    d_grid = Numbers(409).uniform((2, *dims, rank))
    assert (row.vjp(d_grid, params) == theta_vjp(affine_grid_vjp(d_grid), params)).all()
    with pytest.raises(ValueError, match="d_theta"):
        theta_vjp(d[:1], params)


def test_affine_takes_both_shapes_and_volumes():
    row, theta = FAMILIES["affine"], Numbers(410).uniform((2, 3, 4))
    d = Numbers(411).uniform((2, 3, 4, 2, 3))
    assert row.grid(theta, (3, 4, 2)).shape == (2, 3, 4, 2, 3)
    assert (row.vjp(d, theta) == affine_grid_vjp(d)).all()
    assert row.vjp(d, theta.reshape(2, 12)).shape == (2, 12)
    assert row.theta[0](theta.reshape(2, 12)).shape == (2, 3, 4)
    with pytest.raises(ValueError, match=r"params has shape \(2, 8\), expected \(B, 6\)"):
        row.theta[0](np.zeros((2, 8)))
    with pytest.raises(ValueError, match=r"d_grid has shape .* expected \(B, Do, Ho, Wo, 3\)"):
        row.vjp(np.zeros((2, 3, 4, 5, 2)), theta)
    with pytest.raises(ValueError, match=r"out_dims is \(4, 2\), expected three integers"):
        row.grid(theta, (4, 2))


@every
@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"params": [[1.0, 0.0]]}, TypeError, "params is list"),
        ({"params": np.ones((2, 99))}, ValueError, r"shape \(2, 99\)"),
        ({"params": np.ones(6)}, ValueError, r"shape \(6,\)"),
        ({"params": np.ones((2, 6), int)}, TypeError, "int64"),
        ({"out_dims": (3, -1)}, ValueError, "out_dims"),
        ({"out_dims": 3}, TypeError, "out_dims"),
        ({"align_corners": "yes"}, TypeError, "align_corners"),
        ({"t_params": np.ones((1, 3))}, ValueError, "t_"),
        ({"t_params": None}, TypeError, "t_"),
        ({"maps of d_grid": 3}, ValueError, r"\(3,"),
        ({"d_grid": np.ones((2, 4, 5))}, ValueError, "d_grid"),
        ({"d_grid": np.ones((2, 4, 5, 2), int)}, TypeError, "d_grid"),
    ],
)
def test_bad_input(row, rank, change, error, match):
    params, dims = near_identity(row, rank), DIMS[rank]
    d_grid = np.ones((change.get("maps of d_grid", 2), *dims, rank))
    good = {"params": params, "t_params": params, "out_dims": dims, "d_grid": d_grid}
    good |= {"align_corners": True} | change
    params, options = good["params"], {"align_corners": good["align_corners"]}
    calls = {
        "grid": lambda: row.grid(params, good["out_dims"], **options),
        "jvp": lambda: row.jvp(params, good["t_params"], good["out_dims"], **options),
        "vjp": lambda: row.vjp(good["d_grid"], params, **options),
    }
    seen_by = {"t_params": ["jvp"], "d_grid": ["vjp"], "out_dims": ["grid", "jvp"]}
    seen_by["maps of d_grid"] = ["vjp"]
    if change.keys() == {"params"} and row.name == "affine":
        match = match.replace("params", "theta|params")
    for name in seen_by.get(next(iter(change)), calls):
        with pytest.raises(error, match=match):
            calls[name]()


@pytest.mark.parametrize(
    ("name", "options", "error", "match"),
    [
        ("spline", {}, ValueError, "'spline', expected one of 'affine', 'attention'"),
        (3, {}, TypeError, "name is 3"),
        ("tps", {"lambda_": 1.0}, TypeError, "lambda_ .* control_points, regularization"),
        ("tps", {"align_corners": True}, TypeError, "align_corners is no option"),
        ("attention", {"scale": True}, TypeError, "scale .* none"),
        ("tps", {"regularization": -1.0}, ValueError, "regularization is -1.0"),
        ("tps", {"regularization": np.inf}, ValueError, "regularization is inf"),
        ("tps", {"regularization": "much"}, TypeError, "regularization is 'much'"),
        ("tps", {"regularization": True}, TypeError, "regularization is True"),
        ("tps", {"units": "inch"}, ValueError, "units is 'inch', expected one of 'normalized', 'p"),
        ("tps", {"units": 1}, TypeError, "units is 1"),
        ("rst", {"scale": 1}, TypeError, "scale is 1"),
        ("rst", dict.fromkeys(("rotation", "scale", "translation"), False), ValueError, "False"),
    ],
)
def test_bad_families(name, options, error, match):
    with pytest.raises(error, match=match):
        family(name, **options)


@pytest.mark.parametrize("name", ["tps", "piecewise_affine"])
@pytest.mark.parametrize(
    ("points", "error", "match"),
    [
        ([[0.0, 0.0]], TypeError, "control_points is list"),
        (np.zeros((2, 2)), ValueError, "3 points"),
        (np.zeros((4, 5)), ValueError, r"\(4, 5\), expected \(K, 2\)"),
        (np.zeros(4), ValueError, r"\(4,\), expected \(K, 2\)"),
        (np.array([[0.0, 0], [1, 0], [0, np.nan]]), ValueError, r"control_points\[2\]"),
        (np.array([[0.0, 0], [1, 0], [0, 1], [1, -0.0]]), ValueError, r"\[1\] and \[3\]"),
        (np.array([[0.1, 0.1], [0.2, 0.2], [0.7, 0.7]]), ValueError, "line"),
        (np.array([[0.0, 1], [0.5, 1], [2, 1], [3, 1]], np.float32), ValueError, "line"),
    ],
)
def test_bad_control_points(name, points, error, match):
    with pytest.raises(error, match=match):
        family(name, control_points=points)
    with pytest.raises(error, match=match):
        getattr(transforms, f"{name}_identity")(control_points=points)


@pytest.mark.parametrize(
    ("points", "match"),
    [
        (np.zeros((3, 3)), r"\(3, 3\), expected 4 points or more"),
        (np.array([[0.0, 0, 0], [1, 0, 2], [0, 1, 3], [1, 1, 5], [2, 3, 13]]), "one plane"),
        (np.array([[0.0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 3, 3]]), "one plane, expected four"),
        (np.array([[0.0, 0, 0], [1, 0, 0], [0, np.inf, 0], [0, 0, 1]]), r"control_points\[2\]"),
    ],
)
def test_bad_control_points_of_a_volume(points, match):
    with pytest.raises(ValueError, match=match):
        family("tps", control_points=points)
    with pytest.raises(ValueError, match=r"\(\d, 3\), expected \(K, 2\)$"):
        family("piecewise_affine", control_points=points)


def test_control_points_say_the_rank():
    image, volume = (family("tps", control_points=points) for points in (POINTS, VOLUME))
    assert (image.ranks, volume.ranks, FAMILIES["tps"].ranks) == ((2,), (3,), (2, 3))
    assert (image.linear, volume.linear) == ((2,), (3,))
    assert (volume.identity() == VOLUME.ravel()).all()
    with pytest.raises(ValueError, match=r"rank is 2, expected 3$"):
        volume.identity(2)
    with pytest.raises(ValueError, match=r"shape \(1, 14\), expected \(B, 24\) or \(B, K, 24\)$"):
        volume.grid(np.zeros((1, 14)), (2, 3, 4))
    with pytest.raises(ValueError, match=r"out_dims is \(3, 4\), expected three integers"):
        volume.grid(np.zeros((1, 24)), (3, 4))
    x, theta = np.zeros((1, 2, 3, 4, 1)), image.identity()[None]
    with pytest.raises(ValueError, match=r"'tps' for images, expected .* or 'tps' for volumes"):
        npstn.spatial_transformer_network(x, theta, transform=image, layout="NDHWC")


def test_options_are_bound_and_copied():
    points = POINTS.copy()
    row = family("tps", control_points=points, regularization=0.5)
    params, dims = near_identity(row), DIMS[2]
    expected = transforms.tps_grid(params, dims, control_points=POINTS, regularization=0.5)
    points[:] = 0.0
    assert (row.grid(params, dims) == expected).all()
    assert (row.identity() == POINTS.ravel()).all()
    assert family("rst", scale=False).theta[0](np.zeros((1, 3))).tolist() == [
        [[1, 0, 0], [0, 1, 0]]
    ]
    assert row == row
    with pytest.raises(AttributeError):
        row.name = "other"


def ranks_of(row: Family) -> tuple[int, ...]:
    """The ranks of the outputs that a family really has a grid for."""
    found = []
    for rank in (2, 3):
        with suppress(ValueError):
            rows = row.core().read("params", row.identity(rank)[None], rank)
            dims = (4, 3, 2)[-rank:]
            if row.core().grid(rows.p, dims, True).shape == (1, *dims, rank):
                found.append(rank)
    return tuple(found)


def check_fields(row: Family) -> None:
    """Raise unless the ranks and the linearity in a row are those of its functions."""
    if ranks_of(row) != row.ranks:
        raise AssertionError(f"{row.name} is stated to have the ranks {row.ranks}")
    for rank in row.ranks:
        t = Numbers(412).uniform((2, len(row.identity(rank))))
        params = (near_identity(row, rank, seed=seed) for seed in (413, 414))
        here, there = (row.jvp(p, t, DIMS[rank])[1] for p in params)
        if (rank in row.linear) != (here == there).all():
            raise AssertionError(f"{row.name} is stated to be linear in the ranks {row.linear}")


@pytest.mark.parametrize("row", FAMILIES.values(), ids=FAMILIES.keys())
def test_an_identity_of_another_rank_is_refused(row):
    lowest, *_ = row.ranks
    assert (row.identity() == row.identity(lowest)).all()
    row.identity()[0] = 7.0  # a copy
    assert row.identity()[0] != 7.0
    expected = f"expected {' or '.join(map(str, row.ranks))}$"
    for rank, error in ((4, ValueError), (1, ValueError), (2.0, TypeError), (True, TypeError)):
        with pytest.raises(error, match=f"rank is {rank}, {expected}"):
            row.identity(rank)
    if row.ranks == (2,):
        with pytest.raises(ValueError, match="rank is 3, expected 2"):
            row.identity(3)


@pytest.mark.parametrize("row", FAMILIES.values(), ids=FAMILIES.keys())
def test_rows_state_ranks_and_linearity(row):
    check_fields(row)
    for linear in {(), (2,), (3,), (2, 3)} - {row.linear}:
        if set(linear) <= set(row.ranks):
            with pytest.raises(AssertionError, match="linear"):
                check_fields(replace(row, linear=linear))
    wrong = {(2,), (3,), (2, 3)} - {row.ranks}
    for ranks in wrong:
        with pytest.raises(AssertionError, match="ranks"):
            check_fields(replace(row, ranks=ranks))


@pytest.mark.parametrize("name", [n for n in transforms.__all__ if "_grid" in n or "_theta" in n])
def test_public_functions_are_themselves_when_they_are_pickled(name):
    function = getattr(transforms, name)
    assert inspect.isfunction(function)
    assert function.__name__ == function.__qualname__ == name
    assert pickle.loads(pickle.dumps(function)) is function
    hints = get_type_hints(function)
    assert list(hints) == [*inspect.signature(function).parameters, "return"]


@every
def test_families_can_be_pickled(row, rank):
    again, params = pickle.loads(pickle.dumps(row)), near_identity(row, rank)
    assert (again.grid(params, DIMS[rank]) == row.grid(params, DIMS[rank])).all()


@pytest.mark.parametrize(
    ("function", "match"),
    [
        ("attention_grid", "'attention', which has none"),
        ("similarity_theta_jvp", "'similarity', which has none"),
        ("rst_grid_vjp", "'rst', expected one of rotation, scale, translation"),
        ("tps_grid_jvp", "'tps', expected one of control_points, regularization"),
    ],
)
def test_an_unknown_option_of_a_derived_function(function, match):
    arguments = [np.zeros((1, 3))] * (2 if "vjp" in function or "jvp" in function else 1)
    if "grid" in function and "vjp" not in function:
        arguments.append(DIMS[2])
    with pytest.raises(TypeError, match=f"spin is no option of the family {match}"):
        getattr(transforms, function)(*arguments, spin=True)


def public() -> dict[str, object]:
    return {
        n: getattr(transforms, n) for n in transforms.__all__ if n not in ("FAMILIES", "Family")
    }


@pytest.mark.parametrize("name", public())
def test_public_functions_are_typed_and_documented(name, monkeypatch):
    function = public()[name]
    check_signature(name, function)
    if inspect.signature(function).parameters:
        check_docstring(name, function)
    vjp = public().get(f"{name}_vjp")
    if vjp:
        results = {"compose": "theta", "invert": "inverse", **api.RESULTS}
        result = results.get(name, name.rpartition("_")[2])
        monkeypatch.setitem(api.RESULTS, name, result)
        check_vjp(name, function, vjp)
    jvp = public().get(f"{name}_jvp")
    if jvp:
        check_jvp(name, function, jvp)


def test_all_lists_the_public_names():
    check_names(transforms)
    assert npstn.affine_grid is transforms.affine_grid


@every
@pytest.mark.parametrize("sizes", [{2: (7, 5), 3: (2, 3, 5)}, {2: (1, 1), 3: (1, 1, 1)}, LARGE])
def test_a_map_has_the_bits_it_has_alone(row, rank, sizes):
    params, dims = near_identity(row, rank, (9,)), sizes[rank]
    grid = row.grid(params, dims)
    for n in range(9):
        assert (row.grid(params[n : n + 1], dims)[0] == grid[n]).all()
