"""The picture of all families."""

import os
import subprocess
import sys
from pathlib import Path

from PIL import Image

from npstn.transforms import FAMILIES

ROOT = Path(__file__).parents[2]


def run(folder, *arguments):
    environment = {**os.environ, "NPSTN_JIT": "0", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "scripts" / "pictures" / "gallery.py"), *arguments]
    pipes = {"capture_output": True, "text": True}
    return subprocess.run(command, cwd=folder, env=environment, check=False, **pipes)


def test_the_whole_run(tmp_path):
    done = run(tmp_path, "--size", "40")
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert f"under {', '.join(FAMILIES)}\n" in done.stdout
    with Image.open(tmp_path / "gallery.png") as picture:
        assert picture.size[0] == 1037
        assert len(picture.getcolors(2**24)) > 100


def test_a_picture_that_cannot_be_read(tmp_path):
    done = run(tmp_path, "--image", "missing.jpg")
    assert done.returncode == 2
    assert done.stderr.startswith("gallery: cannot read missing.jpg: No such file")
