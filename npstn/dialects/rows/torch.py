"""PyTorch, and what is built on it."""

from ..row import Argument, Convention, Difference, Function, Padding, Row

GRID_SAMPLE = Convention(
    layout="NC*",
    cast="given",
    modes={"bilinear": "bilinear", "nearest": "nearest", "bicubic": "bicubic"},
    paddings={
        "zeros": Padding("zeros", nan={"nearest": "outside"}, inf={"bilinear": "nan"}),
        "border": Padding("border", nan="first"),
        "reflection": Padding("reflection", nan="first", inf="first"),
    },
    ranks=(2, 3),
)

ROWS = (
    Row(
        system="torch",
        since="1.3",
        tested="2.13.0",
        source="run",
        title="PyTorch",
        functions=(
            Function(
                "affine_grid",
                "grid",
                {"theta": "theta", "size": "shape", "align_corners": Argument("align", None)},
                GRID_SAMPLE,
            ),
            Function(
                "grid_sample",
                "sample",
                {
                    "input": "x",
                    "grid": "points",
                    "mode": Argument("mode", "bilinear"),
                    "padding_mode": Argument("padding", "zeros"),
                    "align_corners": Argument("align", None),
                },
                GRID_SAMPLE,
                differences=(Difference("In volumes there is no bicubic.", ""),),
            ),
        ),
    ),
)
