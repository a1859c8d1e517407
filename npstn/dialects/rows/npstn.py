"""npstn itself, whose conventions are the defaults of a row."""

from ..row import Argument, Convention, Difference, Function, Padding, Row

_RULE = Convention(
    modes={mode: mode for mode in ("bilinear", "nearest", "bicubic")},
    paddings={name: Padding(name) for name in ("zeros", "border", "reflection", "wrap")},
    ranks=(2, 3),
)
_ALIGN = {"align_corners": Argument("align", True)}
_OPTIONS = {
    "mode": Argument("mode", "bilinear"),
    "padding_mode": Argument("padding", "zeros"),
    **_ALIGN,
    "fill_value": Argument("fill", 0.0),
}

_FUSED = Difference(
    "Points on texels: npstn's own module computes them exactly, and has right derivatives there;"
    " this function of npstn.dialects rounds them to float64, and may have left ones."
)

ROWS = (
    Row(
        system="npstn",
        since="0.1",
        tested="0.1.0",
        source="run",
        title="npstn",
        functions=(
            Function(
                "affine_grid", "grid", {"theta": "theta", "out_dims": "size", **_ALIGN}, _RULE
            ),
            Function("grid_sample", "sample", {"x": "x", "grid": "points", **_OPTIONS}, _RULE),
            Function(
                "spatial_transformer_network",
                "warp",
                {"x": "x", "theta": "theta", "out_dims": Argument("size", None), **_OPTIONS},
                _RULE,
                differences=(_FUSED,),
            ),
        ),
    ),
)
