"""Identify a function: which convention it has, or which one nearly and what is wrong.

TARGET is what npstn check takes. The function is called in this process. Exit status: 0 if it
agrees with a dialect, 1 if with none, 2 for bad arguments.

for example:
  npstn identify torch
  npstn identify package.module:fn
  npstn identify package.module:fn --dialect torch --vjp package.module:fn_vjp
"""

import argparse
import dataclasses
import json
import os
import sys

from ._terminal import harmless

DTYPES = "float32", "float64"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("target", metavar="TARGET", help="what to identify")
    parser.add_argument("--op", default="grid_sample", help="operation (grid_sample)")
    parser.add_argument("--dialect", help="in whose terms it is called; all are tried without")
    parser.add_argument("--dtype", default="float32", choices=DTYPES, help="of arrays (float32)")
    parser.add_argument("--vjp", metavar="MODULE:FUNCTION", help="its derivatives")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(options: argparse.Namespace) -> int:
    """Identify it."""
    from ..conformance import identify

    sys.path.insert(0, os.getcwd())  # where MODULE:FUNCTION is looked for
    given = {name: getattr(options, name) for name in ("op", "dialect", "dtype", "vjp")}
    found = identify(options.target, **given)
    if options.json:
        print(json.dumps(dataclasses.asdict(found), indent=1))
    else:
        print(harmless(str(found)))
    return 0 if found.share == 1 else 1
