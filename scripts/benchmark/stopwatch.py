"""Times of several entries side by side, and what the clock was running on."""

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

SHORT = 0.002  # seconds: a run that takes less is repeated, and the mean counts
SETTLE = 0.01  # seconds in which the threads of the run before stop spinning


class Patience(NamedTuple):
    """How long to measure: rounds until enough of them or out of time, but a few in any case."""

    least: int
    rounds: int
    seconds: float  # of all runs together


class Times(NamedTuple):
    """Of a run."""

    median_ms: float
    quartiles_ms: tuple[float, float]
    least_ms: float
    rounds: int


def race(runs: Sequence[Callable[[], Any]], patience: Patience) -> list[Times]:
    """Time the runs in turn, round after round, so that a noisy minute meets all of them.

    Each turn is a call that does not count and one that does, or several short ones. A run that
    has used up its share of the time sits out further rounds.
    """
    taken: list[list[float]] = [[] for _ in runs]
    share = patience.seconds / len(runs)
    while True:
        late = True
        for run, times in zip(runs, taken, strict=True):
            few = len(times) < patience.least
            if not few and (sum(times) > share or len(times) >= patience.rounds):
                continue
            late = False
            time.sleep(SETTLE)
            first = timed(run, 1)  # wakes its own threads, and fills the caches with its own data
            times.append(timed(run, max(1, int(SHORT / max(first, 1e-7)))))
        if late:
            return [summary(times) for times in taken]


def timed(run: Callable[[], Any], calls: int) -> float:
    """Seconds of a call, in the mean of some; the memory of a result is free for the next."""
    start = time.perf_counter()
    for _ in range(calls):
        result = run()
        if calls > 1:
            del result
    return (time.perf_counter() - start) / calls


def summary(seconds: Sequence[float]) -> Times:
    """Describe them by what a few slow ones do not change."""
    least, low, median, high = map(float, 1000 * np.percentile(seconds, (0, 25, 50, 75)))
    return Times(median, (low, high), least, len(seconds))


class Progress:
    """A bar on stderr, if that is a terminal."""

    def __init__(self, total: int) -> None:
        self.total, self.begun = total, 0

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self._show("")

    def step(self, name: str) -> None:
        """Say what is next."""
        full = 24 * self.begun // self.total
        self.begun += 1
        self._show(f"[{'#' * full}{'.' * (24 - full)}] {self.begun}/{self.total} {name}")

    def _show(self, line: str) -> None:
        if sys.stderr.isatty():
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
