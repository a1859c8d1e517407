"""PyTorch."""

from dataclasses import replace

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
    "The gradient of images at NaN under border or reflection ends the process with a segmentation"
    " fault, exit status -11; here it is that of what NaN reads.",
    "import subprocess, sys; print(subprocess.run([sys.executable, '-c', 'import torch;"
    " x = torch.ones(1, 1, 8, 8, requires_grad=True);"
    " g = torch.full((1, 8, 8, 2), torch.nan, requires_grad=True);"
    ' torch.nn.functional.grid_sample(x, g, padding_mode="border",'
    " align_corners=False).sum().backward()'], timeout=60).returncode)",
)
_OPTIONS = {"mode": Argument("mode", "bilinear"), "padding_mode": Argument("padding", "zeros")}
_ALIGN = {"align_corners": Argument("align", None)}

ROWS = (
    # 1.3 brought align_corners; before, corners were aligned, and one point was at -1 (the
    # documentation of affine_grid and grid_sample says so, in 2.13 too).
    Row(
        system="torch",
        since="1.0",
        tested="",
        source="read",
        title="PyTorch",
        functions=(
            Function(
                "affine_grid",
                "grid",
                {"theta": "theta", "size": "shape"},
                replace(AFFINE_GRID, one=-1.0),
                constants={"align": True},
            ),
            Function(
                "grid_sample",
                "sample",
                {"input": "x", "grid": "points", **_OPTIONS},
                replace(GRID_SAMPLE, modes=VOLUMES.modes),
                constants={"align": True},
                otherwise=VOLUMES,
            ),
        ),
    ),
    Row(
        system="torch",
        since="1.3",
        tested="2.13.0",
        source="run",
        title="PyTorch",
        functions=(
            Function(
                "affine_grid", "grid", {"theta": "theta", "size": "shape", **_ALIGN}, AFFINE_GRID
            ),
            Function(
                "grid_sample",
                "sample",
                {"input": "x", "grid": "points", **_OPTIONS, **_ALIGN},
                GRID_SAMPLE,
                otherwise=VOLUMES,
                differences=(_GRADIENT_OF_NAN,),
            ),
        ),
    ),
)
