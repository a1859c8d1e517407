"""Options: their errors, and the bits of 0 and 1 for False and True."""

import numpy as np
import pytest
from support import Numbers

import npstn
from npstn._options import options, wrt

B, H, W, C = 2, 4, 5, 3
_numbers = Numbers(73)
X, GRID = _numbers.uniform((B, H, W, C)), _numbers.uniform((B, 3, 6, 2), -1.5, 1.5)

REFUSED = [
    ("fill_value", "zero", TypeError, "fill_value is str, expected a finite number"),
    ("fill_value", None, TypeError, "fill_value is NoneType, expected"),
    ("fill_value", True, TypeError, "fill_value is bool of dtype bool, expected"),
    ("fill_value", 1j, TypeError, "fill_value is complex, expected"),
    ("fill_value", (1.0, 2.0), ValueError, "has shape (2,), expected a finite number, or (3,)"),
    ("fill_value", np.ones((3, 1)), ValueError, "fill_value has shape (3, 1), expected"),
    ("fill_value", np.array([1j]), TypeError, "is numpy.ndarray of dtype complex128, expected"),
    (
        "fill_value",
        [[1], [2, 3]],
        ValueError,
        "is [[1], [2, 3]], expected a finite number",
    ),
    ("fill_value", np.longdouble("1e4000"), ValueError, "expected a finite number"),
    ("cubic_coefficient", -(10**400), ValueError, "expected a finite number from -1 to 0"),
    ("fill_value", np.nan, ValueError, "fill_value is nan, expected a finite number"),
    ("fill_value", [0.0, 1.0, np.inf], ValueError, "fill_value is [0.0, 1.0, inf], expected"),
    ("cubic_coefficient", "-0.5", TypeError, "cubic_coefficient is '-0.5', expected a number"),
    ("cubic_coefficient", True, TypeError, "cubic_coefficient is True, expected a number"),
    ("cubic_coefficient", 0.5, ValueError, "is 0.5, expected a finite number from -1 to 0"),
    ("cubic_coefficient", -1.5, ValueError, "is -1.5, expected a finite number from -1 to 0"),
    ("cubic_coefficient", np.nan, ValueError, "expected a finite number from -1 to 0"),
    ("cubic_coefficient", -0.5, ValueError, "expected mode 'bicubic' with it, not 'bilinear'"),
    ("align_corners", 2, TypeError, "align_corners is 2, expected True or False"),
    ("align_corners", -1, TypeError, "align_corners is -1, expected True or False"),
    ("align_corners", 1.0, TypeError, "align_corners is 1.0, expected True or False"),
    ("align_corners", np.ones(1, int), TypeError, "align_corners is array([1]), expected True or"),
]


@pytest.mark.parametrize(("name", "value", "error", "said"), REFUSED)
def test_errors_of_options(name, value, error, said):
    with pytest.raises(error) as caught:
        npstn.grid_sample(X, GRID, **{name: value})
    assert str(caught.value).startswith(f"{name} ")
    assert said in str(caught.value)


@pytest.mark.parametrize("padding", ["border", "reflection", "wrap"])
def test_a_fill_without_zeros(padding):
    said = f"fill_value is 1.0, expected padding_mode 'zeros' with it, .* with '{padding}'"
    with pytest.raises(ValueError, match=said):
        npstn.grid_sample(X, GRID, fill_value=1.0, padding_mode=padding)
    npstn.grid_sample(X, GRID, fill_value=0.0, padding_mode=padding)


@pytest.mark.parametrize("kind", [int, np.int64, np.uint8, np.bool_])
@pytest.mark.parametrize("align", [False, True])
def test_zero_and_one_are_false_and_true(kind, align):
    theta = np.ones((B, 6))
    for function, arguments in (
        (npstn.grid_sample, (X, GRID)),
        (npstn.affine_grid, (theta, (3, 6))),
        (npstn.spatial_transformer_network, (X, theta, (3, 6))),
    ):
        got = function(*arguments, align_corners=kind(align))
        assert (got == function(*arguments, align_corners=align)).all()
        assert (got != function(*arguments, align_corners=not align)).any()
    assert options("bilinear", "zeros", kind(align), "NHWC").align is align


@pytest.mark.parametrize("value", [(), ("x", "x"), ("y",), (["x"],), (np.ones(2),), (None,)])
def test_other_cotangents(value):
    with pytest.raises(ValueError, match=r"wrt is .*, expected a tuple of one or more of 'x', 'g"):
        wrt(value, ("x", "grid"))
    assert wrt(("grid",), ("x", "grid")) == (False, True)
