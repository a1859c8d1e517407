"""ONNX operators as functions of arrays: a model and a session for each set of options."""

from functools import lru_cache

import numpy as np
import onnx
from onnx import helper

_TYPES = {"float32": 1, "float64": 11, "int64": 7}


@lru_cache
def session(runtime, opset, operator, names, dtypes, attributes):
    """A session of a model of one operator, with the dtype of its first input as its output's."""
    infos = [
        helper.make_tensor_value_info(name, _TYPES[dtype], None)
        for name, dtype in zip((*names, "out"), (*dtypes, dtypes[0]), strict=True)
    ]
    node = helper.make_node(operator, names, ["out"], **dict(attributes))
    graph = helper.make_graph([node], "graph", infos[:-1], infos[-1:])
    opsets = [helper.make_opsetid("", opset)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    if runtime == "onnx":
        return onnx.reference.ReferenceEvaluator(model)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    return onnxruntime.InferenceSession(model.SerializeToString(), options)


def operator(runtime, opset, name, inputs):
    """An operator as a function of its inputs and attributes."""

    def run(**given):
        arrays = {k: np.array(given.pop(k)) for k in inputs}
        given = {k: int(v) if k == "align_corners" else v for k, v in given.items()}
        dtypes = tuple(a.dtype.name for a in arrays.values())
        args = runtime, opset, name, inputs, dtypes, tuple(sorted(given.items()))
        with np.errstate(all="ignore"):
            return session(*args).run(None, arrays)[0]

    return run


def sampled_shape(X, grid, **_):
    """The shape of what GridSample gives."""
    return (*X.shape[:2], *grid.shape[1:-1])
