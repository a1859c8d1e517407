"""What is told to a person who waits; nothing is compiled here."""

import io
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import ROOT

from npstn.jit import files, notice

KEPT = Path("/kept")
LINE = "npstn: compiling f for this processor, once: takes 10 to 40 s, then kept in /kept\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def stands_for_stderr(monkeypatch, stream):
    """Give the module a standard error: pytest changes that of the process between phases."""
    known = {"_getframe": sys._getframe, "modules": sys.modules}
    monkeypatch.setattr(notice, "sys", SimpleNamespace(stderr=stream, **known))
    return stream


@pytest.fixture(autouse=True)
def stream(monkeypatch):
    """Standard error of a program that has compiled nothing, where waits are short."""
    monkeypatch.setattr(notice, "AFTER", 0.1)
    monkeypatch.setattr(notice, "PAUSE", 0.2)
    monkeypatch.setattr(notice, "_here", notice._Here())
    monkeypatch.setattr(notice, "problem", lambda kept: "")
    monkeypatch.delenv("NPSTN_QUIET", raising=False)
    return stands_for_stderr(monkeypatch, io.StringIO())


def compile_slowly(name="f", seconds=0.3, kept=KEPT):
    with notice.compiling(name):
        notice.missing(kept)
        time.sleep(seconds)


def test_the_line_is_there_while_it_takes_long(stream):
    with notice.compiling("f"):
        notice.missing(KEPT)
        assert stream.getvalue() == ""
        time.sleep(0.3)
        assert stream.getvalue() == LINE
    assert stream.getvalue() == LINE


def test_a_terminal_gets_the_same_line(monkeypatch):
    stream = stands_for_stderr(monkeypatch, Terminal())
    compile_slowly()
    assert stream.getvalue() == LINE


def test_without_a_cache_each_process_compiles(stream):
    compile_slowly(kept=None)
    assert "f for this processor, once in each process: takes 10 to 40 s\n" in stream.getvalue()


def test_where_nothing_can_be_kept_each_process_compiles(stream, monkeypatch, tmp_path):
    monkeypatch.setattr(notice, "problem", files.problem)
    (tmp_path / "file").touch()
    compile_slowly(kept=tmp_path / "file" / "npstn")
    assert "f for this processor, once in each process: takes 10 to 40 s\n" in stream.getvalue()


def test_a_terminal_does_not_obey_the_name_of_a_directory(stream):
    compile_slowly(kept=Path("/a\nb\033[2J\udcff é"))
    assert stream.getvalue().endswith(r" then kept in /a\nb\x1b[2J\udcff é" + "\n")


def test_what_is_fast_or_loaded_is_not_told(stream):
    compile_slowly(seconds=0.0)
    with notice.compiling("g"):
        time.sleep(0.2)
    notice.missing(KEPT)
    time.sleep(0.2)
    assert stream.getvalue() == ""


def test_an_error_ends_the_wait(stream):
    def fails():
        with notice.compiling("f"):
            notice.missing(KEPT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    time.sleep(0.2)
    assert stream.getvalue() == ""
    assert not [t for t in threading.enumerate() if isinstance(t, threading.Timer)]


def test_parts_of_one_wait_are_added_up_and_told_once(stream):
    for _ in range(4):
        compile_slowly(seconds=0.06)
    assert stream.getvalue() == LINE
    compile_slowly()
    assert stream.getvalue() == LINE


def test_loading_is_no_part_of_it(stream):
    for _ in range(3):
        with notice.compiling("f"):
            time.sleep(0.06)
    compile_slowly(seconds=0.02)
    assert stream.getvalue() == ""


def test_another_function_and_a_later_call_are_told(stream):
    compile_slowly()
    compile_slowly("g")
    time.sleep(0.3)
    compile_slowly("g")
    assert [line.split()[2] for line in stream.getvalue().splitlines()] == ["f", "g", "g"]


@pytest.mark.parametrize("value", ["1", "true", "yes", "on", " 2 "])
def test_quiet(stream, monkeypatch, value):
    monkeypatch.setenv("NPSTN_QUIET", value)
    compile_slowly()
    assert stream.getvalue() == ""


@pytest.mark.parametrize("value", ["", "0", "false", "No", " OFF "])
def test_not_quiet(stream, monkeypatch, value):
    monkeypatch.setenv("NPSTN_QUIET", value)
    compile_slowly()
    assert stream.getvalue() == LINE


class Broken(io.StringIO):
    def write(self, text):
        raise RuntimeError("main thread is not in main loop")


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("make", [lambda: None, closed, Broken])
def test_nowhere_to_write(monkeypatch, make):
    raised = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    stands_for_stderr(monkeypatch, make())
    compile_slowly()
    with notice.progress("all functions", "some minutes") as show:
        show("f, float32")
        compile_slowly()
    assert raised == []


def test_no_line_comes_after_the_end(monkeypatch):
    class Slow(io.StringIO):
        def write(self, text):
            time.sleep(0.2)
            super().write(text)

    stream = stands_for_stderr(monkeypatch, Slow())
    compile_slowly(seconds=0.2)
    assert stream.getvalue() == LINE


def test_without_memory_for_a_thread(stream, monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Timer, "start", start)
    compile_slowly(seconds=0.0)
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    "script",
    [
        "with notice.compiling('f'):\n    notice.missing(None)\n    raise SystemExit(3)",
        "kept = notice.compiling('f')\nkept.__enter__()\nnotice.missing(None)\nraise SystemExit(3)",
    ],
)
def test_the_process_ends_when_it_wants(script):
    """Neither within a wait nor with one that nobody ends does the timer keep it alive."""
    code = f"from npstn.jit import notice\nnotice.AFTER = 600\n{script}"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (3, b"")


def test_progress_is_one_line_of_a_terminal(monkeypatch):
    stream = stands_for_stderr(monkeypatch, Terminal())
    with notice.progress("all functions", "some minutes") as show:
        for name in "f", "g":
            show(name)
            compile_slowly(name)
    cleared = "\r\033[K"
    steps = ["npstn: f", "npstn: g", "npstn: all functions are ready\n"]
    assert stream.getvalue() == cleared + cleared.join(steps)


def test_progress_that_fails_leaves_no_line(monkeypatch):
    stream = stands_for_stderr(monkeypatch, Terminal())

    def fails():
        with notice.progress("all functions", "some minutes") as show:
            show("f")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert stream.getvalue().endswith("npstn: f\r\033[K")


def test_progress_elsewhere_is_one_wait(stream):
    with notice.progress("all functions", "some minutes") as show:
        for name in "f", "g":
            show(name)
            compile_slowly(name)
            time.sleep(0.3)
    compile_slowly()
    assert stream.getvalue() == (
        "npstn: compiling all functions for this processor, once: takes some minutes, "
        "then kept in /kept\n" + LINE
    )


def call(**modules):
    """Let functions, named as they are called from the inside out, call each other."""
    f = notice.caller
    for name, module in modules.items():
        scope = {"__name__": module, "f": f}
        exec(f"def {name}(): return f()", scope)
        f = scope[name]
    return f()


def test_the_caller_is_the_function_called_from_outside():
    assert call(_run="npstn.jit.compiler", grid_sample="npstn.sample") == "grid_sample"
    assert call(points="npstn._points", tps_grid="npstn.transforms.tps") == "tps_grid"
    assert call(tps_grid="npstn.transforms.tps", mine="npstnlike") == "tps_grid"
    assert call(grid_sample="npstn.sample", check_vjp="npstn.testing") == "grid_sample"
    assert call(grid="npstn.a", inner="contextlib", tps_grid="npstn.transforms.tps") == "tps_grid"
