"""Little memory: a call gives the right bits or raises MemoryError, in any threading layer.

A sub-process computes without a limit, then under one after the other, from where the first array
does not fit to where all of the larger calls do. What the allocator has kept from before would hide
a limit, so it keeps nothing here, and neither does npstn.
"""

import json
import os
import subprocess
import sys
from importlib import metadata

import pytest
from support import ROOT
from support.calls import names

from npstn.jit import compiler

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: no threads"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to RLIMIT_AS"),
]

LIMITS = 36  # half a MiB apart
SCRIPT = """
import json, resource, sys
import numba, numpy as np, npstn
from npstn.jit import compiler
from support.calls import calls as every

def sines(*shape):
    return np.sin(np.arange(1.0, 1.0 + np.prod(shape))).reshape(shape).astype(np.float32)

volume, theta = sines(1, 100, 100, 100, 1), sines(1, 3, 4) / 2 + np.eye(3, 4, dtype=np.float32)
image, flat = sines(1, 600, 500, 3), theta[:, :2, :3]
grid = npstn.affine_grid(flat, (600, 500)).astype(np.float32)
calls = {
    "affine_grid": lambda: [npstn.affine_grid(flat, (600, 500))],
    "grid_sample": lambda: [npstn.grid_sample(image, grid)],
    "grid_sample_vjp": lambda: npstn.grid_sample_vjp(image, image, grid),
    "module": lambda: [npstn.spatial_transformer_network(volume, theta, layout="NDHWC")],
    "module_vjp": lambda: npstn.spatial_transformer_network_vjp(
        volume, volume, theta, layout="NDHWC"
    ),
}
large = list(calls)
calls |= {f"every {name}": call for name, call in every(np.float32, 200).items()}
expected = {name: [a.tobytes() for a in function()] for name, function in calls.items()}

_, hard = resource.getrlimit(resource.RLIMIT_AS)

def under(extra, function):
    compiler._spaces.clear()
    with open("/proc/self/statm") as status:
        now = int(status.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + extra, hard))
    try:
        return function()
    except MemoryError:
        return None
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))

found = dict.fromkeys(calls, "")
for step in range(int(sys.argv[1])):
    for name, function in calls.items():
        results = under(step * 2**19, function)
        if results is not None and [a.tobytes() for a in results] != expected[name]:
            sys.exit(f"{name} is wrong with {step / 2} MiB more")
        found[name] += "-" if results is None else "+"
print(json.dumps([numba.threading_layer(), large, found]))
"""


# As many arenas as glibc wants: a thread's holds address space that no limit takes away; or one,
# where what a task allocates fails as well.
@pytest.mark.parametrize("arenas", ["0", "1"])
@pytest.mark.parametrize("layer", ["omp", "workqueue", "tbb"])
def test_right_bits_or_memory_error(layer, arenas):
    if layer == "tbb" and not any(d.metadata["Name"] == "tbb" for d in metadata.distributions()):
        pytest.skip("the package tbb is not installed")
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests" / "shared")))
    env = {**os.environ, "PYTHONPATH": paths, "NUMBA_NUM_THREADS": "4"}
    env |= {"NUMBA_THREADING_LAYER": layer, "MALLOC_ARENA_MAX": arenas}
    env |= {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    env |= {"NPSTN_QUIET": "1"}  # a thread that waits to tell would leave an arena
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(LIMITS)],
        env=env,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    used, large, found = json.loads(run.stdout)
    assert used == layer
    assert len(large) == 5
    assert len(found) == 5 + len(names())
    for name in large:
        assert (found[name][0], found[name][-1]) == ("-", "+"), f"{name}: {found[name]}"
    assert {len(outcomes) for outcomes in found.values()} == {LIMITS}
    assert LIMITS >= 30
