"""Ctrl-C while something is compiled.

LLVM calls back into Python, where an exception is printed and lost, and what it was about to hand
over as well. So an interrupt waits for a place where it can do no harm.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

_waiting: list[Callable[[], object]] = []


@contextmanager
def deferred() -> Iterator[None]:
    """Hold an interrupt back until :func:`check`, or the end; a second one passes at once."""
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return

    def wait(number: int, frame: FrameType | None) -> None:
        _waiting.append(partial(before, number, frame))
        if len(_waiting) > 1:
            check()

    signal.signal(signal.SIGINT, wait)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        check()


def check() -> None:
    """Let an interrupt happen that was held back."""
    if _waiting:
        interrupt = _waiting[0]
        _waiting.clear()
        interrupt()
