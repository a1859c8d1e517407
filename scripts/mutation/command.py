"""Change one operator in a kernel, and see whether the tests notice.

The tests marked ``truth`` judge every mutant of ``npstn/kernels`` in plain Python, each in a forked
child to which one module is served from changed source. A mutant is killed when they fail or run
out of time. Survivors are listed; those in ``equivalent_mutants.txt`` with a reason. A test that
looks from a process of its own sees nothing.

To judge by the goldens first, and by the check what survives them:

  python scripts/mutation tests/conformance/test_goldens.py --trace --json g.json
  python scripts/mutation tests/conformance/test_check.py --marker slow --trace --survivors g.json
"""

import argparse
import json
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from .judge import KERNELS, NOT_RUN, Judge, Verdict
from .mutants import Key, check_reasons, mutants, read_reasons
from .plugin import ROOT

REASONS = Path(__file__).with_name("equivalent_mutants.txt")


def report(verdicts: Sequence[Verdict], reasons: Mapping[Key, str]) -> float:
    """Print survivors and scores; the percentage killed of all that are not listed."""
    count = Counter(v.outcome for v in verdicts)
    killed = count["killed"] + count["timed out"]
    listed = 0
    for verdict in sorted(verdicts, key=lambda v: (v.mutant.file, v.mutant.line)):
        mutant, reason = verdict.mutant, reasons.get(verdict.mutant.key)
        if verdict.outcome != "survived" and not reason:
            continue
        title = f"FAILURE, {verdict.outcome}" if not reason else f"Listed, {verdict.outcome}"
        if reason and verdict.outcome != "survived":
            title = f"FAILURE, {verdict.outcome} although listed as equivalent"
        listed += verdict.outcome == "survived" and reason is not None
        rows = [*mutant.key, reason] if reason else mutant.key
        print(f"\n{title}: line {mutant.line} of", "\n    ".join(rows))
    score = 100 * killed / max(len(verdicts) - listed, 1)
    print(f"\n{len(verdicts)} mutants: {killed} killed ({count['timed out']} of them by time),")
    print(f"{listed} survived and are listed as equivalent, {count['survived'] - listed} survived.")
    print(f"Killed of all: {100 * killed / max(len(verdicts), 1):.2f} %.")
    print(f"Killed of all that are not listed: {score:.2f} %.")
    return score


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python scripts/mutation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("tests", nargs="*", default=["tests"], help="where to look for tests")
    parser.add_argument(
        "--only", action="append", metavar="FILE", help="a file of kernels, by name"
    )
    parser.add_argument(
        "--sample", type=int, metavar="N", help="judge a random choice of N mutants"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the random choice (%(default)s)")
    parser.add_argument(
        "--survivors", type=Path, metavar="PATH", help="of a run: judge what survived by its --json"
    )
    parser.add_argument("--marker", default="truth", help="of the tests that judge (%(default)s)")
    parser.add_argument(
        "--trace",
        action="store_true",
        help="judge by tests that call the function; a line that no test runs survives",
    )
    parser.add_argument("--constants", action="store_true", help="change constants by 1 as well")
    parser.add_argument("--list", action="store_true", help="list the mutants, judge none")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write all verdicts there")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time (%(default)s)")
    parser.add_argument("--timeout", type=float, help="seconds (10 + 5 times the unchanged tests)")
    parser.add_argument("--minimum", type=float, default=97.0, help="score to pass (%(default)s)")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, report; 1 if the score is too low or the list of equivalents is wrong."""
    options = parse(arguments)
    os.chdir(ROOT)
    files = sorted(KERNELS.glob("*.py"))
    if unknown := set(options.only or ()) - {path.name for path in files}:
        raise SystemExit(f"--only is {unknown}, expected names of {[path.name for path in files]}")
    known = [mutant for path in files for mutant in mutants(path, options.constants)]
    reasons = read_reasons(REASONS)
    check_reasons(reasons, [mutant for path in files for mutant in mutants(path, True)])
    chosen = [m for m in known if not options.only or m.file in options.only]
    if options.survivors:
        rows = json.loads(options.survivors.read_text("utf-8"))
        alive = {tuple(row["mutant"]) for row in rows if row["outcome"] == "survived"}
        chosen = [m for m in chosen if m.key in alive]
    if options.sample is not None and options.sample < len(chosen):
        chosen = random.Random(options.seed).sample(chosen, options.sample)
    if options.list:
        for mutant in chosen:
            print(f"{mutant.file}:{mutant.line}: {mutant.key[2]}")
        return 0

    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"NPSTN_JIT": "0", "OPENBLAS_NUM_THREADS": "1"}
        os.environ |= {"HYPOTHESIS_STORAGE_DIRECTORY": folder, "NPSTN_KEPT": folder}
        judge = Judge(
            options.tests,
            options.marker,
            Path(folder),
            options.jobs,
            options.timeout or 3600.0,
            options.trace,
        )
        seconds = judge.warm_up(files)
        judge.timeout = options.timeout or 10 + 5 * seconds
        verdicts = []
        begun = shown = time.monotonic()
        for verdict in judge.verdicts(chosen):
            verdicts.append(verdict)
            if verdict.outcome == "survived" and verdict.mutant.key not in reasons:
                print("Survived: " + ", ".join(verdict.mutant.key), flush=True)
            now = time.monotonic()
            if now - shown > 10 or len(verdicts) == len(chosen):
                shown = now
                left = (now - begun) * (len(chosen) / len(verdicts) - 1)
                survived = sum(v.outcome == "survived" for v in verdicts)
                print(
                    f"{len(verdicts)} of {len(chosen)} judged, {survived} survived,"
                    f" {left / 60:.1f} minutes left",
                    flush=True,
                )
    if options.json:
        rows = [
            {"mutant": v.mutant.key, "line": v.mutant.line, "outcome": v.outcome}
            | {
                "seconds": round(v.seconds, 2),
                "killer": v.killer,
                "run": v.status != NOT_RUN,
                "reason": reasons.get(v.mutant.key),
            }
            for v in verdicts
        ]
        options.json.write_text(json.dumps(rows, indent=1))
    wrong = any(v.outcome != "survived" and v.mutant.key in reasons for v in verdicts)
    return int(report(verdicts, reasons) < options.minimum or wrong)
