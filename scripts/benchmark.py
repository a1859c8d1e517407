"""Time npstn side by side with what a user would pick instead.

All contestants do the same tasks on the same inputs in one run, in turn, with the same number of
threads. Before they are timed, their results are compared with those of npstn.
"""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from typing import Any

import numba
from _agreement import DisagreementError, Reference
from _contestants import CONTESTANTS, Entry, present
from _stopwatch import Patience, Progress, race
from _workloads import TASKS, WORKLOADS, Inputs

QUICK, THOROUGH = Patience(2, 5, 0.3), Patience(5, 31, 2.0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report; 0 if all is well, 1 if a contestant is wrong, 2 for bad arguments."""
    options = parse(arguments)
    set_threads(options.threads)
    names = [name for name in CONTESTANTS if present(name)]
    chosen = [
        (workload, task)
        for task in TASKS
        for workload in WORKLOADS
        if any(re.search(pattern, f"{workload}: {task}") for pattern in options.only)
    ]
    progress = Progress(len(chosen))
    patience = QUICK if options.quick else THOROUGH
    for workload, task in chosen:
        progress.step(f"{workload}: {task}")
        try:
            rows = race_case(workload, task, names, patience)
        except DisagreementError as error:
            progress.clear()
            print(f"benchmark: {error}", file=sys.stderr)
            return 1
        progress.clear()
        best = min(row["median_ms"] for row in rows if row["contestant"] == "npstn")
        for row in rows:
            worst = ", ".join(f"{name} {d['worst']:.1e}" for name, d in row["errors"].items())
            low, high = row["quartiles_ms"]
            print(
                f"{workload:9} {task:33} {row['contestant']:8} {row['variant']:13}"
                f" {row['median_ms']:8.2f} ms ({low:.2f} to {high:.2f}, {row['rounds']} rounds)"
                f" {row['median_ms'] / best:6.2f} x  off by {worst}",
                flush=True,
            )
    return 0


def race_case(
    workload: str, task: str, names: Sequence[str], patience: Patience
) -> list[dict[str, Any]]:
    """Check and time all entries of one workload and task."""
    inputs = Inputs.make(WORKLOADS[workload])
    entries: list[Entry] = []
    for name in names:
        entries += CONTESTANTS[name][1](inputs, TASKS[task])
    reference = Reference(inputs, TASKS[task], entries[0])
    errors = [reference.compare(entry, f"{workload}, {task}") for entry in entries]
    del reference
    times = race([entry.run for entry in entries], patience)
    return [
        {
            "workload": workload,
            "task": task,
            "contestant": entry.contestant,
            "variant": entry.variant,
            "median_ms": t.median,
            "quartiles_ms": t.quartiles,
            "rounds": t.rounds,
            "errors": {name: d._asdict() for name, d in error.items()},
        }
        for entry, error, t in zip(entries, errors, times, strict=True)
    ]


def set_threads(threads: int) -> None:
    """Give every contestant the same number of threads."""
    numba.set_num_threads(threads)
    if present("PyTorch"):
        import torch

        torch.set_num_threads(threads)
    if present("OpenCV"):
        import cv2

        cv2.setNumThreads(threads)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    available = min(numba.config.NUMBA_NUM_THREADS, os.cpu_count() or 1)
    parser.add_argument("--threads", type=int, default=min(2, available), help="(%(default)s)")
    parser.add_argument("--only", nargs="+", default=[""], metavar="REGEX", help="cases to run")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, rougher figures")
    options = parser.parse_args(arguments)
    if not 1 <= options.threads <= available:
        parser.error(f"--threads is {options.threads}, expected 1 to {available}")
    return options


if __name__ == "__main__":
    sys.exit(main())
