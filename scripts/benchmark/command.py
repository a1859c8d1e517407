"""Time npstn side by side with what a user would pick instead.

All contestants do the same tasks on the same inputs in one run, in turn, with the same number of
threads. Before they are timed, their results are compared with those of npstn. Then npstn alone:
two threads against one, growth with size, memory, and the time from the start of a process.
"""

import argparse
import datetime
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numba

from . import processes, races
from .agreement import DisagreementError
from .contestants import installed
from .further import FURTHER
from .goals import verdicts
from .machine import machine, versions
from .report import report
from .stopwatch import Patience, Progress
from .workloads import TASKS, WORKLOADS

Rows = list[dict[str, Any]]

QUICK, THOROUGH = Patience(2, 9, 1.0), Patience(5, 51, 10.0)
TWO_THREADS = {name: WORKLOADS[name] for name in ("photos", "poster", "plane")}
TWO_THREADS["photo"] = (1, *WORKLOADS["photos"][1:])
START = ("digits",)


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
        case = str(self).partition(": ")[2]
        about = {"section": self.section, "workload": self.workload, "task": self.task}
        return [{**about, "case": case, **row} for row in self.measure()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report; 0 if all is well, 1 if something went wrong, 2 for bad arguments."""
    options = parse(arguments)
    if options.list:
        print(*options.cases, sep="\n")
        return 0
    try:
        found = options.again or measure(options)
        text = report(found)
        written = write(options.out, found, text)
    except (DisagreementError, processes.ProbeError, OSError) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    print(text)
    print(f"written: {', '.join(written)}", file=sys.stderr)
    return 0


def cases(options: argparse.Namespace) -> Iterator[Case]:
    """Everything there is to measure."""
    patience = QUICK if options.quick else THOROUGH
    modules = [task for task in TASKS.values() if task.fused]
    for task in TASKS.values():
        for name, shape in WORKLOADS.items():
            contest = partial(races.contest, shape, task, options.contestants, patience)
            yield Case("race", name, str(task), contest)
    for task in modules:
        for name in FURTHER:
            race = partial(races.further, name, task.backward, options.contestants, patience)
            yield Case("further", name, str(task), race)
    if options.threads > 1:
        for task in modules:
            for name, shape in TWO_THREADS.items():
                speed_up = partial(races.speed_up, shape, task, patience)
                yield Case("threads", name, str(task), speed_up)
    for task in modules:
        yield Case("growth", "", str(task), partial(races.growth, task, patience))
    if sys.platform == "linux":  # which alone says what the peak was
        for task in modules:
            for name, shape in WORKLOADS.items():
                memory = partial(processes.memory, shape, task.backward, options.threads)
                yield Case("memory", name, str(task), memory)
    for name in START:
        start = partial(processes.start, WORKLOADS[name], patience.least, 10.0)
        yield Case("start", name, str(modules[-1]), start)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Run the chosen cases."""
    about = machine()
    races.set_threads(options.threads)
    rows: Rows = []
    with Progress(len(options.cases)) as progress:
        for case in options.cases:
            progress.step(str(case))
            try:
                rows += case.rows()
            except DisagreementError as error:
                raise DisagreementError(f"{case}: {error}") from None
    return {
        "machine": about,
        "versions": versions(),
        "date": f"{datetime.date.today()}",
        "threads": options.threads,
        "quick": options.quick,
        "rows": rows,
    }


def write(out: Path, found: dict[str, Any], text: str) -> list[str]:
    """Write all forms of what was found; give the names of the files."""
    judged = [verdict.summary() for verdict in verdicts(found["rows"])]
    forms = {".json": json.dumps({**found, "goals": judged}, indent=1) + "\n", ".md": text}
    for suffix, content in forms.items():
        Path(f"{out}{suffix}").write_text(content, "utf-8")
    written = [f"{out}{suffix}" for suffix in forms]
    if any(row["section"] == "race" for row in found["rows"]):
        if installed("matplotlib"):
            from . import chart

            chart.draw(found, Path(f"{out}.png"))
            written.append(f"{out}.png")
        else:
            print("no chart: pip install matplotlib, then --again", file=sys.stderr)
    return written


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python scripts/benchmark",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    available = min(int(numba.config.NUMBA_NUM_THREADS), os.cpu_count() or 1)
    parser.add_argument(
        "--threads", type=int, default=min(2, available), help="of all contestants (%(default)s)"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        type=pattern,
        default=[re.compile("")],
        metavar="REGEX",
        help="measure the cases that have one of these in their names",
    )
    parser.add_argument("--list", action="store_true", help="list the cases, measure none")
    parser.add_argument(
        "--contestants",
        nargs="+",
        choices=list(races.CONTESTANTS)[1:],
        default=list(races.CONTESTANTS)[1:],
        metavar="NAME",
        help="whom to compare npstn with: %(choices)s (all that are installed)",
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, rougher figures")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("benchmark"),
        metavar="NAME",
        help="write NAME.json, NAME.md and NAME.png (%(default)s)",
    )
    parser.add_argument(
        "--again", type=earlier, metavar="JSON", help="report an earlier run, measure nothing"
    )
    options = parser.parse_args(arguments)
    if not 1 <= options.threads <= available:
        parser.error(f"--threads is {options.threads}, expected 1 to {available}")
    if not options.out.parent.is_dir():
        parser.error(f"--out is {options.out}, expected a name in an existing folder")
    missing = [n for n in options.contestants if not installed(races.CONTESTANTS[n][0])]
    for name in missing:
        print(f"{name} is left out; to install it: pip install -e .[bench]", file=sys.stderr)
    options.contestants = ["npstn", *(n for n in options.contestants if n not in missing)]
    options.cases = [c for c in cases(options) if any(p.search(str(c)) for p in options.only)]
    if not options.cases:
        parser.error("--only chooses no case; --list without it names them all")
    return options


def pattern(text: str) -> re.Pattern[str]:
    """Compile a regular expression; argparse wants a ValueError."""
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression: {error}") from None


def earlier(path: str) -> dict[str, Any]:
    """Read what an earlier run has written."""
    try:
        found: Any = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"cannot read {path}: {error}") from None
    if not isinstance(found, dict) or "rows" not in found:
        raise argparse.ArgumentTypeError(f"{path} is not the JSON of an earlier run")
    return found
