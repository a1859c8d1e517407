"""What is different on a terminal: colours, and lines that are written over."""

import os
from typing import TextIO

from ..jit.notice import printable

INTERRUPTED = 130  # the exit status after Ctrl-C, as a shell gives it

_CODES = {"red": 31, "green": 32, "bold": 1}


def is_terminal(stream: TextIO) -> bool:
    """Whether somebody looks at the stream, on a device that can do more than write lines."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str, stream: TextIO) -> str:
    """Colour a text if the stream is a terminal, and NO_COLOR is not set."""
    if os.environ.get("NO_COLOR") or not is_terminal(stream):
        return text
    return f"\033[{_CODES[colour]}m{text}\033[0m"


def harmless(text: str) -> str:
    """Escape all of a text but the ends of its lines: a terminal must not obey it."""
    return "\n".join(map(printable, text.split("\n")))
