"""The row of scikit-image against skimage.transform."""

import pytest
from support.dialects import GRADIENT_KINDS, compare, every

transform = pytest.importorskip("skimage.transform", reason="the real thing is not installed")


def real(**given):
    """warp, which asks for arrays that it could write to."""
    return transform.warp(**{k: v.copy() if hasattr(v, "dtype") else v for k, v in given.items()})


KINDS = (*GRADIENT_KINDS, "ties")


def named(case):
    halves = case.kind in ("ties", "lattice")
    return "ties of reflect" if halves and case.padding == "reflect" else None


def test_warp():
    print(compare("skimage", "warp", real, named=named, kinds=KINDS, clip=False))


@pytest.mark.parametrize("order", [0, 1])
def test_clip_changes_nothing(order):
    print(compare("skimage", "warp", real, named=named, kinds=("random",), order=order))


@pytest.mark.parametrize(("at", "value"), [(0, "[0.  0.5 1.  1. ]"), (1, "[1. 6. 2. 6.]")])
def test_differences(at, value, capsys):
    exec(every("skimage")[at].shown_by, {})
    assert capsys.readouterr().out.strip() == value
