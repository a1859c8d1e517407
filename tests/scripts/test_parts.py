"""Parts of the work of a script, for several processes."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def parts(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    import _parts

    return _parts


def test_parts(parts):
    assert [parts.part_of(text) for text in ("1/1", "1/2", "2/2")] == [(1, 1), (1, 2), (2, 2)]


@pytest.mark.parametrize("text", ["0/2", "3/2", "1/0", "1", "1/2/3", "-1/2", "a/b", "1/2\n", ""])
def test_what_is_no_part(parts, text):
    with pytest.raises(parts.argparse.ArgumentTypeError, match="is no part, expected 1/2"):
        parts.part_of(text)


@pytest.mark.parametrize("script", ["assembly.py", "fences.py"])
def test_scripts_refuse_what_is_no_part(script):
    run = subprocess.run(
        [sys.executable, script, "--part", "3/2"],
        cwd=SCRIPTS,
        env={"PYTHONPATH": str(SCRIPTS.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "argument --part: 3/2 is no part" in run.stderr
