import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from support import ROOT
from support.engine import ENGINES

import npstn
from npstn.cli import info, main
from npstn.jit import compiler


def test_json_has_what_the_text_has(plain, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("NPSTN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NUMBA_NUM_THREADS", "2")
    assert main(["info", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["versions"]["npstn"] == npstn.__version__
    assert found["versions"]["truth"] == npstn.TRUTH_VERSION
    assert found["versions"]["numba"] == metadata.version("numba")
    assert found["machine"]["engine"] == "plain Python (NPSTN_JIT=0)"
    assert found["machine"]["threads"] == 1
    assert found["cache"]["folder"] == str(tmp_path / "cache")
    assert found["environment"]["NPSTN_CACHE"] == str(tmp_path / "cache")
    assert found["environment"]["NUMBA_NUM_THREADS"] == "2"
    assert main(["info"]) == 0
    text = capsys.readouterr().out
    for title, rows in found.items():
        assert f"{title}\n" in text
        for name, value in rows.items():
            assert f"  {name} " in text
            assert (
                "none" if value is None else f"{value:,}" if type(value) is int else value
            ) in text


@pytest.mark.skipif("compiled" not in ENGINES, reason="NPSTN_JIT=0: there are no threads")
def test_threads_and_their_layer():
    found = info.machine()
    assert found["threads"] >= 1
    assert found["threading layer"] in ("omp", "tbb", "workqueue")
    assert found["engine"] == "compiled"


def test_threads_that_cannot_start_are_said(monkeypatch):
    def threads():
        raise ValueError("No threading layer could be loaded")

    monkeypatch.setattr(compiler, "threads", threads)
    for name in info.OF_THREADS:
        monkeypatch.delenv(name, raising=False)
    found = info.machine()
    assert found["threads"] == "cannot start: No threading layer could be loaded"
    assert "threading layer" not in found
    monkeypatch.setenv("NUMBA_THREADING_LAYER", "tbb")
    expected = "cannot start: NUMBA_THREADING_LAYER is 'tbb': No threading layer could be loaded"
    assert info.machine()["threads"] == expected


@pytest.mark.parametrize(
    ("setting", "value", "line"),
    [
        ("NUMBA_NUM_THREADS", "0", "threads cannot start: NUMBA_NUM_THREADS is '0': Number of "),
        ("NPSTN_JIT", "maybe", "engine cannot start: NPSTN_JIT is 'maybe', expected 0 or 1 "),
        ("NPSTN_CACHE", "~nosuch/x", "state off (no home directory is known for '~nosuch/x')"),
    ],
)
def test_a_setting_that_nobody_understands_is_said_among_all_else(setting, value, line):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NPSTN_JIT": "1", setting: value}
    command = [sys.executable, "-m", "npstn", "info"]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [" ".join(row.split()) for row in done.stdout.splitlines()]
    assert any(row.startswith(line) for row in lines)
    assert f"npstn {npstn.__version__}" in lines
    assert f"{setting} {value}" in lines


def test_a_terminal_does_not_obey_the_environment(plain, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("NPSTN_CACHE", str(tmp_path / "a\nb\033[2J"))
    monkeypatch.setenv("NPSTN_\033[2J", "a\nb\udcff é")
    assert main(["info"]) == 0
    out = capsys.readouterr().out
    assert out.replace("\n", "").isprintable()
    assert rf"{tmp_path}/a\nb\x1b[2J" in out
    assert r"  NPSTN_\x1b[2J  a\nb\udcff é" in out


def test_a_missing_package(monkeypatch):
    monkeypatch.setattr(info, "PACKAGES", ("numpy", "no-such-package"))
    assert info.versions()["no-such-package"] is None


def test_states_of_the_cache(tmp_path, monkeypatch):
    off = {"folder": None, "state": "off (NPSTN_CACHE=0)"}
    assert info.cache(None, "NPSTN_CACHE=0") == off
    empty = {"folder": str(tmp_path), "state": "empty", "functions": 0, "bytes": 0}
    assert info.cache(tmp_path, "") == empty
    assert info.cache(tmp_path / "no", "")["state"] == "empty"
    (tmp_path / "npstn-1").mkdir()
    for name in "a", "b":
        (tmp_path / "npstn-1" / name).write_bytes(b"123")
    used = {**empty, "state": "in use", "functions": 2, "bytes": 6}
    assert info.cache(tmp_path, "") == used
    assert info.cache(tmp_path, "it is full")["state"] == "in use, but it is full"
    monkeypatch.setattr(Path, "is_file", lambda path: path.name == "a" or path.samefile("no"))
    assert info.cache(tmp_path, "")["functions"] == 1  # the other was moved just now


def test_the_processor_has_a_name(monkeypatch):
    monkeypatch.setattr(Path, "read_text", lambda *_: "flags : a\nmodel name\t: Nice 9\n")
    assert info.processor() == "Nice 9"
    monkeypatch.setattr(Path, "read_text", lambda *_: "")
    assert info.processor() == info.platform.machine()
    assert info.cores() >= 1
    assert info.text({"environment": {}}) == "environment\n  nothing is set"
