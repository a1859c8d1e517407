"""Kill processes while they write to the cache, and look at what they leave.

Each round two processes compile one function; both are killed, at a random instant within a few
milliseconds of the first one's beginning to write. A third process then finds what they left, and
must give the same bits, without a word. What is whole is removed, what is not stays for all rounds.
Exits with 1 if a bit, a word or an exit status was wrong.
"""

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CALL = """
import hashlib, numpy as np, npstn
theta = np.sin(np.arange(1.0, 13.0)).reshape(2, 6)
print(hashlib.sha256(npstn.affine_grid(theta, (3, 4)).tobytes()).hexdigest())
"""
LATEST = 0.004  # seconds after the first byte: by then all is written


def start(base: Path | str) -> subprocess.Popen[str]:
    """Start a process that compiles, or loads, one function and prints a digest."""
    env = {**os.environ, "NPSTN_CACHE": str(base), "PYTHONPATH": str(ROOT), "NPSTN_QUIET": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen([sys.executable, "-c", CALL], env=env, text=True, **pipes)  # type: ignore[call-overload,no-any-return]


def files(base: Path) -> dict[Path, int]:
    """The files of a cache and their sizes."""
    found = {}
    for path in base.rglob("*"):
        try:
            if path.is_file():
                found[path] = path.stat().st_size
        except FileNotFoundError:
            pass  # moved meanwhile
    return found


def kill(base: Path, rng: random.Random) -> Counter[str]:
    """Start two writers and kill both; count what they leave."""
    before, writers = files(base), [start(base) for _ in range(2)]
    while all(w.poll() is None for w in writers) and not files(base).keys() - before.keys():
        time.sleep(0)
    time.sleep(rng.uniform(0, LATEST))
    for writer in writers:
        writer.kill()
    for writer in writers:
        writer.communicate()
    new = files(base).keys() - before.keys()
    whole = sum(not path.name.startswith("tmp") for path in new)
    killed = sum(writer.returncode < 0 for writer in writers)
    return Counter({"kills": killed, "left whole": whole, "left in part": len(new) - whole})


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="processes (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the instants (%(default)s)")
    options = parser.parse_args()
    rng, expected = random.Random(options.seed), start("0").communicate()[0]
    if len(expected.strip()) != len(hashlib.sha256().hexdigest()):
        sys.exit(expected)
    seen, wrong = Counter[str](), 0
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "cache"
        while seen["kills"] < options.kills:
            seen += kill(base, rng)
            after = start(base)
            said = after.communicate()[0]
            if after.returncode or said != expected:
                wrong += 1
                print(f"After {seen['kills']} kills: exit {after.returncode}, {said}", flush=True)
            for path in files(base):
                if not path.name.startswith("tmp"):
                    path.unlink()
            if sys.stderr.isatty():
                print(f"\r\033[K{dict(seen)}", end="", file=sys.stderr, flush=True)
    print(
        ", ".join(f"{number} {name}" for name, number in seen.items()), f"{wrong} wrong", sep=": "
    )
    sys.exit(int(wrong > 0 or not (seen["left whole"] or seen["left in part"])))


if __name__ == "__main__":
    main()
