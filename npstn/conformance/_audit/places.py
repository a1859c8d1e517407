"""Where in a program a function is called."""

import os
import sys
import sysconfig
from types import FrameType
from typing import NamedTuple

_LIBRARIES = tuple({sysconfig.get_path(name) + os.sep for name in ("stdlib", "platlib", "purelib")})
_START = os.path.join(os.getcwd(), "")
_NEVER = "torch", "npstn", "contextlib", "functools"  # modules between a call and its caller


class Place(NamedTuple):
    """A line of a file; of a library called from there, the line inside of it."""

    file: str
    line: int
    inner: str = ""

    def __str__(self) -> str:
        inside = f" (in {self.inner})" if self.inner else ""
        return f"{self.file.removeprefix(_START)}:{self.line}{inside}"


def caller() -> Place:
    """The innermost line of the program itself that is being run, or else of a library."""
    frame: FrameType | None = sys._getframe(1)
    first: tuple[str, int] | None = None
    while frame is not None:
        module = str(frame.f_globals.get("__name__")).partition(".")[0]
        if module not in _NEVER:
            file, line = frame.f_code.co_filename, frame.f_lineno
            if not file.startswith(_LIBRARIES) and not file.startswith("<"):
                inner = "" if first is None else f"{_short(first[0])}:{first[1]}"
                return Place(file, line, inner)
            first = first or (file, line)
        frame = frame.f_back
    return Place(*(first or ("?", 0)))


def _short(file: str) -> str:
    """The path of a file in its library."""
    for start in sorted(_LIBRARIES, key=len, reverse=True):
        if file.startswith(start):
            return file.removeprefix(start)
    return file
