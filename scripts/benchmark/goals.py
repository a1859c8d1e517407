"""What the benchmark measures against: ratios from its rows, and every goal in one place."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Row = Mapping[str, Any]
Values = dict[str, float]  # by the workload or case they are of


class Goal(NamedTuple):
    """A bound for the worst of some values."""

    name: str
    values: Callable[[Sequence[Row]], Values]
    at_least: bool
    bound: float
    unit: str


class Verdict(NamedTuple):
    """A goal, the worst value that was measured for it, and of what."""

    goal: Goal
    values: Values
    worst: str

    @property
    def kept(self) -> int:
        """How many of the values keep to the bound."""
        sign = 1 if self.goal.at_least else -1
        return sum(sign * value >= sign * self.goal.bound for value in self.values.values())

    @property
    def reached(self) -> bool:
        """Whether all of them do."""
        return self.kept == len(self.values)

    def summary(self) -> dict[str, Any]:
        """All of it, for JSON."""
        bound = {"at_least" if self.goal.at_least else "at_most": self.goal.bound}
        about = {"goal": self.goal.name, **bound, "values": self.values}
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


def faster(task: str, contestant: str, bound: float) -> Goal:
    """A goal: npstn takes a part of the time of another."""
    name = f"{task}, against {contestant}"
    return Goal(name, lambda rows: ratios(rows, task, contestant), True, bound, "×")


def faster_at(workload: str, bound: float) -> Goal:
    """The same for one of the further workloads, forward and backward."""

    def values(rows: Sequence[Row]) -> Values:
        found = ratios(rows, "module forward and backward", "PyTorch", "further")
        return {w: ratio for w, ratio in found.items() if w == workload}

    return Goal(f"{workload}, forward and backward, against PyTorch", values, True, bound, "×")


def at_most(name: str, section: str, field: str, bound: float, unit: str) -> Goal:
    """A goal for a number that stands in the rows of a section."""

    def values(rows: Sequence[Row]) -> Values:
        return {row["case"]: row[field] for row in rows if row["section"] == section}

    return Goal(name, values, False, bound, unit)


def at_least(name: str, section: str, field: str, bound: float, unit: str) -> Goal:
    """The same, the other way."""
    return at_most(name, section, field, bound, unit)._replace(at_least=True)


GOALS = (
    faster("module forward", "PyTorch", 5.0),
    faster("module forward", "OpenCV", 1.2),
    faster("module forward and backward", "PyTorch", 8.0),
    faster("grid_sample forward", "PyTorch", 2.0),
    faster("grid_sample forward and backward", "PyTorch", 4.0),
    faster_at("volume", 4.0),
    faster_at("bicubic photos", 3.0),
    faster_at("spline photos", 3.0),
    at_least("two threads over one", "threads", "gain", 1.8, "×"),
    at_most("peak memory beyond inputs and results", "memory", "excess_mib", 64.0, " MiB"),
    at_most("time of a pixel, 256² to 4096²: from level", "growth", "uneven", 20.0, " %"),
    at_most("time of a channel, 1 to 64: growth", "growth", "steep", 20.0, " %"),
    at_most("import npstn", "start", "import_s", 0.25, " s"),
    at_most("numba, scipy, matplotlib imported by it", "start", "heavy_count", 0, ""),
    at_most("start to first results, compiled before", "start", "warm_s", 1.0, " s"),
    at_most("start to first results, never compiled", "start", "cold_s", 10.0, " s"),
)


def verdicts(rows: Sequence[Row]) -> list[Verdict]:
    """Judge every goal for which something was measured."""
    judged = []
    for goal in GOALS:
        if values := goal.values(rows):
            choose = min if goal.at_least else max
            judged.append(Verdict(goal, values, choose(values, key=values.__getitem__)))
    return judged
