"""What the checks of derivatives say of functions that do not keep to their word."""

import numpy as np
import pytest

from npstn.testing import check_jvp, check_vjp, check_vjp_vjp, dot_test

X = np.ones((2, 3))


def fails(*args):
    raise KeyError("lost")


def grows():
    """A function whose output is longer at each call."""
    calls = []

    def f(x):
        calls.append(x)
        return np.ones(2 + len(calls))

    return f


@pytest.mark.parametrize(
    ("check", "match"),
    [
        (lambda: check_vjp(fails, lambda d, x: (d,), [X]), "^f raised KeyError: 'lost'$"),
        (lambda: check_vjp(lambda x: x, fails, [X]), "^f_vjp raised KeyError: 'lost'$"),
        (lambda: check_jvp(fails, lambda x, t: (x, t), [X]), "^f raised"),
        (lambda: check_jvp(lambda x: x, fails, [X]), "^f_jvp raised"),
        (lambda: check_vjp_vjp(fails, fails, [X, X]), "^f_vjp raised"),
        (lambda: check_vjp_vjp(lambda d, x: (d,), fails, [X, X]), "^f_vjp_vjp raised"),
        (lambda: dot_test(fails, lambda d: d, X, X), "^f raised"),
        (lambda: dot_test(lambda t: t, fails, X, X), "^f_adjoint raised"),
    ],
)
def test_a_function_that_raises_is_named(check, match):
    with pytest.raises(ValueError, match=match) as found:
        check()
    assert isinstance(found.value.__cause__, KeyError)


def test_an_output_that_changes_its_shape():
    match = r"^f\(\*primals\) has shape \(4,\) where angle is changed, and \(3,\) before$"
    with pytest.raises(ValueError, match=match):
        check_vjp(grows(), lambda d, x: (np.ones_like(x),), [X], names=["angle"])
