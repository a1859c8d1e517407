"""All that an audit computes, on small arrays: compiled, or loaded, before the program begins."""

from itertools import product

import numpy as np

from ...dialects import System
from ...jit import notice
from .. import _ops
from .judged import Call
from .looks import look

MODES = {2: ("bilinear", "nearest", "bicubic"), 3: ("bilinear", "nearest")}
PADDINGS = "zeros", "border", "reflection"


def warm(dialect: System) -> None:
    """Call the functions that calls of a program are compared with."""
    function = _ops.function_of(dialect.row, "grid_sample")
    with notice.compiling("what the audit needs"):
        for rank, padding in product(MODES, PADDINGS):
            for mode in MODES[rank]:
                given = {
                    "input": np.ones((1, 1, *(3,) * rank), np.float32),
                    "grid": np.zeros((1, *(2,) * rank, rank), np.float32),
                    "mode": mode,
                    "padding_mode": padding,
                    "align_corners": False,
                }
                out = dialect.grid_sample(**given)
                dialect.grid_sample_vjp(out, **given)
                look(Call(function, given, "float32"))
        for rank in MODES:
            size = 1, 1, *(2,) * rank
            theta = np.zeros((1, rank, rank + 1), np.float32)
            grid = dialect.affine_grid(theta, size, align_corners=False)
            dialect.affine_grid_vjp(grid, theta, size, align_corners=False)
