import json
import os
import subprocess
import sys

import pytest
from support import ROOT

from npstn.cli import goldens as command
from npstn.cli import main
from npstn.conformance import goldens
from npstn.conformance._goldens import large, lattice, store

PLAIN = {**os.environ, "NPSTN_JIT": "0", "PYTHONPATH": str(ROOT)}


@pytest.fixture(autouse=True)
def few(monkeypatch, tmp_path):
    """Two cases of one tier, in an empty folder."""

    class Few:
        @staticmethod
        def recipes(small):
            return [r for r in lattice.recipes(small) if "-affine_grid-2d" in r.id]

    monkeypatch.setattr(store, "SOURCES", {"lattice": (Few,), "hard": (), "random": ()})
    monkeypatch.chdir(tmp_path)


def test_the_words_are_those_of_the_library():
    assert (command.TIERS, command.FORMATS) == (goldens.TIERS, goldens.FORMATS)


def test_a_folder_is_written_and_counted(tmp_path, capsys):
    place = tmp_path / "a\x9b"
    assert main(["goldens", "a\x9b"]) == 0
    out, err = capsys.readouterr()
    assert not err
    first, last = out.splitlines()
    assert first.split() == ["lattice", "affine_grid", "4", "cases"]
    size = sum(p.stat().st_size for p in place.rglob("*") if p.is_file())
    assert last == rf"{size:,} bytes in {tmp_path / 'a'}\x9b"
    names = {"README.txt", "bin", "json", "manifest.json", "manifest.txt", "npz"}
    assert {p.name for p in place.iterdir()} == names
    assert len(goldens.read(place)) == 4


def test_json_and_what_is_left_out(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(store, "free_memory", lambda: 1000)
    words = ["goldens", "a", "--small", "--formats", "bin", "--large"]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["cases"] == [{"tier": "lattice", "op": "affine_grid", "cases": 2}]
    assert found["folder"] == str(tmp_path / "a")
    assert found["free_memory"] == 1000
    assert [row["free"] for row in found["left_out"]] == [1000] * 3
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text("utf-8"))
    assert manifest["left_out"] == found["left_out"]
    assert main([*words, "--force"]) == 0
    name = "large-2048-grid_sample-2d-bilinear-border-pixel-float32"
    needs = f"left out: {name} needs 67,108,864 bytes of memory, and 1,000 are free\n"
    assert needs in capsys.readouterr().out
    monkeypatch.setattr(store, "free_memory", lambda: None)
    monkeypatch.setattr(large, "CASES", {})
    assert main([*words, "--force"]) == 0
    assert "free memory is not known, so nothing is left out" in capsys.readouterr().out


def test_a_folder_that_is_not_empty(tmp_path, capsys):
    (tmp_path / "mine").touch()
    assert main(["goldens", "."]) == 2
    assert "npstn goldens: .: exists, and is not an empty folder" in capsys.readouterr().err
    assert main(["goldens", ".", "--tiers", "hard", "--force"]) == 0
    assert (tmp_path / "mine").exists()
    assert goldens.read(".") == []


def test_a_bad_word(capsys):
    assert main(["goldens", "a", "--tiers", "easy"]) == 2
    assert "invalid choice: 'easy' (choose from" in capsys.readouterr().err


INTERRUPTED = """
from signal import SIGINT, default_int_handler, signal as handle
handle(SIGINT, default_int_handler)  # a shell may have had it ignored
import os, signal, sys
from npstn.cli import main
from npstn.conformance._goldens import files

def write(self, case, arrays, exact):
    os.kill(os.getpid(), signal.SIGINT)

files.Json.write = write
sys.exit(main(["goldens", "a", "--tiers", "hard", "--small"]))
"""


@pytest.mark.skipif("os.name == 'nt'")
def test_ctrl_c_leaves_no_folder(tmp_path):
    command = [sys.executable, "-W", "error", "-c", INTERRUPTED]
    done = subprocess.run(command, cwd=tmp_path, env=PLAIN, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert not list(tmp_path.iterdir())
