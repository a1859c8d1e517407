"""Conversion of points: in pixels they stay where they are."""

import numpy as np
import pytest
from support import Numbers

from npstn import dialects
from npstn.dialects import convert_points, convert_points_jvp, convert_points_vjp
from npstn.testing import check_jvp, check_vjp

POINTS = {
    f"{system}.{f.name}": f
    for system in dict.fromkeys(row.system for row in dialects.ROWS)
    for f in dialects.get(system).row.functions
    if f.op == "sample" and 2 in f.convention.ranks
}
SIZE = (5, 8)


def laid(name, g):
    """Points (1, H, W, 2), x first, in the layout and order of a system: written out by hand."""
    rule = POINTS[name].convention
    g = g if rule.order == "xy" else g[..., ::-1]
    words = {"N*R": g, "NR*": np.moveaxis(g, -1, 1), "R*": np.moveaxis(g[0], -1, 0), "*R": g[0]}
    return np.ascontiguousarray(words[rule.points])


def default_align(name):
    """The option align_corners, where nobody chooses it."""
    function = POINTS[name]
    for value in function.arguments.values():
        if getattr(value, "role", "") == "align":
            return bool(value.default) and value.default is not dialects.row.REQUIRED
    return bool(function.constants.get("align"))


def in_pixels(name, p):
    """The points of a system at pixel points, from the definition of its unit."""
    rule = POINTS[name].convention
    wide = np.array(SIZE[::-1], float)
    if rule.through == "align" and not default_align(name):
        p = (p + 0.5) * (wide - 1) / wide  # normalised as if aligned, sampled as if not
    if rule.unit == "flow":
        i, j = np.indices(p.shape[1:3])
        scale = 1.0 if rule.shrink is None else (wide - rule.shrink) / 2
        return laid(name, rule.sign * (p - np.stack([j, i], -1)) / scale)
    if rule.unit == "pixel":
        origin = {"texel": 0.0, "corner": 0.5, "centre": -(wide - 1) / 2}[rule.origin]
        return laid(name, p + origin)
    if rule.shrink is not None:
        return laid(name, 2 * p / (wide - rule.shrink) - 1)
    if default_align(name):
        return laid(name, 2 * p / (wide - 1) - 1)
    return laid(name, (2 * p + 1) / wide - 1)


@pytest.mark.parametrize("source", POINTS)
def test_points_stay_where_they_are(source):
    p = Numbers(5).uniform((1, *SIZE, 2), -3.0, 9.0)
    for target in POINTS:
        got = convert_points(in_pixels(source, p), source, target, SIZE)
        np.testing.assert_allclose(got, in_pixels(target, p), rtol=0, atol=1e-13, err_msg=target)


@pytest.mark.parametrize("source", POINTS)
def test_nothing_changes_in_a_convention_of_its_own(source):
    points = in_pixels(source, Numbers(5).uniform((1, *SIZE, 2), -3.0, 9.0))
    assert (convert_points(points, source, source, SIZE) == points).all()


@pytest.mark.parametrize("target", POINTS)
def test_derivatives_are_those_of_finite_differences(target):
    points = Numbers(6).uniform((1, *SIZE, 2))
    rest = "torch.grid_sample", target, SIZE
    check_vjp(
        lambda g: convert_points(g, *rest),
        lambda d, g: (convert_points_vjp(d, g, *rest),),
        (points,),
        max_entries=8,
    )
    check_jvp(
        lambda g: convert_points(g, *rest),
        lambda g, t: convert_points_jvp(g, t, *rest),
        (points,),
    )


def test_volumes():
    points = Numbers(7).uniform((1, 3, 4, 5, 3))
    there = convert_points(points, "torch", "scipy", (4, 6, 9))
    assert there.shape == (3, 3, 4, 5)
    np.testing.assert_allclose(there[0], ((points[0, ..., 2] + 1) * 4 - 1) / 2, atol=1e-14)
    back = convert_points(there, "scipy", "torch", (4, 6, 9))
    np.testing.assert_allclose(back, points, rtol=0, atol=1e-15)


def test_what_cannot_be_converted_says_why():
    two = np.zeros((2, 3, 4, 2))
    with pytest.raises(ValueError, match="points is a batch of 2, and the target takes one"):
        convert_points(two, "torch", "scipy", SIZE)
    with pytest.raises(ValueError, match=r"in_size is \(1, 5\), and the target's -1 and 1 are one"):
        convert_points(two, "torch", "torch", (1, 5), target_align=True)
    with pytest.raises(ValueError, match=r"points has shape \(2, 3, 4, 3\)"):
        convert_points(np.zeros((2, 3, 4, 3)), "torch", "scipy", SIZE)
    with pytest.raises(ValueError, match=r"expected one of torch\.grid_sample"):
        convert_points(two, "torch.affine_grid", "scipy", SIZE)


@pytest.mark.parametrize("scale", [1.0, 2.0**1022, 2.0**-1070])
def test_neither_rounding_nor_settings_of_the_thread_change_a_bit(scale, check_thread):
    points = Numbers(7).uniform((1, *SIZE, 2)) * scale
    rest = "torch", "paddle", SIZE
    options = {"source_align": True, "target_align": False}
    check_thread(lambda: convert_points(points, *rest, **options))
    check_thread(lambda: convert_points_jvp(points, points, *rest, **options))
    check_thread(lambda: convert_points_vjp(points, points, *rest, **options))
