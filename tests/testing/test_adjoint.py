import numpy as np
import pytest
from support.sampler import C, H, W, problem, sample, sample_vjp

from npstn.testing import dot_test


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dot_test_on_random_data(dtype):
    x, g = problem(dtype)
    d_out = np.random.default_rng(1).standard_normal((6, C)).astype(dtype)

    def adjoint(d):
        return sample_vjp(d, x, g)[0]

    assert dot_test(lambda t: sample(t, g), adjoint, x, d_out) < 1e-5
    faults = (
        lambda d: -adjoint(d),
        lambda d: adjoint(d) * dtype(1.001),
        lambda d: adjoint(d)[::-1],
    )
    for fault in faults:
        with pytest.raises(AssertionError, match=r"<f\(t\), d_out> = .* but .* they differ by"):
            dot_test(lambda t: sample(t, g), fault, x, d_out)


def test_dot_test_exactly_on_dyadic_data():
    rng = np.random.default_rng(0)
    x = rng.integers(-8, 9, (H, W, C)).astype(np.float32)
    d_out = rng.integers(-8, 9, (6, C)).astype(np.float32)
    g = (rng.integers(-40, 41, (6, 2)) / 32).astype(np.float32)

    def adjoint(d):
        return sample_vjp(d, x, g)[0]

    def tiny_fault(d):
        return np.nextafter(adjoint(d), np.float32(np.inf))

    assert dot_test(lambda t: sample(t, g), adjoint, x, d_out, tolerance=0) == 0.0
    with pytest.raises(AssertionError, match="allowed 0"):
        dot_test(lambda t: sample(t, g), tiny_fault, x, d_out, tolerance=0)


@pytest.mark.parametrize(
    ("adjoint", "error", "message"),
    [
        (lambda d: d.T, ValueError, r"f_adjoint\(d_out\) has shape \(3, 2\), expected \(2, 3\)"),
        (lambda d: d * np.inf, AssertionError, r"f_adjoint\(d_out\) is inf"),
        (lambda d: d.astype(int), TypeError, "dtype int64"),
    ],
)
def test_dot_test_bad_results(adjoint, error, message):
    with pytest.raises(error, match=message):
        dot_test(lambda t: 2.0 * t, adjoint, np.ones((2, 3)), np.ones((2, 3)))


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_dot_test_where_products_are_no_floats(size):
    x = np.full((3, 2), size)
    with np.errstate(all="raise"):
        if size < 1:
            assert dot_test(lambda t: t, lambda d: d, x, x) == 0.0
        else:
            with pytest.raises(AssertionError, match="they differ by nan"):
                dot_test(lambda t: t, lambda d: d, x, x)


@pytest.mark.parametrize(
    ("tolerance", "error"), [("a", TypeError), (np.nan, ValueError), (-1.0, ValueError)]
)
def test_dot_test_tolerances(tolerance, error):
    with pytest.raises(error, match=r"^tolerance is "):
        dot_test(lambda t: t, lambda d: d, np.ones(2), np.ones(2), tolerance=tolerance)
    dot_test(lambda t: t, lambda d: 9 * d, np.ones(2), np.ones(2), tolerance=np.inf)
