"""PyTorch."""

from dataclasses import replace
from typing import Literal

from ..row import Argument, Convention, Difference, Function, Padding, Row

# What NaN and infinity read was run: images are sampled in vectors, volumes point by point, and
# a clamp keeps either its first or its second argument when one is NaN.
GRID_SAMPLE = Convention(
    layout="NC*",
    cast="given",
    modes={"bilinear": "bilinear", "nearest": "nearest", "bicubic": "bicubic"},
    paddings={
        "zeros": Padding(
            "zeros", nan={"nearest": "outside"}, inf={"bilinear": "nan", "bicubic": "nan"}
        ),
        "border": Padding(
            "border", nan={"bilinear": "first", "nearest": "first"}, inf={"bicubic": "nan"}
        ),
        "reflection": Padding(
            "reflection",
            nan={"bilinear": "first", "nearest": "first"},
            inf={"bilinear": "first", "nearest": "first", "bicubic": "nan"},
        ),
    },
)
VOLUMES = replace(
    GRID_SAMPLE,
    modes={"bilinear": "bilinear", "nearest": "nearest"},
    paddings={
        "zeros": Padding("zeros", nan="outside", inf="outside"),
        "border": Padding("border", nan="last"),
        "reflection": Padding("reflection", nan="last", inf="last"),
    },
    ranks=(3,),
)
AFFINE_GRID = replace(GRID_SAMPLE, ranks=(2, 3))

_GRADIENT_OF_NAN = Difference(
    "The gradient of bilinear for images at NaN, under border or reflection: PyTorch ends the"
    " process with a segmentation fault, exit status -11; npstn gives that of what NaN reads.",
    "import subprocess, sys; print(subprocess.run([sys.executable, '-c', 'import torch;"
    " x = torch.ones(1, 1, 8, 8, requires_grad=True);"
    " g = torch.full((1, 8, 8, 2), torch.nan, requires_grad=True);"
    ' torch.nn.functional.grid_sample(x, g, padding_mode="border",'
    " align_corners=False).sum().backward()'], timeout=60).returncode)",
)
_FOLDS = Difference(
    "Reflection in volumes: PyTorch loses the parity of more than 2^31 folds, an int, and may"
    " read the mirrored texel; npstn keeps it.",
    "import torch; x = torch.arange(5., dtype=torch.float64).reshape(1, 1, 1, 1, 5);"
    " g = torch.tensor([2.0**32 + 1.5, 0, 0], dtype=torch.float64).reshape(1, 1, 1, 1, 3);"
    " print(torch.nn.functional.grid_sample(x, g, padding_mode='reflection',"
    " align_corners=True).item())",
)

_Arguments = dict[str, str | Argument]
_OPTIONS: _Arguments = {
    "mode": Argument("mode", "bilinear"),
    "padding_mode": Argument("padding", "zeros"),
}
_ALIGN: _Arguments = {"align_corners": Argument("align", None)}
_THETA: _Arguments = {"theta": "theta", "size": "shape"}
_GRID: _Arguments = {"input": "x", "grid": "points", **_OPTIONS}
# Bicubic is from pull request 44780, after 1.7.
_NO_BICUBIC = replace(GRID_SAMPLE, modes=VOLUMES.modes)


def _row(since: str, tested: str, *functions: Function) -> Row:
    source: Literal["run", "read"] = "run" if tested else "read"
    return Row("torch", since, tested, source, "PyTorch", functions)


ROWS = (
    # 1.3 brought align_corners; before, corners were aligned, and one point was at -1 (the
    # documentation of affine_grid and grid_sample says so, in 2.13 too).
    _row(
        "1.0",
        "",
        Function("affine_grid", "grid", _THETA, replace(AFFINE_GRID, one=-1.0), {"align": True}),
        Function("grid_sample", "sample", _GRID, _NO_BICUBIC, {"align": True}, VOLUMES),
    ),
    _row(
        "1.3",
        "",
        Function("affine_grid", "grid", {**_THETA, **_ALIGN}, AFFINE_GRID),
        Function("grid_sample", "sample", {**_GRID, **_ALIGN}, _NO_BICUBIC, otherwise=VOLUMES),
    ),
    _row(
        "1.8",
        "2.13.0",
        Function("affine_grid", "grid", {**_THETA, **_ALIGN}, AFFINE_GRID),
        Function(
            "grid_sample",
            "sample",
            {**_GRID, **_ALIGN},
            GRID_SAMPLE,
            otherwise=VOLUMES,
            differences=(_GRADIENT_OF_NAN, _FOLDS),
        ),
    ),
)
