"""Every public function on small arrays: to compile them ahead, and to know what they must give."""

import math
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from . import _options, _split, _values
from ._hints import shown
from .jit import answers, compiler, notice
from .jit.clones import Constants
from .kernels import axis
from .operator import coverage
from .sample import grid_sample, grid_sample_jvp, grid_sample_vjp
from .second import grid_sample_vjp_vjp
from .stn import spatial_transformer_network, spatial_transformer_network_vjp
from .transforms.affine import affine_grid, affine_grid_vjp
from .transforms.tps import tps_grid, tps_grid_vjp

RANKS, DTYPES = (2, 3), ("float32", "float64")
_CHANNELS = {1: 1, 4: 3, 0: 5}  # by the room of a texel in a window


def warmup(
    *,
    ranks: Iterable[int] = RANKS,
    modes: Iterable[str] = tuple(_options.MODES),
    dtypes: Iterable[str] = DTYPES,
) -> None:
    """Compile all that a program will need, or load it from the cache.

    Without it, the first call of each function does that, and takes some seconds more. Call it
    where nobody waits: when a container image is built, before the workers of a cluster start, or
    before a process forks or gets a limit on its memory (to load the compiler takes 512 MiB, and
    without memory to start its threads OpenMP ends the process). Shows its progress on a terminal;
    elsewhere standard error gets one line if something is compiled. ``NPSTN_QUIET=1`` in the
    environment silences both. With ``NPSTN_JIT=0`` there is nothing to do.

    Parameters
    ----------
    ranks : numbers of dimensions
        2 for images, 3 for volumes.
    modes : names of modes
        ``"nearest"``, ``"bilinear"``, ``"bicubic"``.
    dtypes : names of dtypes
        For which inputs: ``"float32"``, ``"float64"``.

    Raises
    ------
    TypeError, ValueError
        If a dtype, a rank or a mode is none of these.

    Notes
    -----
    The cache is a directory ``npstn`` in the user's cache directory. The environment variable
    ``NPSTN_CACHE`` names another directory; ``NPSTN_CACHE=0`` turns the cache off. What is in it
    serves the processor, the versions and the settings of Numba that made it. To make it elsewhere
    than on the machine that needs it, set ``NUMBA_CPU_NAME=generic`` on both.
    """
    todo = problems(ranks, modes, dtypes)
    if not compiler.is_compiled():
        return
    with notice.progress("all functions", "some minutes") as show:
        for about, calls in todo:
            for function in calls:
                show(f"{function}, {about}")


def problems(
    ranks: Iterable[int], modes: Iterable[str], dtypes: Iterable[str]
) -> list[tuple[str, Iterator[str]]]:
    """List all that :func:`warmup` calls: each is about something, and yields names of functions.

    The functions are called as the names are taken, each after its name.
    """
    names = [_dtype(dtype) for dtype in _values.several("dtypes", dtypes)]
    ranks, modes = _values.several("ranks", ranks), _values.several("modes", modes)
    if wrong := [rank for rank in ranks if rank not in RANKS]:
        raise ValueError(f"ranks has {shown(wrong)}, expected 2 or 3")
    for i, mode in enumerate(modes):
        _values.choice(f"modes[{i}]", mode, _options.MODES)
    sides = math.isqrt(compiler.SMALL) + 1, 4  # one that uses threads, one that does not
    found = [(name, _grid_calls(name, side)) for name in names for side in sides]
    found += [("float64", _spline_calls(side)) for side in sides]
    for name, rank, mode, channels in product(names, ranks, modes, _CHANNELS.values()):
        about = f"{name} {rank}-D {mode}"
        found += [(about, _calls(name, rank, mode, channels, side)) for side in sides]
    return found


def _dtype(value: Any) -> str:
    """The name of a dtype, checked."""
    with suppress(TypeError):
        if (name := str(np.dtype(value).name)) in DTYPES:
            return name
    raise TypeError(f"dtypes has {shown(value)}, expected float32 or float64")


def _calls(dtype: str, rank: int, mode: str, channels: int, side: int) -> Iterator[str]:
    """Call all that samples, for outputs of ``side**2`` points; yield names before."""
    large = side > 8
    size: tuple[int, ...] = (24, 20) if not large else (side, side)
    dims: tuple[int, ...] = (3, side + 1)
    if large:
        dims = side, side + 4
    if rank == 3:
        size = (3, 5, 9) if not large else (3, side // 2, side)
        dims = 2, *((2, side) if not large else (side // 2 + 1, side))
    x, theta = _sines(dtype, 1, *size, channels), _sines(dtype, 1, rank, rank + 1)
    # All but rounding errors cancels somewhere, and one point is far outside:
    theta[..., rank] = -(theta[..., 0] / 3 + theta[..., 1])
    grid = affine_grid(theta, dims).astype(dtype)
    grid[(0,) * (rank + 1)] = [-1.0, 5.0, 0.5][:rank]
    options: dict[str, Any] = {"mode": mode, "layout": "NHWC" if rank == 2 else "NDHWC"}
    other: dict[str, Any] = {**options, "padding_mode": "reflection", "align_corners": False}
    yield "spatial_transformer_network"
    out = spatial_transformer_network(x, theta, dims, **options)
    yield "spatial_transformer_network_vjp"
    spatial_transformer_network_vjp(out, x, theta, **options)
    yield "grid_sample"
    grid_sample(x, grid, **other)
    yield "grid_sample_vjp"
    grid_sample_vjp(out, x, grid, **other)
    grid_sample_vjp(out, x, grid, fill_value=0.5, wrt=("fill_value",), **options)
    yield "grid_sample_jvp"
    grid_sample_jvp(x, grid, x, grid, **other)
    yield "grid_sample_vjp_vjp"
    grid_sample_vjp_vjp(x, grid, out, x, grid, **options)
    if channels == 1:
        yield "coverage"
        coverage(grid, size, mode=mode)  # type: ignore[arg-type]


def _grid_calls(dtype: str, side: int) -> Iterator[str]:
    """Call the affine grid and its adjoint."""
    yield "affine_grid"
    grid = affine_grid(_sines(dtype, 1, 2, 3), (side, side + 4)).astype(dtype)
    yield "affine_grid_vjp"
    affine_grid_vjp(grid)


def _spline_calls(side: int) -> Iterator[str]:
    """Call splines, which are float64 at heart."""
    for dims, numbers in ((side, side + 2), 32), ((2, side, side + 2), 192):
        params = _sines("float64", 2, numbers)
        yield "tps_grid"
        grid = tps_grid(params, dims)
        yield "tps_grid_vjp"
        tps_grid_vjp(grid, params)


def _sines(dtype: str, *shape: int) -> Any:
    return np.sin(np.arange(1.0, 1.0 + math.prod(shape))).reshape(shape).astype(dtype)


@cache
def _small(dtype: str, rank: int, mode: str, channels: int) -> answers.Problem:
    """All calls on small arrays, with owners of d_x that are smaller still."""

    def problem() -> None:
        before, _split.CELLS = _split.CELLS, 64
        try:
            list(_calls(dtype, rank, mode, channels, 3))
        finally:
            _split.CELLS = before

    return problem


def _problems_for(constants: Constants) -> tuple[answers.Problem, ...]:
    """The problems whose kernels have these constants."""
    given = dict(constants)
    kernel = given.get("KERNEL", axis.TAPS_OF.index(given.get("TAPS", 2)))
    mode = next(mode for mode, number in _options.MODES.items() if number == kernel)
    dtype = "float64" if given.get("WIDE_GRID", True) else "float32"
    channels = _CHANNELS[given.get("ROOM", 1)]
    return (_small(dtype, given.get("RANK", 2), mode, channels),)


answers.problems = (
    lambda: list(_grid_calls("float64", 3)),
    lambda: list(_spline_calls(3)),
)
answers.problems_for = _problems_for
