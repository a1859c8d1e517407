"""check_jvp: a right tangent passes, and every planted fault is found."""

import numpy as np
import pytest
from support import Numbers
from support.sampler import problem, sample, sample_jvp, taps

import npstn
from npstn.testing import check_jvp


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kinks", ["between", "right"])
def test_a_right_tangent_passes(dtype, kinks, seed, readonly):
    x, g = readonly(*problem(dtype, kinks=seed == 1, seed=seed))
    report = check_jvp(sample, sample_jvp, (x, g), names=("x", "g"), kinks=kinks, seed=seed)
    of_x, of_g = report.inputs
    assert (of_x.name, of_x.checked, of_x.total) == ("x", x.size, x.size)
    assert (of_g.checked, of_g.kinks > 0) == (g.size, seed == 1)
    assert report.worst <= 1.0


def wrong_sign(x, g, t_x, t_g):
    return sample_jvp(x, g, t_x, -t_g)


def dropped_tap(x, g, t_x, t_g):
    out, t_out = sample_jvp(x, g, t_x, t_g)
    inside, index, w, _ = next(taps(x, g))
    t_out[inside] -= (w[:, 0] * w[:, 1])[:, None] * t_x[index]
    return out, t_out


def swapped_axes(x, g, t_x, t_g):
    return sample_jvp(x, g, t_x, t_g[:, ::-1])


def swapped_tangents(x, g, t_x, t_g):
    return sample_jvp(x, g, t_g.sum() + 0 * t_x, t_x.sum() + 0 * t_g)


def one_output_wrong(x, g, t_x, t_g):
    out, t_out = sample_jvp(x, g, t_x, t_g)
    t_out[3, 1] *= 1.001
    return out, t_out


def first_tangent_only(x, g, t_x, t_g):
    """Right for each by itself."""
    return sample_jvp(x, g, t_x, 0 * t_g if t_x.any() else t_g)


def product_of_tangents(x, g, t_x, t_g):
    out, t_out = sample_jvp(x, g, t_x, t_g)
    return out, t_out + t_x.sum() * t_g.sum()


def another_out(x, g, t_x, t_g):
    out, t_out = sample_jvp(x, g, t_x, t_g)
    return out * out.dtype.type(1.0001), t_out


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (wrong_sign, "do not confirm g\n"),
        (dropped_tap, "do not confirm x\n"),
        (swapped_axes, "do not confirm g\n"),
        (swapped_tangents, "do not confirm x, g\n"),
        (one_output_wrong, "do not confirm x, g\n"),
        (first_tangent_only, "f_jvp is not linear in its tangents: .* they differ by"),
        (product_of_tangents, "f_jvp is not linear in its tangents: .* they differ by"),
        (another_out, "f_jvp returned another out than f"),
    ],
)
def test_planted_faults_are_found(fault, message, dtype):
    with pytest.raises(AssertionError, match=message):
        check_jvp(sample, fault, problem(dtype), names=("x", "g"))


def test_right_refuses_a_left_derivative():
    def f(x):
        return abs(x)

    def jvp(x, t_x):
        return abs(x), t_x * np.where(x > 0, 1.0, -1.0)

    x = np.array([-1.0, 0.0, 2.0])
    check_jvp(f, jvp, (x,))
    with pytest.raises(AssertionError, match="kinks='right'"):
        check_jvp(f, jvp, (x,), kinks="right")


def test_a_primal_of_whole_numbers_is_held_fixed():
    x, at = np.array([1.0, 2.0, 4.0]), np.array([2, 0])

    def jvp(x, at, t_x, t_at):
        assert t_at is None
        return x[at] ** 2, 2 * x[at] * t_x[at]

    report = check_jvp(lambda x, at: x[at] ** 2, jvp, (x, at))
    assert [i.name for i in report.inputs] == ["primals[0]"]


def test_of_this_package():
    numbers = Numbers(90)
    x, grid = numbers.uniform((1, 3, 4, 2)), numbers.uniform((1, 2, 3, 2), -1.2, 1.2)
    report = check_jvp(npstn.grid_sample, npstn.grid_sample_jvp, (x, grid))
    assert sum(i.smooth for i in report.inputs) == x.size + grid.size


@pytest.mark.parametrize(
    ("jvp", "error", "message"),
    [
        (lambda x, t: 2 * t, ValueError, "f_jvp returned a ndarray, expected a tuple of 2 arrays"),
        (lambda x, t: (x, x, t), ValueError, "f_jvp returned a tuple of 3, expected a tuple of 2"),
        (lambda x, t: (2 * x, t[:1]), ValueError, r"t_out of f_jvp has shape \(1,\), expected"),
        (lambda x, t: (2 * x, t * np.nan), AssertionError, "t_out of f_jvp is nan"),
    ],
)
def test_bad_results(jvp, error, message):
    with pytest.raises(error, match=message):
        check_jvp(lambda x: 2 * x, jvp, (np.ones(3),))
