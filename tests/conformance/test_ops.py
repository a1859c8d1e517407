"""Generic names of operations, and what a call gives before it is made."""

import numpy as np
import pytest

from npstn import dialects
from npstn.conformance import _ops

NAMES = {  # by dialect: what each generic name means there
    "npstn": "grid_sample affine_grid spatial_transformer",
    "torch": "grid_sample affine_grid",
    "tfa": "map_coordinates dense_flow warp_perspective",
    "opencv": "map_coordinates warp_affine warp_perspective",
    "mxnet": "grid_sample affine_grid spatial_transformer",
    "scipy": "map_coordinates warp_affine",
}


@pytest.mark.parametrize("dialect", NAMES)
def test_generic_names(dialect):
    row = _ops.row_of(dialect)
    found = {op: _ops.function_of(row, op) for op in NAMES[dialect].split()}
    assert len({f.name for f in found.values()}) == len(found)
    for function in found.values():
        assert _ops.function_of(row, function.name) is function
    with pytest.raises(ValueError, match="op is 'sampling', expected one of"):
        _ops.function_of(row, "sampling")


def test_the_arguments_of_a_function():
    affine = _ops.function_of(_ops.row_of("scipy"), "affine_transform")
    assert _ops.positional(affine) == ("input", "matrix", "offset", "output_shape")
    assert _ops.arrays(affine) == ("input", "matrix", "offset")
    assert _ops.options(affine) == ("order", "mode", "cval")
    warp = _ops.function_of(_ops.row_of("opencv"), "warp_affine")
    assert _ops.positional(warp) == ("src", "M", "dsize")


X, THETA = np.ones((2, 4, 5, 3), np.float32), np.ones((2, 2, 3), np.float32)
CALLS = [
    ("torch", "grid_sample", (np.ones((2, 3, 4, 5, 6)), np.ones((2, 1, 2, 3, 3), np.float32)), {}),
    ("torch", "affine_grid", (THETA, (2, 3, 4, 6)), {}),
    ("scipy", "affine_transform", (X[0, ..., 0], np.eye(2)), {"order": 1}),
    ("scipy", "map_coordinates", (X[0, ..., 0], np.ones((2, 7))), {"order": 1}),
    ("opencv", "warpAffine", (X[0], np.eye(2, 3), (7, 6)), {}),
    ("daviddao", "batch_transformer", (X, np.ones((2, 3, 6), np.float32), (6, 7)), {}),
    ("stnbhwd", "AffineTransformMatrixGenerator", (np.ones((2, 1)),), {"useRotation": True}),
]


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(("dialect", "name", "given", "chosen"), CALLS)
def test_the_outline_of_a_result(dialect, name, given, chosen):
    system = dialects.get(dialect)
    function = _ops.function_of(system.row, name)
    names = _ops.positional(function)
    out = getattr(system, name)(**dict(zip(names, given, strict=False)), **chosen)
    assert _ops.outline(function, given, chosen) == (out.dtype, out.shape)
