"""Check a backend: whether it is right, and how far off, by clause and option.

TARGET is the name of a system ("torch", "jax", "onnxruntime", ...), a function
("package.module:function"), a model ("grid_sample.onnx") or a dialect of npstn
("npstn.dialects.opencv"). It runs in a child process, which may hang and die.
Exit status: 0 if it is right, 1 if not, 2 for bad arguments.

for example:
  npstn check torch
  npstn check torch --op affine_grid --dtype float64
  npstn check package.module:fn --vjp package.module:fn_vjp --dialect torch
  npstn check model.onnx --runtime openvino --report report.html
  npstn check --command './my_kernel {in} {out}' --dialect torch --dtype float32
"""

import argparse
import json
import os
import sys
from typing import Any

from ..jit.notice import printable
from ._files import output, replacing
from ._progress import Progress

TIERS = "lattice", "hard", "random", "large"  # npstn.conformance loads what --help does not need
DTYPES = "float64", "float32", "float16", "bfloat16"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("target", nargs="?", metavar="TARGET", help="what to check")
    parser.add_argument("--command", metavar="LINE", help="a program, with {in} and {out}")
    backend(parser)
    words = "kinds of cases: lattice, hard, random (the default), large"
    parser.add_argument("--tiers", nargs="+", choices=TIERS, metavar="TIER", help=words)
    parser.add_argument(
        "--large", action="store_true", help="also the tier large: float32, up to 17 GB"
    )
    parser.add_argument("--strict", action="store_true", help="a refused option is wrong")
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds for a call (30)")
    parser.add_argument("--here", action="store_true", help="call it in this process")
    parser.add_argument("--every", action="store_true", help="a line for each choice of options")
    parser.add_argument("--report", type=output, metavar="FILE.html", help="write a page")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def backend(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what a backend is."""
    parser.add_argument("--op", help="operation: grid_sample, affine_grid, ..., or its own name")
    parser.add_argument("--dialect", help="whose names, layout and order it has (its own, npstn)")
    words = f"of arrays: {', '.join(DTYPES)} (the dialect's)"
    parser.add_argument("--dtype", nargs="+", choices=DTYPES, metavar="DTYPE", help=words)
    parser.add_argument("--vjp", metavar="MODULE:FUNCTION", help="its derivatives")
    parser.add_argument("--device", help="where an adapter puts its arrays: cuda")
    parser.add_argument("--runtime", default="onnxruntime", help="of a model: or openvino, onnx")
    parser.add_argument("--version", help="of the dialect; an opset in ONNX")


def chosen(options: argparse.Namespace) -> dict[str, Any]:
    """The options that say what a backend is, as arguments."""
    sys.path.insert(0, os.getcwd())  # where MODULE:FUNCTION is looked for
    names = "op", "dialect", "vjp", "device", "runtime", "version"
    return {name: getattr(options, name) for name in names}


def run(options: argparse.Namespace) -> int:
    """Check it, and print the report."""
    from ..conformance import check
    from ..conformance.command import Command

    if (options.target is None) == (options.command is None):
        raise ValueError("expected either TARGET or --command")
    found = chosen(options)
    target: Any = options.target
    if options.command is not None:
        names = "op", "dialect", "version"
        given = {name: found.pop(name) for name in names if found[name] is not None}
        target, found = Command(options.command, timeout=options.timeout, **given), {}
    with Progress(1) as bar:

        def progress(done: int, total: int) -> None:
            bar.done, bar.total = done, total

        report = check(
            target,
            dtype=options.dtype,
            tiers=[*(options.tiers or TIERS[:-1]), *TIERS[-1:] * options.large],
            strict=options.strict,
            isolate=not options.here and options.command is None,
            timeout=options.timeout,
            progress=progress,
            **found,
        )
    if options.report is not None:
        from ..conformance.html import page

        with replacing(options.report) as file:
            file.write(page(report).encode())
    if options.json:
        print(json.dumps(report.data(), indent=1))
    else:
        print("\n".join(map(printable, report.text(every=options.every))))
        if options.report is not None:
            print(f"\nwrote {printable(str(options.report))}")
    return 0 if report.passed else 1
