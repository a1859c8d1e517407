"""check_vjp_vjp: right second derivatives pass, and every planted fault is found."""

import numpy as np
import pytest
from support import Numbers

import npstn
from npstn.testing import check_vjp_vjp


def vjp(d, x, g):
    """Of x * g**2."""
    return d * g**2, 2 * d * x * g


def vjp_vjp(dd_x, dd_g, d, x, g):
    d_x = 2 * dd_g * d * g
    return dd_x * g**2 + 2 * dd_g * x * g, d_x, 2 * dd_x * d * g + 2 * dd_g * d * x


def no_mixed(dd_x, dd_g, d, x, g):
    return vjp_vjp(dd_x, dd_g, d, x, g)[0], 0 * x, 2 * dd_g * d * x


def wrong_sign(dd_x, dd_g, d, x, g):
    return vjp_vjp(dd_x, -dd_g, d, x, g)


def no_pure(dd_x, dd_g, d, x, g):
    found = vjp_vjp(dd_x, dd_g, d, x, g)
    return *found[:2], found[2] - 2 * dd_g * d * x


def wrong_order(dd_x, dd_g, d, x, g):
    d_d, d_x, d_g = vjp_vjp(dd_x, dd_g, d, x, g)
    return d_d, d_g, d_x


def slightly_wrong(dd_x, dd_g, d, x, g):
    d_d, d_x, d_g = vjp_vjp(dd_x, dd_g, d, x, g)
    return d_d * d.dtype.type(1.001), d_x, d_g


def numbers(dtype):
    return [Numbers(seed).uniform((2, 3), 0.5, 2.0).astype(dtype) for seed in (91, 92, 93)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_right_ones_pass(dtype, readonly):
    report = check_vjp_vjp(vjp, vjp_vjp, readonly(*numbers(dtype)), names=("d", "x", "g"))
    assert [(i.name, i.smooth) for i in report.inputs] == [("d", 6), ("x", 6), ("g", 6)]
    assert report.relative <= (1e-4 if dtype == np.float32 else 1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("fault", "guilty"),
    [
        (no_mixed, "x, g"),
        (wrong_sign, "d, x, g"),
        (no_pure, "g"),
        (wrong_order, "x, g"),
        (slightly_wrong, "d"),
    ],
)
def test_planted_faults_are_found(fault, guilty, dtype):
    with pytest.raises(AssertionError, match=rf"do not confirm {guilty}\n"):
        check_vjp_vjp(vjp, fault, numbers(dtype), names=("d", "x", "g"))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_of_this_package(mode, dtype):
    """Two dtypes: the row is in the coarser one."""
    draw = Numbers(94)
    d, x = draw.uniform((1, 2, 2, 2)), draw.uniform((1, 3, 4, 2)).astype(dtype)
    grid = draw.uniform((1, 2, 2, 2), -1.2, 1.2)

    def first(*primals):
        return npstn.grid_sample_vjp(*primals, mode=mode)

    def second(*arguments):
        return npstn.grid_sample_vjp_vjp(*arguments, mode=mode)

    def faulty(*arguments):
        d_d, d_x, d_grid = second(*arguments)
        return d_d, d_x, d_grid[..., ::-1]

    check_vjp_vjp(first, second, (d, x, grid))
    with pytest.raises(AssertionError, match=r"do not confirm primals\[2\]\n"):
        check_vjp_vjp(first, faulty, (d, x, grid))


def test_what_is_not_wanted_is_none():
    d, x, g = numbers(float)

    def only_x(d, x, g):
        return vjp(d, x, g)[0], None

    def second(dd_x, dd_g, d, x, g):
        assert dd_g is None
        return dd_x * g**2, None, 2 * dd_x * d * g

    report = check_vjp_vjp(only_x, second, (d, x, g))
    assert [i.name for i in report.inputs] == ["primals[0]", "primals[2]"]


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (lambda d, x, g: d, vjp_vjp, "f_vjp returned a ndarray, expected a tuple of cotangents"),
        (lambda d, x, g: (None,), vjp_vjp, "f_vjp returned nothing but None"),
        (vjp, lambda *a: a[:2], "f_vjp_vjp returned a tuple of 2, expected a tuple of 3"),
    ],
)
def test_bad_results(first, second, message):
    with pytest.raises(ValueError, match=message):
        check_vjp_vjp(first, second, numbers(float))
