"""Options and results that short scripts have in common."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from npstn.cli._files import output, replacing
from npstn.cli._photo import save
from npstn.cli._terminal import INTERRUPTED

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def count(text: str) -> int:
    """Read an integer from 0 on."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return number


def parser(description: str | None, out: str) -> argparse.ArgumentParser:
    """Make a parser with --seed, --out for a picture, and --json."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--seed", type=count, default=0, help="of all that is random (%(default)s)")
    made.add_argument(
        "--out", type=output, default=Path(out), metavar="PICTURE.png", help="(%(default)s)"
    )
    made.add_argument("--json", type=output, metavar="PATH", help="write the figures there as well")
    return made


def interruptible(main: Callable[[], int]) -> None:
    """Run a command, which Ctrl-C ends without a traceback."""
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        sys.exit(INTERRUPTED)


def write(options: argparse.Namespace, figure: "Figure", figures: Mapping[str, Any]) -> None:
    """Write the picture, and the figures if they are wanted; say where the picture is."""
    save(figure, options.out)
    if options.json:
        with replacing(options.json) as file:
            file.write(f"{json.dumps(figures, indent=1)}\n".encode())
    print(f"{figures['seconds']:.0f} s; picture: {options.out.resolve()}")
