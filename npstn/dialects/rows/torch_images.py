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
    "A fill, even 0: torchvision samples a mask m as well, and mixes the fill in where bilinear"
    " points are between the image and the outside, m (m out + (1 - m) fill); in npstn the fill is"
    " what is outside. Half a pixel off a row of ones, fill 0 gives 0.25 in torchvision, 0.5 in"
    " npstn.",
    "import torch; from torchvision.transforms._functional_tensor import affine; print(float("
    "affine(torch.ones(1, 1, 4, 4), [1, 0, 0.5, 0, 1, 0], 'bilinear', fill=0.0)[0, 0, 0, 3]))",
)
_LINSPACE = Difference(
    "The lattice for images of float64: torchvision computes it in float32, up to 6e-8 off; npstn"
    " in float64.",
    "import torch; from torchvision.transforms._functional_tensor import _create_identity_grid;"
    " print(_create_identity_grid([3, 3]).dtype)",
)

# kornia.geometry.transform. Matrices are normalised, inverted, applied to the lattice.
_ROUNDED = Difference(
    "Matrices: kornia normalises and inverts them in the dtype of the image, so that a point of"
    " the lattice is off by some units in the last place, and at texels and ties the derivative or"
    " the texel may be that of the other side; npstn does not normalise them. The texel nearest to"
    " 3/2 of six is 1 in kornia, 2 in npstn.",
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
    "fill_value with padding zeros: kornia reads 0 outside, npstn the fill_value, as with padding"
    " fill.",
    "import torch; from kornia.geometry.transform import warp_affine; print(float(warp_affine("
    "torch.ones(1, 1, 4, 4), torch.tensor([[[1., 0, 9], [0, 1, 0]]]), (4, 4),"
    " fill_value=torch.ones(1))[0, 0, 0, 0]))",
)
_ONE = Difference(
    "Without align_corners on an axis of one point: kornia reads x at x / 2, npstn at x - 1/2.",
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
                real="torchvision.transforms._functional_tensor.affine,"
                " behind torchvision.transforms.functional.affine",
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
                real="torchvision.transforms._functional_tensor.perspective,"
                " behind torchvision.transforms.functional.perspective",
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
                real="torchvision.transforms._functional_tensor.elastic_transform,"
                " behind torchvision.transforms.functional.elastic_transform",
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
