"""What the benchmark found, as tables in Markdown; they are printed as they are."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .goals import FURTHER, PROCESSOR, Verdict, best, ratios, verdicts
from .workloads import VARIANTS, WORKLOADS

Row = Mapping[str, Any]

BUSY = 0.5  # load before the run: with more, the figures are rough
OTHERS = dict.fromkeys([*VARIANTS, *(name for known in FURTHER.values() for name in known)])
PLAIN = {  # tables of what stands in the rows of a section: title, then headings of fields
    "threads": (
        "npstn's better layout, ms",
        {"one_ms": "one thread", "two_ms": "two threads", "gain": "gain, ×"},
    ),
    "memory": (
        "peak memory, MiB",
        {"held_mib": "inputs and results", "excess_mib": "beyond them"},
    ),
    "start": (
        "seconds",
        {
            "import_s": "import npstn",
            "warm_s": "start to results, compiled before",
            "cold_s": "never compiled",
        },
    ),
    "warmup": ("all compiled ahead", {"seconds": "seconds", "cache_mb": "cache, MB"}),
}


def report(found: Mapping[str, Any]) -> str:
    """All tables."""
    rows: Sequence[Row] = found["rows"]
    races = [row for row in rows if row["section"] == "race"]
    tables = [race_table(races, task) for task in dict.fromkeys(row["task"] for row in races)]
    variants = [row for row in rows if row["section"] == "variant"]
    tables += [race_table(variants, task) for task in dict.fromkeys(r["task"] for r in variants)]
    if races or variants:
        tables.append(errors_table([*races, *variants]))
    if races := [row for row in rows if row["section"] == "further"]:
        tables.append(further_table(races))
    for section, (title, fields) in PLAIN.items():
        if chosen := [row for row in rows if row["section"] == section]:
            body = [[row["case"], *(number(row[f]) for f in fields)] for row in chosen]
            tables.append(table([title, *fields.values()], body))
    if grown := [row for row in rows if row["section"] == "growth"]:
        body = [[row["case"], *map(number, row["ns"].values())] for row in grown]
        tables.append(table(["ns a pixel", *grown[0]["ns"]], body))
    if judged := verdicts(rows):
        tables += [*ratios_tables(judged), goals_table(judged), processor_note(found["machine"])]
    return "\n\n".join([*tables, caption(found)]) + "\n"


def caption(found: Mapping[str, Any]) -> str:
    """Where, when and with what this was measured."""
    machine = found["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    threads = f"{found['threads']} thread{'s' if found['threads'] > 1 else ''}"
    quick = ", a quick run" if found["quick"] else ""
    busy = f" (busy: load {machine['load']:g})" if machine["load"] > BUSY else ""
    processor = f"{machine['cpu']} ({machine['vectors']}), {machine['cores']} cores{busy}"
    return f"{threads}{quick}; {processor}; {machine['system']}; {versions}; {found['date']}"


def race_table(races: Sequence[Row], task: str) -> str:
    """Median milliseconds of one task, and the others' ratio to npstn's better layout."""
    rows = [row for row in races if row["task"] == task]
    ours = {(r["workload"], r["variant"]): r for r in rows if r["contestant"] == "npstn"}
    others = [n for n in dict.fromkeys(row["contestant"] for row in rows) if n != "npstn"]
    section = races[0]["section"]
    compared = [[f(rows, task, name, section) for f in (best, ratios)] for name in others]
    body = []
    for workload in dict.fromkeys(row["workload"] for row in rows):
        line = [workload]
        for layout in ("NHWC", "NCHW"):
            known = (workload, layout) in ours
            line.append(number(ours[workload, layout]["median_ms"]) if known else "")
        for times, ratio in compared:
            known = workload in times
            line.append(f"{number(times[workload])} ({number(ratio[workload])}×)" if known else "")
        body.append(line)
    return table([f"{task}, ms", "npstn NHWC", "npstn NCHW", *others], body)


def further_table(races: Sequence[Row]) -> str:
    """Median milliseconds of npstn and PyTorch, and their ratio, where few others take part."""
    tasks, body = list(dict.fromkeys(row["task"] for row in races)), []
    for workload in dict.fromkeys(row["workload"] for row in races):
        line = [workload]
        for task in tasks:
            ours, theirs = (best(races, task, name, "further") for name in ("npstn", "PyTorch"))
            line.append(number(ours[workload]) if workload in ours else "")
            if workload in ours and workload in theirs:
                time = theirs[workload]
                line[-1] += f", P {number(time)} ({number(time / ours[workload])}×)"
        body.append(line)
    return table(["npstn and PyTorch, ms", *tasks], body)


def errors_table(races: Sequence[Row]) -> str:
    """Worst difference of every contestant in any race."""
    worst: dict[str, dict[str, float]] = {}
    for row in races:
        if row["errors"]:
            of = worst.setdefault(row["contestant"], {})
            of["px"] = max(row["granted_pixels"], of.get("px", 0.0))
            for name, error in row["errors"].items():
                of[name] = max(error["relative"], of.get(name, 0.0))
    names = ("px", "out", "d_x", "d_theta", "d_grid")
    body = [[w, *(f"{of[n]:.1g}" if n in of else "" for n in names)] for w, of in worst.items()]
    head = "worst difference from npstn NHWC, of the largest value"
    return table([head, "granted, pixels", *names[1:]], body)


def ratios_tables(judged: Sequence[Verdict]) -> list[str]:
    """Every ratio that has a goal, beside it; a table for the workloads, and one for the others."""
    tables = []
    for names in (tuple(WORKLOADS), tuple(OTHERS)):
        body = []
        for verdict in judged:
            cells = [beside(verdict, name) for name in names]
            if isinstance(verdict.goal.bound, dict) and any(cells):
                body.append([verdict.goal.name, *cells])
        if body:
            tables.append(table(["times as fast as, and the goal", *names], body))
    return tables


def beside(verdict: Verdict, case: str) -> str:
    """A value and its bound."""
    if case not in verdict.values:
        return ""
    value, bound = verdict.values[case], verdict.goal.bound_of(case)
    return f"{number(value)} {'≥' if value >= bound else '<'} {bound:.3g}"


def processor_note(machine: Mapping[str, Any]) -> str:
    """Which processors the goals are for, and which this one is."""
    note = f"The goals are for processors with {PROCESSOR}; this one has {machine['vectors']}"
    return f"{note}." if machine["vectors"] == PROCESSOR else f"{note} only."


def goals_table(judged: Sequence[Verdict]) -> str:
    """Every goal for which something was measured."""
    body = [
        [
            v.goal.name,
            f"{'≥' if v.goal.at_least else '≤'} {v.goal.bound_of(v.worst):.3g}{v.goal.unit}",
            f"{number(v.values[v.worst])}{v.goal.unit}",
            v.worst,
            f"{v.kept} of {len(v.values)}",
            "yes" if v.reached else "NO",
        ]
        for v in judged
    ]
    return table(["goal", "bound", "worst", "of", "kept", "reached"], body)


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """Columns of equal width: the first to the left, the others to the right."""
    lines = [list(head), *map(list, body)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
    rule = [":" + "-" * (widths[0] - 1), *("-" * (w - 1) + ":" for w in widths[1:])]

    def text(cells: Sequence[str]) -> str:
        right = [cell.rjust(w) for cell, w in zip(cells[1:], widths[1:], strict=True)]
        return f"| {' | '.join([cells[0].ljust(widths[0]), *right])} |"

    return "\n".join(map(text, [lines[0], rule, *lines[1:]]))


def number(value: float) -> str:
    """Three digits."""
    if abs(value) < 0.0005:
        return "0"
    return f"{value:.{min(3, max(0, 2 - math.floor(math.log10(abs(value)))))}f}"
