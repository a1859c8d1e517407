"""The transformations T_theta of the paper: parameters to sampling grid, one family a file.

Each family has ``NAME_grid(params, out_dims)``, ``NAME_grid_jvp`` and ``NAME_grid_vjp``, and all
but affine maps ``NAME_identity()``; :data:`FAMILIES` lists them, :func:`family` chooses their
options. ``compose`` and ``invert`` work on affine maps and on projective maps of images,
``theta_from_pixel`` on OpenCV's matrices.
``displacement_grid`` makes a grid of a displacement field; grids and fields have a composition, a
field an inverse, and a grid Jacobian determinants, which tell where it folds.
"""

from .affine import affine_grid, affine_grid_jvp, affine_grid_vjp
from .algebra import compose, compose_jvp, compose_vjp, invert, invert_jvp, invert_vjp
from .attention import (
    attention_grid,
    attention_grid_jvp,
    attention_grid_vjp,
    attention_identity,
    attention_theta,
    attention_theta_jvp,
    attention_theta_vjp,
)
from .composition import compose_grids, compose_grids_jvp, compose_grids_vjp
from .displacement import displacement_grid, displacement_grid_jvp, displacement_grid_vjp
from .displacement_composition import (
    compose_displacements,
    compose_displacements_jvp,
    compose_displacements_vjp,
)
from .displacement_inverse import invert_displacement
from .families import FAMILIES, Family, family
from .jacobian import jacobian_determinant
from .piecewise_affine import (
    piecewise_affine_grid,
    piecewise_affine_grid_jvp,
    piecewise_affine_grid_vjp,
    piecewise_affine_identity,
    piecewise_affine_triangles,
)
from .pixels import (
    theta_from_pixel,
    theta_from_pixel_jvp,
    theta_from_pixel_vjp,
    theta_to_pixel,
    theta_to_pixel_jvp,
    theta_to_pixel_vjp,
)
from .projective import (
    projective_denominator,
    projective_grid,
    projective_grid_jvp,
    projective_grid_vjp,
    projective_identity,
)
from .rigid import (
    rigid_grid,
    rigid_grid_jvp,
    rigid_grid_vjp,
    rigid_identity,
    rigid_theta,
    rigid_theta_jvp,
    rigid_theta_vjp,
)
from .rst import (
    rst_grid,
    rst_grid_jvp,
    rst_grid_vjp,
    rst_identity,
    rst_theta,
    rst_theta_jvp,
    rst_theta_vjp,
)
from .similarity import (
    similarity_grid,
    similarity_grid_jvp,
    similarity_grid_vjp,
    similarity_identity,
    similarity_theta,
    similarity_theta_jvp,
    similarity_theta_vjp,
)
from .tps import tps_condition, tps_grid, tps_grid_jvp, tps_grid_vjp, tps_identity

__all__ = [
    "FAMILIES",
    "Family",
    "affine_grid",
    "affine_grid_jvp",
    "affine_grid_vjp",
    "attention_grid",
    "attention_grid_jvp",
    "attention_grid_vjp",
    "attention_identity",
    "attention_theta",
    "attention_theta_jvp",
    "attention_theta_vjp",
    "compose",
    "compose_displacements",
    "compose_displacements_jvp",
    "compose_displacements_vjp",
    "compose_grids",
    "compose_grids_jvp",
    "compose_grids_vjp",
    "compose_jvp",
    "compose_vjp",
    "displacement_grid",
    "displacement_grid_jvp",
    "displacement_grid_vjp",
    "family",
    "invert",
    "invert_displacement",
    "invert_jvp",
    "invert_vjp",
    "jacobian_determinant",
    "piecewise_affine_grid",
    "piecewise_affine_grid_jvp",
    "piecewise_affine_grid_vjp",
    "piecewise_affine_identity",
    "piecewise_affine_triangles",
    "projective_denominator",
    "projective_grid",
    "projective_grid_jvp",
    "projective_grid_vjp",
    "projective_identity",
    "rigid_grid",
    "rigid_grid_jvp",
    "rigid_grid_vjp",
    "rigid_identity",
    "rigid_theta",
    "rigid_theta_jvp",
    "rigid_theta_vjp",
    "rst_grid",
    "rst_grid_jvp",
    "rst_grid_vjp",
    "rst_identity",
    "rst_theta",
    "rst_theta_jvp",
    "rst_theta_vjp",
    "similarity_grid",
    "similarity_grid_jvp",
    "similarity_grid_vjp",
    "similarity_identity",
    "similarity_theta",
    "similarity_theta_jvp",
    "similarity_theta_vjp",
    "theta_from_pixel",
    "theta_from_pixel_jvp",
    "theta_from_pixel_vjp",
    "theta_to_pixel",
    "theta_to_pixel_jvp",
    "theta_to_pixel_vjp",
    "tps_condition",
    "tps_grid",
    "tps_grid_jvp",
    "tps_grid_vjp",
    "tps_identity",
]
