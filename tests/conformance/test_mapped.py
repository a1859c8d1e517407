"""Points of maps, and their cotangents, are exact: by the oracle, and by differences."""

from fractions import Fraction

import numpy as np
import pytest

from npstn.conformance import _ops
from npstn.conformance._draw import draw
from npstn.conformance._mapped import inverse
from npstn.conformance._spread import Spread, floats, fractions, product
from npstn.conformance.answers import answers
from npstn.oracle import exact


@pytest.mark.parametrize("align", [True, False])
def test_affine_maps_are_those_of_the_oracle(align):
    function = _ops.function_of(_ops.row_of("npstn"), "spatial_transformer_network")
    options = {"mode": "bilinear", "padding_mode": "zeros", "align_corners": align}
    case = next(c for c in draw(function, ("random",), ("float64",)) if c.align is align)
    given = case.given
    found = answers(function, given, case.d_out, unit=2.0**-53).results
    sizes = given["x"], given["theta"], given["out_dims"], case.d_out
    want = exact.spatial_transformer_network(*sizes, **options)
    for name, term in {"out": want.out, "d_x": want.d_x, "d_theta": want.d_coords}.items():
        assert (found[name].value.reshape(-1) == term.value.reshape(-1)).all()
        sizes = floats(term.magnitude).reshape(-1)
        assert (found[name].magnitude.reshape(-1) >= 0.99 * sizes).all()


@pytest.mark.parametrize(("system", "name"), [("tfa", "transform"), ("opencv", "warp_perspective")])
def test_projective_maps_by_differences(system, name):
    """Of the sum of the output, by each parameter; one is pulled and one is pushed."""
    function = _ops.function_of(_ops.row_of(system), name)
    mode = "bilinear" if system == "tfa" else "bicubic"
    cases = draw(function, ("random",), ("float64",))
    case = next(case for case in cases if case.mode == mode)
    role = case.arrays[1]
    theta = case.given[role]
    d = np.ones(case.d_out.shape)
    found = answers(function, case.given, d, unit=2.0**-53).results[f"d_{role}"]

    def total(at, step):
        moved = theta.copy()
        moved[at] += step
        out = answers(function, case.given | {role: moved}, unit=2.0**-53).results["out"]
        return sum(out.value.reshape(-1))

    for at in list(np.ndindex(*theta.shape))[:3]:
        h = 2.0**-30
        slope = float((total(at, h) - total(at, -h)) / Fraction(2 * h))
        close = 1e-5 * found.magnitude[at]
        assert found.low[at] - close <= slope - float(found.value[at]) <= found.high[at] + close


def test_inverse_and_product():
    m = fractions(np.array([[0.0, 2.0, 1.0], [1.0, 0.0, 3.0], [0.0, 0.0, 4.0]]))
    assert (product(m, inverse(m)) == np.eye(3)).all()
    with pytest.raises(ValueError, match="singular"):
        inverse(fractions(np.ones((2, 2))))
    nan = product(np.array([[float("nan")]], object), np.array([[Fraction(1)]]))
    assert np.isnan(float(nan[0, 0]))


def test_a_spread_through_a_matrix():
    """A negative entry takes the low side to the high one."""
    one = np.ones(2)
    d = Spread(fractions(one), one, one.astype(int), -one, 2 * one, one, one)
    a = np.array([[1.0, -2.0]])
    found = d.mapped(a, product(fractions(a), d.value[:, None])[:, 0])
    assert (found.value[0], found.low[0], found.high[0]) == (-1, -5, 4)
    assert (found.magnitude[0], found.shift[0], found.count[0]) == (3, 3, 2)
    turned = d.scaled(fractions(np.array([-1.0, 2.0])))
    assert (turned.low.tolist(), turned.high.tolist()) == ([-2, -2], [1, 4])
