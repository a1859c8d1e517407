"""Measurements of the benchmark that run in this process: entries side by side on a clock."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from statistics import median
from typing import Any

import numba

import npstn

from .agreement import Difference, Reference
from .contestants import (
    Entry,
    installed,
    npstn_entries,
    opencv_entries,
    openvino_entries,
    scipy_entries,
    torch_entries,
)
from .further import FURTHER, check
from .limits import copy_entries, gather_entries
from .stopwatch import Patience, race
from .workloads import Inputs, Task, Workload

Row = dict[str, Any]

CONTESTANTS: dict[str, tuple[str, Callable[[Inputs, Task], Iterator[Entry]]]] = {
    "npstn": ("npstn", npstn_entries),
    "PyTorch": ("torch", torch_entries),
    "OpenCV": ("cv2", opencv_entries),
    "OpenVINO": ("openvino", openvino_entries),
    "SciPy": ("scipy", scipy_entries),
    "gather": ("numba", gather_entries),
    "copy": ("numpy", copy_entries),
}
SIZES, CHANNELS = (256, 512, 1024, 2048, 4096), (1, 4, 16, 64)
LARGE = 1024


def set_threads(threads: int) -> None:
    """Give every contestant the same number of threads."""
    numba.set_num_threads(threads)
    if installed("torch"):
        import torch

        torch.set_num_threads(threads)
    if installed("cv2"):
        import cv2

        cv2.setNumThreads(threads)


def contest(
    workload: Workload, task: Task, names: Sequence[str], patience: Patience, piece: bool
) -> list[Row]:
    """Check and time all entries of some contestants; npstn is the first of them.

    They are checked on a piece of the workload, or on all of it.
    """
    errors, granted = checked(workload.piece if piece else workload, task, names)
    entries = entries_of(workload, task, names)
    times = race([entry.run for entry in entries], patience)
    return [
        {
            "contestant": entry.contestant,
            "variant": entry.variant,
            **t._asdict(),
            "granted_pixels": granted[entry.contestant],
            "errors": {name: d._asdict() for name, d in error.items()},
        }
        for entry, error, t in zip(entries, errors, times, strict=True)
    ]


def checked(
    workload: Workload, task: Task, names: Sequence[str]
) -> tuple[list[dict[str, Difference]], dict[str, float]]:
    """The errors of all entries, and how many pixels each contestant's coordinates may be off."""
    entries = entries_of(workload, task, names)
    reference = Reference(Inputs.make(workload), task, entries[0])
    errors = [reference.compare(entry) for entry in entries]
    return errors, {name: reference.granted(name) for name in names}


def entries_of(workload: Workload, task: Task, names: Sequence[str]) -> list[Entry]:
    """All entries of some contestants."""
    inputs = Inputs.make(workload)
    return [entry for name in names for entry in CONTESTANTS[name][1](inputs, task)]


def further(name: str, backward: bool, names: Sequence[str], patience: Patience) -> list[Row]:
    """Check and time npstn and PyTorch, if it takes part, on what few others can do."""
    found = FURTHER[name](backward)
    entries = [next(found), *(found if "PyTorch" in names else ())]
    errors = check(entries)
    times = race([entry.run for entry in entries], patience)
    return [
        {"contestant": entry.contestant, "variant": entry.variant, **t._asdict(), "errors": error}
        for entry, error, t in zip(entries, errors, times, strict=True)
    ]


def speed_up(workload: Workload, task: Task, patience: Patience) -> list[Row]:
    """Time both layouts with one thread and with two; the better of each counts."""
    entries = list(npstn_entries(Inputs.make(workload), task))
    before = numba.get_num_threads()

    def run(entry: Entry, threads: int) -> Callable[[], Any]:
        def timed() -> Any:
            numba.set_num_threads(threads)
            return entry.run()

        return timed

    runs = [run(entry, threads) for threads in (1, 2) for entry in entries]
    try:
        medians = [t.median_ms for t in race(runs, patience)]
    finally:
        numba.set_num_threads(before)
    one, two = min(medians[: len(entries)]), min(medians[len(entries) :])
    return [{"one_ms": one, "two_ms": two, "gain": one / two}]


def growth(backward: bool, patience: Patience) -> list[Row]:
    """Time the module or its vjp by size and number of channels: one image, NHWC, one theta."""
    shapes = [(1, n, n, 1) for n in SIZES] + [(1, SIZES[0], SIZES[0], c) for c in CHANNELS[1:]]
    times = race([alone(Inputs.make(Workload(shape)), backward) for shape in shapes], patience)
    spent = [1e6 * t.median_ms / n**2 for t, (_, n, _, _) in zip(times, shapes, strict=True)]
    by_size = dict(zip(SIZES, spent, strict=False))
    by_channels = dict(zip(CHANNELS, [spent[0], *spent[len(SIZES) :]], strict=True))
    names = [f"{n}²" + (f" × {c}" if c > 1 else "") for _, n, _, c in shapes]
    return [
        {
            "ns": dict(zip(names, spent, strict=True)),
            "uneven": 100 * unevenness(by_size),
            "steep": 100 * steepness(by_channels),
        }
    ]


def alone(inputs: Inputs, backward: bool) -> Callable[[], Any]:
    """Either pass of the module."""
    if backward:
        vjp = npstn.spatial_transformer_network_vjp
        return partial(vjp, inputs.d_out, inputs.x, inputs.theta)
    return partial(npstn.spatial_transformer_network, inputs.x, inputs.theta)


def unevenness(times: Mapping[int, float]) -> float:
    """How far the time of a pixel is from level over all sizes, as a fraction.

    Level is the median of sizes beyond the caches of a core. Smaller ones may be faster.
    """
    level = median(time for size, time in times.items() if size >= LARGE)
    return max(abs(t / level - 1) if n >= LARGE else t / level - 1 for n, t in times.items())


def steepness(times: Mapping[int, float]) -> float:
    """By how much more channels make one channel dearer, as a fraction; linear is 0 or less."""
    each = [time / channels for channels, time in sorted(times.items())]
    return max(more / fewer - 1 for fewer, more in pairwise(each))
