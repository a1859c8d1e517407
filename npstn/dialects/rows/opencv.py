"""OpenCV: pixels (x, y), fixed point in version 4, maps from input to output."""

from dataclasses import replace

from ..row import Argument, Convention, Function, Padding, Row

_REMAP = Convention(
    layout="*C",
    points="*R",
    unit="pixel",
    cast="float32",
    quantum=1 / 32,
    modes={1: "bilinear", 0: "nearest", 2: "bicubic"},
    paddings={
        0: Padding("zeros"),
        1: Padding("border"),
        2: Padding("reflection", align=False),
        3: Padding("wrap"),
        4: Padding("reflection", align=True),
    },
)
_AFFINE = replace(_REMAP, cast="float64", direction="push", matrix_quantum=1 / 1024)
_PERSPECTIVE = replace(_REMAP, cast="float64", direction="push", form="homogeneous")
_OPTIONS = {"borderMode": Argument("padding", 0), "borderValue": Argument("fill", 0.0)}
_WARP: dict[str, str | Argument] = {"dsize": "size_xy", "flags": Argument("flags", 1), **_OPTIONS}

ROWS = (
    Row(
        system="opencv",
        since="4.0",
        tested="4.14.0",
        source="run",
        title="OpenCV",
        functions=(
            Function(
                "remap",
                "sample",
                {
                    "src": "x",
                    "map1": "points_x",
                    "map2": "points_y",
                    "interpolation": "mode",
                    **_OPTIONS,
                },
                _REMAP,
            ),
            Function("warpAffine", "warp", {"src": "x", "M": "theta", **_WARP}, _AFFINE),
            Function("warpPerspective", "warp", {"src": "x", "M": "theta", **_WARP}, _PERSPECTIVE),
        ),
    ),
)
