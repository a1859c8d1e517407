"""Places of points: cells, both sides of what breaks, and what precision leaves open."""

from fractions import Fraction

import numpy as np
import pytest

from npstn.conformance._frame import exact_frame
from npstn.conformance._places import places
from npstn.conformance._rule import Rule, folded
from npstn.dialects.row import Convention, Gate, Padding

PADDINGS = ("zeros", "border", "reflection", "wrap")


def of(p, delta=0.0, size=4, mode="bilinear", padding="zeros", align=True, **rule):
    """Places of one point on one axis: q, and sets of (cell, t, inside)."""
    chosen = padding if isinstance(padding, Padding) else Padding(padding)
    found = places(
        Rule(Convention(**rule), chosen, mode, align),
        np.array([[Fraction(p)]], object),
        np.array([[delta]]),
        (size,),
    )
    k = found.number[0, 0]
    columns = (a[0, 0, :k].tolist() for a in (found.cell, found.t, found.inside))
    return found.q[0, 0], list(zip(*columns, strict=True)), bool(found.lost[0])


def test_cells():
    assert of(1.25)[1] == [(1, 0.25, True)]
    assert of(1.0)[1] == [(1, 0.0, True), (0, 1.0, True)]  # a kink has two sides
    q, found, lost = of(1.0 - 1e-9, 1e-6)
    assert (q, lost) == (Fraction(1.0 - 1e-9), False)
    assert {cell for cell, *_ in found} == {0, 1}
    assert of(1.25, 1e-6)[1] == [(1, 0.25, True)]
    assert {cell for cell, *_ in of(1.25, 1.0)[1]} == {0, 1, 2}


def test_what_is_lost():
    assert of(1.25, 1.6)[2]
    assert not of(1.25, 1.5)[2]
    assert not of(2.0**52)[2]
    assert of(2.0**52, padding="reflection")[2]
    assert of(2.0**52, padding=Padding("border", period=1.0))[2]


@pytest.mark.parametrize(
    ("ties", "stage", "p", "texel"),
    [
        ("even", "folded", 1.5, 2),
        ("even", "folded", 2.5, 2),
        ("up", "folded", 2.5, 3),
        ("floor", "folded", 1.5, 1),
        ("away", "raw", -0.5, -1),
        ("up", "raw", -0.5, 0),
    ],
)
def test_ties(ties, stage, p, texel):
    assert of(p, mode="nearest", ties=ties, tie_stage=stage)[0] == texel
    cells = {cell for cell, *_ in of(p, 1e-9, mode="nearest", ties=ties, tie_stage=stage)[1]}
    assert cells == {np.floor(p), np.ceil(p)}


def test_a_gate():
    gate = Padding("border", gate=Gate(0.0, True, -1.0, False))
    assert of(0.0, padding=gate)[1][0] == (0, 0.0, True)
    assert of(3.0, padding=gate)[1][0][2] is False
    assert of(-0.25, padding=gate)[1][0][2] is False
    assert {inside for *_, inside in of(0.0, 1e-9, padding=gate)[1]} == {True, False}
    odd = Padding("zeros", gate=Gate(-0.05, False, -0.95, False))  # ends at no half
    assert {inside for *_, inside in of(-0.05, 1e-9, padding=odd)[1]} == {True, False}


def test_other_rules():
    assert of(1.26, quantum=1 / 32)[0] == Fraction(5, 4)
    assert of(-0.25, padding=Padding("border", period=1.0))[0] == Fraction(11, 4)
    assert of(3.0, padding=Padding("border", period=1.0))[0] == 3  # each end from its own side
    assert of(-3.0, padding=Padding("border", period=1.0))[0] == 3
    assert of(-5.0, padding=Padding("reflection", folds=1))[0] == 1
    assert of(-7.0, padding=Padding("reflection", folds=1))[0] == 0
    assert of(-0.5, size=1, padding=Padding("border", turns=True))[0] == Fraction(1, 2)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("align", [True, False])
def test_cells_stay_near_the_image_and_read_alike(padding, align):
    """A cell far away is the one near the image, whether found in floats or as fractions."""
    for p in (Fraction(-37, 4), Fraction(41, 4), Fraction(7, 4)):
        exact = folded(p, 4, padding, align)
        (cell, t, _), *_ = of(p, padding=padding, align=align)[1]
        near = folded(Fraction(cell) + Fraction(t), 4, padding, align)
        assert -4 <= cell <= 8
        assert near == (exact if padding != "zeros" else min(max(p, Fraction(-4)), Fraction(7)))


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("align", [True, False])
def test_rounding_is_that_of_the_specification(align, padding):
    """R40: the constants are 2 and 1, and 4 and 2 where p is folded; the judge allows no more."""
    rule, g = Convention(), np.linspace(-9, 9, 721).reshape(-1, 1)
    where, worst = Rule(rule, Padding(padding), "bilinear", align), 0.0
    for size in (1, 2, 7, 64):
        frame = exact_frame(rule, (size,), (721,), align)
        p = (g + 1) * (size - align) / 2 - (not align) / 2
        found = frame.rounding(g) + where.rounding(p, np.array([float(size)]))
        room = 2 * (abs(g) + 1) * size + 1
        worst = max(worst, float((found / room).max()))
    assert 1 <= worst <= 2
    assert (worst > 1) == (padding in ("reflection", "wrap"))
