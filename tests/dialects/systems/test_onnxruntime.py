"""The rows of ONNX Runtime against it, opsets 16, 20 and 22."""

import numpy as np
import pytest
from support.dialects import compare, function_of
from support.differences import or_nan, printed
from support.onnx_models import sampled_shape

from npstn import dialects
from npstn.conformance._adapters.models import operator

pytest.importorskip("onnx", reason="the models are made with it")
pytest.importorskip("onnxruntime", reason="it is what the row is of")


def named(case):
    if case.mode == "bicubic" and len(case.size) == 3:
        return "volumes have no cubic"
    if case.kind == "huge" and case.padding == "reflection":
        return "far reflection"
    if case.kind == "huge" and case.padding == "border" and case.mode == "bilinear":
        return "far weights"
    return None


@pytest.mark.parametrize("opset", [16, 20, 22])
def test_grid_sample(opset):
    run = operator("onnxruntime", opset, "GridSample", ("X", "grid"))
    real = or_nan(run, sampled_shape)
    print(compare("onnxruntime", "GridSample", real, named=named, version=str(opset)))


def test_affine_grid():
    real = operator("onnxruntime", 20, "AffineGrid", ("theta", "size"))
    print(compare("onnxruntime", "AffineGrid", real))


@pytest.mark.parametrize("size", [(1, 1, 1, 3), (1, 1, 3, 1), (1, 1, 2, 1, 4)])
@pytest.mark.parametrize("align", [0, 1])
def test_affine_grid_of_one_point(size, align):
    rank = len(size) - 2
    given = {"theta": np.eye(rank, rank + 1)[None] + 0.25, "size": size, "align_corners": align}
    ours = dialects.get("onnxruntime").AffineGrid(**given)
    theirs = operator("onnxruntime", 20, "AffineGrid", ("theta", "size"))(**given)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-15)


def test_opset_16_has_no_float64():
    x, grid = np.zeros((1, 1, 2, 2)), np.zeros((1, 1, 1, 2))
    with pytest.raises(Exception, match="NOT_IMPLEMENTED"):
        operator("onnxruntime", 16, "GridSample", ("X", "grid"))(X=x, grid=grid)


def test_differences_are_shown():
    for opset in ("16", "20"):
        differences = function_of("onnxruntime", "GridSample", opset).differences
        assert [printed(d.shown_by) for d in differences] == ["Fail", "0.0", "1.0"]
