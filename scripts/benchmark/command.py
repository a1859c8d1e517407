"""Time npstn side by side with what a user would pick instead.

All contestants do the same tasks on the same inputs in one run, in turn, with the same number of
threads. Before they are timed, their results are compared with those of npstn. Then npstn alone:
two threads against one, growth with size, memory, the time from the start of a process, and that
of compiling everything. At the end, every ratio and figure stands beside its goal.

A case is called "section: workload: task"; the sections are race, variant, further, threads,
growth, memory, start and warmup. ``--only ^race: ^growth`` runs two of them.
"""

import argparse
import datetime
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numba

from . import races
from .agreement import DisagreementError
from .cases import FEW, Rows, cases
from .contestants import installed
from .goals import verdicts
from .machine import machine, versions
from .processes import ProbeError
from .report import report
from .stopwatch import Progress


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
    except (DisagreementError, ProbeError, OSError) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    print(text)
    print(f"written: {', '.join(written)}", file=sys.stderr)
    return 0


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
        help="measure the cases that have one of these in their names; ^race: is a section",
    )
    parser.add_argument("--list", action="store_true", help="list the cases, measure none")
    parser.add_argument(
        "--contestants",
        nargs="+",
        choices=list(races.CONTESTANTS)[1:],
        metavar="NAME",
        help="whom to compare npstn with: %(choices)s (all that are installed; in a quick run,"
        f" {', '.join(FEW[1:])})",
    )
    parser.add_argument(
        "--quick", action="store_true", help="a minute or so: rough figures, no warmup"
    )
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
    if options.contestants is None:
        options.contestants = list(FEW if options.quick else races.CONTESTANTS)[1:]
    missing = [n for n in options.contestants if not installed(races.CONTESTANTS[n][0])]
    for name in missing:
        print(f"{name} is left out; to install it: pip install -e .[bench]", file=sys.stderr)
    options.contestants = ["npstn", *(n for n in options.contestants if n not in missing)]
    everything = cases(options.contestants, options.threads, options.quick)
    options.cases = [c for c in everything if any(p.search(str(c)) for p in options.only)]
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
