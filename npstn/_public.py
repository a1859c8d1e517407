"""The names that npstn has at its top, re-exported from the modules where they are written."""

from ._arithmetic import check_environment as check_environment
from ._warmup import warmup as warmup
from .contract import TRUTH_VERSION as TRUTH_VERSION
from .operator import Coverage as Coverage
from .operator import coverage as coverage
from .operator import sampling_matrix as sampling_matrix
from .sample import grid_sample as grid_sample
from .sample import grid_sample_jvp as grid_sample_jvp
from .sample import grid_sample_vjp as grid_sample_vjp
from .second import grid_sample_vjp_vjp as grid_sample_vjp_vjp
from .second import spatial_transformer_network_vjp_vjp as spatial_transformer_network_vjp_vjp
from .stn import spatial_transformer_network as spatial_transformer_network
from .stn import spatial_transformer_network_jvp as spatial_transformer_network_jvp
from .stn import spatial_transformer_network_vjp as spatial_transformer_network_vjp
from .transforms.affine import affine_grid as affine_grid
from .transforms.affine import affine_grid_jvp as affine_grid_jvp
from .transforms.affine import affine_grid_vjp as affine_grid_vjp
