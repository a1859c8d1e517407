"""Kinds of cases: the sizes, texels, points and maps of each, drawn in pixels, x first."""

import numpy as np

from ..dialects._frames import Sizes
from ..dialects._maps import AFFINE
from ..dialects.row import Convention
from ..grid import Floats
from ._numbers import Numbers
from .case import LATTICE

LARGE_SIZES: dict[str, dict[int, Sizes]] = {  # "int32": more texels than 31 bits index
    "large": {2: (2048, 2048), 3: (256, 256, 256)},
    "int32": {2: (46342, 46342), 3: (1291, 1291, 1291)},
}
SPECIAL: dict[str, list[float]] = {
    "nan": [np.nan],
    "inf": [np.inf, -np.inf],
    "huge": [1e10, -1e10, 3e18, 1e30, -1e30],
}


def sizes(kind: str, rank: int, aligned: float) -> Sizes:
    """Sizes whose texels a normalised float holds: powers of two, and what is taken from S."""
    if kind in LARGE_SIZES:
        return LARGE_SIZES[kind].get(rank, ())
    if kind == "single":
        return (1, 5, 4)[-rank:] if rank == 3 else (1, 5)
    if kind == "random":
        return (4, 5, 7)[-rank:]
    if kind == "many":
        return (3, 9, 17)[-rank:]
    if kind == "wide":
        return (2, 3, 512)[-rank:]
    return tuple(n + int(aligned) for n in (2, 8, 4)[-rank:])


def outputs(kind: str, rank: int) -> Sizes:
    """Sizes of the output, of many points for code that takes some at a time."""
    if kind == "many":
        return (9, 67) if rank == 2 else (2, 5, 35)
    return (3, 4, 6)[-rank:]


def channels(kind: str, count: int) -> int:
    """The number of channels: of many points more than a vector has."""
    return count + 9 if kind == "many" else count


def texels(numbers: Numbers, kind: str, shape: Sizes) -> Floats:
    """Images, or cotangents."""
    if kind in ("random", "wide", "many"):
        return numbers.uniform(shape, -4.0, 4.0)
    return numbers.integers(shape, -3, 3)


def images(numbers: Numbers, kind: str, shape: Sizes) -> Floats:
    """Images (N, *, C)."""
    found = texels(numbers, kind, shape)
    if kind == "leak":
        flat = found.reshape(shape[0], -1, shape[-1])
        flat[:1, np.ravel_multi_index([n // 2 for n in shape[1:-1]], shape[1:-1])] = np.inf
        flat[-1:, 0] = np.inf  # a corner, which stands in for missing texels
    return found


def points(numbers: Numbers, kind: str, shape: Sizes, size: Sizes) -> Floats:
    """Points (*shape, R) in and around an image."""
    axes = []
    for n in reversed(size):
        if kind in ("random", "single", "wide", "many"):
            axes.append(numbers.uniform(shape, -0.8 * n - 1, 1.8 * n + 1))
        elif kind == "kinks":
            axes.append(numbers.integers(shape, -n, 2 * n))
        elif kind in ("ties", "edges"):
            axes.append(numbers.integers(shape, -2 * n, 4 * n) / 2)
        elif kind in LARGE_SIZES:  # every second point at the far end of the first axes in memory
            p = numbers.integers(shape, -n // 2, 4 * n + n // 2) / 4
            p[..., ::2] = numbers.integers(p[..., ::2].shape, 4 * (n - 4), 4 * (n + 1)) / 4
            axes.append(p)
        elif kind == "outside":
            axes.append(numbers.integers(shape, -20 * n, 20 * n) + 0.25)
        else:
            axes.append(numbers.integers(shape, -4 * n, 8 * n) / 4)
    p = np.stack(axes, -1)
    if kind in SPECIAL:
        chosen = numbers.choice([*SPECIAL[kind], 0.25, 1.5], shape)
        at = numbers.integers(shape, 0, len(size) - 1)
        for k in range(len(size)):
            p[..., k] = np.where(at == k, chosen, p[..., k])
    return p


def matrices(numbers: Numbers, kind: str, rule: Convention, batch: int, rank: int) -> Floats:
    """Maps (N, R + 1, R + 1) from output to input."""
    m = np.tile(np.eye(rank + 1), (batch, 1, 1))
    if kind in LATTICE:
        step = 1.0 if kind == "kinks" else 0.5
        moved = step * numbers.integers((batch, rank), -3, 3)
        m[:, :-1, -1] = moved * 0.25 if rule.unit == "normalized" else moved
    elif kind not in ("single", "empty"):
        m += 0.3 * numbers.uniform(m.shape)
        m[:, -1] = np.eye(rank + 1)[-1]
        if rule.form not in AFFINE:
            scale = 0.1 if rule.unit == "normalized" else 0.01
            m[:, -1, :-1] = scale * numbers.uniform((batch, rank))
        if kind == "outside":
            m[:, :-1, -1] += 40.0
    return m


def own_maps(rule: Convention, m: Floats) -> Floats:
    """Parameters (N, numbers) in a system's form of pull matrices (N, R + 1, R + 1), x first."""
    n = m.shape[1]
    if rule.direction == "push":
        turned = np.linalg.inv(m)
        m = np.asarray(turned / turned[:, -1:, -1:], np.float64)
    if rule.order == "ij":
        turn = [*range(n - 2, -1, -1), n - 1]
        m = m[:, turn][:, :, turn]
    flat = m.reshape(len(m), n * n)
    whole = {"eight": flat[:, :-1], "homogeneous": flat, "square": flat}
    return flat[:, :-n] if rule.form == "affine" else whole[rule.form]
