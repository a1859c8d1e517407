"""The row of SciPy against scipy.ndimage."""

import pytest
from support.dialects import GRADIENT_KINDS, compare, every

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


@pytest.mark.parametrize(("at", "value"), [(0, "[6.]"), (1, "[5.]"), (2, "[1.]"), (3, "[6.]")])
def test_differences(at, value, capsys):
    exec(every("scipy")[at].shown_by, {})
    assert capsys.readouterr().out.strip() == value
