"""Clauses on coordinates, lattices and maps."""

from fractions import Fraction

from .clause import Clause, Probe, Values, along, points, row

COORDINATES = (
    Clause(
        "R1",
        "Normalised coordinates with align_corners",
        "On an axis of S texels, -1 is the centre of the first texel and 1 that of the last. "
        "Pixel coordinates p count texels from the centre of the first one, which is 0.",
        "p = (g + 1)(S - 1)/2",
        "PyTorch, grid_sample with align_corners=True; ONNX, GridSample with align_corners=1.",
        (
            Probe(
                "grid_sample",
                {"x": row(0, 1, 2, 3, 4), "grid": along(-1, -0.5, 0, 0.25, 1)},
                {"out": row(0, 1, 2, 2.5, 4)},
                {"align_corners": True},
            ),
        ),
    ),
    Clause(
        "R2",
        "Normalised coordinates without align_corners",
        "On an axis of S texels, -1 is the outer edge of the first texel, half a texel before its "
        "centre, and 1 that of the last.",
        "p = ((g + 1)S - 1)/2",
        "PyTorch, grid_sample with align_corners=False; ONNX, GridSample with align_corners=0.",
        (
            Probe(
                "grid_sample",
                {"x": row(1, 2, 3, 4), "grid": along(-1, -0.75, 0, 0.25, 0.75, 1)},
                {"out": row(0.5, 1, 2.5, 3, 4, 2)},
                {"align_corners": False},
            ),
        ),
    ),
    Clause(
        "R3",
        "Pixel coordinates",
        "In pixels a point is its own pixel coordinate: 0 is the centre of the first texel, and "
        "S - 1 that of the last. Another origin, or a flow that is added to the lattice, is said "
        "by the dialect.",
        "p = g",
        "SciPy, map_coordinates; OpenCV, remap.",
        (
            Probe(
                "grid_sample",
                {"x": row(1, 2, 3, 4), "grid": along(0, 1, 1.5, 3)},
                {"out": row(1, 2, 2.5, 4)},
                {"coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R4",
        "Order of coordinates",
        "The last axis of a grid holds (x, y), or (x, y, z) in a volume. x runs along the last "
        "spatial axis of the image (its width), y along the one before (its height), z along the "
        "first (its depth).",
        "out = x[p_y, p_x], in a volume x[p_z, p_y, p_x]",
        "PyTorch, grid_sample. SciPy's order is the other one.",
        (
            Probe(
                "grid_sample",
                {
                    "x": Values((1, 2, 3, 1), (0, 1, 2, 3, 4, 5)),
                    "grid": points((2, 0), (0, 1), (0.5, 1)),
                },
                {"out": row(2, 3, 3.5)},
                {"coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {
                    "x": Values((1, 2, 2, 2, 1), (0, 1, 2, 3, 4, 5, 6, 7)),
                    "grid": points((1, 0, 0), (0, 1, 0), (0, 0, 1)),
                },
                {"out": Values((1, 1, 1, 3, 1), (1, 2, 4))},
                {"coordinates": "pixel", "layout": "NDHWC"},
            ),
        ),
    ),
    Clause(
        "R5",
        "Base lattice with align_corners",
        "Output pixels j = 0 ... n - 1 are spread evenly from -1 to 1, both included. A single one "
        "is at 0.",
        "x_j = (2j - (n - 1))/(n - 1), and 0 if n = 1",
        "Jaderberg et al. 2015, section 3.2; PyTorch, affine_grid with align_corners=True.",
        (
            Probe(
                "affine_grid",
                {"theta": Values((1, 6), (1, 0, 0, 0, 1, 0)), "out_dims": (1, 5)},
                {"grid": along(-1, -0.5, 0, 0.5, 1)},
                {"align_corners": True},
            ),
        ),
    ),
    Clause(
        "R6",
        "Base lattice without align_corners",
        "Output pixels j = 0 ... n - 1 are the centres of n equal parts of [-1, 1].",
        "x_j = (2j + 1 - n)/n",
        "PyTorch, affine_grid with align_corners=False.",
        (
            Probe(
                "affine_grid",
                {"theta": Values((1, 6), (1, 0, 0, 0, 1, 0)), "out_dims": (1, 4)},
                {"grid": along(-0.75, -0.25, 0.25, 0.75)},
                {"align_corners": False},
            ),
            Probe(
                "affine_grid",
                {"theta": Values((1, 6), (1, 0, 0, 0, 1, 0)), "out_dims": (1, 3)},
                {"grid": along(Fraction(-2, 3), 0, Fraction(2, 3))},
                {"align_corners": False},
            ),
        ),
    ),
    Clause(
        "R7",
        "Maps go from output to input",
        "theta takes (x, y, 1) of an output pixel to the point of the input that it shows: rows "
        "are x first, and the last column is the shift. So a scale of 1/2 shows the middle half, "
        "enlarged, and a positive shift moves the picture to the left. In a volume (x, y, z, 1).",
        "(g_x, g_y) = theta · (x, y, 1)",
        "Jaderberg et al. 2015, equation 1. OpenCV's warpAffine has the inverse map, in pixels.",
        (
            Probe(
                "affine_grid",
                {"theta": Values((1, 2, 3), (1, 2, 3, 4, 5, 6)), "out_dims": (2, 2)},
                {"grid": Values((1, 2, 2, 2), (0, -3, 2, 5, 4, 7, 6, 15))},
                {"align_corners": True},
            ),
            Probe(
                "spatial_transformer_network",
                {"x": row(0, 1, 2, 3, 4), "theta": Values((1, 6), (0.5, 0, 0, 0, 1, 0))},
                {"out": row(1, 1.5, 2, 2.5, 3)},
            ),
            Probe(
                "spatial_transformer_network",
                {"x": row(0, 1, 2, 3, 4), "theta": Values((1, 6), (1, 0, 0.5, 0, 1, 0))},
                {"out": row(1, 2, 3, 4, 0)},
            ),
        ),
    ),
    Clause(
        "R8",
        "Each image has its own grid",
        "Image b is sampled at grid b, and transformed by theta b. A grid of shape (B, K, ...), or "
        "K maps of each image, gives K outputs of each image, in an axis after that of the batch.",
        "out[b, k] = sample(x[b], grid[b, k])",
        "Jaderberg et al. 2015, section 3.4 (K transformers of one image).",
        (
            Probe(
                "grid_sample",
                {
                    "x": Values((2, 1, 3, 1), (1, 2, 3, 10, 20, 30)),
                    "grid": Values((2, 1, 1, 2), (0, 0, 2, 0)),
                },
                {"out": Values((2, 1, 1, 1), (1, 30))},
                {"coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {
                    "x": Values((2, 1, 3, 1), (1, 2, 3, 10, 20, 30)),
                    "grid": Values((2, 2, 1, 1, 2), (0, 0, 1, 0, 2, 0, 1, 0)),
                },
                {"out": Values((2, 2, 1, 1, 1), (1, 2, 30, 20))},
                {"coordinates": "pixel"},
            ),
        ),
    ),
)
