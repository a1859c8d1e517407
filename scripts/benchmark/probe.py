"""What :mod:`processes` runs in a process of its own: the module's memory, or its first result.

``probe.py memory B H W C [backward]`` prints by how many bytes the process grew at its peak, and
how many of them are arguments and results. ``probe.py start B H W C [backward]`` prints a line as
soon as it has results, and ``probe.py warmup`` when everything is compiled.
"""

import gc
import json
import sys
import time
from pathlib import Path


def status(field: str) -> int:
    """Read a size of this process in bytes from Linux: VmRSS, or VmHWM, its peak."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(field):
            return 1024 * int(line.split()[1])
    raise KeyError(field)


def memory(shape: tuple[int, ...], backward: bool) -> None:
    """Measure one run, from before its arguments are made."""
    import numpy as np

    import npstn

    turn = [[0.7, -0.6, 0.1], [0.6, 0.7, 0.0]]

    def run(shape: tuple[int, ...]) -> int:
        x, theta = np.ones(shape, np.float32), np.array([turn] * shape[0], np.float32)
        arrays = [x, theta, npstn.spatial_transformer_network(x, theta)]
        if backward:
            d_out = np.ones(shape, np.float32)
            arrays += [d_out, *npstn.spatial_transformer_network_vjp(d_out, x, theta)]
        return sum(array.nbytes for array in arrays)

    # Compiles, and is large enough to start threads: neither is part of the figure.
    run(tuple(map(min, shape, (16, 128, 128, shape[3]))))
    gc.collect()
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    held = run(shape)
    print(json.dumps({"grown": status("VmHWM") - before, "held": held}))


def start(shape: tuple[int, ...], backward: bool) -> None:
    """Say how long the import takes and what it loads; then give the first results."""
    begun = time.perf_counter()
    import npstn

    seconds = time.perf_counter() - begun
    heavy = [name for name in ("numba", "scipy", "matplotlib") if name in sys.modules]
    import numpy as np

    x, theta = np.ones(shape, np.float32), np.ones((shape[0], 6), np.float32)
    out = npstn.spatial_transformer_network(x, theta)
    if backward:
        npstn.spatial_transformer_network_vjp(out, x, theta)
    print(json.dumps({"import": seconds, "heavy": heavy}), flush=True)


def warmup() -> None:
    """Say how long it takes to compile everything."""
    import npstn

    begun = time.perf_counter()
    npstn.warmup()
    print(json.dumps({"seconds": time.perf_counter() - begun}), flush=True)


if __name__ == "__main__":
    what, size, rest = sys.argv[1], tuple(map(int, sys.argv[2:6])), sys.argv[6:]
    if what == "warmup":
        warmup()
    else:
        {"memory": memory, "start": start}[what](size, rest == ["backward"])
