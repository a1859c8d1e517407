"""Search for violations of the numerical contract until stopped, and print each one minimised.

Case after case of random, adversarial arguments is judged against exact arithmetic: every result of
the module, the sampler, affine_grid and their derivatives must be within the bound that README
states. A case is known by its seed and number. NPSTN_JIT=0 in the environment searches in plain
Python. The exit status is 1 if a violation was found.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import count

from npstn.jit import compiler

from .judge import judge
from .kinds import KINDS, case_number
from .minimise import minimise
from .progress import Progress
from .snippet import snippet


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python scripts/hunt", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of all cases (%(default)s)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number of the first")
    parser.add_argument("--cases", type=int, metavar="N", help="stop after N cases")
    parser.add_argument("--seconds", type=float, metavar="N", help="stop after N seconds")
    kinds = ", ".join(KINDS)
    parser.add_argument("--only", default="", metavar="REGEX", help=f"kinds, of: {kinds}")
    options = parser.parse_args(arguments)
    try:
        chosen = [kind for kind in KINDS if re.search(options.only, kind)]
    except re.error as e:
        parser.error(f"--only is {options.only!r}, expected a regular expression: {e}")
    if not chosen:
        parser.error(f"--only is {options.only!r}, expected to fit one of: {kinds}")
    return options


def hunt(options: argparse.Namespace, progress: Progress) -> Iterator[tuple[int, str, str]]:
    """Yield number, kind and snippet of the cases that fail."""
    for number in count(options.first):
        if progress.ended:
            return
        kind, make = case_number(options.seed, number)
        if not re.search(options.only, kind):
            continue
        case = make()
        verdicts = list(judge(case))
        progress.add(verdicts)
        failing = [v.name for v in verdicts if v.worst > 1]
        if failing:
            yield number, kind, snippet(minimise(case, failing[0]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Hunt; 1 if a violation was found."""
    options = parse(arguments)
    engine = "compiled" if compiler.is_compiled() else "plain Python"
    print(f"Seed {options.seed}, {engine}; Ctrl-C stops.", flush=True)
    progress = Progress(options.cases, options.seconds, sys.stderr)
    try:
        for number, kind, text in hunt(options, progress):
            progress.clear()
            again = f"--seed {options.seed} --first {number} --cases 1"
            print(f"\n# {kind}: python scripts/hunt {again}\n{text}\n", flush=True)
    except KeyboardInterrupt:
        pass
    progress.clear()
    print(progress.summary())
    return int(progress.violations > 0)
