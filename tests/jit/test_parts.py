"""What a kernel calls is linked into it, and only the kernel becomes machine code."""

import numpy as np
import pytest

from npstn.jit import compiler
from npstn.kernels.coordinate import from_grid, nearest_integer

pytestmark = pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: nothing is compiled")


def round_all(task, scratch, index, x, out):
    """A kernel whose callee calls another one."""
    hi, lo = from_grid(x[task], 0.5, 0.25)
    out[task], _ = nearest_integer(hi, lo)


@pytest.fixture(scope="module")
def twin():
    from numba import typeof

    entry = compiler.compiled(round_all)
    x, out = np.array([3.0, -7.0]), np.zeros(2)
    entry.compile(typeof((np.int64(0), np.zeros(1), np.zeros(1, np.int32), x, out)).types)
    return entry, x, out


def libraries(dispatcher):
    return [type(result.library).__name__ for result in dispatcher.overloads.values()]


def test_only_the_kernel_becomes_machine_code(twin):
    entry, _, _ = twin
    assert libraries(entry) == ["JITCodeLibrary"]
    callee = compiler.compiled(from_grid, (), False)
    assert libraries(callee) == ["Part"]
    library = next(iter(callee.overloads.values())).library
    assert "from_grid" in library.get_llvm_str()
    assert library.get_pointer_to_function("any") == 0


def test_the_kernel_has_all_its_parts(twin):
    entry, x, out = twin
    for task in range(2):
        entry(task, np.zeros(1), np.zeros(1, np.int32), x, out)
    assert out.tolist() == [2.0, -3.0]


def test_functions_of_others_are_compiled_as_ever(twin):
    import numba

    @numba.njit
    def from_grid(x):
        return x + 1.0

    assert from_grid(1.0) == 2.0
    assert libraries(from_grid) == ["JITCodeLibrary"]
