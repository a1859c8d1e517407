"""Make the first picture of README: that of ``npstn demo``, as a smaller file."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from drawing import save

from npstn.cli._photo import load
from npstn.cli._progress import Progress
from npstn.cli._sheet import sheet
from npstn.cli.demo import transform


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--output", type=Path, default=Path("sanity_check.png"), help="(%(default)s)"
    )
    parser.add_argument("--size", type=int, default=640, help="longest side (%(default)s)")
    options = parser.parse_args(arguments)
    with Progress(4) as bar:
        figure = sheet(transform(load(None, options.size), bar))
    save(figure, options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
