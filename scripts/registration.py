"""Registration of two pictures by Gauss-Newton on the derivatives of the transformer.

Coordinates are normalised without ``align_corners``: -1 and 1 are the outer edges of a picture, so
that parameters mean the same map at each level of a pyramid, however its sizes are rounded. With
``align_corners`` they would be the centres of the outermost texels, which differ between levels.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from npstn import (
    spatial_transformer_network,
    spatial_transformer_network_jvp,
    spatial_transformer_network_vjp,
)
from npstn.transforms import FAMILIES

Floats = NDArray[np.float64]
Size = tuple[int, int]

STAGES = ("affine", "projective", "tps")  # each starts from the estimate of the one before it
JOIN = 2  # the level, as a power of 2, at which it does
RULE: dict[str, Any] = {"mode": "bicubic", "padding_mode": "border", "align_corners": False}

BLUR = 0.8  # sigma in pixels of the level: a smaller one aliases, a larger one hides detail
MARGIN = 3.0  # pixels of the level along the edges that do not count: the blur knows no neighbours
OVERLAP = 0.1  # part of the points that must remain inside
FLAT = 1e-3  # range of values in which nothing can be seen
DAMPING, DAMPED, FACTOR = 1e-3, 1e6, 10.0  # at first, at most, and by what it changes
STEPS, STILL = 50, 1e-3  # steps of a level at most, and pixels of the level that end them

ROTATION, SCALE, SHIFT = 20.0, 0.1, 15.0  # of a random map, up to: degrees, parts of 1, pixels
PERSPECTIVE, BEND = 0.05, 5.0  # h6 and h7, and pixels that control points move along x and y
SPLINE = 5  # degree


class Look(NamedTuple):
    """The moving picture compared with the fixed one, (H, W), under a map."""

    grid: Floats  # (H, W, 2)
    seen: NDArray[np.bool_]  # the points that count
    residual: Floats  # 0 at others
    rms: float


class Found(NamedTuple):
    """The result of one level."""

    stage: str
    factor: int
    size: Size
    params: Floats
    steps: int
    rms: float  # of the residual


def register(fixed: Floats, moving: Floats, transform: str, levels: int) -> Iterator[Found]:
    """Estimate the map that samples the moving picture (H, W) like the fixed one, coarse to fine.

    The sizes of the two may differ. The last result has the parameters of `transform`.
    """
    for name, picture in ("fixed", fixed), ("moving", moving):
        if np.ptp(picture) < FLAT:
            raise ValueError(f"the {name} picture has one value everywhere")
    pyramid = {2**k: (level(fixed, 2**k), level(moving, 2**k)) for k in range(levels)}
    params, before = identity(STAGES[0]), STAGES[0]
    for stage, factor in plan(transform, levels):
        if stage != before:
            params, before = lift(stage, params), stage
        found = fit(stage, params, *pyramid[factor], factor)
        params = found.params
        yield found


def plan(transform: str, levels: int) -> list[tuple[str, int]]:
    """List the stages and how many pixels each of their levels makes one, coarse to fine.

    A stage that is not the last ends where the next begins: its map does not fit, and finer levels
    cannot change that.
    """
    join, steps = min(JOIN, levels - 1), []
    for stage in STAGES[: STAGES.index(transform) + 1]:
        first = levels - 1 if stage == STAGES[0] else join
        last = 0 if stage == transform else join
        steps += [(stage, 2**k) for k in range(first, last - 1, -1)]
    return steps


def level(picture: Floats, factor: int) -> Floats:
    """Blur a picture (H, W), and sample it at (1, ceil(H / factor), ceil(W / factor), 1) points."""
    blurred = gaussian_filter(picture, BLUR * factor, mode="nearest")[None, ..., None]
    size = tuple(-(-n // factor) for n in picture.shape)
    out = spatial_transformer_network(blurred, identity(STAGES[0])[None], size, **RULE)
    return out.astype(np.float64)


def fit(stage: str, params: Floats, fixed: Floats, moving: Floats, factor: int) -> Found:
    """Lessen the mean square of the residual by Gauss-Newton, damped where a step does not."""
    size = size_of(fixed[0, ..., 0])
    now, damping = look(stage, params, fixed, moving), DAMPING
    for steps in range(STEPS):
        derivatives = jacobian(stage, params, moving, now.seen)
        normal = derivatives @ derivatives.T
        d_params = gradient(stage, params, moving, now.residual)
        while True:
            damped = normal + damping * np.diag(normal.diagonal())
            tried = params - np.linalg.solve(damped, d_params)
            then = look(stage, tried, fixed, moving)
            if then.rms < now.rms:
                break
            damping *= FACTOR
            if damping > DAMPED:
                return Found(stage, factor, size, params, steps, now.rms)
        step = distance(then.grid, now.grid, size_of(moving[0, ..., 0]))
        params, now, damping = tried, then, damping / FACTOR
        if step < STILL:
            break
    return Found(stage, factor, size, params, steps + 1, now.rms)


def look(stage: str, params: Floats, fixed: Floats, moving: Floats) -> Look:
    """Compare two pictures (1, H, W, 1) under a map; too little overlap is infinitely bad."""
    grid = grid_of(stage, params, size_of(fixed[0, ..., 0]))
    seen = inside(grid, size_of(moving[0, ..., 0]), MARGIN)
    out = spatial_transformer_network(
        moving, params[None], fixed.shape[1:3], transform=stage, **RULE
    )
    residual = np.where(seen, (out - fixed)[0, ..., 0], 0.0)
    few = seen.mean() < OVERLAP
    rms = np.inf if few else float(np.sqrt(np.sum(residual**2) / np.count_nonzero(seen)))
    return Look(grid, seen, residual, rms)


def jacobian(stage: str, params: Floats, moving: Floats, seen: NDArray[np.bool_]) -> Floats:
    """Compute the derivatives (P, N) of the output by the parameters, at the N points that count.

    One unit tangent at a time costs the same as all of them in a batch, and needs less memory.
    """
    rows = []
    for t_params in np.eye(len(params)):
        _, t_out = spatial_transformer_network_jvp(
            moving, params[None], None, t_params[None], seen.shape, transform=stage, **RULE
        )
        rows.append(t_out[0, ..., 0][seen])
    return np.array(rows)


def gradient(stage: str, params: Floats, moving: Floats, residual: Floats) -> Floats:
    """Compute the gradient (P,) of half the sum of squares: the vjp of the residual (H, W)."""
    _, d_params = spatial_transformer_network_vjp(
        residual[None, ..., None], moving, params[None], transform=stage, wrt=("theta",), **RULE
    )
    return np.array(d_params[0])


def lift(stage: str, params: Floats) -> Floats:
    """Compute the parameters (P,) of a stage from those of the one before it."""
    if stage == "projective":
        return np.append(params, [0.0, 0.0])
    points = identity("tps").reshape(-1, 2)
    h = np.append(params, 1.0).reshape(3, 3)
    mapped: Floats = np.column_stack([points, np.ones(len(points))]) @ h.T
    places: Floats = mapped[:, :2] / mapped[:, 2:]
    return places.ravel()


def identity(stage: str) -> Floats:
    """Copy the parameters (P,) of the map that changes nothing."""
    return FAMILIES[stage].identity(2)


def grid_of(stage: str, params: Floats, size: Size) -> Floats:
    """Compute the grid (H, W, 2) of a map."""
    grid: Floats = FAMILIES[stage].grid(params[None], size, align_corners=False)[0]
    return grid


def size_of(picture: Floats) -> Size:
    """(H, W) of a picture."""
    height, width = picture.shape
    return height, width


def half(size: Size) -> Floats:
    """Compute how many pixels (2,) a normalised unit has, x first."""
    return np.array(size[::-1]) / 2


def inside(grid: Floats, size: Size, margin: float) -> NDArray[np.bool_]:
    """Find the points (H, W) that are at least so many pixels from the outer edges of a picture."""
    found: NDArray[np.bool_] = np.all(abs(grid) <= 1 - margin / half(size), axis=-1)
    return found


def distance(grid: Floats, other: Floats, size: Size) -> float:
    """Compute the root mean square distance in pixels, over points whose other place is inside."""
    squares = np.sum(((grid - other) * half(size)) ** 2, axis=-1)
    return float(np.sqrt(np.mean(squares[inside(other, size, 0.5)])))


def random_params(transform: str, size: Size, rng: np.random.Generator) -> Floats:
    """Draw the parameters (P,) of a map that turns, stretches, shifts, tilts and bends."""
    angle = np.radians(rng.uniform(-ROTATION, ROTATION))
    c, s, unit = np.cos(angle), np.sin(angle), half(size)
    linear = np.array([[c, -s], [s, c]]) * (1 + rng.uniform(-SCALE, SCALE, 2))
    shift = rng.uniform(-SHIFT, SHIFT, 2)
    params = np.column_stack([linear * unit / unit[:, None], shift / unit]).ravel()
    if transform == "affine":
        return params
    params = lift("projective", params)
    params[6:] = rng.uniform(-PERSPECTIVE, PERSPECTIVE, 2)
    if transform == "projective":
        return params
    params = lift("tps", params)
    moves = rng.uniform(-BEND, BEND, (len(params) // 2, 2)) / unit
    return params + moves.ravel()


def warp(photo: Floats, grid: Floats) -> Floats:
    """Sample a photograph (H, W) at a grid (h, w, 2) by SciPy's spline, black outside.

    Not by our sampler: an error of its points would be in both pictures, and cancel out.
    """
    x, y = np.moveaxis((grid + 1) * half(size_of(photo)) - 0.5, -1, 0)
    out: Floats = map_coordinates(photo, [y, x], order=SPLINE, mode="constant")
    return out
