"""The rows of PyTorch against PyTorch."""

import numpy as np
import pytest
from support.dialects import GRADIENT_KINDS, compare
from support.tensors import on_arrays, shown

from npstn import dialects

torch = pytest.importorskip("torch", reason="the row of PyTorch is compared with PyTorch")
functional = torch.nn.functional


def test_grid_sample():
    def named(case):
        folded = case.kind == "huge" and case.padding == "reflection" and len(case.size) == 3
        return "folds" if folded else None

    real = on_arrays(functional.grid_sample, "input", "grid")
    print(compare("torch", "grid_sample", *real, named=named))


@pytest.mark.filterwarnings("ignore:Since version 1.3.0:UserWarning")  # of an output of one row
def test_affine_grid():
    real = on_arrays(functional.affine_grid, "theta")
    print(compare("torch", "affine_grid", *real, kinds=GRADIENT_KINDS))


def test_volumes_have_no_bicubic():
    with pytest.raises(ValueError, match="mode is 'bicubic', expected one of 'bilinear', 'nearest"):
        dialects.torch.grid_sample(
            np.zeros((1, 1, 2, 2, 2)), np.zeros((1, 1, 1, 1, 3)), mode="bicubic"
        )


def test_differences():
    # No signals are sent to this process: the fault is in one of its own.
    assert shown("torch", "grid_sample") == ["-11", "1.0"]
    x, g = np.arange(5.0).reshape(1, 1, 1, 1, 5), np.zeros((1, 1, 1, 1, 3))
    g[..., 0] = 2.0**32 + 1.5
    options = {"padding_mode": "reflection", "align_corners": True}
    assert dialects.torch.grid_sample(x, g, **options).item() == 3.0


def test_older_versions():
    old = dialects.get("torch", version="1.2")
    theta = np.array([[[1.0, 0, 0], [0, 1, 0]]])
    assert old.affine_grid(theta, (1, 1, 1, 3)).tolist() == [[[[-1, -1], [0, -1], [1, -1]]]]
    x, g = np.arange(6.0).reshape(1, 1, 2, 3), np.array([[[[0.3, 0.2]]]])
    now = functional.grid_sample(torch.tensor(x), torch.tensor(g), align_corners=True)
    assert old.grid_sample(x, g).item() == pytest.approx(now.item(), abs=1e-15)
    with pytest.raises(ValueError, match="mode is 'bicubic'"):
        dialects.get("torch", version="1.7").grid_sample(x, g, mode="bicubic")
