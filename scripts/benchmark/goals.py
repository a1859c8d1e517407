"""What the benchmark measures against: ratios from its rows, and every goal in one place."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .workloads import VARIANTS, WORKLOADS

Row = Mapping[str, Any]
Values = dict[str, float]  # by the workload or case they are of


class Goal(NamedTuple):
    """A bound for all of some values, or one for each."""

    name: str
    values: Callable[[Sequence[Row]], Values]
    at_least: bool
    bound: float | Values
    unit: str

    def bound_of(self, case: str) -> float:
        """What is asked of the value of a case."""
        return self.bound if isinstance(self.bound, float | int) else self.bound[case]

    def margin(self, case: str, value: float) -> float:
        """By how much of its bound a value is better than it; at 0 it is reached, just."""
        bound = self.bound_of(case)
        return (value - bound if self.at_least else bound - value) / (bound or 1.0)


class Verdict(NamedTuple):
    """A goal, the values that were measured for it, and of what the worst is."""

    goal: Goal
    values: Values
    worst: str

    @property
    def kept(self) -> int:
        """How many of the values keep to their bounds."""
        return sum(self.goal.margin(case, value) >= 0 for case, value in self.values.items())

    @property
    def reached(self) -> bool:
        """Whether all of them do."""
        return self.kept == len(self.values)

    def summary(self) -> dict[str, Any]:
        """All of it, for JSON."""
        bound = {"at_least" if self.goal.at_least else "at_most": self.goal.bound}
        about = {"goal": self.goal.name, **bound, "unit": self.goal.unit, "values": self.values}
        return {**about, "worst": self.worst, "reached": self.reached}


def best(rows: Sequence[Row], task: str, contestant: str, section: str = "race") -> Values:
    """Milliseconds of a contestant's better variant, by workload."""
    times: Values = {}
    for row in (row for row in rows if row["section"] == section):
        if (row["task"], row["contestant"]) == (task, contestant):
            times[row["workload"]] = min(row["median_ms"], times.get(row["workload"], float("inf")))
    return times


def ratios(rows: Sequence[Row], task: str, contestant: str, section: str = "race") -> Values:
    """How many times as long as npstn's better layout a contestant's better variant takes."""
    ours = best(rows, task, "npstn", section)
    return {w: time / ours[w] for w, time in best(rows, task, contestant, section).items()}


def at_most(
    name: str, section: str, field: str, bound: float | Values, unit: str, only: Row | None = None
) -> Goal:
    """A goal for a number that stands in the rows of a section, or in some of them."""

    def values(rows: Sequence[Row]) -> Values:
        rows = [row for row in rows if row["section"] == section]
        if only:
            rows = [row for row in rows if all(row[key] == only[key] for key in only)]
        return {row["case"]: row[field] for row in rows}

    return Goal(name, values, False, bound, unit)


def faster(task: str, contestant: str, bounds: Mapping[str, float | None]) -> Goal:
    """A goal: npstn is so many times as fast as another, workload by workload."""
    known = {workload: bound for workload, bound in bounds.items() if bound is not None}

    def values(rows: Sequence[Row]) -> Values:
        found: Values = {}
        for section in RACES:
            found |= ratios(rows, task, contestant, section)
        return {workload: found[workload] for workload in known if workload in found}

    return Goal(f"{task}, against {contestant}", values, True, known, "×")


def two_threads(rows: Sequence[Row]) -> Values:
    """The gain of a second thread, where one works for more than a millisecond."""
    chosen = (row for row in rows if row["section"] == "threads" and row["one_ms"] > 1)
    return {row["case"]: row["gain"] for row in chosen}


FORWARD, BOTH = "module forward", "module forward and backward"
SAMPLER, SAMPLER_BOTH = "grid_sample forward", "grid_sample forward and backward"
RACES = ("race", "variant", "further")  # sections
PROCESSOR = "AVX-512"  # that the bounds are for
FASTER: dict[tuple[str, str], tuple[float | None, ...]] = {  # at least, in the order of WORKLOADS
    (FORWARD, "PyTorch"): (3, 2, 3, 5, 7),
    (FORWARD, "OpenCV"): (2.2, None, 1.8, 1.6, 1.8),
    (BOTH, "PyTorch"): (2.2, 3, 2.5, 4, 4.5),
    (SAMPLER, "PyTorch"): (0.7, 2, 1.6, 2.4, 1.1),
    (SAMPLER, "OpenVINO"): (0.6, 1.5, 1.1, 1.5, 0.9),
    (SAMPLER_BOTH, "PyTorch"): (0.9, 3, 1.6, 2.5, 1.7),
}
LIKE = 0.8  # of the bound of photos, where they are sampled otherwise
FURTHER: dict[tuple[str, str], dict[str, float | None]] = {
    (FORWARD, "PyTorch"): {
        "volume": 6,
        "bicubic photos": 2,
        "spline photos": 3,
        "photos nearest": 3,
        "small call": 1 / 1.3,
    },
    (BOTH, "PyTorch"): {"volume": 4, "bicubic photos": 2.5, "spline photos": 3, "small call": 1},
}


def race_goals() -> Iterator[Goal]:
    """What is asked of the workloads, of their variants and beyond."""
    for (task, contestant), given in FASTER.items():
        bounds = dict(zip(WORKLOADS, given, strict=True))
        yield faster(task, contestant, bounds)
        photos = bounds["photos"] or 0.0
        like = {name: LIKE * photos for name in VARIANTS if name != "photos nearest"}
        further = FURTHER.get((task, contestant), {})
        goal = faster(task, contestant, {**like, **further})
        yield goal._replace(name=f"{goal.name}: others")


GOALS = (
    *race_goals(),
    Goal("two threads over one, beyond 1 ms", two_threads, True, 1.8, "×"),
    at_most("peak memory beyond inputs and results", "memory", "excess_mib", 64, " MiB"),
    at_most("time of a pixel, 256² to 4096²: from level", "growth", "uneven", 25, " %"),
    at_most("time of a channel, 1 to 64: growth", "growth", "steep", 25, " %"),
    at_most("import npstn", "start", "import_s", 0.25, " s"),
    at_most("numba, scipy, matplotlib imported by it", "start", "heavy_count", 0, ""),
    at_most("start to first results, compiled before", "start", "warm_s", 1, " s"),
    at_most("never compiled: forward", "start", "cold_s", 4, " s", {"task": FORWARD}),
    at_most("never compiled: forward and backward", "start", "cold_s", 9, " s", {"task": BOTH}),
    at_most("warmup of everything", "warmup", "seconds", 120, " s"),
    at_most("size of the cache after it", "warmup", "cache_mb", 100, " MB"),
)


def verdicts(rows: Sequence[Row]) -> list[Verdict]:
    """Judge every goal for which something was measured."""
    judged = []
    for goal in GOALS:
        if values := goal.values(rows):
            margins = {case: goal.margin(case, value) for case, value in values.items()}
            judged.append(Verdict(goal, values, min(margins, key=margins.__getitem__)))
    return judged
