"""tinygrad: the grid of ONNX, and no sampler."""

from ..row import Argument, Convention, Difference, Function, Row

_LATTICE = Difference(
    "The lattice of maps of float64: tinygrad computes it in float32, up to 6e-8 off; npstn in"
    " float64.",
    "from tinygrad import Tensor; from tinygrad.nn.onnx import onnx_ops; import numpy as np;"
    " g = onnx_ops['AffineGrid'](Tensor(np.eye(2, 3)[None]), [1, 1, 1, 4], align_corners=1);"
    " print(g.numpy()[0, 0, 1, 0] + 1 / 3)",
)

ROWS = (
    Row(
        system="tinygrad",
        since="0.14",
        tested="0.14.0",
        source="run",
        title="tinygrad",
        functions=(
            Function(
                "AffineGrid",
                "grid",
                {"theta": "theta", "size": "shape", "align_corners": Argument("align", 0)},
                Convention(one=-1.0, cast="given", ranks=(2, 3)),
                differences=(_LATTICE,),
                real="tinygrad.nn.onnx.onnx_ops['AffineGrid'](theta, size, align_corners)",
            ),
        ),
    ),
)
