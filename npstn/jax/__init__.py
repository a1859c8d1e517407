"""The reference inside a JAX program."""
from typing import Any
import jax
from .._operation import Grid, Module, Sample
from ._primitives import apply

def grid_sample(x, grid, **options):
    return apply(Sample(tuple(options.items())), x, grid)

def spatial_transformer_network(x, theta, out_dims=None, **options):
    return apply(Module(tuple(options.items()), out_dims), x, theta)

def affine_grid(theta, out_dims, **options):
    return apply(Grid(tuple(options.items()), tuple(out_dims)), theta)
