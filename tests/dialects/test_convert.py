"""Conversion of maps: in every pair of systems the points are where they were."""

import numpy as np
import pytest
from support import Numbers

from npstn import dialects
from npstn.conformance._kinds import own_maps
from npstn.dialects import convert_theta, convert_theta_jvp, convert_theta_vjp
from npstn.dialects._frames import pixels
from npstn.dialects._maps import Mapped, own_matrices, shape_of
from npstn.testing import check_jvp, check_vjp
from npstn.transforms._homogeneous import Form, inverse

MAPS = {
    f"{system}.{f.name}": f
    for system in dict.fromkeys(row.system for row in dialects.ROWS)
    for f in dialects.get(system).row.functions
    if f.op in ("warp", "grid") and f.convention.unit != "flow"
}
AFFINE = "affine", "square"


def maps(name, rank, seed=3):
    """Parameters of a map near the identity, one in a batch where there is a batch."""
    rule = MAPS[name].convention
    m = np.eye(rank + 1)[None] + 0.2 * Numbers(seed).uniform((1, rank + 1, rank + 1))
    m[:, -1] = np.eye(rank + 1)[-1]
    found = own_maps(rule, m).reshape(1, *((1,) * rule.several), *shape_of(rule, rank))
    return found if "N" in rule.layout else found[0]


def sampled_points(name, theta, size, dims):
    """The pixel points at which a system samples."""
    rule = dialects.get(name.split(".")[0])
    rule = next(f for f in rule.row.functions if f.name == name.split(".")[1]).convention
    m = own_matrices(rule, np.reshape(theta, (1, -1)), len(size))
    if rule.direction == "push":
        m = inverse("m", m, Form(m.shape, (1,), len(size), rule.form not in AFFINE))
    align = default_align(name)
    mapped = Mapped(rule, m, dims, align, np.dtype(np.float64), False)
    return pixels(rule, mapped.points, size, align, False)


def default_align(name):
    from npstn.dialects import _names

    return _names.align("align", None, _names.function("source", name, _names.MAPS))


@pytest.mark.parametrize("source", MAPS)
def test_every_target_samples_at_the_same_points(source):
    for target in MAPS:
        for size, dims in (((5, 8), (7, 4)), ((3, 5, 8), (4, 7, 6))):
            rank = len(size)
            if not all(rank in MAPS[name].convention.ranks for name in (source, target)):
                continue
            theta = maps(source, rank)
            found = convert_theta(theta, source, target, size, dims)
            want = sampled_points(source, theta, size, dims)
            got = sampled_points(target, found, size, dims)
            np.testing.assert_allclose(got, want, rtol=0, atol=1e-11, err_msg=target)


@pytest.mark.parametrize("source", MAPS)
def test_the_identity_stays_the_identity(source):
    for target in MAPS:
        for size in ((50, 37), (9, 50, 37)):
            rank = len(size)
            if not all(rank in MAPS[name].convention.ranks for name in (source, target)):
                continue
            same = [MAPS[name].convention.shrink in (None, 1) for name in (source, target)]
            if not all(same):
                continue  # p = (g + 1)(S - 2)/2: there the identity samples at other points
            rules = [MAPS[name].convention for name in (source, target)]
            given, want = (
                own_maps(rule, np.eye(rank + 1)[None]).reshape(1, *shape_of(rule, rank))
                for rule in rules
            )
            given = given if "N" in rules[0].layout else given[0]
            given = given[None] if rules[0].several else given
            got = convert_theta(given, source, target, size, size)
            assert (np.ravel(got) == np.ravel(want)).all(), (source, target, got)


@pytest.mark.parametrize("source", MAPS)
def test_there_and_back(source):
    rule = MAPS[source].convention
    theta = maps(source, 2)
    there = convert_theta(theta, source, "opencv.warpPerspective", (5, 8), (7, 4))
    back = convert_theta(there, "opencv.warpPerspective", source, (5, 8), (7, 4))
    np.testing.assert_allclose(back, theta, rtol=0, atol=1e-12)
    assert back.shape == theta.shape
    assert rule is MAPS[source].convention


@pytest.mark.parametrize("target", MAPS)
def test_derivatives_are_those_of_finite_differences(target):
    sources = ["torch.affine_grid"]
    if MAPS[target].convention.form not in AFFINE:
        sources.append("opencv.warpPerspective")
    for source in sources:
        theta = maps(source, 2)
        rest = source, target, (5, 8), (7, 4)
        check_vjp(
            lambda t, rest=rest: convert_theta(t, *rest),
            lambda d, t, rest=rest: (convert_theta_vjp(d, t, *rest),),
            (theta,),
        )
        check_jvp(
            lambda t, rest=rest: convert_theta(t, *rest),
            lambda t, dt, rest=rest: convert_theta_jvp(t, dt, *rest),
            (theta,),
        )


def test_options_say_which_corners():
    theta = maps("torch.affine_grid", 2)
    rest = "torch", "torch", (5, 8), (7, 4)
    both = convert_theta(theta, *rest, source_align=True, target_align=False)
    assert not (both == theta).all()
    again = convert_theta(both, *rest, source_align=False, target_align=True)
    np.testing.assert_allclose(again, theta, rtol=0, atol=1e-14)
    with pytest.raises(ValueError, match="source_align is True, but warpAffine has no such option"):
        convert_theta(theta[0], "opencv", "torch", (5, 8), (7, 4), source_align=True)
    with pytest.raises(TypeError, match="target_align is 2, expected True or False"):
        convert_theta(theta, *rest, target_align=2)


@pytest.mark.parametrize("target", ["torch.affine_grid", "opencv.warpAffine", "scipy"])
def test_an_axis_of_one_texel(target):
    theta = maps("opencv.warpAffine", 2)
    found = convert_theta(theta, "opencv", target, (1, 5), (1, 4))
    assert np.isfinite(found).all()


def test_a_map_that_has_no_counterpart_says_why():
    h = maps("opencv.warpPerspective", 2)
    h[2, 0] = 0.01
    with pytest.raises(
        ValueError, match="theta is projective, and the target has affine maps only"
    ):
        convert_theta(h, "opencv.warpPerspective", "torch", (5, 8), (7, 4))
    with pytest.raises(ValueError, match="theta has 2 maps, and the target takes one at a time"):
        convert_theta(np.zeros((2, 2, 3)) + np.eye(2, 3), "torch", "scipy", (5, 8), (7, 4))
    with pytest.raises(ValueError, match=r"theta at \[0\] has the determinant 0"):
        convert_theta(np.zeros((2, 3)), "opencv", "torch", (5, 8), (7, 4))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((np.zeros((1, 5)), "torch", "opencv", (5, 8), (7, 4)), r"theta has shape \(1, 5\)"),
        ((np.zeros((1, 6)), "torsh", "opencv", (5, 8), (7, 4)), "expected one of .*torch"),
        ((np.zeros((1, 6)), "torch.grid_sample", "opencv", (5, 8), (7, 4)), "torch.affine_grid"),
        ((np.zeros((1, 6)), "torch", "opencv", (5, 8, 3), (7, 4)), "in_size is"),
        ((np.zeros((1, 6)), "torch", "opencv", (0, 8), (7, 4)), "in_size is"),
        ((np.zeros((1, 6)), 3, "opencv", (5, 8), (7, 4)), "source is 3"),
    ],
)
def test_bad_arguments_are_named(arguments, error):
    with pytest.raises((TypeError, ValueError), match=error):
        convert_theta(*arguments)


@pytest.mark.parametrize("scale", [1.0, 2.0**1020, 2.0**-1020])
def test_neither_rounding_nor_settings_of_the_thread_change_a_bit(scale, check_thread):
    theta = np.array([[0.9, 0.1, 3.0], [-0.1, 0.9, 5.3]]) * scale
    rest = "opencv", "torch", (4, 5), (6, 7)
    check_thread(lambda: convert_theta(theta, *rest))
    check_thread(lambda: convert_theta_jvp(theta, theta, *rest))
    check_thread(lambda: convert_theta_vjp(theta[None], theta, *rest))
