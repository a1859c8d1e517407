"""A heap that is full: Numba and NumPy allocate a few bytes unchecked, and must find them.

A sub-process takes all memory that it is allowed at the moment when a call looks for room, but for
a number of bytes, and computes. Without the look it crashes, or fails without an exception.
"""

import json
import subprocess
import sys

import pytest
from support import ROOT

from npstn.jit import compiler, heap

pytestmark = [
    pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: no compiled code"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to RLIMIT_AS"),
]

FULL = """
import ctypes, json, resource, sys
import numpy as np, npstn
from npstn.jit import heap

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.restype, libc.free.argtypes = None, [ctypes.c_void_p]
held, sizes = (ctypes.c_void_p * 2**18)(), [2**k for k in range(26, 4, -1)]
theta = np.array([[[0.8, -0.6, 0.1], [0.6, 0.8, 0.0]]])
calls = {}
for size in (5, 100):  # the first in one thread, the second in all
    image = np.sin(np.arange(1.0, 1 + 3 * size**2)).reshape(1, size, size, 3).astype(np.float32)
    grid = npstn.affine_grid(theta, (size, size)).astype(np.float32)
    calls |= {
        f"sample {size}": lambda i=image, g=grid: [npstn.grid_sample(i, g)],
        f"vjp {size}": lambda i=image, g=grid: npstn.grid_sample_vjp(i, i, g),
        f"module {size}": lambda i=image: [npstn.spatial_transformer_network(i, theta)],
    }
expected = {name: [a.tobytes() for a in function()] for name, function in calls.items()}
_, hard = resource.getrlimit(resource.RLIMIT_AS)
require, looks = heap.require, sys.argv[1] == "look"
spare, left, count = None, 0, 0

def full(room):
    global left, count
    left -= 1
    if left == 0:
        with open("/proc/self/statm") as status:
            now = int(status.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now, hard))
        for size in sizes:
            while block := libc.malloc(size):
                held[count] = block
                count += 1
        libc.free(spare)
    if looks:
        require(room)

heap.require = full
found = {}
for name, function in calls.items():
    for at in (1, 2):  # at the door, and before compiled code runs
        for back in np.geomspace(64, 4e6, 60).astype(int).tolist():
            spare, left, count = libc.malloc(back), at, 0
            try:
                results = [a.tobytes() for a in function()]
            except MemoryError:
                results = None
            finally:
                resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
                for block in range(count):
                    libc.free(held[block])
            assert left <= 0, "it did not look for room"
            if results is not None and results != expected[name]:
                sys.exit(f"{name} is wrong with {back} bytes")
            found.setdefault(f"{name}, {at}", []).append(results is not None)
print(json.dumps(found))
"""


def _run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", FULL, *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_full_heap_is_a_memory_error():
    run = _run("look")
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert len(found) == 12
    for name, outcomes in found.items():
        assert outcomes == sorted(outcomes), f"{name}: {outcomes}"  # room enough is enough
        assert (outcomes[0], outcomes[-1]) == (False, True), f"{name}: {outcomes}"


def test_without_the_look_it_is_something_else():
    run = _run("")
    assert run.returncode < 0 or "MemoryError" not in run.stderr, run.stderr
    assert run.returncode != 0


def _first_call_in_32_mebibytes(call: str) -> subprocess.CompletedProcess[str]:
    first = (
        "import resource, numpy as np, npstn; from npstn.jit import heap\n"
        "x, lattice = np.ones((1, 2, 2, 1)), np.zeros((1, 1, 1, 2))\n"
        "points = np.array([[-1.0, -1], [1, -1], [-1, 1], [1, 1]])\n"
        "npstn.grid_sample, npstn.transforms\n"
        "with open('/proc/self/statm') as s: pages = int(s.read().split()[0])\n"
        "now = pages * resource.getpagesize()\n"
        "_, hard = resource.getrlimit(resource.RLIMIT_AS)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (now + 2**25, hard))\n"
        f"try: npstn.{call}\n"
        "except MemoryError: print('MemoryError')\n"
    )
    return subprocess.run(
        [sys.executable, "-c", first],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize(
    "call",
    [
        "grid_sample(x, lattice)",
        "sampling_matrix(lattice, (2, 2))",
        "transforms.tps_grid(points.reshape(1, 8), (2, 2), control_points=points)",
        "transforms.piecewise_affine_grid(points.reshape(1, 8), (2, 2), control_points=points)",
    ],
)
def test_what_a_first_call_needs_is_tried_for(call):
    """Without the look a library fails to load, or OpenBLAS tries for ever."""
    run = _first_call_in_32_mebibytes(call)
    assert (run.stdout, run.returncode) == ("MemoryError\n", 0), run.stderr


def test_require():
    heap.require(heap.CALL)
    with pytest.raises(MemoryError):
        heap.require(2**60)
