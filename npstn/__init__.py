"""npstn: spatial transformers in NumPy and Numba, exact enough to check others against.

Read :mod:`npstn.stn` first: it is the paper on one page. Then :mod:`npstn.oracle.naive`, the
paper's equations as dense NumPy, and :mod:`npstn.kernels.axis`, where every convention lives.
"""

from typing import Any as _Any

from ._warmup import warmup
from .contract import TRUTH_VERSION
from .operator import Coverage, coverage, sampling_matrix
from .sample import grid_sample, grid_sample_jvp, grid_sample_vjp
from .second import grid_sample_vjp_vjp, spatial_transformer_network_vjp_vjp
from .stn import (
    spatial_transformer_network,
    spatial_transformer_network_jvp,
    spatial_transformer_network_vjp,
)
from .transforms.affine import affine_grid, affine_grid_jvp, affine_grid_vjp

__version__ = "0.1.0"

__all__ = [
    "SPEC",
    "TRUTH_VERSION",
    "Coverage",
    "affine_grid",
    "affine_grid_jvp",
    "affine_grid_vjp",
    "coverage",
    "grid_sample",
    "grid_sample_jvp",
    "grid_sample_vjp",
    "grid_sample_vjp_vjp",
    "sampling_matrix",
    "spatial_transformer_network",
    "spatial_transformer_network_jvp",
    "spatial_transformer_network_vjp",
    "spatial_transformer_network_vjp_vjp",
    "warmup",
]


def __getattr__(name: str) -> _Any:
    """Load SPEC where it is asked for: few programs read it."""
    if name == "SPEC":
        from .spec import SPEC

        return SPEC
    raise AttributeError(f"module 'npstn' has no attribute {name!r}")
