"""Compile all functions ahead, or load them from the cache.

For where nobody waits: when a container image is built, or before the workers
of a cluster start.

for example:
  npstn warmup
  npstn warmup --ranks 2 --modes bilinear --dtypes float32
"""

import argparse
import time

from .._options import MODES
from .._warmup import DTYPES, RANKS, problems
from ..jit import compiler, notice
from ..jit.files import found
from ._progress import Progress


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    for name, default in ("ranks", RANKS), ("modes", tuple(MODES)), ("dtypes", DTYPES):
        parser.add_argument(
            f"--{name}",
            nargs="+",
            type=type(default[0]),
            default=default,
            metavar="NAME" if name != "ranks" else "N",
            help=f"some of {', '.join(map(str, default))} (default: all)",
        )


def run(options: argparse.Namespace) -> int:
    """Call all functions."""
    todo = problems(options.ranks, options.modes, options.dtypes)
    if not compiler.is_compiled():
        print("NPSTN_JIT=0: nothing is compiled")
        return 0
    begun = time.monotonic()
    with notice.progress("all functions", "some minutes"), Progress(len(todo)) as bar:
        for about, calls in todo:
            for function in calls:
                bar.show(f"{function}, {about}")
            bar.step()
    where, why = found()
    kept = f"nothing new is kept: {why}" if why else f"kept in {where}"
    print(f"compiled or loaded in {time.monotonic() - begun:.1f} s, {notice.printable(kept)}")
    return 0
