"""Runtimes: ONNX and its runtime, OpenVINO, ncnn; the sampling of PyTorch, exported.

The versions of ``onnx`` and ``onnxruntime`` here are opsets, for these name what a model means:
``get("onnx", version="16")``. The versions of the packages that were run are in ``tested``.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from ..row import Argument, Convention, Difference, Function, Padding, Row

_ONNX = Convention(
    layout="NC*",
    cast="float32",  # points are put into an array of it (op_grid_sample.py)
    modes={"linear": "bilinear", "nearest": "nearest", "cubic": "bicubic"},
    paddings={
        "zeros": Padding("zeros", nan={"nearest": "outside"}),
        "border": Padding("border", nan={"nearest": "first"}),
        "reflection": Padding("reflection"),
    },
    tie_stage="raw",
    cubic_stage="point",
    one=-1.0,  # run
    ranks=(2, 3),
)
_NAN_ORT = "edge"  # run: also inf, and what is larger than 2**62 pixels
_ORT = replace(
    _ONNX,
    cast="given",
    paddings={
        "zeros": Padding("zeros", nan=_NAN_ORT, inf=_NAN_ORT),
        "border": Padding("border", nan=_NAN_ORT, inf=_NAN_ORT),
        "reflection": Padding("reflection", nan=_NAN_ORT, inf=_NAN_ORT),
    },
    cubic_stage="texel",
    huge=math.nextafter(2.0**62, math.inf),
    one=1.0,  # run
)
_NAMES_16 = {"bilinear": "bilinear", "nearest": "nearest", "bicubic": "bicubic"}


def _model(opset: int, node: str, kind: str, x: Sequence[int], grid: Sequence[int]) -> str:
    """Return a line that makes m, a model of one node of X and grid."""
    axes = [", ".join(map(str, shape)) for shape in (x, grid)]
    out = ", ".join("abcde"[: len(x)])
    return (
        f'm = onnx.parser.parse_model(\'<ir_version: 10, opset_import: ["": {opset}]> g '
        f"({kind}[{axes[0]}] X, {kind}[{axes[1]}] grid) => ({kind}[{out}] Y) "
        f"{{Y = {node}(X, grid)}}')"
    )


def _sampled(
    runtime: str, options: str, x: Sequence[int], point: str, opset: int = 20, kind: str = "float"
) -> str:
    """Return a line that prints GridSample of 0, 1, 2, ... in the shape x, at one point."""
    grid = (1,) * (len(x) - 1) + (len(x) - 2,)
    run = {
        "onnx": "onnx.reference.ReferenceEvaluator(m)",
        "onnxruntime": "onnxruntime.InferenceSession(m.SerializeToString())",
    }[runtime]
    module = {"onnx": "onnx.reference", "onnxruntime": "onnxruntime"}[runtime]
    dtype = {"float": "float32", "double": "float64"}[kind]
    node = f"GridSample<{options}>" if options else "GridSample"
    return (
        f"import numpy as np, onnx.parser, {module}; "
        f"{_model(opset, node, kind, x, grid)}; "
        f"X = np.arange({math.prod(x)}, dtype='{dtype}').reshape({tuple(x)}); "
        f"grid = np.array({point}, '{dtype}').reshape({grid}); "
        f"print({run}.run(None, {{'X': X, 'grid': grid}})[0].item())"
    )


_ROW, _VOLUME = (1, 1, 1, 4), (1, 1, 2, 2, 2)
_RAISES = (
    Difference(
        "A NaN in modes linear and cubic: the reference evaluator raises ValueError, npstn gives"
        " NaN.",
        _sampled("onnx", "", _ROW, "[np.nan, 0]"),
    ),
    Difference(
        "Infinity under zeros in modes linear and cubic, and under reflection: the reference"
        " evaluator raises OverflowError; npstn gives 0 under zeros, NaN under reflection.",
        _sampled("onnx", "", _ROW, "[np.inf, 0]"),
    ),
    Difference(
        "Reflection where an aligned axis has one point: the reference evaluator raises"
        " OverflowError, npstn reads the point.",
        _sampled("onnx", 'align_corners=1, padding_mode="reflection"', _ROW, "[0, 1]"),
    ),
)
_ONNX_DIFFERENCES = (
    *_RAISES,
    Difference(
        "A NaN in mode nearest under reflection: the reference evaluator reads the texel at"
        " -2**31, npstn gives NaN.",
        _sampled("onnx", 'mode="nearest", padding_mode="reflection"', _ROW, "[np.nan, 0]"),
    ),
    Difference(
        "Reflection from 2**53 pixels on: the reference evaluator loses the place of points, and"
        " at 2e30 in a row of 4 reads 3; npstn reads 0.",
        _sampled("onnx", 'mode="nearest", padding_mode="reflection"', _ROW, "[1e30, 0]"),
    ),
    Difference(
        "Points of float64: the reference evaluator computes them in float64 and rounds them to"
        " float32, npstn computes them in float32. 0.3 reads 2.100000023841858 by it,"
        " 2.0999999046325684 in npstn.",
        _sampled("onnx", "", _ROW, "[0.3, 0]", kind="double"),
    ),
)
_ONNX_NAMES = Difference(
    "The names of modes: the reference evaluator knows only those of opset 20, and raises"
    " RuntimeError for bilinear; npstn knows those of opset 16.",
    _sampled("onnx", 'mode="bilinear"', _ROW, "[0, 0]", opset=16),
)
_ORT_DIFFERENCES = (
    Difference(
        "Mode cubic of volumes: ONNX Runtime raises an error, npstn samples them.",
        _sampled("onnxruntime", 'mode="cubic"', _VOLUME, "[0, 0, 0]"),
    ),
    Difference(
        "Mode linear under border and reflection from 2**24 pixels on (float64: 2**53): ONNX"
        " Runtime loses its weights, and reads 0.0 where the border is 3; npstn reads 3.0.",
        _sampled("onnxruntime", 'padding_mode="border"', _ROW, "[1e9, 0]"),
    ),
    Difference(
        "Reflection from 2**23 pixels on (float64: 2**52): ONNX Runtime loses the place of"
        " points, and at 12582911.5 in a row of 4 reads 1; npstn reads 2.",
        _sampled("onnxruntime", 'mode="nearest", padding_mode="reflection"', _ROW, "[6291456, 0]"),
    ),
)
_LARGE_GRID = Difference(
    "Some large sizes with align_corners, such as 20002 points of -1 to 1: the reference"
    " evaluator raises ValueError, npstn gives the grid.",
    "import numpy as np, onnx.parser, onnx.reference; m = onnx.parser.parse_model('<ir_version: 10,"
    ' opset_import: ["": 20]> g (float[1, 2, 3] t, int64[4] s) => (float[a, b, c, d] Y)'
    " {Y = AffineGrid<align_corners=1>(t, s)}'); "
    "f = {'t': np.eye(2, 3, dtype='f')[None], 's': np.array([1, 1, 1, 20002])}; "
    "print(onnx.reference.ReferenceEvaluator(m).run(None, f)[0].shape)",
)


def _grid_sample(convention: Convention, *differences: Difference) -> Function:
    arguments: dict[str, str | Argument] = {
        "X": "x",
        "grid": "points",
        "align_corners": Argument("align", 0),
        "mode": Argument("mode", next(iter(convention.modes))),
        "padding_mode": Argument("padding", "zeros"),
    }
    real = "a node GridSample of X and grid, the others its attributes"
    return Function(
        "GridSample", "sample", arguments, convention, differences=differences, real=real
    )


def _affine_grid(convention: Convention, *differences: Difference) -> Function:
    arguments: dict[str, str | Argument] = {"theta": "theta", "size": "shape"}
    arguments["align_corners"] = Argument("align", 0)
    real = "a node AffineGrid of theta and size, align_corners its attribute"
    return Function("AffineGrid", "grid", arguments, convention, differences=differences, real=real)


_ONNX_16 = replace(_ONNX, modes=_NAMES_16)
_ORT_16 = replace(_ORT, modes=_NAMES_16, dtypes=("float32",))  # it has no kernel for float64

ROWS = (
    Row(
        system="onnx",
        since="16",  # the opset
        tested="1.23.2",
        source="run",
        title="ONNX opset 16",
        functions=(_grid_sample(_ONNX_16, _ONNX_NAMES, *_ONNX_DIFFERENCES),),
    ),
    Row(
        system="onnx",
        since="20",  # the opset; 22 is alike
        tested="1.23.2",
        source="run",
        title="ONNX opset 20",
        functions=(_grid_sample(_ONNX, *_ONNX_DIFFERENCES), _affine_grid(_ONNX, _LARGE_GRID)),
    ),
    Row(
        system="onnxruntime",
        since="16",  # the opset
        tested="1.32.0",
        source="run",
        title="ONNX Runtime opset 16",
        functions=(_grid_sample(_ORT_16, *_ORT_DIFFERENCES),),
    ),
    Row(
        system="onnxruntime",
        since="20",  # the opset; 22 is alike
        tested="1.32.0",
        source="run",
        title="ONNX Runtime opset 20",
        functions=(_grid_sample(_ORT, *_ORT_DIFFERENCES), _affine_grid(_ORT)),
    ),
)
