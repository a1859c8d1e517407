"""torchvision and kornia: images on PyTorch's sampler."""

from dataclasses import replace

from ..row import Argument, Difference, Function, Padding, Row
from .torch import GRID_SAMPLE

# torchvision.transforms._functional_tensor; all images of a batch have one map, a list of numbers.
_VISION = replace(
    GRID_SAMPLE,
    modes={"nearest": "nearest", "bilinear": "bilinear"},
    paddings={"zeros": GRID_SAMPLE.paddings["zeros"]},
)
_AFFINE = replace(_VISION, unit="pixel", origin="centre")
_PERSPECTIVE = replace(_VISION, unit="pixel", origin="corner", form="eight")
_ELASTIC = replace(_VISION, unit="flow", shrink=0.0)  # a displacement in halves of the size
_FILL = Argument("fill", None)
_MASKED = Difference(
    "A fill, even 0, is mixed in by a mask that is sampled as well, m (m out + (1 - m) fill) where"
    " bilinear points are between the image and the outside; here it is what is outside. Half a"
    " pixel off a row of ones with fill 0 has 0.25 there, here 0.5.",
    "import torch; from torchvision.transforms._functional_tensor import affine; print(float("
    "affine(torch.ones(1, 1, 4, 4), [1, 0, 0.5, 0, 1, 0], 'bilinear', fill=0.0)[0, 0, 0, 3]))",
)
_LINSPACE = Difference(
    "The lattice of elastic_transform is float32 for float64 images too, up to 6e-8 off.",
    "import torch; from torchvision.transforms._functional_tensor import _create_identity_grid;"
    " print(_create_identity_grid([3, 3]).dtype)",
)

# kornia.geometry.transform. Matrices are normalised, inverted, applied to the lattice.
_ROUNDED = Difference(
    "Matrices are normalised and inverted in the dtype of the image: a point of the lattice is off"
    " by some units in the last place, and at texels and ties the derivative or the texel may be"
    " that of the other side. The texel nearest to 3/2 of six is 1, here 2.",
    "import torch; from kornia.geometry.transform import warp_affine; print(float(warp_affine("
    "torch.arange(6.).reshape(1, 1, 1, 6), torch.tensor([[[1., 0, -0.5], [0, 1, 0]]]), (1, 6),"
    " mode='nearest')[0, 0, 0, 1]))",
)
_PADDINGS = {**GRID_SAMPLE.paddings, "fill": Padding("zeros")}
_WARP = replace(GRID_SAMPLE, unit="pixel", through="option", direction="push", paddings=_PADDINGS)
_REMAP = replace(GRID_SAMPLE, unit="pixel", through="align", points="N*R")
_OPTIONS: dict[str, str | Argument] = {
    "mode": Argument("mode", "bilinear"),
    "padding_mode": Argument("padding", "zeros"),
}
_KORNIA: dict[str, str | Argument] = {
    "src": "x",
    "M": "theta",
    "dsize": "size",
    **_OPTIONS,
    "align_corners": Argument("align", True),
    "fill_value": Argument("fill", None),
}
_ZEROS = Difference(
    "fill_value counts with padding fill only; here with zeros too.",
    "import torch; from kornia.geometry.transform import warp_affine; print(float(warp_affine("
    "torch.ones(1, 1, 4, 4), torch.tensor([[[1., 0, 9], [0, 1, 0]]]), (4, 4),"
    " fill_value=torch.ones(1))[0, 0, 0, 0]))",
)
_ONE = Difference(
    "Without align_corners x on an axis of one point is at x / 2; here at x - 1/2.",
    "import torch; from kornia.geometry.transform import remap; print(float(remap("
    "torch.ones(1, 1, 1, 1), torch.zeros(1, 1, 1), torch.zeros(1, 1, 1))))",
)

ROWS = (
    Row(
        system="torchvision",
        since="0.28",
        tested="0.28.0",
        source="run",
        title="torchvision",
        functions=(
            Function(
                "affine",
                "warp",
                {
                    "img": "x",
                    "matrix": "theta",
                    "interpolation": Argument("mode", "nearest"),
                    "fill": _FILL,
                },
                _AFFINE,
                differences=(_MASKED,),
            ),
            Function(
                "perspective",
                "warp",
                {
                    "img": "x",
                    "perspective_coeffs": "theta",
                    "interpolation": Argument("mode", "bilinear"),
                    "fill": _FILL,
                },
                _PERSPECTIVE,
                differences=(_MASKED,),
            ),
            Function(
                "elastic_transform",
                "sample",
                {
                    "img": "x",
                    "displacement": "points",
                    "interpolation": Argument("mode", "bilinear"),
                    "fill": _FILL,
                },
                _ELASTIC,
                differences=(_MASKED, _LINSPACE),
            ),
        ),
    ),
    Row(
        system="kornia",
        since="0.9",
        tested="0.9.0",
        source="run",
        title="kornia",
        functions=(
            Function("warp_affine", "warp", _KORNIA, _WARP, differences=(_ROUNDED, _ZEROS)),
            Function(
                "warp_perspective",
                "warp",
                _KORNIA,
                replace(_WARP, form="homogeneous"),
                differences=(_ROUNDED, _ZEROS),
            ),
            Function(
                "remap",
                "sample",
                {
                    "image": "x",
                    "map_x": "points_x",
                    "map_y": "points_y",
                    **_OPTIONS,
                    "align_corners": Argument("align", None),
                    "normalized_coordinates": Argument("only", False),
                },
                _REMAP,
                differences=(_ONE,),
            ),
        ),
    ),
)
