"""Say which versions, processor, threads, cache and settings there are.

All of it belongs into the report of a problem. With --self-test, also what npstn makes of the
golden vectors that come with it (under half a minute, once functions are compiled); exit status 1
if that is wrong.

for example:
  npstn info
  npstn info --self-test
  npstn info --json
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .. import __version__
from ..contract import TRUTH_VERSION
from ..jit.files import found as found_cache
from ..jit.notice import printable
from ._files import reason
from ._progress import Progress
from ._terminal import paint

PACKAGES = "numpy", "numba", "llvmlite", "scipy", "matplotlib"
SETTINGS = "NPSTN_", "NUMBA_"
OF_THREADS = "NUMBA_NUM_THREADS", "NUMBA_THREADING_LAYER"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    words = "compute all golden vectors that come with npstn, and compare"
    parser.add_argument("--self-test", action="store_true", help=words)


def run(options: argparse.Namespace) -> int:
    """Print it."""
    data = {
        "versions": versions(),
        "machine": machine(),
        "cache": cache(*found_cache()),
        "environment": {k: v for k, v in sorted(os.environ.items()) if k.startswith(SETTINGS)},
    }
    if options.self_test:
        data["self-test"] = tested()
    print(json.dumps(data, indent=2) if options.json else text(data))
    return 0 if data.get("self-test", {}).get("passed", True) else 1


def tested() -> dict[str, Any]:
    """The figures of the self-test, and the seconds that it took."""
    from .._selftest import CASES, self_test

    begun = time.monotonic()
    with Progress(CASES) as bar:
        bar.show("golden vectors")
        found = self_test(bar.step)
    return {**found, "seconds": round(time.monotonic() - begun, 1)}


def versions() -> dict[str, Any]:
    """Versions of npstn, of what it promises, and of what it runs on; None if it is not there."""
    from importlib.metadata import PackageNotFoundError, version  # 30 ms, too much for --help

    found: dict[str, Any] = {"npstn": __version__, "truth": TRUTH_VERSION}
    found["python"] = f"{platform.python_version()} ({platform.python_implementation()})"
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def machine() -> dict[str, Any]:
    """The system, the processor, and the threads that kernels use."""
    found: dict[str, Any] = {
        "system": platform.platform(),
        "processor": processor(),
        "cores": cores(),
        "engine": answer(engine),
        "arithmetic": answer(arithmetic),
    }
    asked = answer(threads, *OF_THREADS)
    return found | (asked if isinstance(asked, dict) else {"threads": asked})


def answer(ask: Callable[[], Any], *settings: str) -> Any:
    """What a function says; or why it fails, after those of the settings that are set."""
    try:
        return ask()
    except Exception as error:  # to know why is what info is for
        given = [f"{name} is {os.environ[name]!r}" for name in settings if name in os.environ]
        return ": ".join(["cannot start", *given, reason(error)])


# What these load fails with settings that it does not understand.


def engine() -> str:
    """What runs the kernels."""
    from ..jit import compiler

    return "compiled" if compiler.is_compiled() else "plain Python (NPSTN_JIT=0)"


def arithmetic() -> str:
    """How the arithmetic differs from what results presume."""
    from .. import check_environment

    return "; ".join(check_environment()) or "IEEE 754"


def threads() -> dict[str, Any]:
    """The number of threads, and the name of what runs Numba's; None in plain Python."""
    from ..jit import compiler

    found: dict[str, Any] = {"threads": compiler.threads(), "threading layer": None}
    if compiler.is_compiled():
        import numba

        found["threading layer"] = str(numba.threading_layer())
    return found


def cores() -> int:
    """The number of cores this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return usable or 1


def processor() -> str:
    """The name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def cache(folder: Path | None, problem: str) -> dict[str, Any]:
    """Where compiled functions are kept, and how many there are, of all versions."""
    if folder is None:
        return {"folder": None, "state": f"off ({problem})"}
    sizes = []
    for file in folder.glob("npstn-*/*"):
        with suppress(OSError):  # another process has moved it
            sizes += [file.stat().st_size] if file.is_file() else []
    state = "in use" if sizes else "empty"
    state += f", but {problem}" if problem else ""
    return {"folder": str(folder), "state": state, "functions": len(sizes), "bytes": sum(sizes)}


def text(data: dict[str, dict[str, Any]]) -> str:
    """Write it for a reader, a section after the other."""
    lines = []
    for title, rows in data.items():
        lines.append(paint(title, "bold", sys.stdout))
        shown = {printable(name): printable(_shown(value)) for name, value in rows.items()}
        width = max(map(len, shown), default=0) + 2
        lines += [f"  {name:{width}}{value}" for name, value in shown.items()]
        lines += [] if rows else ["  nothing is set"]
    return "\n".join(lines)


def _shown(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return "none" if value is None else str(value)
    return f"{value:,}"
