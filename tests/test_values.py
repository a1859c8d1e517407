"""Single values at the door: what is no whole number, no list, or too long to be said."""

import numpy as np
import pytest

import npstn
from npstn import _values, transforms
from npstn._values import several

X, GRID, THETA = np.ones((1, 4, 5, 1)), np.zeros((1, 2, 2, 2)), np.eye(2, 3)[None]
TIME = np.timedelta64(1)


class Unshown:
    def __repr__(self):
        raise RuntimeError("no repr")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: npstn.affine_grid(THETA, (TIME, np.timedelta64(2))),
            "out_dims is (np.timedelta64(1), np.timedelta64(2)), expected two integers",
        ),
        (
            lambda: npstn.affine_grid(THETA, (np.timedelta64("NaT"), 2)),
            "out_dims is (np.timedelta64('NaT'), 2), expected two integers",
        ),
        (
            lambda: npstn.affine_grid(THETA, np.array([3, 2], "m8[D]")),
            "out_dims is array([datetime.timedelta(",
        ),
        (lambda: npstn.affine_grid(THETA, (2, 3), align_corners=TIME), "align_corners is "),
        (
            lambda: npstn.grid_sample(X, GRID, mode="bicubic", cubic_coefficient=TIME),
            "cubic_coefficient is ",
        ),
        (lambda: transforms.tps_identity(rank=np.timedelta64(2)), "rank is "),
        (lambda: _values.integer("steps", TIME), "steps is "),
        (lambda: several("names", np.array(3)), "names is array(3), expected a tuple"),
        (lambda: transforms.tps_identity(rank=Unshown()), "rank is <Unshown instance at "),
        (lambda: transforms.tps_identity(rank="a" * 10**6), "rank is 'aaa"),
        (
            lambda: npstn.affine_grid(THETA, (2, 3), align_corners=10**5000),
            "align_corners is about",
        ),
        (lambda: npstn.grid_sample(X, GRID, mode=10**5000), "mode is about 2**16609, expected"),
    ],
)
def test_types_that_are_refused(call, said):
    with pytest.raises(TypeError) as caught:
        call()
    found = str(caught.value).replace("numpy.timedelta64(", "np.timedelta64(")  # NumPy 1.26
    assert found.startswith(said)
    assert "expected " in found
    assert len(found) < 200


def test_numbers_of_narrow_dtypes_fit_between_wide_limits():
    """NumPy would compare them in the narrow one, and warn."""
    found = _values.number("x", np.float16(0.5), -1e300, 1e300)
    assert (found, type(found)) == (0.5, float)


def test_sizes_of_many_digits():
    for size in (10**5000, 1), np.array([10**5000, 1], object):
        with pytest.raises(ValueError, match=r"out_dims is .*about 2\*\*16609, 1.*expected sizes"):
            npstn.affine_grid(THETA, size)
