"""Measurements of the benchmark that need a fresh process: memory, and times to compile."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import npstn

Row = dict[str, Any]

PROBE = Path(__file__).with_name("probe.py")
MIB = 2**20


class ProbeError(Exception):
    """A process failed."""


def memory(shape: tuple[int, ...], backward: bool, threads: int) -> list[Row]:
    """Peak memory of the module, NHWC, over that of its arguments and results."""
    arguments = ["memory", *map(str, shape), *(["backward"] if backward else [])]
    found, _ = probe(arguments, NUMBA_NUM_THREADS=str(threads))
    excess = (found["grown"] - found["held"]) / MIB
    return [{"held_mib": found["held"] / MIB, "excess_mib": excess}]


def start(shape: tuple[int, ...], backward: bool, repeats: int, patience: float) -> list[Row]:
    """Time from the start of a process to the module's results, never compiled and compiled."""
    arguments = ["start", *map(str, shape), *(["backward"] if backward else [])]
    with tempfile.TemporaryDirectory() as folder:
        runs = [probe(arguments, NPSTN_CACHE=folder)]  # compiles into the folder
        while len(runs) <= repeats and (len(runs) < 2 or sum(s for _, s in runs[1:]) < patience):
            runs.append(probe(arguments, NPSTN_CACHE=folder))
    return [
        {
            "cold_s": runs[0][1],
            "warm_s": median(seconds for _, seconds in runs[1:]),
            "import_s": median(found["import"] for found, _ in runs[1:]),
            "heavy_count": len(runs[0][0]["heavy"]),
            "heavy": runs[0][0]["heavy"],
        }
    ]


def warmup() -> list[Row]:
    """Time to compile everything ahead, and how much of the disk that takes."""
    with tempfile.TemporaryDirectory() as folder:
        found, _ = probe(["warmup"], NPSTN_CACHE=folder)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    return [{"seconds": found["seconds"], "cache_mb": size / 1e6}]


def probe(arguments: list[str], **environment: str) -> tuple[Row, float]:
    """Run the probe; give what it prints, and the seconds until it does."""
    root = str(Path(npstn.__file__).parents[1])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, str(PROBE), *arguments],
        env={**os.environ, "PYTHONPATH": path, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        line = process.stdout.readline() if process.stdout else ""
        seconds = time.perf_counter() - begun
        _, complaint = process.communicate()
    if process.returncode:
        last = (complaint.strip().splitlines() or [f"status {process.returncode}"])[-1]
        raise ProbeError(f"the process of `{' '.join(arguments)}` failed: {last}")
    found: Row = json.loads(line)
    return found, seconds
