"""Write golden vectors: inputs and exact answers that any language can read.

In the folder there will be a README.txt, a manifest.json, and the arrays in one or
more formats: raw numbers (bin), NumPy files (npz), and hexadecimal text (json).

The tiers: lattice, which any precision holds exactly; hard, beside edges, on kinks,
not finite; random, with the terms of a bound; and with --large, images by formula
of more than 2**31 texels, as far as memory is free for them.

for example:
  npstn goldens vectors
  npstn goldens vectors --tiers lattice --formats bin
  npstn goldens vectors --small --force
  npstn goldens vectors --large --json
"""

import argparse
import json
from pathlib import Path
from typing import Any

from ..jit.notice import printable
from ._progress import Progress

TIERS, FORMATS = ("lattice", "hard", "random"), ("npz", "json", "bin")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")
    for name, known in ("tiers", TIERS), ("formats", FORMATS):
        parser.add_argument(
            f"--{name}",
            nargs="+",
            choices=known,
            default=known,
            metavar="NAME",
            help=f"some of {', '.join(known)} (default: all)",
        )
    parser.add_argument("--small", action="store_true", help="only those that come with npstn")
    parser.add_argument("--large", action="store_true", help="also the tier large")
    parser.add_argument(
        "--force", action="store_true", help="replace goldens in DIR; other files stay"
    )
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")


def run(options: argparse.Namespace) -> int:
    """Write the folder."""
    from ..conformance import goldens  # loads what a parser does not need

    with Progress(0) as bar:

        def progress(done: int, total: int, name: str) -> None:
            bar.done, bar.total = done, total
            bar.show(name)

        written = goldens.write(
            options.folder,
            tiers=options.tiers,
            formats=options.formats,
            small=options.small,
            large=options.large,
            force=options.force,
            progress=progress,
        )
    data = {
        "folder": str(options.folder.resolve()),
        "bytes": written.nbytes,
        "cases": [
            {"tier": tier, "op": op, "cases": count} for (tier, op), count in written.cases.items()
        ],
        "left_out": written.left_out,
    }
    if options.large:
        data["free_memory"] = written.memory
    print(json.dumps(data, indent=2) if options.json else text(data))
    return 0


def text(data: dict[str, Any]) -> str:
    """Write for a reader what was written."""
    lines = [f"{row['tier']:9}{row['op']:29}{row['cases']:5} cases" for row in data["cases"]]
    if data.get("free_memory", 0) is None:
        lines.append("large: free memory is not known, so nothing is left out")
    for row in data["left_out"]:
        need = f"{row['bytes']:,} bytes of memory, and {row['free']:,} are free"
        lines.append(f"left out: {row['id']} needs {need}")
    return "\n".join([*lines, f"{data['bytes']:,} bytes in {printable(data['folder'])}"])
