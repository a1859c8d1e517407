"""The kinds of cases: what the contract is attacked with. A new kind is a function and a row."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .case import GRID, MODULE, SAMPLER, Array, Case, calls
from .exactly import texels
from .rows import ROWS, line, pick

Random = np.random.Generator

SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 127, 129, 257, 513)
DIMS = (1, 2, 3, 4, 5, 6, 7, 9)
DTYPES = (np.float64, np.float64, np.float32)
MODES = ("nearest", "bilinear", "bilinear", "bicubic")
PADDINGS = ("zeros", "border", "reflection", "wrap")


def cast(array: Array, dtype: Any) -> Array:
    """Return an array in a dtype; what is too large for it becomes its largest."""
    top = np.finfo(dtype).max
    return np.asarray(np.clip(array, -float(top), float(top)), dtype)


def sizes(rng: Random, rank: int, among: tuple[int, ...], small: int) -> tuple[int, ...]:
    """Return a size: one axis of any length, the others short."""
    found = [int(rng.integers(1, small + 1)) for _ in range(rank)]
    found[int(rng.integers(rank))] = pick(rng, among)
    return tuple(found)


def numbers(rng: Random, shape: tuple[int, ...], dtype: Any) -> Array:
    """Return ordinary numbers: many zeros so that no neighbour hides an error, or whole ones."""
    how = rng.integers(4)
    found = rng.uniform(-1, 1, shape) if how else rng.integers(-8, 9, shape).astype(float)
    if how > 1:
        found *= rng.random(shape) < 0.5
    return found.astype(dtype)


def wide(rng: Random, shape: tuple[int, ...], dtype: Any) -> Array:
    """Return subnormal, tiny, ordinary and huge numbers side by side."""
    least, most = (-1074, 300) if dtype == np.float64 else (-149, 36)
    powers = rng.choice([least, least // 2, -30, 0, 0, most // 3], shape)
    return np.asarray(np.ldexp(numbers(rng, shape, float), powers), dtype)


def options(rng: Random, rank: int, sampler: bool) -> dict[str, Any]:
    """Return options of a function of points."""
    found = {"mode": pick(rng, MODES), "padding_mode": pick(rng, PADDINGS)}
    found["align_corners"] = bool(rng.integers(2))
    found["layout"] = pick(rng, ("NHWC", "NCHW") if rank == 2 else ("NDHWC", "NCDHW"))
    if found["mode"] == "bicubic" and rng.random() < 0.6:
        found["cubic_coefficient"] = pick(rng, [-1.0, -0.5, 0.0, -(2.0**-40), -rng.random()])
    if found["padding_mode"] == "zeros" and rng.random() < 0.3:
        found["fill_value"] = pick(rng, [1.0, -3.0, 1e-30, 1e5, float(rng.uniform(-1, 1))])
    if sampler:
        found["coordinates"] = pick(rng, ("normalized", "pixel"))
    return found


def case_of(
    rng: Random,
    function: str,
    points: Callable[[tuple[int, ...], tuple[int, ...], dict[str, Any], Any], Array],
    texture: Callable[..., Array] = numbers,
    **chosen: Any,
) -> Case:
    """Return a case of any size and options, of which some are chosen, at points made for them."""
    rank = int(rng.choice([2, 2, 3]))
    dtype, where = pick(rng, DTYPES), pick(rng, DTYPES)
    dims = sizes(rng, rank, DIMS if rng.random() < 0.98 else (67, 130), 3 if rank == 2 else 2)
    size = sizes(rng, rank, SIZES if rng.random() < 0.4 else SIZES[:5], 3)
    rule = {**options(rng, rank, function == SAMPLER), **chosen}
    if rule["padding_mode"] != "zeros":
        rule.pop("fill_value", None)
    channels = int(rng.choice([1, 1, 1, 1, 2, 3, 5]))
    leading = (1,) if rng.random() < 0.8 else pick(rng, [(2,), (1, 2)])
    x_shape, out_shape = (leading[0], *size, channels), (*leading, *dims, channels)
    kinds = {"x": x_shape, "t_x": x_shape, "d_out": out_shape}
    arrays = {name: texture(rng, shape, dtype) for name, shape in kinds.items()}
    made = [points(size, dims, rule, where) for _ in range(int(np.prod(leading)))]
    p = "grid" if function == SAMPLER else "theta"
    shape = made[0].shape if rng.integers(2) or p == "grid" else (made[0].size,)
    arrays[p] = cast(np.stack(made).reshape(*leading, *shape), where)
    arrays[f"t_{p}"] = numbers(rng, arrays[p].shape, where)
    case = Case(function, arrays, dims, rule, results(rng, function))
    return case if rng.random() < 0.7 else with_strange_texels(rng, case)


def results(rng: Random, function: str) -> tuple[str, ...]:
    """Return the names of the results to judge: seldom those that take long."""
    names = tuple(calls(function))
    return names if rng.random() < 0.2 else names[:3]


def with_strange_texels(rng: Random, case: Case) -> Case:
    """Plant NaN and Inf in texels that take no part."""
    x = case.arrays["x"].copy()
    strange = ~texels(case) & (rng.random(x.shape[:-1]) < 0.7)
    x[strange] = pick(rng, [np.nan, np.inf, -np.inf])
    return case._replace(arrays={**case.arrays, "x": x})


def map_kind(row: str, **chosen: Any) -> Callable[[Random], Case]:
    """Return a maker of cases of the module, whose theta has rows of a kind."""

    def make(rng: Random) -> Case:
        def theta(size: Any, dims: Any, rule: dict[str, Any], dtype: Any) -> Array:
            return rows(rng, row, size, dims, rule["align_corners"])

        return case_of(rng, MODULE, theta, **chosen)

    return make


def rows(rng: Random, kind: str, size: Any, dims: Any, align: bool) -> Array:
    """Return theta, one or all of whose rows are of a kind."""
    kinds = [pick(rng, [kind, kind, "quarters", "middle"]) for _ in size]
    kinds[int(rng.integers(len(kinds)))] = kind
    lines = [line(n, align) for n in reversed(dims)]
    made = [ROWS[k](rng, n, lines, align) for k, n in zip(kinds, reversed(size), strict=True)]
    return np.array(made)


def grid_of_maps(row: str) -> Callable[[Random], Case]:
    """Return a maker of cases of `affine_grid`."""

    def make(rng: Random) -> Case:
        rank, dtype = int(rng.choice([2, 2, 3])), pick(rng, DTYPES)
        dims, align = sizes(rng, rank, DIMS, 4), bool(rng.integers(2))
        theta = cast(rows(rng, row, sizes(rng, rank, (1, 2, 3, 5), 3), dims, align)[None], dtype)
        d_grid = numbers(rng, (1, *dims, rank), dtype)
        rule = {"align_corners": align}
        return Case(GRID, {"theta": theta, "d_grid": d_grid}, dims, rule, ("grid", "d_theta"))

    return make


def grid_kind(
    coordinates: Callable[[Random, int, Any, Any], Array], **chosen: Any
) -> Callable[[Random], Case]:
    """Return a maker of cases of the sampler, whose grids have coordinates of a kind."""

    def make(rng: Random) -> Case:
        def grid(size: Any, dims: Any, rule: dict[str, Any], dtype: Any) -> Array:
            p = [coordinates(rng, n, dims, dtype) for n in reversed(size)]
            if rule["coordinates"] == "normalized":
                p = [
                    normalised(q, n, rule["align_corners"])
                    for q, n in zip(p, size[::-1], strict=True)
                ]
            steps = rng.integers(-2, 3, (*dims, len(size)))
            found = np.stack(p, axis=-1).astype(dtype)
            for step in (1, 2):
                beside = np.nextafter(found, np.where(steps < 0, -np.inf, np.inf).astype(dtype))
                found = np.where(abs(steps) >= step, beside, found)
            return found

        return case_of(rng, SAMPLER, grid, **chosen)

    return make


def normalised(p: Array, size: int, align: bool) -> Array:
    """Return the coordinates in [-1, 1] of pixels, but for rounding."""
    return np.asarray(2 * p / max(size - 1, 1) - 1 if align else (2 * p + 1) / size - 1)


def anywhere(rng: Random, size: int, dims: Any, dtype: Any) -> Array:
    """Return pixels in and around the input."""
    return np.asarray(rng.uniform(-0.3 * size - 1, 1.3 * size + 1, dims))


def marks(rng: Random, size: int, dims: Any, dtype: Any) -> Array:
    """Return texels, borders and folds, and half-way between them."""
    near = rng.integers(-5, 2 * size + 5, dims) / 2
    ends = rng.choice([-1, -0.5, 0, size - 1, size - 0.5, size], dims)
    return np.asarray(np.where(rng.random(dims) < 0.5, near, ends))


def odd(rng: Random, size: int, dims: Any, dtype: Any) -> Array:
    """Return huge, far and subnormal numbers."""
    tiny, top = np.finfo(dtype).smallest_subnormal, np.finfo(dtype).max
    top = float(top) / 2**12
    some = [0, -0.0, tiny, -tiny, 1e-30, 2.0**51, -(2.0**52), 2.0**53 + 2, 1e20, -3.3e25, top, -top]
    return np.asarray(rng.choice([float(v) for v in some], dims) * rng.uniform(0.9, 1.1, dims))


KINDS: dict[str, Callable[[Random], Case]] = {
    "map ordinary": map_kind("ordinary"),
    "map quarters": map_kind("quarters"),
    "map next to texels": map_kind("next to texels"),
    "map three scales": map_kind("three scales"),
    "map subnormal": map_kind("subnormal"),
    "map huge": map_kind("huge"),
    "map far": map_kind("far", padding_mode="reflection"),
    "map, wide texels": map_kind("ordinary", texture=wide),
    "grid anywhere": grid_kind(anywhere),
    "grid marks": grid_kind(marks),
    "grid odd": grid_kind(odd),
    "grid, wide texels": grid_kind(marks, texture=wide),
    "affine_grid ordinary": grid_of_maps("ordinary"),
    "affine_grid three scales": grid_of_maps("three scales"),
    "affine_grid huge": grid_of_maps("huge"),
    "affine_grid subnormal": grid_of_maps("subnormal"),
}


def case_number(seed: int, number: int) -> tuple[str, Callable[[], Case]]:
    """Return the kind of a case, and what makes it: the same for the same seed and number."""
    kind = list(KINDS)[number % len(KINDS)]
    return kind, lambda: KINDS[kind](np.random.default_rng([seed, number]))
