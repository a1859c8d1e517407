"""The row of SciPy against scipy.ndimage."""

import numpy as np
import pytest
from support.dialects import GRADIENT_KINDS, compare, every

from npstn import dialects

ndimage = pytest.importorskip("scipy.ndimage", reason="the real thing is not installed")


HALVES = ("lattice", "ties", "nan", "inf", "huge")  # the kinds that have points at S - 1/2


def named(case):
    if case.mode == "nearest" and case.padding == "mirror" and case.kind in HALVES:
        return "ties of mirror"
    if case.kind == "huge" and case.padding in ("reflect", "grid-mirror"):
        return "folds of far points"
    if case.kind == "huge" and case.padding in ("nearest", "wrap", "grid-wrap"):
        return "huge points"
    if case.kind == "inf" and case.padding in ("wrap", "grid-wrap"):
        return "huge points"
    return None


def test_map_coordinates():
    print(compare("scipy", "map_coordinates", ndimage.map_coordinates, named=named))


def test_affine_transform():
    real, kinds = ndimage.affine_transform, (*GRADIENT_KINDS, "ties")
    print(compare("scipy", "affine_transform", real, named=named, kinds=kinds))


@pytest.mark.parametrize("points", [[[1, 2], [0, 2]], np.array([[1, 2], [0, 2]]), [[0.5], [1.0]]])
@pytest.mark.parametrize("order", [1, np.int64(1), True])
def test_points_may_be_lists_and_integers(points, order):
    x = np.arange(9.0).reshape(3, 3)
    want = ndimage.map_coordinates(x, points, order=order)
    np.testing.assert_array_equal(dialects.scipy.map_coordinates(x, points, order=order), want)


@pytest.mark.parametrize(("at", "value"), [(0, "[6.]"), (1, "[5.]"), (2, "[1.]"), (3, "[6.]")])
def test_differences(at, value, capsys):
    exec(every("scipy")[at].shown_by, {})
    assert capsys.readouterr().out.strip() == value
