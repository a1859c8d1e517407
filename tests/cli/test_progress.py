import io
import time

import pytest

from npstn.cli import _progress
from npstn.cli._progress import Progress


class Stream(io.StringIO):
    """A stream, and whether it is a terminal."""

    def __init__(self, terminal):
        super().__init__()
        self.isatty = lambda: terminal


@pytest.fixture(autouse=True)
def loud(monkeypatch):
    monkeypatch.setenv("NPSTN_QUIET", "0")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


def run(stream, until):
    """Show two of three steps until so many lines are written."""
    with Progress(3, stream) as bar:
        bar.show("first")
        bar.step()
        bar.show("second")
        bar.step()
        end = time.monotonic() + 30
        while stream.getvalue().count("2/3, second") < until and time.monotonic() < end:
            time.sleep(0.001)
    return stream.getvalue()


def test_line():
    bar = Progress(4, Stream(True))
    assert bar.line(5.0) == f"[{'-' * 24}] 0/4"
    bar.show("rotation")
    bar.step()
    assert bar.line(50.0) == f"[{'#' * 6}{'-' * 18}] 1/4, rotation, 2:30 left"
    bar.show("x" * 80)
    assert len(bar.line(5.0)) == 79
    plain = Progress(4, Stream(False))
    plain.show("x" * 80)
    assert plain.line(5.0) == f"npstn: 0/4, {'x' * 80}"
    assert Progress(0, Stream(True)).line(1.0) == f"[{'-' * 24}] 0/0"


def test_a_terminal_has_one_line_and_then_none(monkeypatch):
    monkeypatch.setattr(_progress, "EVERY", {True: 0.001})
    written = run(Stream(True), 3)
    assert "\n" not in written
    assert written.startswith("\r\033[K[")
    assert written.endswith("\r\033[K")
    assert f"\r\033[K[{'#' * 16}{'-' * 8}] 2/3, second, 0:00 left\r" in written


def test_elsewhere_there_are_lines_now_and_then(monkeypatch):
    assert _progress.EVERY[False] == 10.0
    monkeypatch.setattr(_progress, "EVERY", {False: 0.001})
    written = run(Stream(False), 2)
    assert set(written.splitlines()[-2:]) == {"npstn: 2/3, second, 0:00 left"}


@pytest.mark.parametrize("terminal", [True, False])
def test_quick_and_quiet_work_shows_nothing(terminal, monkeypatch):
    assert run(Stream(terminal), 0) in ("", "\r\033[K")
    monkeypatch.setattr(_progress, "EVERY", {True: 0.001, False: 0.001})
    monkeypatch.setenv("NPSTN_QUIET", "1")
    stream = Stream(terminal)
    with Progress(3, stream):
        time.sleep(0.05)
    assert stream.getvalue() == ""


def test_a_closed_stream_stops_nothing(monkeypatch):
    monkeypatch.setattr(_progress, "EVERY", {True: 0.001})
    stream = Stream(True)
    with Progress(3, stream) as bar:
        stream.close()
        time.sleep(0.05)
        assert bar.thread.is_alive()
