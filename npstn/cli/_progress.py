"""How far a task is: a bar on a terminal, elsewhere a line each ten seconds."""

import shutil
import sys
import threading
import time
from contextlib import suppress
from typing import TextIO

from ..jit import notice
from ._terminal import is_terminal

BAR = 24
EVERY = {True: 0.5, False: 10.0}  # seconds, on a terminal and elsewhere


class Progress:
    """A count of steps, shown on standard error by a thread until the block ends.

    Examples
    --------
    >>> with Progress(3) as bar:
    ...     for name in "abc":
    ...         bar.show(name)
    ...         bar.step()
    """

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        """Count up to `total`."""
        self.total, self.done, self.label = total, 0, ""
        self.stream = sys.stderr if stream is None else stream
        self.terminal = is_terminal(self.stream)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._keep_showing, daemon=True)

    def __enter__(self) -> "Progress":
        self.begun = time.monotonic()
        if not notice._is_quiet():
            self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        if self.thread.ident is not None:
            self.thread.join()
            if self.terminal:
                self._write("\r\033[K")

    def show(self, label: str) -> None:
        """Say what is done now."""
        self.label = label

    def step(self) -> None:
        """Count one more that is done."""
        self.done += 1

    def line(self, seconds: float) -> str:
        """The count, the label and the time left, after so many seconds."""
        parts = [f"{self.done}/{self.total}", *([self.label] if self.label else [])]
        if self.done:
            left = round(seconds / self.done * (self.total - self.done))
            parts.append(f"{left // 60}:{left % 60:02} left")
        if not self.terminal:
            return f"npstn: {', '.join(parts)}"
        full = BAR * self.done // max(1, self.total)
        bar = f"[{'#' * full}{'-' * (BAR - full)}] {', '.join(parts)}"
        return bar[: shutil.get_terminal_size().columns - 1]

    def _keep_showing(self) -> None:
        while not self.ended.wait(EVERY[self.terminal]):
            line = self.line(time.monotonic() - self.begun)
            # From the first column on, all that others write is written over the bar.
            self._write(f"\r\033[K{line}\r" if self.terminal else f"{line}\n")

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # it was closed
            self.stream.write(text)
            self.stream.flush()
