"""The row of SciPy against scipy.ndimage."""

import numpy as np
import pytest
from support.dialects import GRADIENT_KINDS, compare, every

from npstn import dialects

ndimage = pytest.importorskip("scipy.ndimage", reason="the real thing is not installed")


def named(case):
    if case.kind == "huge" and case.padding in ("reflect", "grid-mirror"):
        return "folds of far points"
    if case.kind == "huge" and case.padding in ("nearest", "wrap", "grid-wrap"):
        return "huge points"
    if case.kind == "inf" and case.padding in ("wrap", "grid-wrap"):
        return "huge points"
    return None


def test_map_coordinates():
    print(compare("scipy", "map_coordinates", ndimage.map_coordinates, named=named))


@pytest.mark.parametrize("mode", dialects.scipy.row.functions[0].convention.paddings)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_every_tie(size, mode):
    x, p = np.arange(1.0, size + 1)[None], np.arange(-6 * size - 1, 8 * size + 2) / 2
    given = {"coordinates": np.stack([0 * p, p]), "order": 0, "mode": mode}
    want = ndimage.map_coordinates(x, **given)
    np.testing.assert_array_equal(dialects.scipy.map_coordinates(x, **given), want)


def test_affine_transform():
    real, kinds = ndimage.affine_transform, (*GRADIENT_KINDS, "ties")
    print(compare("scipy", "affine_transform", real, named=named, kinds=kinds))


@pytest.mark.parametrize("points", [[[1, 2], [0, 2]], np.array([[1, 2], [0, 2]]), [[0.5], [1.0]]])
@pytest.mark.parametrize("order", [1, np.int64(1), True])
def test_points_may_be_lists_and_integers(points, order):
    x = np.arange(9.0).reshape(3, 3)
    want = ndimage.map_coordinates(x, points, order=order)
    np.testing.assert_array_equal(dialects.scipy.map_coordinates(x, points, order=order), want)


@pytest.mark.parametrize(("at", "value"), [(0, "[5.]"), (1, "[1.]")])
def test_differences(at, value, capsys):
    exec(every("scipy")[at].shown_by, {})
    assert capsys.readouterr().out.strip() == value
