"""PaddlePaddle, MXNet and Chainer: normalised (x, y) and texel centres at -1 and 1 by default."""

import math
from dataclasses import replace

from ..row import Argument, Convention, Difference, Function, Padding, Row

_PADDLE = Convention(
    layout="NC*",
    one=math.nan,  # NaN with align_corners=True, 0 without (run)
    cast="given",
    modes={"bilinear": "bilinear", "nearest": "nearest"},
    paddings={
        "zeros": Padding("zeros", nan={"nearest": "outside"}, inf={"bilinear": "nan"}),
        "border": Padding("border", nan={"nearest": "outside"}),
        "reflection": Padding(
            "reflection", nan={"nearest": "outside"}, inf={"nearest": "outside", "bilinear": "nan"}
        ),
    },
    kink="missing",
    ranks=(2, 3),
)
_MXNET = Convention(
    layout="NC*",
    points="NR*",
    shrink=1.0,
    cast="given",
    one=math.nan,  # its step, 2 / (n - 1), is infinite there (run)
    paddings={"zeros": Padding("zeros", inf="nan")},
)
_CHAINER = replace(_MXNET, one=-1.0, paddings={"zeros": Padding("zeros")}, edge="open")

ROWS = (
    Row(
        system="paddle",
        since="3.3.1",
        tested="3.3.1",
        source="run",
        title="PaddlePaddle",
        functions=(
            Function(
                "affine_grid",
                "grid",
                {
                    "theta": "theta",
                    "out_shape": "shape",
                    "align_corners": Argument("align", True),
                    "name": Argument("only", None),
                },
                _PADDLE,
            ),
            Function(
                "grid_sample",
                "sample",
                {
                    "x": "x",
                    "grid": "points",
                    "mode": Argument("mode", "bilinear"),
                    "padding_mode": Argument("padding", "zeros"),
                    "align_corners": Argument("align", True),
                    "name": Argument("only", None),
                },
                _PADDLE,
            ),
        ),
    ),
    Row(
        system="mxnet",
        since="1.9.1",
        tested="1.9.1",
        source="run",
        title="MXNet",
        functions=(
            Function(
                "GridGenerator",
                "grid",
                {
                    "data": "theta",
                    "transform_type": "transform",
                    "target_shape": Argument("size", (0, 0)),
                },
                replace(_MXNET, dtypes=("float32",)),
                differences=(
                    Difference(
                        "A map without target_shape: MXNet raises an error, npstn gives a grid of"
                        " 0 points.",
                        "mx.nd.GridGenerator(mx.nd.ones((1, 6)), 'affine')",
                    ),
                    Difference(
                        "float64: MXNet raises an error, npstn computes in it.",
                        "mx.nd.GridGenerator(mx.nd.ones((1, 2, 2, 2), dtype='float64'), 'warp')",
                    ),
                ),
            ),
            Function("BilinearSampler", "sample", {"data": "x", "grid": "points"}, _MXNET),
            Function(
                "SpatialTransformer",
                "warp",
                {
                    "data": "x",
                    "loc": "theta",
                    "target_shape": "size",
                    "transform_type": Argument("only", "affine"),
                    "sampler_type": Argument("only", "bilinear"),
                },
                _MXNET,
            ),
        ),
    ),
    Row(
        system="chainer",
        since="7.8.1",
        tested="7.8.1",
        source="run",
        title="Chainer",
        functions=(
            Function(
                "spatial_transformer_grid",
                "grid",
                {"theta": "theta", "output_shape": "size"},
                _CHAINER,
            ),
            Function(
                "spatial_transformer_sampler", "sample", {"x": "x", "grid": "points"}, _CHAINER
            ),
        ),
    ),
)
