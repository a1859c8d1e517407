"""Digests of fixed cases, made by sub-processes."""

import json
import os
import subprocess
import sys

from support import ROOT

SCRIPT = ROOT / "scripts" / "digests.py"


def start(*args: str, **environment: str) -> subprocess.Popen[str]:
    """Start the script beside the tests."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, str(SCRIPT), *args], env=env, **pipes)


def finish(process: subprocess.Popen[str]) -> tuple[list[dict[str, str]], str]:
    """Wait for it: the digests that it prints, a line each, and its stderr."""
    try:
        out, err = process.communicate(timeout=1500)
    finally:
        process.kill()
    assert process.returncode == 0, err
    return [json.loads(line) for line in out.splitlines()], err
