"""The row of scikit-image against skimage.transform."""

import numpy as np
import pytest
from support.dialects import GRADIENT_KINDS, compare, every

from npstn import dialects

transform = pytest.importorskip("skimage.transform", reason="the real thing is not installed")


def real(**given):
    """warp, which asks for arrays that it could write to."""
    return transform.warp(**{k: v.copy() if hasattr(v, "dtype") else v for k, v in given.items()})


KINDS = (*GRADIENT_KINDS, "ties")


def test_warp():
    print(compare("skimage", "warp", real, kinds=KINDS, clip=False))


@pytest.mark.parametrize("order", [0, 1])
def test_clip_changes_nothing(order):
    print(compare("skimage", "warp", real, kinds=("random",), order=order))


def test_an_image_may_have_no_channels():
    x, m = np.sin(np.arange(20.0)).reshape(4, 5), np.array([[1, 0.1, 0.3], [0, 1, 0.2], [0, 0, 1]])
    want = transform.warp(x, m, order=1)
    np.testing.assert_allclose(dialects.skimage.warp(x, m, order=1), want, atol=1e-14)


@pytest.mark.parametrize(("at", "value"), [(0, "[0.  0.5 1.  1. ]")])
def test_differences(at, value, capsys):
    exec(every("skimage")[at].shown_by, {})
    assert capsys.readouterr().out.strip() == value
