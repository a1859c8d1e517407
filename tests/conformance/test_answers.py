"""Answers by hand, and those of npstn's own functions: right, and no slacker than they must be."""

from fractions import Fraction

import numpy as np
import pytest

import npstn
from npstn import dialects
from npstn.conformance import _ops
from npstn.conformance._draw import draw
from npstn.conformance._precision import UNITS
from npstn.conformance.answers import WEIGHTS, answers
from npstn.conformance.judge import judge
from npstn.dialects._signature import roles_of

SAMPLE = _ops.function_of(_ops.row_of("npstn"), "grid_sample")
KINDS = ("lattice", "kinks", "ties", "edges", "outside", "single", "random")
FORWARD = ("nan", "inf", "huge", "leak", "empty")
ROW = np.array([2.0, 1.0, 4.0, 3.0, 5.0])


def at(p, d=None, unit=2.0**-24, align_corners=True, **options):
    """The answers for points (p, 0) of the row; without align_corners it has four texels."""
    row = ROW if align_corners else ROW[:4]
    x = (np.array(p) / 2 - 1) if align_corners else (2 * np.array(p) + 1) / 4 - 1
    grid = np.stack([x, np.zeros(len(p))], -1)[None, None]
    d = None if d is None else np.full((1, 1, len(p), 1), d)
    given = {"x": row[None, None, :, None], "grid": grid, "align_corners": align_corners}
    return answers(SAMPLE, {**given, **options}, d, unit=unit).results


def numbers(a):
    return [float(v) for v in np.reshape(a, -1)]


@pytest.mark.parametrize(
    ("padding", "align", "expected"),
    [
        ("zeros", True, [0.5, 1.0, 3.5]),
        ("border", True, [2.0, 1.0, 3.5]),
        ("reflection", True, [1.25, 1.0, 3.5]),
        ("wrap", True, [4.25, 1.0, 3.5]),
        ("zeros", False, [0.5, 1.0, 1.5]),
        ("border", False, [2.0, 1.0, 3.0]),
        ("reflection", False, [2.0, 1.0, 3.0]),
        ("wrap", False, [2.75, 1.0, 2.5]),
    ],
)
def test_values_by_hand(padding, align, expected):
    """R13 to R17: the points -3/4, 1 and 7/2 (5/2 where the row has five texels)."""
    points = [-0.75, 1.0, 2.5 if align else 3.5]
    out = at(points, padding_mode=padding, align_corners=align)["out"]
    assert numbers(out.value) == expected
    assert all(isinstance(v, Fraction) for v in out.value.flat)


def test_a_kink_has_two_sides():
    """R32: the slope is -1 left of texel 1, and 3 right of it; in units of g it is twice that."""
    d_x = at([1.0, 1.5], 1.0)["d_grid"]
    value, low, high = (a[0, 0, :, 0] for a in (d_x.value, d_x.low, d_x.high))
    assert value.tolist() == [6, 6]
    assert np.allclose(low, [-8, 0])
    assert np.allclose(high, [0, 0])


def test_a_tie_reads_either_texel():
    """R11: 3/2 reads texel 2, of 4, or texel 1, of 1; 9/8 has no choice."""
    out = at([1.5, 1.125], mode="nearest")["out"]
    assert numbers(out.value) == [4.0, 1.0]
    assert numbers(out.low) == [-3.0, 0.0]
    assert numbers(out.high) == [0.0, 0.0]


def test_the_border_has_a_slope_on_one_side():
    """R30: 0 outside of texel 0; inside the slope is -1."""
    found = at([0.0, -0.5], 1.0, padding_mode="border")["d_grid"]
    assert numbers(found.value[..., 0]) == [0.0, 0.0]
    assert np.allclose(found.low[0, 0, :, 0], [-2.0, 0.0])


def test_a_gate_has_two_sides_where_rounding_takes_a_point_across():
    """SciPy's constant: the fill outside of [0, S - 1]; a point in pixels is not rounded."""
    function = _ops.function_of(_ops.row_of("scipy"), "map_coordinates")
    given = {"input": ROW[None], "order": 1, "mode": "constant", "cval": 7.0}
    points = np.array([[0.0] * 3, [-0.25, 0.0, 4.0]])
    out = answers(function, {**given, "coordinates": points}, unit=2.0**-24).results["out"]
    assert numbers(out.value) == [7.0, 2.0, 5.0]
    warp = _ops.function_of(_ops.row_of("scipy"), "affine_transform")
    given |= {"matrix": np.eye(2), "offset": np.zeros(2)}
    out = answers(warp, given, unit=2.0**-24).results["out"]
    assert numbers(out.value) == ROW.tolist()
    assert numbers(out.high) == [0.0, 0.0, 0.0, 0.0, 2.0]  # 0 is not rounded, 4 is


def test_points_that_are_rounded_to_float32_first():
    """OpenCV: a point beside a tie, in float64, may be on it."""
    function = _ops.function_of(_ops.row_of("opencv"), "remap")
    for kind, off, low in ((np.float64, -40, -3.0), (np.float32, -20, 0.0)):
        p = np.array([[1.5 + 2.0**off]], kind)
        given = {"src": ROW[None, :, None], "map1": p, "map2": 0 * p, "interpolation": 0}
        out = answers(function, given, unit=2.0**-53).results["out"]
        assert (numbers(out.value), numbers(out.low)) == ([4.0], [low])


def test_maps_whose_products_are_rounded():
    """OpenCV: to 1/1024 each, then to 1/32, so that two points 1/32 apart are right near a half."""
    function = _ops.function_of(_ops.row_of("opencv"), "warpAffine")
    wide = []
    for shift in (1 / 64 + 2.0**-11, 1 / 64 + 2.0**-8):
        m = np.array([[1.0, 0.0, shift], [0.0, 1.0, 0.0]])
        given = {"src": ROW[None, :, None], "M": m, "dsize": (1, 1), "flags": 17}
        out = answers(function, given, unit=2.0**-53).results["out"]
        wide.append(float(out.high.item() - out.low.item()))
    assert wide == [1 / 32, 0.0]  # of a slope of -1


def test_another_side_has_its_own_arithmetic():
    """A value beside a gate, and a slope beside a kink, are rounded where the answer is 0."""
    function = _ops.function_of(_ops.row_of("scipy"), "affine_transform")
    given = {"input": ROW[None], "matrix": np.eye(2), "offset": np.array([0.0, 2.0**-60])}
    given |= {"order": 1, "mode": "constant"}
    out = answers(function, given, unit=2.0**-53).results["out"]
    assert numbers(out.value)[-1] == 0.0
    assert numbers(out.high)[-1] == pytest.approx(5.0)
    assert out.arithmetic[0, -1] == pytest.approx(8 * 2.0**-53 * 5.0)
    d = at([4.0], 1.0, padding_mode="border")["d_grid"]
    assert numbers(d.value)[0] == 0.0
    assert d.arithmetic[0, 0, 0, 0] >= 2.0**-24 * 2 * (5.0 + 3.0)


def test_a_point_beside_a_texel_on_both_axes():
    """The weight of the texel before it is 2**-108; a backend may have it on the texel."""
    given = {"x": np.ones((1, 3, 3, 1)), "grid": np.full((1, 1, 1, 2), -(2.0**-54))}
    found = answers(SAMPLE, given, np.ones((1, 1, 1, 1)), unit=2.0**-53).results["d_x"]
    assert found.value[0, 0, 0, 0] == Fraction(1, 2**108)
    assert found.coordinate[0, 0, 0, 0] > 2.0**-108


def test_texels_may_be_padded_instead_of_points():
    """The slope is then the last texel less itself, which cancels up to rounding."""
    d = at([6.5], 1.0, padding_mode="border")["d_grid"]
    assert (numbers(d.value)[0], numbers(d.low)[0], numbers(d.high)[0]) == (0.0, 0.0, 0.0)
    assert d.arithmetic[0, 0, 0, 0] == 9 * 2.0**-24 * 2 * (5.0 + 5.0)


def test_weights_of_bicubic_may_be_off_by_their_terms():
    """By Horner's rule, as PyTorch and others have it: more than 16 v, less than 24 v."""
    a, t = np.float32(-0.75), np.exp2(-np.linspace(0, 24, 200001)).astype(np.float32)
    s = (np.float32(1) - t) + np.float32(1)
    weight = ((a * s - 5 * a) * s + 8 * a) * s - 4 * a
    exact = -0.75 * (1 - t.astype(np.float64)) * t.astype(np.float64) ** 2
    assert 16 < abs(weight - exact).max() * 2.0**24 < 24 < WEIGHTS


def test_what_is_not_finite():
    """R21 to R23: NaN; a point infinitely far; some texel, where a fold is too far away."""
    assert np.isnan(numbers(at([np.nan])["out"].value)).all()
    assert numbers(at([np.inf, -np.inf], padding_mode="border")["out"].value) == [5.0, 2.0]
    assert np.isnan(numbers(at([np.inf], padding_mode="wrap")["out"].value)).all()
    far = at([2.0**54], unit=2.0**-53, padding_mode="reflection")["out"]
    assert (numbers(far.value + far.low), numbers(far.value + far.high)) == ([0.0], [5.0])


@pytest.mark.parametrize("system", ["paddle", "mxnet"])
def test_a_grid_that_is_nan(system):
    """One aligned point: these systems divide by n - 1."""
    function = _ops.function_of(_ops.row_of(system), "affine_grid")
    case, roles = next(draw(function, ("random",), ("float32",))), roles_of(function)
    sizes = {"shape": (2, 1, 1, 5), "size": (1, 5), "height": 1, "width": 5}
    given = case.given | {roles[role]: v for role, v in sizes.items() if role in roles}
    d = np.ones_like(_called(system, function.name, given))
    found = answers(function, given, d, unit=2.0**-24).results
    assert np.isnan(found["out"].value.astype(float)).any()
    results = _called(system, function.name, given), _called(system, function.name, given, d)
    for result, answer in zip(results, found.values(), strict=True):
        assert judge(result, answer).ratio.max() <= 1


def _called(system, name, given, *d):
    with np.errstate(invalid="ignore"):
        return getattr(dialects.get(system), name + "_vjp" * len(d))(*d, **given)


def test_a_system_that_computes_points_in_float32():
    """The unit of its float64 gradients of maps is that of float32."""
    function = _ops.function_of(_ops.row_of("tfa"), "transform")
    cases = draw(function, ("lattice",), ("float64",))
    case = next(case for case in cases if case.mode == "bilinear")
    found = answers(function, case.given, case.d_out, unit=UNITS["float64"]).results
    name = next(n for n in found if n != "out" and n != f"d_{case.arrays[0]}")
    theta = found[name]
    assert theta.arithmetic.max() > 2.0**-24 * theta.magnitude.max() > 0


@pytest.mark.parametrize("name", [f.name for f in _ops.row_of("npstn").functions])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_own_answers_pass(name, dtype):
    """Of all kinds, some choices of options each, with gradients where they are specified."""
    function = _ops.function_of(_ops.row_of("npstn"), name)
    fn, vjp = (getattr(dialects.npstn, name + end) for end in ("", "_vjp"))
    for kind in (*KINDS, *FORWARD):
        for case in list(draw(function, (kind,), (dtype,)))[3::31]:
            given, pulled = case.given, kind not in FORWARD
            found = answers(function, given, case.d_out if pulled else None, unit=UNITS[dtype])
            results = [fn(**given)]
            if pulled:
                back = vjp(case.d_out, **given)
                results += back if isinstance(back, tuple) else [back]
            for result, (key, answer) in zip(results, found.results.items(), strict=True):
                assert result.shape == answer.value.shape
                if result.size:
                    assert judge(result, answer, floor=2.0**-1000).ratio.max() <= 1, (case, key)


def test_bounds_are_not_slack():
    """A coordinate that is off by 8 of its bounds fails, as do 3 bounds of arithmetic."""
    case = next(draw(SAMPLE, ("wide",), ("float32",), fixed={"mode": "bilinear"}))
    x, grid = (case.given[n].astype(np.float64) for n in ("x", "grid"))
    options = case.options | {"mode": "bilinear"}
    answer = answers(SAMPLE, case.given | options, unit=2.0**-24).results["out"]
    size = np.array(case.size[::-1])
    delta = 2.0**-24 * (2 * (abs(grid) + 1) * size + 1)
    for times, right in ((0.5, True), (8, False)):
        moved = npstn.grid_sample(x, grid + times * delta * 2 / (size - 1), **options)
        assert (judge(moved, answer).ratio.max() <= 1) == right
    exact = npstn.grid_sample(x, grid, **options)
    for times, right in ((0.5, True), (3, False)):
        off = exact + times * (answer.arithmetic + answer.coordinate)
        assert (judge(off, answer).ratio.max() <= 1) == right
    inside = at([0.75])["out"]  # in float32 an error of sums alone: 8 v M
    assert inside.arithmetic[0, 0, 0, 0] == 8 * 2.0**-24 * 1.25
