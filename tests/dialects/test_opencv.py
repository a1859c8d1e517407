"""The rows of OpenCV against OpenCV, of the version that is there."""

import numpy as np
import pytest
from support.dialects import KINDS, cases, compare, function_of

from npstn import dialects

cv2 = pytest.importorskip("cv2", reason="needs OpenCV")

OLD = cv2.__version__.startswith("4")
VERSION = cv2.__version__
WILD = ("nan", "inf", "huge")
FINITE = tuple(kind for kind in KINDS if kind not in WILD)


def run(name):
    def real(borderValue, **given):
        src = given.pop("src")
        out = getattr(cv2, name)(src, **given, borderValue=(borderValue,) * 4)
        return out.reshape(*out.shape[:2], *src.shape[2:])

    return real


def named(case):
    if case.mode == "bicubic" and case.dtype == "float64":
        return "weights of bicubic in float32"
    if not OLD and case.mode == "bicubic" and case.padding > 1 and case.kind == "outside":
        return "far points are moved nearer"
    return None


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("name", ["remap", "warpAffine", "warpPerspective"])
def test_forward(name, channels):
    options = {"version": VERSION, "channels": channels, "borderValue": 0.5}
    print(
        name, channels,
        compare(
            "opencv", name, run(name), named=named, kinds=FINITE, **options
        ),
    )
