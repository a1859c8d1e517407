"""Rules on pixel coordinates, with values computed by hand."""

import numpy as np
import pytest

from npstn.dialects._rules import ruled
from npstn.dialects.row import Convention, Gate, Padding

FOUR = np.array([4.0])


def rule_on(values, padding, mode="bilinear", align=True, faithful=True, size=FOUR, **fields):
    p = np.array(values, float)[None, :, None]
    at = ruled(Convention(**fields), padding, mode, p, size, align, faithful)
    return at, at.p[0, :, 0]


@pytest.mark.parametrize(
    ("ties", "values"),
    [
        ("up", [-1, 0, 1, 2, 3]),
        ("floor", [-2, -1, 0, 1, 2]),
        ("away", [-2, -1, 1, 2, 3]),
        ("even", [-2, 0, 0, 2, 2]),
    ],
)
def test_ties_before_the_fold(ties, values):
    _, p = rule_on(
        [-1.5, -0.5, 0.5, 1.5, 2.5], Padding("zeros"), "nearest", ties=ties, tie_stage="raw"
    )
    np.testing.assert_array_equal(p, values)


def test_ties_away_are_decided_by_the_point_itself():
    """SciPy adds a half, and so rounds the last number below 1/2 up; JAX does not."""
    below = np.nextafter(0.5, 0.0)
    points = [below, -below, 2.0**52 + 1, -np.inf]
    for ties, values in (
        ("away", [0, 0, 2.0**52 + 1, -np.inf]),
        ("up", [1, 0, 2.0**52 + 2, -np.inf]),
    ):
        _, p = rule_on(points, Padding("zeros"), "nearest", ties=ties, tie_stage="raw")
        np.testing.assert_array_equal(p, values)


@pytest.mark.parametrize(("ties", "values"), [("up", [3, 2, 1]), ("floor", [2, 1, 0])])
def test_ties_after_the_fold(ties, values):
    """4 texels mirrored at their centres: 3.5, 4.5, 5.5 are 2.5, 1.5, 0.5."""
    at, p = rule_on([3.5, 4.5, 5.5], Padding("reflection"), "nearest", ties=ties)
    np.testing.assert_array_equal(p, values)
    assert at.padding == "border"


def test_a_late_fold_has_the_last_tie_rounded_first():
    """4 texels: 3.5 and 9.5 are 4, mirrored 2; −2.5, 2.5 and 8.5 are folded, then 3."""
    late = Padding("reflection", late=True)
    _, p = rule_on([3.5, 9.5, -2.5, 2.5, 8.5, 4.5], late, "nearest", ties="up")
    np.testing.assert_array_equal(p, [2, 2, 3, 3, 3, 2])
    _, p = rule_on([0.5, 1.5], late, "nearest", ties="up", size=np.array([1.0]))
    np.testing.assert_array_equal(p, [0, 0])


def test_ties_after_the_fold_at_the_edges():
    """Mirrored at the edges 4.5 is 2.5, and −0.75 is −0.25, then 0."""
    _, p = rule_on([4.5, -0.75], Padding("reflection"), "nearest", align=False, ties="up")
    np.testing.assert_array_equal(p, [3, 0])


def test_even_ties_of_folded_points_are_those_of_npstn():
    at, p = rule_on([4.5, 0.5], Padding("reflection"), "nearest")
    np.testing.assert_array_equal(p, [4.5, 0.5])
    assert at.padding == "reflection"


@pytest.mark.parametrize(
    ("gate", "inside"),
    [
        (Gate(0.0, True, -1.0, True), [False, True, True, True, False]),
        (Gate(0.0, False, -1.0, True), [False, False, True, True, False]),
        (Gate(0.0, True, -1.0, False), [False, True, True, False, False]),
        (Gate(0.0, False, -1.0, False), [False, False, True, False, False]),
        (Gate(-0.5, True, -0.5, False), [True, True, True, True, False]),
    ],
)
def test_gates(gate, inside):
    at, _ = rule_on([-0.5, 0.0, 1.5, 3.0, 3.5], Padding("border", gate=gate))
    np.testing.assert_array_equal(at.inside[0, :, 0], inside)


@pytest.mark.parametrize(("reads", "is_inside"), [("nan", True), ("outside", False)])
def test_a_gate_is_shut_by_one_axis_and_by_nan_if_it_is_outside(reads, is_inside):
    gate = Gate(0.0, True, -1.0, True)
    p = np.array([[[1.0, 1.0], [1.0, 5.0], [np.nan, 1.0]]])
    at = ruled(
        Convention(),
        Padding("border", gate=gate, nan=reads),
        "bilinear",
        p,
        np.array([4.0, 4.0]),
        True,
        True,
    )
    np.testing.assert_array_equal(at.inside[0, :, 0], [True, False, is_inside])


def test_period():
    """Each end of the period is met from its own side, as S - 1 = 3 is."""
    _, p = rule_on([-0.5, -3.0, 0.0, 3.0, 3.5, 6.0, 7.0], Padding("border", period=1.0))
    np.testing.assert_array_equal(p, [2.5, 3.0, 0.0, 3.0, 0.5, 0.0, 1.0])
    _, p = rule_on([-0.5, 3.0], Padding("border", period=1.0), size=np.array([1.0]))
    np.testing.assert_array_equal(p, [0.0, 0.0])


@pytest.mark.parametrize(
    ("align", "points", "values"),
    [
        (True, [-1.0, 2.0, 4.5, -4.5, 7.5], [1.0, 2.0, 1.5, 1.5, -1.5]),
        (False, [-1.0, 2.0, 4.5, -6.5, 9.5], [0.0, 2.0, 2.5, 1.5, -2.5]),
    ],
)
def test_one_fold(align, points, values):
    """Mirrored at the first end, then at the last; the last point is outside after that."""
    at, p = rule_on(points, Padding("reflection", folds=1), align=align)
    assert at.padding == "border"
    np.testing.assert_array_equal(p, values)


def test_mirrors_of_a_padding_go_before_the_option():
    at, _ = rule_on([0.0], Padding("reflection", align=False), align=True)
    assert at.align is False


@pytest.mark.parametrize(
    ("name", "value"), [("nan", np.nan), ("first", 0.0), ("last", 3.0), ("outside", -(2.0**40))]
)
def test_tables_of_nan_and_infinity(name, value):
    given = [np.nan, np.inf, 1.0, -1e6]
    _, p = rule_on(given, Padding("zeros", nan=name, inf={"nearest": name}), huge=1e6)
    np.testing.assert_array_equal(p, [value, np.inf, 1.0, -np.inf])
    _, p = rule_on(given, Padding("zeros", inf=name), huge=1e6)
    np.testing.assert_array_equal(p, [np.nan, value, 1.0, value])


def test_outside_is_the_fill_in_every_padding():
    table = {"nearest": "outside"}
    given = [np.nan, np.inf, 1.0]
    at, _ = rule_on(given, Padding("border", nan=table), "nearest")
    np.testing.assert_array_equal(at.inside[0, :, 0], [False, True, True])
    at, _ = rule_on(given, Padding("border", inf=table), "nearest")
    np.testing.assert_array_equal(at.inside[0, :, 0], [True, False, True])
    at, _ = rule_on(given, Padding("border", nan=table))
    assert at.inside is None


def test_rounding_is_for_the_faithful_only():
    padding = Padding("zeros", nan="first")
    _, p = rule_on([0.3, np.nan], padding, quantum=0.25)
    np.testing.assert_array_equal(p, [0.25, 0.0])
    _, p = rule_on([0.3, np.nan], padding, quantum=0.25, faithful=False)
    np.testing.assert_array_equal(p, [0.3, np.nan])


def test_bicubic_may_clamp_points():
    border = Padding("border")
    _, p = rule_on([-2.0, 9.0], border, "bicubic", cubic_stage="point")
    np.testing.assert_array_equal(p, [0.0, 3.0])
    _, p = rule_on([-2.0, 9.0], border, "bicubic")
    np.testing.assert_array_equal(p, [-2.0, 9.0])
