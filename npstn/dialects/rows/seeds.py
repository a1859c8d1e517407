"""The transformers that npstn grew from: TensorFlow's two oldest, and Lua Torch's stnbhwd."""

from dataclasses import replace

from ..row import Argument, Convention, Difference, Function, Gate, Padding, Row

# Corners are clipped into the image before weights are taken from them, so that weights cancel
# wherever two corners are one: 0 but for 0 <= p < S - 1 (sources of stn 1.0.1 and of daviddao).
_CLIPPED = Padding("zeros", gate=Gate(0.0, True, -1.0, False), inf="nan")
_STN = Convention(
    shrink=2.0,  # W - 2 where W - 1 was meant (stn 1.0.1: run)
    one=-1.0,
    lattice="steps",  # TensorFlow's linspace: bits of 300 sizes (2.21: run)
    cast="float32",
    paddings={None: _CLIPPED},
    dtypes=("float32",),
)
_STN_GRID = replace(_STN, points="NR*")
_CANCEL = Difference(
    "Far outside: the weights of stn, of the size of p, cancel only to float32, and at p = 1e10"
    " it reads 512; npstn reads 0.",
    "stn.transformer.bilinear_sampler(tf.fill([1, 4, 4, 1], 3.1), [[[1e10]]], [[[0.1]]]).numpy()",
)
_DAVIDDAO = replace(_STN, shrink=0.0)
_BHWD = Convention(order="ij", shrink=1.0, cast="given")

ROWS = (
    Row(
        system="stn",
        since="1.0",
        tested="1.0.1",
        source="run",
        title="stn",
        functions=(
            Function(
                "affine_grid_generator",
                "grid",
                {"height": "height", "width": "width", "theta": "theta"},
                _STN_GRID,
            ),
            Function(
                "bilinear_sampler",
                "sample",
                {"img": "x", "x": "points_x", "y": "points_y"},
                _STN,
                differences=(_CANCEL,),
            ),
            Function(
                "spatial_transformer_network",
                "warp",
                {"input_fmap": "x", "theta": "theta", "out_dims": Argument("size", None)},
                _STN,
            ),
        ),
    ),
    Row(
        system="daviddao",
        since="2016",
        tested="",
        source="read",
        title="spatial-transformer-tensorflow",
        functions=(
            Function(
                "transformer",
                "warp",
                {"U": "x", "theta": "theta", "out_size": "size"},
                _DAVIDDAO,
            ),
            Function(
                "batch_transformer",
                "warp",
                {"U": "x", "thetas": "theta", "out_size": "size"},
                replace(_DAVIDDAO, several=True),
            ),
        ),
    ),
    Row(
        system="stnbhwd",
        since="1",
        tested="",
        source="read",
        title="stnbhwd",
        functions=(
            Function(
                "AffineTransformMatrixGenerator",
                "matrix",
                {
                    "transformParams": "params",
                    "useRotation": Argument("rotation", None),
                    "useScale": Argument("scale", None),
                    "useTranslation": Argument("translation", None),
                },
                _BHWD,
                real="nn.AffineTransformMatrixGenerator(useRotation, useScale, useTranslation)"
                ":forward(transformParams)",
            ),
            Function(
                "AffineGridGeneratorBHWD",
                "grid",
                {"transformMatrix": "theta", "height": "height", "width": "width"},
                _BHWD,
                real="nn.AffineGridGeneratorBHWD(height, width):forward(transformMatrix)",
                differences=(
                    Difference(
                        "A height or width of 1: stnbhwd raises an error, npstn has the point at 0."
                    ),
                ),
            ),
            Function(
                "BilinearSamplerBHWD",
                "sample",
                {"inputImages": "x", "grids": "points"},
                replace(_BHWD, paddings={None: Padding("zeros", inf="nan")}),
                real="nn.BilinearSamplerBHWD():forward({inputImages, grids})",
            ),
        ),
    ),
)
