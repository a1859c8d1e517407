"""Audit a program: judge what its calls of PyTorch's samplers are given, and what they give.

PROGRAM is a file of Python; all that follows it is its own. It runs as ever, with the same
numbers. At its end, however it ends, the audit says for each line that calls a sampler whether
the results are right, and what is suspicious.
Exit status: the program's; 1 if that is 0 and something is wrong.

for example:
  npstn audit train.py --epochs 2
  npstn audit --budget 20% --report audit train.py
  npstn audit --every 1 --json audit.json train.py
"""

import argparse
import sys
import threading
import traceback
import weakref
from concurrent.futures import Executor
from pathlib import Path
from types import ModuleType
from typing import Any

from ..jit.notice import printable
from ._files import output, replacing
from ._terminal import INTERRUPTED, harmless

FAILED = 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    words = "look at each so many calls of a line, whatever that takes"
    parser.add_argument("--every", type=int, metavar="N", help=words)
    words = "or: the share of the time that may be taken (10%%)"
    parser.add_argument("--budget", type=share, default=0.1, metavar="SHARE", help=words)
    words = "write text, JSON, a page and pictures there"
    parser.add_argument("--report", type=Path, metavar="DIR", help=words)
    parser.add_argument("--json", type=output, metavar="FILE", help="write the figures there")
    parser.add_argument("program", metavar="PROGRAM", help="a file of Python")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="of the program")


def share(text: str) -> float:
    """Read a share: 10% or 0.1."""
    value = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
    if not 0.0 < value <= 1.0:
        raise argparse.ArgumentTypeError(f"{text} is no share, expected 10% or 0.1")
    return value


def run(options: argparse.Namespace) -> int:
    """Run the program, and report."""
    from ..conformance import audit

    program = Path(options.program).absolute()  # and all others: programs change the directory
    if not program.is_file():
        raise FileNotFoundError(f"PROGRAM is {options.program}, expected a file of Python")
    folder, data = (path and path.absolute() for path in (options.report, options.json))
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with audit(every=options.every, budget=options.budget) as found:
        status = _run(program, options.arguments)
    wrong = bool(found.report.findings or found.doubts)
    paths = found.save(folder) if folder else []
    if data:
        with replacing(data) as file:
            file.write(found.json().encode())
    wrote = [f"wrote {printable(str(path))}" for path in paths]
    print(harmless(str(found)), *wrote, sep="\n", file=sys.stderr)
    return status or int(wrong)


def _run(program: Path, arguments: list[str]) -> int:
    """Run a file as ``python FILE arguments`` does, until it ends in whatever way."""
    before = sys.argv, sys.path[:]
    sys.argv = [str(program), *arguments]
    sys.path.insert(0, str(program.parent))
    main = ModuleType("__main__")  # it stays: what is pickled, or runs in threads, looks there
    main.__file__ = str(program)
    sys.modules["__main__"] = main
    others = {*threading.enumerate()}
    try:
        exec(compile(program.read_bytes(), program, "exec"), vars(main))
        for thread in {*threading.enumerate()} - others:
            if not thread.daemon:
                _finish(thread)
    except SystemExit as stop:
        return _status(stop.code)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BaseException:
        traceback.print_exc()
        return FAILED
    finally:
        sys.argv, sys.path[:] = before
    return 0


def _finish(thread: threading.Thread) -> None:
    """Wait for a thread, as Python does at its end: that of a pool waits for work for ever."""
    arguments = getattr(thread, "_args", ())
    if arguments and isinstance(arguments[0], weakref.ref):
        pool = arguments[0]()
        if isinstance(pool, Executor):
            pool.shutdown()
    thread.join()


def _status(code: Any) -> int:
    """The exit status of sys.exit(code)."""
    if code is None or isinstance(code, int):
        return int(code or 0)
    print(code, file=sys.stderr)
    return FAILED
