"""Samplers of plain arrays, at (row, column) in pixels."""

from ..row import Argument, Convention, Function, Gate, Padding, Row

_INSIDE = Gate(0.0, True, -1.0, True)
_SCIPY = Convention(
    layout="*",
    points="R*",
    unit="pixel",
    order="ij",
    modes={0: "nearest", 1: "bilinear"},
    paddings={
        "constant": Padding("border", gate=_INSIDE),
        "grid-constant": Padding("zeros"),
        "nearest": Padding("border"),
        "mirror": Padding("reflection", align=True),
        "reflect": Padding("reflection", align=False),
        "grid-mirror": Padding("reflection", align=False),
        "grid-wrap": Padding("wrap"),
        "wrap": Padding("border", period=1.0),
    },
    ties="up",
    ranks=(2, 3),
)
_OPTIONS = {
    "order": Argument("mode", 3),
    "mode": Argument("padding", "constant"),
    "cval": Argument("fill", 0.0),
    "prefilter": Argument("only", True),
}

ROWS = (
    Row(
        system="scipy",
        since="1.6",
        tested="1.17.1",
        source="run",
        title="SciPy",
        functions=(
            Function(
                "map_coordinates",
                "sample",
                {
                    "input": "x",
                    "coordinates": "points",
                    "output": Argument("only", None),
                    **_OPTIONS,
                },
                _SCIPY,
            ),
            Function(
                "affine_transform",
                "warp",
                {
                    "input": "x",
                    "matrix": "theta",
                    "offset": Argument("offset", 0.0),
                    "output_shape": Argument("size", None),
                    "output": Argument("only", None),
                    **_OPTIONS,
                },
                _SCIPY,
            ),
        ),
    ),
)
