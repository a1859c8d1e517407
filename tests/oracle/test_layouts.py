"""The options of the exact oracle are those of the public functions; the layout moves channels."""

from typing import get_args

import numpy as np
import pytest
from support.api import options
from support.options import COORDINATES, FIRST, KINDS, LAST, LAYOUTS, MODES, PADDINGS
from support.oracle import integers, module_case, module_terms, sample_case, sample_terms

import npstn
from npstn.contract import SLACK, bound
from npstn.oracle import exact
from npstn.oracle.bounds import ratios

C, FILL = 3, np.array([0.375, -7.0, 2.0])
X_SHAPES, DIMS = {2: (2, 4, 5, C), 3: (2, 2, 4, 5, C)}, {2: (4, 1), 3: (2, 1, 4)}
IMAGES = {"out", "d_x", "t_out", "dd_out", "dd_x"}  # results with channels
PUBLIC = {name: getattr(npstn, name) for name in npstn.__all__ if hasattr(exact, name)}
PUBLIC = {name: f for name, f in PUBLIC.items() if not name.startswith("affine")}
PUBLIC["grid_sample_vjp_fill"] = npstn.grid_sample_vjp
every_case = pytest.mark.parametrize(
    ("points", "rank", "mode", "maps"),
    [(p, *kind, maps) for p in ("grid", "theta") for kind in KINDS for maps in ((), (2,))],
    ids=str,
)


def check_options(name, public, oracle):
    ours = {p.name: p.default for p in options(public) if p.name != "transform"}
    found = {p.name: p.default for p in options(oracle)}
    if ours != found:
        raise AssertionError(f"{name} has {found}, expected {ours}")


@pytest.mark.parametrize(("name", "public"), PUBLIC.items())
def test_options_are_those_of_the_public_function(name, public):
    check_options(name, public, getattr(exact, name))


def test_every_function_is_compared():
    others = {"affine_grid", "affine_grid_vjp", "Exact", "Term"}
    assert set(exact.__all__) - others == set(PUBLIC)
    assert len(PUBLIC) == 7


def test_planted_faults_in_options_are_found():
    def public(x, *, transform="affine", mode="a", layout="b", wrt=("x",)): ...
    def same(x, y, *, layout="b", mode="a"): ...
    def fewer(x, *, mode="a"): ...
    def more(x, *, mode="a", layout="b", fill_value=0.0): ...
    def another_default(x, *, mode="a", layout="c"): ...
    def swallowed(x, *, mode="a", **rest): ...

    check_options("same", public, same)
    for fault in (fewer, more, another_default, swallowed):
        with pytest.raises(AssertionError, match="fault has"):
            check_options("fault", public, fault)


def test_words_are_those_of_the_public_functions():
    words = {exact.Mode: MODES, exact.Padding: PADDINGS}
    words |= {exact.Coordinates: COORDINATES, exact.Layout: LAYOUTS}
    for kind, ours in words.items():
        assert set(get_args(kind)) == set(ours)


def sample_results(tangents, x, grid, **rule):
    """All results of the public sampler."""
    d_out, t_x, t_grid = tangents
    every = "x", "grid", "fill_value"
    d_x, d_grid, d_fill = npstn.grid_sample_vjp(d_out, x, grid, wrt=every, **rule)
    return {
        "out": npstn.grid_sample(x, grid, **rule),
        "d_x": d_x,
        "d_grid": d_grid,
        "t_out": npstn.grid_sample_jvp(x, grid, t_x, t_grid, **rule)[1],
        **named("grid", npstn.grid_sample_vjp_vjp(t_x, t_grid, d_out, x, grid, **rule)),
        "d_fill": d_fill,
    }


def module_results(tangents, x, theta, dims, **rule):
    """The same of the public module, but that of the fill."""
    d_out, t_x, t_theta = tangents
    d_x, d_theta = npstn.spatial_transformer_network_vjp(d_out, x, theta, **rule)
    vjp_vjp = npstn.spatial_transformer_network_vjp_vjp
    return {
        "out": npstn.spatial_transformer_network(x, theta, dims, **rule),
        "d_x": d_x,
        "d_theta": d_theta,
        "t_out": npstn.spatial_transformer_network_jvp(x, theta, t_x, t_theta, dims, **rule)[1],
        **named("theta", vjp_vjp(t_x, t_theta, d_out, x, theta, **rule)),
    }


def named(points, second):
    return dict(zip(("dd_out", "dd_x", f"dd_{points}"), second, strict=True))


def wanted(points, case, **rule):
    """The terms of the same."""
    (d_out, *_), *inputs = case
    found = (sample_terms if points == "grid" else module_terms)(*case, **rule)
    names = "out", "d_x", f"d_{points}", "t_out", *named(points, [0] * 3)
    terms = dict(zip(names, found, strict=True))
    if points == "grid":
        terms["d_fill"] = exact.grid_sample_vjp_fill(d_out, *inputs, **rule)
    return terms


def first(case, rank):
    """The same case with channels first."""
    (d_out, t_x, t_points), x, *rest = case
    d_out, t_x, x = (np.moveaxis(a, -1, -1 - rank) for a in (d_out, t_x, x))
    return (d_out, t_x, t_points), x, *rest


def new_case(points, rank, maps):
    """Small integers over 8, and points around the image."""
    numbers, dims = integers(60, 8), DIMS[rank]
    if points == "grid":
        tangents, x, grid = sample_case(numbers, X_SHAPES[rank], (2, *maps, *dims, rank))
        return tangents, x, 1.5 * grid
    shape = (2, *maps, rank, rank + 1)
    return module_case(numbers, X_SHAPES[rank], shape, maps, dims)


@every_case
def test_channels_first_are_those_that_were_last(points, rank, mode, maps):
    """Values, magnitudes and counts: the same numbers at their places."""
    case, rule = new_case(points, rank, maps), {"mode": mode, "fill_value": FILL}
    plain = wanted(points, case, **rule)
    last = wanted(points, case, layout=LAST[rank], **rule)
    found = wanted(points, first(case, rank), layout=FIRST[rank], **rule)
    for name, term in plain.items():
        for a, b, c in zip(term, last[name], found[name], strict=True):
            expected = np.moveaxis(a, -1, -1 - rank) if name in IMAGES else a
            assert a.shape == b.shape
            assert c.shape == expected.shape
            assert (a == b).all()
            assert (c == expected).all()


@every_case
@pytest.mark.usefixtures("plain")
def test_the_public_functions_are_within_their_bounds(points, rank, mode, maps):
    case = first(new_case(points, rank, maps), rank)
    rule = {"mode": mode, "fill_value": FILL, "layout": FIRST[rank]}
    results = (sample_results if points == "grid" else module_results)(*case, **rule)
    terms = wanted(points, case, **rule)
    assert list(results) == list(terms)
    for name, term in terms.items():
        assert results[name].shape == term.value.shape, name
        limit = bound(name, mode, rank)
        slack = 0 if mode != "bicubic" or name in ("out", "d_x") else SLACK * 4**rank * 6 * 200
        judged = ratios(
            results[name], term, lambda n, b=limit: b.factor(n, C, DIMS[rank]), slack=slack
        )
        assert judged.max() <= 1, name


@pytest.mark.parametrize("points", ["grid", "theta"])
@pytest.mark.parametrize(
    ("rank", "layout"),
    [
        *((2, wrong) for wrong in ("NWHC", "nchw", None, ["NCHW"], LAST[3], FIRST[3])),
        *((3, wrong) for wrong in ("NCWHD", FIRST[2])),
    ],
)
def test_a_wrong_layout_is_refused(points, rank, layout):
    """By all functions. The default is that of images, and does for volumes."""
    tangents, x, *rest = new_case(points, rank, ())
    d_out, t_x, t_points = tangents
    at, *dims = rest
    name = "grid_sample" if points == "grid" else "spatial_transformer_network"
    calls = {
        name: (x, at, *dims),
        f"{name}_jvp": (x, at, *dims, t_x, t_points),
        f"{name}_vjp_vjp": (t_x, t_points, d_out, x, at),
    }
    if points == "grid":
        calls["grid_sample_vjp_fill"] = d_out, x, at
    for function, arguments in calls.items():
        getattr(exact, function)(*arguments)
        with pytest.raises(ValueError, match=r"expected"):
            getattr(exact, function)(*arguments, layout=layout)


def test_what_does_not_fit_a_layout_is_named():
    (d_out, t_x, t_grid), x, grid = first(new_case("grid", 2, ()), 2)
    rule = {"layout": "NCHW"}
    with pytest.raises(ValueError, match=r"^layout='NHCW': expected one of \('NHWC', 'NCHW'"):
        exact.grid_sample(x, grid, layout="NHCW")
    with pytest.raises(ValueError, match=r"^layout='NCDHW': expected one of 4 axes"):
        exact.grid_sample(x, grid, layout="NCDHW")
    for bad in (np.moveaxis(d_out, 1, -1), d_out[0], d_out[0, 0, 0]):
        with pytest.raises(ValueError, match=r"^d_out of shape .*: expected"):
            exact.grid_sample(x, grid, bad, **rule)
    with pytest.raises(ValueError, match=r"^t_x of shape .*: expected"):
        exact.grid_sample_jvp(x, grid, np.moveaxis(t_x, 1, -1), t_grid, **rule)
    with pytest.raises(ValueError, match=r"^fill_value of shape .*: expected .*\(3,\)"):
        exact.grid_sample(x, grid, fill_value=np.ones(4), **rule)
