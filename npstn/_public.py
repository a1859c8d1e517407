"""The functions that npstn has at its top, each from the module where it is written."""

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

__all__ = [
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
