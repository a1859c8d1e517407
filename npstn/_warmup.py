"""Every public function on small arrays: to compile them ahead, and to know what they must give."""

import math
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from .kernels import known
from .kernels.compiler import SMALL
from .operator import coverage
from .sample import grid_sample, grid_sample_vjp
from .second import grid_sample_vjp_vjp, spatial_transformer_network_vjp_vjp
from .stn import (
    spatial_transformer_network,
    spatial_transformer_network_jvp,
    spatial_transformer_network_vjp,
)
from .transforms.affine import affine_grid, affine_grid_vjp
from .transforms.tps import tps_grid, tps_grid_vjp

_REFLECTED: dict[str, Any] = {
    "layout": "NCHW",
    "padding_mode": "reflection",
    "align_corners": False,
}
_NEAREST: dict[str, Any] = {"mode": "nearest", "padding_mode": "border"}


def warmup(*, dtypes: Iterable[str] = ("float32", "float64")) -> None:
    """Compile all that a program will need, or load it from the cache.

    Without it, the first call of each function does that, and takes some seconds more. Call it
    where nobody waits: when a container image is built, before the workers of a cluster start, or
    before a process forks. Shows its progress if standard error is a terminal.

    Parameters
    ----------
    dtypes : names of dtypes
        For which inputs: ``"float32"``, ``"float64"``.

    Raises
    ------
    TypeError
        If a dtype is neither.

    Notes
    -----
    The cache is a directory ``npstn`` in the user's cache directory. The environment variable
    ``NPSTN_CACHE`` names another directory; ``NPSTN_CACHE=0`` turns the cache off. What is in it
    serves the processor, the versions and the settings of Numba that made it. To make it elsewhere
    than on the machine that needs it, set ``NUMBA_CPU_NAME=generic`` on both.
    """
    names = [np.dtype(dtype).name for dtype in dtypes]
    if wrong := set(names) - {"float32", "float64"}:
        raise TypeError(f"dtypes has {wrong}, expected float32 or float64")
    shows = sys.stderr is not None and sys.stderr.isatty()
    for name in names:
        side = math.isqrt(SMALL) + 1
        for function in (*_calls(name, side), *_further_calls(name, side), *_spline_calls(side)):
            if shows:
                print(f"\r\033[Knpstn: {function}, {name}", end="", file=sys.stderr, flush=True)
    if shows:
        print("\r\033[Knpstn: all functions are ready", file=sys.stderr)


def _calls(dtype: str, side: int) -> Iterator[str]:
    """Call what is called most, for outputs of ``side**2`` numbers or more; yield names before."""
    x, theta, dims = _sines(dtype, 1, 5, 3, 5), _sines(dtype, 1, 2, 3), (side, side + 4)
    # All but rounding errors cancels at (1/3, 1), a point of 3 x 7, and the texel there is empty:
    theta[..., 2] = -(theta[..., 0] / 3 + theta[..., 1])
    x[0, 2, 1] = 0.0
    yield "affine_grid"
    grid = affine_grid(theta, dims).astype(dtype)
    grid[0, 0, 0] = -1.0, 5.0
    yield "affine_grid_vjp"
    affine_grid_vjp(grid)
    for options, others in ({}, _NEAREST), (_REFLECTED, _REFLECTED):
        yield "spatial_transformer_network"
        out = spatial_transformer_network(x, theta, dims, **options)
        yield "spatial_transformer_network_vjp"
        spatial_transformer_network_vjp(out, x, theta, **options)
        yield "grid_sample"
        grid_sample(x, grid, **others)
        yield "grid_sample_vjp"
        grid_sample_vjp(out, x, grid, **others)


def _further_calls(dtype: str, side: int) -> Iterator[str]:
    """The same for what goes by the kernels for any rank."""
    dims = 2, side // 2 + 1, side
    x, theta = _sines(dtype, 1, 2, 3, 2, 2), _sines(dtype, 1, 3, 4)
    options: dict[str, Any]
    for options in {"layout": "NDHWC"}, {"layout": "NDHWC", **_NEAREST}:
        yield "spatial_transformer_network_jvp"
        out, _ = spatial_transformer_network_jvp(x, theta, x, theta, dims, **options)
        yield "spatial_transformer_network_vjp"
        spatial_transformer_network_vjp(out, x, theta, **options)
        yield "spatial_transformer_network_vjp_vjp"
        spatial_transformer_network_vjp_vjp(x, theta, out, x, theta, **options)
    x, grid = _sines(dtype, 1, 4, 3, 2), 1.2 * _sines(dtype, 1, *dims[1:], 2)
    for padding_mode in ("zeros", "border", "reflection"):
        options = {"mode": "bicubic", "padding_mode": padding_mode}
        yield "grid_sample"
        out = grid_sample(x, grid, **options)
        yield "grid_sample_vjp_vjp"
        grid_sample_vjp_vjp(x, grid, out, x, grid, **options)
    yield "coverage"
    coverage(grid, (4, 3))


def _spline_calls(side: int) -> Iterator[str]:
    """The same for splines, which are float64 at heart."""
    yield "tps_grid"
    grid = tps_grid(_sines("float64", 2, 32), (side, side + 2))
    yield "tps_grid_vjp"
    tps_grid_vjp(grid, _sines("float64", 2, 32))


def _sines(dtype: str, *shape: int) -> Any:
    return np.sin(np.arange(1.0, 1.0 + math.prod(shape))).reshape(shape).astype(dtype)


known.problems = (
    lambda: list(_calls("float64", 3)),
    lambda: list(_further_calls("float64", 3)),
    lambda: list(_spline_calls(3)),
)
