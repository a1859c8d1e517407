"""Everything the benchmark can measure, as cases with names that ``--only`` chooses from."""

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from . import processes, races
from .further import FURTHER
from .stopwatch import Patience
from .workloads import PHOTOS, TASKS, VARIANTS, WORKLOADS, Workload

Rows = list[dict[str, Any]]

QUICK, THOROUGH = Patience(1, 5, 0.3), Patience(5, 51, 10.0)
TWO_THREADS = {**WORKLOADS, "photo": Workload((1, *PHOTOS[1:]))}
START = "digits"
FEW = ("npstn", "PyTorch", "OpenCV", "OpenVINO")  # race the variants


class Case(NamedTuple):
    """Something to measure."""

    section: str
    workload: str
    task: str
    measure: Callable[[], Rows]

    def __str__(self) -> str:
        return ": ".join(filter(None, self[:3]))

    def rows(self) -> Rows:
        """Measure it; every row says of what it is."""
        case = str(self).partition(": ")[2] or self.section
        about = {"section": self.section, "workload": self.workload, "task": self.task}
        return [{**about, "case": case, **row} for row in self.measure()]


def cases(contestants: Sequence[str], threads: int, quick: bool) -> Iterator[Case]:
    """Everything there is to measure; of what is alike, a quick run measures a part."""
    patience = QUICK if quick else THOROUGH
    few = [name for name in contestants if name in FEW]
    tasks = list(TASKS.values())
    modules = [task for task in tasks if task.fused]
    for name, workload in WORKLOADS.items():
        for task in tasks:
            contest = partial(races.contest, workload, task, contestants, patience, quick)
            yield Case("race", name, str(task), contest)
    for name, workload in VARIANTS.items():
        for task in tasks[:1] if quick else tasks:
            if workload.backward or not task.backward:
                contest = partial(races.contest, workload, task, few, patience, quick)
                yield Case("variant", name, str(task), contest)
    for name in FURTHER:
        for task in modules:
            race = partial(races.further, name, task.backward, contestants, patience)
            yield Case("further", name, str(task), race)
    if threads > 1:
        for name, workload in TWO_THREADS.items():
            for task in modules:
                speed_up = partial(races.speed_up, workload, task, patience)
                yield Case("threads", name, str(task), speed_up)
    for backward, name in ((False, "module forward"), (True, "module vjp")):
        yield Case("growth", "", name, partial(races.growth, backward, patience))
    if sys.platform == "linux":  # which alone says what the peak was
        for name, workload in WORKLOADS.items():
            for task in modules[-1:] if quick else modules:
                memory = partial(processes.memory, workload.shape, task.backward, threads)
                yield Case("memory", name, str(task), memory)
    for task in modules[-1:] if quick else modules:
        shape = WORKLOADS[START].shape
        start = partial(processes.start, shape, task.backward, patience.least, 10.0)
        yield Case("start", START, str(task), start)
    if not quick:
        yield Case("warmup", "", "", processes.warmup)
