"""MONAI, VoxelMorph and torch-interpol: images and volumes at (i, j[, k]), on PyTorch."""

from dataclasses import replace

from ..row import Argument, Convention, Difference, Function, Gate, Padding, Row
from .torch import GRID_SAMPLE, VOLUMES


def _both(**changes: object) -> tuple[Convention, Convention]:
    """PyTorch's conventions of images and of volumes, changed."""
    return replace(GRID_SAMPLE, **changes), replace(VOLUMES, **changes)  # type: ignore[arg-type]


# monai.networks.layers.AffineTransform and .blocks.Warp, on PyTorch's sampler (monai._C, which is
# not in its wheels, has another). A class is a function here: of the arguments of the call, then
# of those of the constructor.
_AFFINE, _AFFINE_3D = _both(unit="pixel", order="ij", through="option", one=0.5)
_DDF = {"unit": "flow", "order": "ij", "through": "align", "points": "NR*"}
_WARP, _WARP_3D = _both(**_DDF)
_ROUNDED = Difference(
    "Matrices: MONAI normalises them in the dtype of the image, so that a point of the lattice is"
    " off by some units in the last place, and at texels and ties the derivative or the texel may"
    " be that of the other side; npstn does not normalise them. The texel nearest to 3/2 of six is"
    " 1 in MONAI, 2 in npstn.",
    "import torch; from monai.networks.layers import AffineTransform; print(float(AffineTransform("
    "mode='nearest')(torch.arange(6.).reshape(1, 1, 1, 6), torch.tensor([[1., 0, 0], [0, 1, 0.5]])"
    ")[0, 0, 0, 1]))",
)

# voxelmorph.nn.modules.SpatialTransformer takes displacements, spatial_transform maps as well.
_LINEAR = {"linear": "bilinear", "nearest": "nearest"}
_FLOW, _FLOW_3D = _both(**_DDF, modes=_LINEAR)
_PUSH, _PUSH_3D = _both(
    unit="pixel",
    order="ij",
    origin="centre",
    through="align",
    direction="push",
    form="square",
    modes=_LINEAR,
)

# interpol.grid_pull. Points count up to a twentieth of a pixel outside of the image, or of its
# edges, unless it extrapolates.
_CENTRES = Gate(-0.05, False, -0.95, False)
_EDGES = Gate(-0.55, False, -0.45, False)
_BOUNDS = {
    ("zero", "zeros"): Padding("zeros", inf="nan"),
    ("replicate", "nearest"): Padding("border", inf="nan"),
    ("dct1", "mirror"): Padding("reflection", align=True, inf="nan"),
    ("dct2", "reflect"): Padding("reflection", align=False, inf="nan"),
    ("dft", "wrap"): Padding("wrap", inf="nan"),
}
_PULL = Convention(
    layout="NC*",
    unit="pixel",
    order="ij",
    cast="given",
    modes={"linear": "bilinear", 1: "bilinear", "nearest": "nearest", 0: "nearest"},
    paddings={name: rule for names, rule in _BOUNDS.items() for name in names},
    gates={0: _CENTRES, 1: None, 2: _EDGES},
    tie_stage="raw",
    kink="padded",
    ranks=(2, 3),
)

_INTEGERS = Difference(
    "NaN, infinity and numbers from 2^63 on: torch-interpol takes them as -2^63, so that nearest"
    " reads what the bound makes of that, and linear of NaN and infinity is NaN outside of what"
    " counts too; in npstn NaN and infinity give NaN, and large numbers stay as they are.",
    "import torch, interpol; print(float(interpol.grid_pull(torch.arange(4.).reshape(1, 1, 2, 2),"
    " torch.full((1, 1, 1, 2), 1e30), 'linear', 'replicate', True)))",
)
_MASK = Difference(
    "Nearest of images, unless it extrapolates: torch-interpol gives the mask of what counts, or"
    " an error; npstn gives the values.",
    "import torch, interpol; print(interpol.grid_pull(torch.full((1, 1, 2, 2), 7.),"
    " torch.zeros(1, 1, 1, 2), 'nearest', 'zero').item())",
)

ROWS = (
    Row(
        system="monai",
        since="1.6",
        tested="1.6.1",
        source="run",
        title="MONAI",
        functions=(
            Function(
                "AffineTransform",
                "warp",
                {
                    "src": "x",
                    "theta": "theta",
                    "spatial_size": Argument("size", None),
                    "normalized": Argument("only", False),
                    "mode": Argument("mode", "bilinear"),
                    "padding_mode": Argument("padding", "zeros"),
                    "align_corners": Argument("align", True),
                    "reverse_indexing": Argument("only", True),
                    "zero_centered": Argument("only", None),
                },
                _AFFINE,
                otherwise=_AFFINE_3D,
                differences=(_ROUNDED,),
                real="monai.networks.layers.AffineTransform(...)(src, theta, spatial_size)",
            ),
            Function(
                "Warp",
                "sample",
                {
                    "image": "x",
                    "ddf": "points",
                    "mode": Argument("mode", "bilinear"),
                    "padding_mode": Argument("padding", "border"),
                    "jitter": Argument("only", False),
                },
                _WARP,
                constants={"align": True},
                otherwise=_WARP_3D,
                real="monai.networks.blocks.Warp(mode, padding_mode, jitter)(image, ddf)",
            ),
        ),
    ),
    Row(
        system="voxelmorph",
        since="0.3",
        tested="0.3.4",
        source="run",
        title="VoxelMorph",
        functions=(
            Function(
                "SpatialTransformer",
                "sample",
                {
                    "moving_image": "x",
                    "deformation_field": "points",
                    "interpolation_mode": Argument("mode", "linear"),
                    "align_corners": Argument("align", True),
                    "device": Argument("only", None),
                },
                replace(_FLOW, paddings={"zeros": _FLOW.paddings["zeros"]}),
                otherwise=replace(_FLOW_3D, paddings={"zeros": _FLOW_3D.paddings["zeros"]}),
                real="voxelmorph.nn.modules.SpatialTransformer(...)"
                "(moving_image, deformation_field)",
            ),
            Function(
                "spatial_transform",
                "warp",
                {
                    "image": "x",
                    "trf": "theta",
                    "method": Argument("mode", "linear"),
                    "isdisp": Argument("only", True),
                    "meshgrid": Argument("only", None),
                    "origin_at_center": Argument("only", True),
                    "non_spatial_dims": Argument("only", (0, 1)),
                    "align_corners": Argument("align", True),
                    "padding_mode": Argument("padding", "zeros"),
                },
                _PUSH,
                otherwise=_PUSH_3D,
            ),
        ),
    ),
    Row(
        system="torch_interpol",
        since="0.3",
        tested="0.3.0",
        source="run",
        title="torch-interpol",
        functions=(
            Function(
                "grid_pull",
                "sample",
                {
                    "input": "x",
                    "grid": "points",
                    "interpolation": Argument("mode", "linear"),
                    "bound": Argument("padding", "zero"),
                    "extrapolate": Argument("gate", False),
                    "prefilter": Argument("only", False),
                },
                _PULL,
                differences=(_INTEGERS, _MASK),
            ),
        ),
    ),
)
