"""Models of one operator, made in memory: for ONNX's evaluator, its runtime, and OpenVINO."""

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from ...dialects.row import Function
from .._ops import positional
from ._types import Chosen, Fn, Pair

OPSET = 20
_TYPES = {"float32": 1, "float64": 11, "float16": 10, "int64": 7}
_HINTS = {"INFERENCE_PRECISION_HINT": "f32"}


def make(place: str, function: Function, chosen: Chosen) -> Pair:
    """Make an operator of a runtime, of the opset that is the version of the dialect."""
    opset = OPSET if chosen.version is None else int(chosen.version)
    return operator(place, opset, function.name, positional(function)), None


def operator(runtime: str, opset: int, name: str, inputs: tuple[str, ...]) -> Fn:
    """An operator of ONNX as a function of its inputs and attributes."""

    def run(**given: Any) -> Any:
        arrays = {k: array(given.pop(k)) for k in inputs}
        given = {k: int(v) if k == "align_corners" else v for k, v in given.items()}
        dtypes = tuple(a.dtype.name for a in arrays.values())
        model = _model(opset, name, inputs, dtypes, tuple(sorted(given.items())))
        return session(runtime, model)(arrays)

    return run


def openvino(place: str, function: Function, chosen: Chosen) -> Pair:
    """Make OpenVINO's own operator, of its operator set 9."""

    def run(data: Any, grid: Any, **attributes: Any) -> Any:
        compiled = _compiled(data.dtype.name, tuple(sorted(attributes.items())))
        return np.array(compiled([data, grid])[0])

    return run, None


@lru_cache
def session(runtime: str, model: bytes) -> Fn:
    """A model in a runtime as a function of its inputs by name, for its first output."""
    if runtime == "openvino":
        compiled = _core().compile_model(_core().read_model(model), "CPU", _HINTS)
        return lambda feeds: np.array(compiled(dict(feeds))[0])
    run: Fn
    if runtime == "onnx":
        run = import_module("onnx.reference").ReferenceEvaluator(model).run
    else:
        ort = import_module(runtime)
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = 1, 4
        run = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"]).run

    def first(feeds: Mapping[str, Any]) -> Any:
        with np.errstate(all="ignore"):
            return run(None, dict(feeds))[0]

    return first


@lru_cache
def _model(
    opset: int,
    name: str,
    inputs: tuple[str, ...],
    dtypes: tuple[str, ...],
    attributes: tuple[tuple[str, Any], ...],
) -> bytes:
    """A model of one operator, with the dtype of its first input as its output's."""
    helper = import_module("onnx.helper")
    infos = [
        helper.make_tensor_value_info(name, _TYPES[dtype], None)
        for name, dtype in zip((*inputs, "out"), (*dtypes, dtypes[0]), strict=True)
    ]
    node = helper.make_node(name, inputs, ["out"], **dict(attributes))
    graph = helper.make_graph([node], "graph", infos[:-1], infos[-1:])
    opsets = [helper.make_opsetid("", opset)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    content: bytes = model.SerializeToString()
    return content


@lru_cache
def _compiled(dtype: str, attributes: tuple[tuple[str, Any], ...]) -> Fn:
    ov, ops = import_module("openvino"), import_module("openvino.opset9")
    data, grid = (ops.parameter([-1, -1, -1, n], np.dtype(dtype)) for n in (-1, 2))
    model = ov.Model([ops.grid_sample(data, grid, dict(attributes))], [data, grid])
    compiled: Fn = _core().compile_model(model, "CPU", _HINTS)
    return compiled


@lru_cache
def _core() -> Any:
    return import_module("openvino").Core()


def array(value: Any) -> Any:
    """An array as it is; a size as integers of 64 bits."""
    return value if isinstance(value, np.ndarray) else np.array(value, np.int64)
