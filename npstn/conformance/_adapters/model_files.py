"""A model file with one GridSample or AffineGrid node, as a function of the node's inputs."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from . import models
from ._types import Fn

# How many of the last axes of each input keep their lengths.
NODES = {"GridSample": (0, 1), "AffineGrid": (2, 1)}
RUNTIMES = ("onnxruntime", "openvino", "onnx")


class ModelFile(NamedTuple):
    """What a file says, and the model as a function of its inputs in the order of the node's."""

    op: str
    opset: int
    dtype: str  # of the first input
    rank: int | None  # of the space
    attributes: Mapping[str, Any]
    fn: Fn


def read(path: str, runtime: str) -> ModelFile:
    """Read a model, to be run by a runtime at sizes of any length."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path}")
    onnx = import_module("onnx")
    try:
        model = onnx.load(path)
    except Exception as error:  # protobuf's own
        raise ValueError(f"{path} is no ONNX model: {error}") from error
    node = _node(path, model.graph)
    kinds = {i.name: i.type.tensor_type for i in model.graph.input}
    kinds = {k: v for k, v in kinds.items() if k not in {i.name for i in model.graph.initializer}}
    for name in node.input:
        if name not in kinds:
            listed = ", ".join(kinds)
            raise ValueError(
                f"{path}: {name}, which {node.op_type} reads, is no input of the model ({listed})"
            )
    if set(kinds) != set(node.input):
        raise ValueError(f"{path} has inputs {', '.join(kinds)}, expected those of {node.op_type}")
    axes = [d.dim_value for d in kinds[node.input[0]].shape.dim]
    rank = len(axes) - 2 if node.op_type == "GridSample" else (axes[1:2] or [0])[0]
    kept = dict(zip(node.input, NODES[node.op_type], strict=True))
    for value in (*model.graph.input, *model.graph.output):
        dims = value.type.tensor_type.shape.dim
        for axis in dims[: len(dims) - kept.get(value.name, 0)]:
            axis.Clear()
    del model.graph.value_info[:]
    try:
        run = models.session(runtime, model.SerializeToString())
    except Exception as error:  # each runtime has its own
        raise ValueError(f"{path}: {runtime} refuses the model: {error}") from error
    names = tuple(node.input)

    def fn(*inputs: Any) -> Any:
        return run(dict(zip(names, map(models.array, inputs), strict=True)))

    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    return ModelFile(
        node.op_type,
        next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx")),
        onnx.helper.tensor_dtype_to_np_dtype(kinds[node.input[0]].elem_type).name,
        rank if rank > 0 else None,
        {k: v.decode() if isinstance(v, bytes) else v for k, v in attributes.items()},
        fn,
    )


def _node(path: str, graph: Any) -> Any:
    found = [node for node in graph.node if node.op_type in NODES]
    if len(found) != 1:
        count = "no" if not found else str(len(found))
        listed = ", ".join(dict.fromkeys(node.op_type for node in graph.node))
        nodes = "node" if len(found) == 1 else "nodes"
        raise ValueError(
            f"{path} has {count} {nodes} GridSample or AffineGrid, expected one (it has {listed})"
        )
    return found[0]
