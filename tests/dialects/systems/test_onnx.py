"""The rows of ONNX's operators against its reference evaluator, opsets 16, 20 and 22."""

import numpy as np
import pytest
from support.dialects import compare, function_of
from support.differences import or_nan, printed
from support.onnx_models import sampled_shape

from npstn import dialects
from npstn.conformance._adapters.models import operator

onnx = pytest.importorskip("onnx", reason="the reference evaluator is what the row is of")
pytest.importorskip("onnx.reference")

LATER = {"bilinear": "linear", "bicubic": "cubic"}  # the evaluator knows no other names


def grid_sample(opset):
    run = operator("onnx", opset, "GridSample", ("X", "grid"))

    def real(mode, **given):
        return run(mode=LATER.get(mode, mode), **given)

    return or_nan(real, sampled_shape)


def named(case):
    reflection = case.padding == "reflection"
    if case.kind == "nan":
        if case.mode != "nearest":
            return "a NaN raises"
        return "the texel at -2**31" if reflection else None
    if case.kind == "inf" and (reflection or (case.padding == "zeros" and case.mode != "nearest")):
        return "inf raises"
    if case.kind == "single" and reflection and case.align and case.mode != "nearest":
        return "one point raises"
    if case.kind == "huge" and reflection:
        return "far reflection"
    return None


def test_grid_sample():
    options = {"precision": "float32", "channels": 1}  # it is Python, and slow
    print(compare("onnx", "GridSample", grid_sample(20), named=named, **options))


@pytest.mark.parametrize("opset", [16, 22])
def test_other_opsets_are_alike(opset):
    options = {"precision": "float32", "channels": 1, "kinds": ("random", "ties")}
    print(compare("onnx", "GridSample", grid_sample(opset), version=str(opset), **options))


def test_affine_grid():
    real = operator("onnx", 20, "AffineGrid", ("theta", "size"))
    print(compare("onnx", "AffineGrid", real, precision="float32"))


@pytest.mark.parametrize("size", [(1, 1, 1, 3), (1, 1, 3, 1), (1, 1, 2, 1, 4)])
@pytest.mark.parametrize("align", [0, 1])
def test_affine_grid_of_one_point(size, align):
    rank = len(size) - 2
    given = {"theta": np.eye(rank, rank + 1)[None] + 0.25, "size": size, "align_corners": align}
    ours = dialects.get("onnx").AffineGrid(**given)
    theirs = operator("onnx", 20, "AffineGrid", ("theta", "size"))(**given)
    assert ours.dtype == theirs.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-7)


def test_default_arguments_are_the_operators():
    for opset in (16, 20):
        schema = onnx.defs.get_schema("GridSample", opset)
        found = function_of("onnx", "GridSample", str(opset)).arguments
        assert [i.name for i in schema.inputs] == list(found)[:2]
        assert schema.attributes["mode"].default_value.s.decode() == found["mode"].default
    assert dialects.get("onnx", version="19").row.since == "16"
    assert dialects.get("onnx", version="22").row is dialects.get("onnx").row


def test_differences_are_shown():
    both = ["ValueError", "OverflowError", "OverflowError", "0.0", "3.0", "2.0999999046325684"]
    for opset, first in ((16, ["RuntimeError"]), (20, [])):
        function = function_of("onnx", "GridSample", str(opset))
        assert [printed(d.shown_by) for d in function.differences] == first + both
    (difference,) = function_of("onnx", "AffineGrid").differences
    assert printed(difference.shown_by) == "ValueError"
