import json
from importlib import metadata
from pathlib import Path

import pytest
from support.engine import ENGINES

import npstn
from npstn.cli import info, main


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

    monkeypatch.setattr(info.compiler, "threads", threads)
    found = info.machine()
    assert found["threads"] == "cannot start: No threading layer could be loaded"
    assert "threading layer" not in found


def test_a_missing_package(monkeypatch):
    monkeypatch.setattr(info, "PACKAGES", ("numpy", "no-such-package"))
    assert info.versions()["no-such-package"] is None


def test_states_of_the_cache(tmp_path, monkeypatch):
    assert info.cache(None) == {"folder": None, "state": "off (NPSTN_CACHE=0)"}
    empty = {"folder": str(tmp_path), "state": "empty", "functions": 0, "bytes": 0}
    assert info.cache(tmp_path) == empty
    assert info.cache(tmp_path / "no")["state"] == "empty"
    (tmp_path / "npstn-1").mkdir()
    for name in "a", "b":
        (tmp_path / "npstn-1" / name).write_bytes(b"123")
    used = {**empty, "state": "in use", "functions": 2, "bytes": 6}
    assert info.cache(tmp_path) == used
    monkeypatch.setattr(info.os, "access", lambda path, mode: False)
    assert info.cache(tmp_path)["state"] == "in use, and cannot be written to"


def test_the_processor_has_a_name(monkeypatch):
    monkeypatch.setattr(Path, "read_text", lambda *_: "flags : a\nmodel name\t: Nice 9\n")
    assert info.processor() == "Nice 9"
    monkeypatch.setattr(Path, "read_text", lambda *_: "")
    assert info.processor() == info.platform.machine()
    assert info.cores() >= 1
    assert info.text({"environment": {}}) == "environment\n  nothing is set"
