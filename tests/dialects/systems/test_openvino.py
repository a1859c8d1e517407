"""The row of OpenVINO against it."""

from functools import lru_cache

import numpy as np
import pytest
from support.dialects import compare, function_of
from support.differences import printed

openvino = pytest.importorskip("openvino", reason="it is what the row is of")
from openvino import opset9  # noqa: E402


@lru_cache
def compiled(dtype, attributes):
    data, grid = (opset9.parameter([-1, -1, -1, n], np.dtype(dtype)) for n in (-1, 2))
    model = openvino.Model([opset9.grid_sample(data, grid, dict(attributes))], [data, grid])
    hints = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
    return openvino.Core().compile_model(model, "CPU", hints)


def real(data, grid, **attributes):
    run = compiled(data.dtype.name, tuple(attributes.items()))
    return np.array(run([np.array(data), np.array(grid)])[0])


def test_grid_sample():
    print(compare("openvino", "grid_sample", real, precision="float32"))


def test_defaults():
    x = np.arange(12.0).reshape(1, 1, 3, 4)
    grid = np.array([0.9, -1.1, 0.3, 0.4]).reshape(1, 1, 2, 2)
    given = {k: v.default for k, v in arguments().items() if not isinstance(v, str)}
    np.testing.assert_array_equal(real(x, grid), real(x, grid, **given))


def arguments():
    return function_of("openvino", "grid_sample").arguments


def test_difference_is_shown():
    (difference,) = function_of("openvino", "grid_sample").differences
    assert printed(difference.shown_by) == "100000000.0"
