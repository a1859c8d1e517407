"""The command ``npstn``: a file here for each sub-command, and a row in COMMANDS.

Such a file has ``configure(parser)``, which adds its options, and ``run(options)``, which returns
the exit status. Its docstring is its help: the first line stands in the list of commands, and
``for example:`` begins the end of it. It loads nothing heavy before ``run``.
"""

import argparse
import ast
import difflib
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NoReturn, TextIO

from .. import __version__
from ..jit import notice
from ._files import reason
from ._terminal import INTERRUPTED, paint

COMMANDS = ("check", "identify", "audit", "goldens", "spec", "demo", "plot", "info", "warmup")

WRONG, CLOSED = 2, 141  # exit statuses; the second as a shell gives it
_EXAMPLES = "for example:\n"

Run = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong, and takes -1e-3 for a number."""

    def __init__(self, prog: str, doc: str) -> None:
        text, mark, examples = doc.partition(_EXAMPLES)
        raw = argparse.RawDescriptionHelpFormatter
        super().__init__(prog, description=text, epilog=mark + examples, formatter_class=raw)
        self._negative_number_matcher = re.compile(r"-\.?\d")  # as Python 3.14 has it

    def error(self, message: str) -> NoReturn:
        """Exit with the message."""
        _say(self.prog, f"{message} (see {self.prog} --help)")
        self.exit(WRONG)


@contextmanager
def _streams() -> Iterator[None]:
    """Let go nowhere what is printed to a stream that was closed before the start."""
    with ExitStack() as stack:
        for stream, redirect in (sys.stdout, redirect_stdout), (sys.stderr, redirect_stderr):
            if stream is None:
                nowhere = stack.enter_context(open(os.devnull, "w", encoding="utf-8"))
                stack.enter_context(redirect(nowhere))
        yield


@_streams()
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return 0, 1 if a number is wrong, 2 for bad arguments, 130 after Ctrl-C."""
    status = 0
    try:
        try:
            status = _run(sys.argv[1:] if argv is None else argv)
        finally:
            with suppress(ValueError):  # what was audited has closed it
                print(end="", flush=True)
    except SystemExit as stop:
        if isinstance(stop.code, str):  # of a program that was loaded
            _say("npstn", stop.code)
            return WRONG
        return int(stop.code or 0)
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:  # nobody reads on, or the disk is full
        _forget(sys.stdout)
        if isinstance(error, BrokenPipeError):
            return CLOSED
        if status != WRONG:  # else it is said
            _say("npstn", reason(error))
        return WRONG
    return status


def parse(argv: Sequence[str]) -> tuple[Run, argparse.Namespace]:
    """Read the command line: the function to run, and its options."""
    if not argv or argv[0].startswith("-"):
        _overview().parse_args(argv or ["--help"])
    name, *rest = argv
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f": did you mean {near[0]}?" if near else ""
        _overview().error(f"no command {name!r}, expected one of {', '.join(COMMANDS)}{hint}")
    module = _module(name)
    parser = Parser(f"npstn {name}", module.__doc__ or "")
    parser.add_argument("--traceback", action="store_true", help="of an error, show where it is")
    module.configure(parser)
    return module.run, parser.parse_args(rest)


def _run(argv: Sequence[str]) -> int:
    options = argparse.Namespace(traceback="--traceback" in argv)  # until all are read
    try:
        run, options = parse(argv)
        with notice.compiling(f"the functions of npstn {argv[0]}"):
            return run(options)
    except BrokenPipeError:
        raise
    except (ValueError, TypeError, OSError, ImportError) as error:
        if options.traceback:
            traceback.print_exc()
        else:
            _say(" ".join(["npstn", *argv[:1]]), reason(error))
        return WRONG


def _overview() -> Parser:
    """The parser of a command line without a command."""
    width = max(map(len, COMMANDS)) + 2
    rows = [f"  {name:{width}}{_first_line(name)}\n" for name in COMMANDS]
    head = "The answer key for spatial transformers.\n\ncommands:\n"
    more = f"\n{_EXAMPLES}  npstn demo\n  npstn plot --help"
    parser = Parser("npstn", head + "".join(rows) + more)
    parser.usage = "npstn [-h] [--version] COMMAND ..."
    parser.add_argument("--version", action="version", version=f"npstn {__version__}")
    return parser


def _first_line(name: str) -> str:
    """Read the first line of a command's docstring; to import all commands takes half a second."""
    source = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def _module(name: str) -> ModuleType:
    return import_module(f".{name}", __name__)


def _say(who: str, message: str) -> None:
    """Write one line to standard error."""
    line = notice.printable(" ".join(message.split()))
    try:
        print(f"{paint(f'{who}:', 'red', sys.stderr)} {line}", file=sys.stderr)
    except OSError:  # it is full as well
        _forget(sys.stderr)


def _forget(stream: TextIO) -> None:
    """Let go nowhere what a stream could not write, or Python would try again at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
