"""Train with and without the transformer, from three seeds each: README's table and its pictures.

Runs train_digits.py for R and RTS, two at a time, in --out; what is there already is not trained
again. Takes a quarter of an hour on two cores.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from learn import pictures

from npstn.cli._progress import Progress

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "scripts" / "pictures"
BEGIN, END = "<!-- made by scripts/compare_digits.py -->", "<!-- end of digits -->"
SEEDS = 0, 1, 2
PAPER = {"R": (2.1, 1.2), "RTS": (5.2, 0.8)}  # table 1: fully connected, affine, MNIST
AT_ONCE = 2
WAYS = {"without": ["--without"], "with": []}

Figures = dict[tuple[str, str], list[dict[str, Any]]]


def trained(out: Path, distortion: str, way: str, seed: int) -> dict[str, Any]:
    """Train a network in a process of its own; return its figures."""
    folder = out / f"{distortion}-{way}-{seed}"
    command = [sys.executable, str(ROOT / "scripts" / "train_digits.py"), *WAYS[way]]
    command += ["--distortion", distortion, "--seed", str(seed), "--out", str(folder)]
    threads = {"OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", "NPSTN_QUIET": "1"}
    subprocess.run(command, env={**os.environ, **threads}, check=True, stdout=subprocess.DEVNULL)
    figures: dict[str, Any] = json.loads((folder / "figures.json").read_text())
    return figures


def train_all(out: Path) -> Figures:
    """Train all networks; return their figures by distortion and way."""
    todo = [(d, way, seed) for d in PAPER for way in WAYS for seed in SEEDS]
    with Progress(len(todo)) as bar, ThreadPoolExecutor(AT_ONCE) as pool:

        def one(job: tuple[str, str, int]) -> dict[str, Any]:
            figures = trained(out, *job)
            bar.step()
            return figures

        found = list(pool.map(one, todo))
    made: Figures = {}
    for (distortion, way, _), figures in zip(todo, found, strict=True):
        made.setdefault((distortion, way), []).append(figures)
    return made


def table(found: Figures) -> str:
    """Write the errors, and how much fewer there are with the transformer."""
    lines = [
        "| digits | without | with | fewer errors | in the paper (MNIST) |",
        "|---|---|---|---|---|",
    ]
    for distortion, paper in PAPER.items():
        errors = {way: 100 * np.array([f["test"] for f in found[distortion, way]]) for way in WAYS}
        cells = [f"{e.mean():.2f} % ({e.min():.2f} to {e.max():.2f})" for e in errors.values()]
        fewer = 1 - errors["with"].mean() / errors["without"].mean()
        cells.append(f"{100 * fewer:.0f} %")
        cells.append(f"{100 * (1 - paper[1] / paper[0]):.0f} % ({paper[0]} to {paper[1]} %)")
        lines.append(f"| {distortion} | {' | '.join(cells)} |")
    return "\n".join(lines)


def readme(found: Figures) -> str:
    """README with the table."""
    text = (ROOT / "README.md").read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{table(found)}\n{END}{rest.partition(END)[2]}"


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("digits"), help="folder (%(default)s)")
    out = parser.parse_args().out
    found = train_all(out)
    (ROOT / "README.md").write_text(readme(found), "utf-8")
    figure = pictures.curves({way: found["RTS", way] for way in WAYS})
    figure.savefig(PICTURES / "digits_curves.png", dpi=pictures.DOTS)
    for name, picture in {"digits": "sheet", "film": "film"}.items():
        shutil.copy(out / "RTS-with-0" / f"{name}.png", PICTURES / f"digits_{picture}.png")
    print(table(found))


if __name__ == "__main__":
    main()
