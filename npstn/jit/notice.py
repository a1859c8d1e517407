"""What a person is told who waits for the compiler: one line on standard error, after two seconds.

``NPSTN_QUIET=1`` in the environment silences it, as any other value does but 0, false, no and off.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from sys import is_finalizing
from types import FrameType

from .files import problem
from .settings import OFF, word

AFTER = 2.0  # seconds of compiling until somebody wants to know
PAUSE = 1.0  # seconds between compilations of one function that are one wait

_PACKAGE = __name__.partition(".")[0]
_DECORATORS = f"{_PACKAGE}._arithmetic"


class Wait:
    """Compilations that follow each other closely, and the line about them."""

    def __init__(self, name: str, takes: str, told: bool = False) -> None:
        self.name, self.takes, self.told = name, takes, told
        self.patience, self.begun, self.ended = AFTER, 0.0, 0.0
        self.timer: threading.Timer | None = None  # while something is compiled

    def begin(self, kept: Path | None) -> None:
        """Tell, unless :meth:`end` comes before."""
        if not self.told and not _is_quiet():
            self.begun = time.monotonic()
            self.timer = threading.Timer(max(0.0, self.patience), self.tell, [kept])
            self.timer.daemon = True
            with suppress(RuntimeError):  # without memory for a thread there is no line
                self.timer.start()

    def end(self) -> None:
        """Tell nothing from here on."""
        self.ended = time.monotonic()
        if self.timer is not None:
            self.patience -= self.ended - self.begun
            self.timer.cancel()
            if self.timer.is_alive() and not is_finalizing():  # then no thread moves any more
                self.timer.join()
            self.timer = None

    def tell(self, kept: Path | None = None) -> None:
        """Write the line."""
        self.told = True
        once = f"once in each process: takes {self.takes}"
        if kept is not None and not problem(kept):
            once = f"once: takes {self.takes}, then kept in {printable(str(kept))}"
        write(f"npstn: compiling {self.name} for this processor, {once}\n")


class _Here(threading.local):
    wait: Wait | None = None  # while something is compiled
    last: Wait | None = None


_here = _Here()


def caller() -> str:
    """Name of the public function that compiles, or else of the first one in this package."""
    public, name = getattr(sys.modules[_PACKAGE], "__all__", ()), ""
    frame: FrameType | None = sys._getframe()
    while frame and name not in public:  # decorators of others may stand between
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] == _PACKAGE and module != _DECORATORS:
            code = frame.f_code
            name = getattr(code, "co_qualname", code.co_name)  # from Python 3.11 on, with its class
        frame = frame.f_back
    return name


@contextmanager
def compiling(name: str) -> Iterator[None]:
    """Tell who waits for what is compiled within, from :func:`missing` on: most of it is kept."""
    outer, last = _here.wait, _here.last
    if outer is not None:
        wait = outer
    elif last is not None and last.name == name and time.monotonic() - last.ended < PAUSE:
        wait = last
    else:
        wait = Wait(name, "10 to 40 s")
    _here.wait = _here.last = wait
    try:
        yield
    finally:
        _here.wait = outer
        wait.end()


def missing(kept: Path | None) -> None:
    """Begin to wait: a function is not in the cache, where it will be kept."""
    if _here.wait is not None:
        _here.wait.begin(kept)


@contextmanager
def progress(name: str, takes: str) -> Iterator[Callable[[str], None]]:
    """Show steps in one line of a terminal; elsewhere compiling all of them is one wait."""
    terminal = False
    with suppress(Exception):
        terminal = sys.stderr.isatty()

    def show(step: str) -> None:
        if terminal:
            write(f"\r\033[K{step}")

    _here.wait = Wait(name, takes, told=terminal)
    last = ""
    try:
        yield lambda step: show(f"npstn: {step}")
        last = f"npstn: {name} are ready\n"
    finally:
        _here.wait = None
        show(last)


def printable(text: str) -> str:
    """One line of what others have named: a terminal must not obey it."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _is_quiet() -> bool:
    return word("NPSTN_QUIET") not in ("", *OFF)


def write(text: str) -> None:
    """Write, if there is somewhere to write to: standard error can be None, closed, anything."""
    with suppress(Exception):
        if not _is_quiet():
            sys.stderr.write(text)
            sys.stderr.flush()
