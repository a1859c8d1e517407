"""Cells: texels, weights and their derivatives are those of the exact oracle."""

from fractions import Fraction

import numpy as np
import pytest

from npstn.conformance._cells import Cells, kernel
from npstn.conformance._places import places
from npstn.conformance._rule import Rule
from npstn.dialects.row import Convention, Padding
from npstn.oracle import exact


@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic"])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection", "wrap"])
@pytest.mark.parametrize("align", [True, False])
def test_values_and_slopes(mode, padding, align):
    numbers = np.random.default_rng(5)
    x, p = numbers.normal(size=(1, 4, 5, 1)), numbers.uniform(-9, 14, (1, 6, 7, 2))
    flat = np.array([Fraction(v) for v in p.flat], object).reshape(-1, 2)
    rule = Rule(Convention(), Padding(padding), mode, align)
    cells = Cells(rule, places(rule, flat, np.zeros(flat.shape), (5, 4)), (5, 4), -0.75)
    texels = np.append(x.reshape(-1), 0.0)[cells.texels]
    options = {"mode": mode, "padding_mode": padding, "align_corners": align}
    want = exact.grid_sample(x, p, np.ones((1, 6, 7, 1)), coordinates="pixel", **options)
    assert np.allclose((cells.weights() * texels).sum(1), want.out.value.astype(float).reshape(-1))
    slopes = np.stack([(cells.weights(a) * texels).sum(1) for a in (0, 1)], -1)
    assert np.allclose(slopes, want.d_coords.value.astype(float).reshape(-1, 2))


def test_derivatives_of_weights():
    t, h = np.linspace(0.05, 0.95, 7), 1e-6
    for mode in ("bilinear", "bicubic"):
        _, weights = kernel(mode, t, -0.5)
        for order in (0, 1):
            ends = (kernel(mode, t + s, -0.5)[1][order] for s in (h, -h))
            assert np.allclose(np.subtract(*ends) / (2 * h), weights[order + 1], atol=1e-7)


def test_rows_of_a_point_follow_each_other():
    """Two places on x and two on y are four rows, and the exact one is the first."""
    rule = Rule(Convention(), Padding("zeros"), "bilinear", True)
    p = np.array([[Fraction(1), Fraction(2)], [Fraction(1, 2), Fraction(1, 2)]], object)
    cells = Cells(rule, places(rule, p, np.zeros((2, 2)), (4, 4)), (4, 4), -0.75)
    assert cells.point.tolist() == [0, 0, 0, 0, 1]
    assert cells.first.tolist() == [0, 4]
    assert cells.texels[0].tolist() == [9, 10, 13, 14]
    most = cells.most(np.arange(5.0))
    assert (most.tolist(), cells.least(np.arange(5.0)).tolist()) == ([3, 4], [0, 4])
