"""The command npstn check."""

import json

import pytest

from npstn import cli

FAST = ["--dtype", "float64", "--tiers", "lattice"]


def test_a_right_backend(capsys, tmp_path):
    page = tmp_path / "report\x9b.html"
    given = ["check", "scipy", "--here", *FAST, "--report", str(page)]
    assert cli.main(given) == 0
    out = capsys.readouterr().out
    assert "scipy: map_coordinates of scipy: passed" in out
    assert rf"wrote {tmp_path / 'report'}\x9b.html" in out
    assert page.read_text().startswith("<!doctype html>")


def test_a_wrong_backend_in_a_child(capsys, monkeypatch, tmp_path):
    code = "import npstn\ndef off(x, grid, **o):\n    return npstn.grid_sample(x, grid, **o) + 1\n"
    (tmp_path / "my_backend.py").write_text(code.replace("\\\n", "\n"))
    monkeypatch.chdir(tmp_path)
    assert cli.main(["check", "my_backend:off", *FAST, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert not found["passed"]
    assert {"R9", "R13"} <= {finding["clause"] for finding in found["findings"]}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["check"], "expected either TARGET or --command"),
        (["check", "nonsense"], "nonsense"),
        (["check", "npstn", "--op", "resize"], "op is 'resize', expected one of"),
        (["check", "npstn", "--dialect", "x"], "'x'"),
    ],
)
def test_what_is_wrong_is_said(capsys, given, words):
    assert cli.main(given) == 2
    assert words in capsys.readouterr().err


def test_a_terminal_obeys_no_error_of_a_backend(capsys, monkeypatch, tmp_path):
    (tmp_path / "painted.py").write_text("def fn(*_, **__): raise ValueError('a\\x1b[31mb')")
    monkeypatch.syspath_prepend(tmp_path)
    assert cli.main(["check", "painted:fn", "--here"]) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "a\\x1b[31mb" in out


def test_a_function_that_is_not_there_is_a_bad_argument(capsys):
    """Not 1, which says that a number is wrong."""
    assert cli.main(["check", "nowhere:fn", "--here"]) == 2
    assert "target nowhere:fn is not there: No module named 'nowhere'" in capsys.readouterr().err
