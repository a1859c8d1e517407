"""Make a case that fails smaller and plainer, for as long as it fails."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .case import GRID, IMAGES, SAMPLER, Array, Case, calls
from .judge import judge

OUTPUTS = {"d_out", "d_grid"}  # cotangents: of the shape of an output
PLAIN = {"mode": "bilinear", "padding_mode": "zeros", "coordinates": "pixel", "fill_value": 0.0}


def worst(case: Case) -> float:
    """Return the largest error over bound of the results of a case."""
    return max((v.worst for v in judge(case)), default=0.0)


def minimise(case: Case, name: str) -> Case:
    """Return a case in which the result ``name`` fails still, and that no move makes simpler."""
    needed = {*calls(case.function)[name].arguments, "x", case.points}
    arrays = {n: a for n, a in case.arrays.items() if n in needed}
    case, before = case._replace(results=(name,), arrays=arrays), None
    while case is not before:
        before = case
        for moves in (_fewer_numbers, _plainer_options, _plainer_arrays):
            case = _greedy(case, moves)
        case = _plainer_entries(case)
    return case


def _greedy(case: Case, moves: Callable[[Case], Iterator[Case]]) -> Case:
    """Move for as long as a move leads to a case that fails."""
    failing: Case | None = case
    while failing:
        case = failing
        failing = next((c for c in moves(case) if worst(c) > 1), None)
    return case


def _fewer_numbers(case: Case) -> Iterator[Case]:
    """One image, one map, one channel, shorter axes of input and output."""
    arrays, p, rank = case.arrays, case.points, case.rank
    leading = arrays[p].ndim - (rank + 1 if p == "grid" else _tail(case))
    if leading == 2:
        for k in range(arrays[p].shape[1]):
            yield _of(case, {n: a[:, k] for n, a in arrays.items() if n[-1] != "x"})
    elif arrays[p].shape[0] > 1:
        for b in range(arrays[p].shape[0]):
            yield _of(case, {n: a[b : b + 1] for n, a in arrays.items()})
    if case.channels > 1:
        for c in range(case.channels):
            yield _of(case, {n: a[..., c : c + 1] for n, a in arrays.items() if n in IMAGES})
    for axis in range(rank):
        for part in _parts(case.size[axis]):
            yield _of(case, {n: _cut(a, axis + 1, part) for n, a in arrays.items() if n[-1] == "x"})
        for part in _parts(case.out_dims[axis]):
            names = OUTPUTS | ({"grid", "t_grid"} if case.function == SAMPLER else set())
            at = axis + leading
            cut = {n: _cut(a, at, part) for n, a in arrays.items() if n in names}
            dims = list(case.out_dims)
            dims[axis] = len(range(dims[axis])[part])
            yield _of(case, cut)._replace(out_dims=tuple(dims))


def _tail(case: Case) -> int:
    """Return how many of the last axes of theta are those of one map."""
    return 1 if case.arrays["theta"].shape[-1] > case.rank + 1 else 2


def _of(case: Case, arrays: dict[str, Array]) -> Case:
    return case._replace(arrays={**case.arrays, **arrays})


def _cut(array: Array, axis: int, part: slice) -> Array:
    return array[(slice(None),) * axis + (part,)]


def _parts(n: int) -> Iterator[slice]:
    """Yield parts of an axis: the halves, then all but one."""
    if n > 2:
        yield slice(0, n // 2)
        yield slice(n // 2, n)
    if n > 1:
        yield slice(1, n)
        yield slice(0, n - 1)


def _plainer_options(case: Case) -> Iterator[Case]:
    """The options with the fewest rules, and float64."""
    if case.function != GRID:
        layout = "NHWC" if case.rank == 2 else "NDHWC"
        for key, value in {"layout": layout, **PLAIN}.items():
            if case.options.get(key, value) != value:
                plainer = {**case.options, key: value}
                if plainer["mode"] != "bicubic":
                    plainer.pop("cubic_coefficient", None)
                yield case._replace(options=plainer)
    if any(a.dtype != np.float64 for a in case.arrays.values()):
        yield _of(case, {n: a.astype(np.float64) for n, a in case.arrays.items()})
    if case.points == "theta" and _tail(case) == 2:
        flat = {n: a for n, a in case.arrays.items() if n in ("theta", "t_theta")}
        yield _of(case, {n: a.reshape(*a.shape[:-2], -1) for n, a in flat.items()})


def _plainer_arrays(case: Case) -> Iterator[Case]:
    """Zeros, ones or whole numbers in a whole array that has others; never back."""
    for name, array in case.arrays.items():
        finite = np.where(np.isfinite(array), array, 0)
        if array.any():
            yield _of(case, {name: np.zeros_like(array)})
        if not np.isin(array, (0, 1)).all():
            yield _of(case, {name: np.ones_like(array)})
        if (np.rint(finite) != finite).any():
            yield _of(case, {name: _whole(array)})
        if not np.isfinite(array).all():
            yield _of(case, {name: finite})


def _whole(array: Array) -> Array:
    """Return small whole numbers, of the signs of an array."""
    finite = np.isfinite(array)
    return np.where(finite, np.clip(np.rint(np.where(finite, array * 4, 0)), -9, 9), array)


def _plainer_entries(case: Case) -> Case:
    """Plainer numbers, entry by entry of the arrays that are small."""
    for name in [n for n, a in case.arrays.items() if a.size <= 64]:
        for at in np.ndindex(case.arrays[name].shape):
            for value in _plainer_numbers(case.arrays[name][at]):
                array = case.arrays[name].copy()
                array[at] = value
                plainer = _of(case, {name: array})
                if worst(plainer) > 1:
                    case = plainer
                    break
    return case


def _plainer_numbers(value: Any) -> Iterator[Any]:
    """Yield numbers with fewer bits: 0, 1, few digits."""
    if value != 0 and np.isfinite(value):
        yield 0.0
        rounded = [float(np.sign(value)), *(float(f"{value:.{n}e}") for n in (0, 1, 2, 6))]
        yield from rounded[: rounded.index(value) if value in rounded else None]
