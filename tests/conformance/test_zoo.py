"""Every bug shows in every dialect that it fits, and changes nothing else."""

from collections import Counter
from operator import itemgetter

import numpy as np
import pytest
from support.dialects import cases
from support.zoo import call, functions, inputs

from npstn import conformance, dialects
from npstn.conformance import zoo
from npstn.conformance._ops import as_backend, function_of, row_of
from npstn.conformance._plain import Plain
from npstn.conformance.zoo import ZOO
from npstn.dialects._functions import PROBLEMS, build

ALIKE = {("opencv", "nan-is-first")}  # its row of float64 has no NaN that stays one
FAST = {"stn", "mxnet", "stnbhwd", "jax"}  # torch has all options, and takes 10 s


def right(system, name):
    made, function = dialects.get(system), function_of(row_of(system), name)
    fn, vjp = getattr(made, name), getattr(made, f"{name}_vjp")
    return as_backend(fn, function), as_backend(vjp, function, 1)


@np.errstate(all="ignore")
def several(function, *args, **options):
    found = function(*args, **options)
    return found if isinstance(found, tuple) else (found,)


def same(a, b, tolerance):
    return all(
        np.allclose(u, v, rtol=tolerance, atol=tolerance, equal_nan=True)
        for u, v in zip(a, b, strict=True)
    )


def test_entries_are_complete_and_no_two_alike():
    assert len(ZOO) >= 26
    assert len({bug.name for bug in ZOO}) == len({bug.sentence for bug in ZOO}) == len(ZOO)
    for bug in ZOO:
        assert bug.clause in {f"R{n}" for n in range(1, 46)}
        assert bug.source
        assert str(bug) == f"{bug.name}: {bug.sentence} ({bug.source}; {bug.clause})"
        assert any(bug.fits(*function) for function in functions())


def test_a_bug_is_found_by_its_name():
    assert zoo.get("swapped-xy").clause == "R4"


def test_bugs_are_found_by_their_clause():
    assert zoo.get("swapped-xy") in zoo.breaking("R4")
    assert sum(len(zoo.breaking(f"R{n}")) for n in range(1, 46)) == len(ZOO)
    assert zoo.breaking("R44") == ()
    with pytest.raises(ValueError, match="name is 'swaped-xy', expected one of width-minus-2"):
        zoo.get("swaped-xy")


def test_what_does_not_fit_is_refused():
    bug = zoo.get("wrap-off-by-1")
    assert not bug.fits("torch", "grid_sample")
    with pytest.raises(ValueError, match="wrap-off-by-1 fits no grid_sample of PyTorch"):
        bug.functions("torch", "grid_sample")
    with pytest.raises(ValueError, match="op is 'warp_affine', expected one of affine_grid"):
        bug.fits("torch", "warp_affine")


@pytest.mark.parametrize("system", ["torch", "voxelmorph", "keras"])
def test_the_plain_sampler_is_right(system):
    for name in (f.name for f in dialects.get(system).row.functions if f.op in PROBLEMS):
        row = row_of(system)
        function = function_of(row, name)
        if function.op not in ("sample", "warp"):
            continue
        base = PROBLEMS[function.op]
        problems = {function.op: type(base.__name__, (base,), {"sampling": Plain})}
        (_, fn), (_, vjp) = build(row, function, problems)
        made = dialects.get(system)
        for case in cases(system, name, kinds=("random", "kinks", "inf")):
            if case.dtype != "float64":
                continue
            wanted = several(getattr(made, name), **case.given)
            assert same(several(fn, **case.given), wanted, 1e-12), case
            wanted = several(getattr(made, f"{name}_vjp"), case.d_out, **case.given)
            assert same(several(vjp, case.d_out, **case.given), wanted, 1e-11), case


@pytest.mark.parametrize(
    ("system", "name"),
    [
        pytest.param(*f, marks=() if f[0] in FAST else pytest.mark.slow, id=".".join(f))
        for f in functions()
    ],
)
def test_bugs_show_and_those_of_gradients_in_gradients_only(system, name):
    fn, vjp = right(system, name)
    left = {bug.name: (bug, *bug.functions(system, name)) for bug in ZOO if bug.fits(system, name)}
    assert len(left) >= 6
    for case in inputs(system, name):
        arrays, options = call(system, name, case)
        tolerance = 1e-9 if case.dtype == "float64" else 1e-4
        try:
            wanted = several(fn, *arrays, **options)
        except ValueError:  # no inverse
            continue
        d = np.resize(case.d_out, wanted[0].shape) + np.arange(wanted[0].size).reshape(
            wanted[0].shape
        ).astype(case.d_out.dtype)
        wanted_d = several(vjp, d, *arrays, **options)
        for bug, wrong, wrong_vjp in list(left.values()):
            changed = not same(several(wrong, *arrays, **options), wanted, tolerance)
            if bug.effect == "gradient":
                assert not changed, (bug, case)
                changed = not same(several(wrong_vjp, d, *arrays, **options), wanted_d, tolerance)
            if changed:
                del left[bug.name]
        if not left:
            break
    assert not left, sorted(left)


@pytest.mark.parametrize(
    ("system", "op", "dtype"),
    [
        ("jax", "map_coordinates", "float64"),
        pytest.param("scipy", "map_coordinates", "float64", marks=pytest.mark.slow),
        pytest.param("opencv", "remap", "float64", marks=pytest.mark.slow),
        pytest.param("onnx", "GridSample", "float64", marks=pytest.mark.slow),
    ],
)
def test_checks_fail_every_bug(system, op, dtype):
    """In one case at least that the function without it passes; a case of each kind in turn."""
    fn, vjp = right(system, op)
    turns, count = [], Counter()
    for case in conformance.cases(op, system, dtype=dtype):
        turns.append((count[case.kind], case))
        count[case.kind] += len(case.size) == 2
    drawn = [case for _, case in sorted(turns, key=itemgetter(0)) if len(case.size) == 2]
    for bug in ZOO:
        if not bug.fits(system, op) or (system, bug.name) in ALIKE:
            continue
        wrong, wrong_vjp = bug.functions(system, op)
        found = (case for case in drawn if failed(case, op, wrong, wrong_vjp))
        assert any(not failed(case, op, fn, vjp) for case in found), bug


def failed(case, op, fn, vjp):
    return not conformance.check(fn, op, case.dialect, case.dtype, vjp, only=[case]).passed


def bilinear(name, p):
    """Three equal rows of five texels, at pixels p of the second, by PyTorch with a bug."""
    x = np.tile([3.0, 1.0, 4.0, 1.5, 9.0], (3, 1))[None, None]
    grid = np.stack([p / 2 - 1, np.zeros_like(p)], -1)[None, None]
    wrong, wrong_vjp = zoo.get(name).functions("torch", "grid_sample")
    options = {"mode": "bilinear", "padding_mode": "zeros", "align_corners": True}
    out = wrong(x, grid, **options)
    return x, grid, out.ravel(), wrong_vjp(np.ones_like(out), x, grid, **options)[1][0, 0, :, 0]


def test_the_two_bugs_of_stn_are_those_of_its_row():
    p = np.array([-0.25, 0.0, 0.5, 1.75, 2.5, 3.5, 4.0, 4.5])
    row = dialects.get("stn")
    for name, scale in (("width-minus-2", 1.0), ("clipped-corners", 4 / 3)):
        x, grid, out, d = bilinear(name, p)
        image = np.moveaxis(x, 1, -1).astype(np.float32)
        g = ((grid[..., 0] + 1) * scale - 1).astype(np.float32)
        wanted = row.bilinear_sampler(image, g, np.zeros_like(g)).ravel()
        # Times 4/3 the last point is not one in float32.
        counts = (p >= 0) & (p <= 4) if name == "width-minus-2" else p != 4
        np.testing.assert_allclose(out[counts], wanted[counts], atol=1e-5)
    assert (out[[0, -2, -1]] == 0).all()
    assert d[2] == (1.0 - 3.0) * 2


def test_numbers_by_hand():
    _, _, out, _ = bilinear("truncated-cell", np.array([-0.5]))
    assert out == 3.0 * 1.5 - 1.0 * 0.5
    _, _, out, _ = bilinear("first-lost", np.array([0.0, 4.0]))
    assert out.tolist() == [0.0, 9.0]
    _, _, _, d = bilinear("dgrid-without-factor", np.array([0.5]))
    assert d == -2.0
