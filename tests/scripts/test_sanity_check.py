"""The picture in README."""

import os
import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]


def test_the_picture_of_the_demonstration(tmp_path):
    environment = {**os.environ, "NPSTN_JIT": "0", "PYTHONPATH": str(ROOT)}
    script = ROOT / "scripts" / "pictures" / "sanity_check.py"
    command = [sys.executable, str(script), "--size", "76"]
    pipes = {"capture_output": True, "text": True}
    done = subprocess.run(command, cwd=tmp_path, env=environment, check=False, **pipes)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    with Image.open(tmp_path / "sanity_check.png") as picture:
        assert picture.size == (1600, 837)
        assert len(picture.getcolors(2**24)) > 100
