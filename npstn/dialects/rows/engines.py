"""Inference engines that have a sampler of their own: OpenVINO, ncnn."""

from ..row import Argument, Convention, Difference, Function, Padding, Row

_NAN_LINEAR = {"bilinear": "nan", "bicubic": "nan"}
_OPENVINO = Convention(
    layout="NC*",
    cast="float32",  # run: its processor's plugin computes float64 in float32
    modes={"bilinear": "bilinear", "nearest": "nearest", "bicubic": "bicubic"},
    paddings={
        "zeros": Padding("zeros", nan={"nearest": "outside"}, inf=_NAN_LINEAR),
        "border": Padding("border", nan={"nearest": "last"}, inf=_NAN_LINEAR),
        "reflection": Padding(
            "reflection", nan={"nearest": "first"}, inf={"nearest": "first", **_NAN_LINEAR}
        ),
    },
    tie_stage="raw",
)
_FLOAT32 = Difference(
    "Images of float64: OpenVINO samples them in float32, and reads 100000000.0 for 1e8 + 1;"
    " npstn samples them in float64.",
    "import numpy as np, openvino as ov, openvino.opset9 as op; "
    "x, g = (op.parameter([1, 1, 1, n], np.float64) for n in (1, 2)); "
    "m = ov.Model([op.grid_sample(x, g, {})], [x, g]); "
    "f = [np.full((1, 1, 1, 1), 1e8 + 1), np.zeros((1, 1, 1, 2))]; "
    "print(ov.compile_model(m, 'CPU')(f)[0].item())",
)

_NCNN = Convention(
    layout="C*",
    points="*R",
    cast="float32",
    modes={1: "bilinear", 2: "nearest", 3: "bicubic"},
    paddings={
        1: Padding("zeros", nan={"nearest": "outside"}, inf=_NAN_LINEAR),
        2: Padding("border", nan={"bilinear": "first", "nearest": "first"}, inf={"bicubic": "nan"}),
        3: Padding(
            "reflection",
            folds=1,
            nan={"bilinear": "first", "nearest": "first"},
            inf={"bilinear": "first", "nearest": "first", "bicubic": "nan"},
        ),
    },
    ties="up",
    dtypes=("float32",),
    ranks=(2, 3),
)


def _ncnn(options: str, shape: tuple[int, ...], point: str) -> str:
    """Return a line that prints GridSample of 0, 1, 2, ... in a shape, at one point."""
    rank = len(shape) - 1
    return (
        "import math, numpy as np, ncnn; n = ncnn.Net(); n.load_param_mem('7767517\\n3 3\\n"
        f"Input x 0 1 x\\nInput g 0 1 g\\nGridSample s 2 1 x g y {options}\\n'); "
        "n.load_model_mem(b''); e = n.create_extractor(); "
        f"x = np.arange(math.prod({shape}), dtype='f').reshape{shape}; "
        f"g = np.array({point}, 'f').reshape({(*(1,) * rank, rank)}); "
        "[e.input(k, ncnn.Mat(v).clone()) for k, v in (('x', x), ('g', g))]; "
        "r, y = e.extract('y'); print(np.array(y).ravel().tolist() if r == 0 else r)"
    )


_NCNN_DIFFERENCES = (
    Difference(
        "Bicubic of volumes: ncnn returns an error, npstn samples them.",
        _ncnn("0=3", (1, 2, 2, 2), "[0, 0, 0]"),
    ),
    Difference(
        "Reflection with align_corner in volumes: ncnn does not clamp after its one fold, and"
        " reads 0.0 for a point further out; npstn clamps it, and reads the first texel.",
        _ncnn("0=2 1=3 2=1", (1, 1, 1, 4), "[8, 0, 0]"),
    ),
    Difference(
        "A NaN under reflection without align_corner: ncnn reads the first or last texel or NaN,"
        " by where it is, in nearest the last of a row of 4, 3.0; npstn reads the first, and NaN"
        " in bicubic.",
        _ncnn("0=2 1=3", (1, 1, 4), "[np.nan, 0]"),
    ),
    Difference(
        "A NaN in bicubic under zeros: ncnn may read 0.0, npstn reads NaN.",
        _ncnn("0=3 1=1", (1, 1, 4), "[np.nan, 0]"),
    ),
    Difference(
        "Bicubic from 2**24 pixels on: ncnn loses its weights, and reads any number, or NaN;"
        " npstn keeps them.",
        _ncnn("0=3 1=2", (1, 1, 4), "[1e30, 0]"),
    ),
)

ROWS = (
    Row(
        system="openvino",
        since="2026.4",  # the only one that was run; the operator is in opsets from 9 on
        tested="2026.4.1",
        source="run",
        title="OpenVINO",
        functions=(
            Function(
                "grid_sample",
                "sample",
                {
                    "data": "x",
                    "grid": "points",
                    "align_corners": Argument("align", False),
                    "mode": Argument("mode", "bilinear"),
                    "padding_mode": Argument("padding", "zeros"),
                },
                _OPENVINO,
                differences=(_FLOAT32,),
                real="openvino.opset9.grid_sample(data, grid, attributes)",
            ),
        ),
    ),
    Row(
        system="ncnn",
        since="20261020",  # the only one that was run
        tested="20261020",
        source="run",
        title="ncnn",
        functions=(
            Function(
                "GridSample",
                "sample",
                {
                    "x": "x",
                    "grid": "points",
                    "sample_type": Argument("mode", 1),
                    "padding_mode": Argument("padding", 1),
                    "align_corner": Argument("align", 0),
                    "permute_fusion": Argument("only", 0),
                },
                _NCNN,
                differences=_NCNN_DIFFERENCES,
                real="a layer GridSample of x and grid, its options 0 to 3 in this order",
            ),
        ),
    ),
)
