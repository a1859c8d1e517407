"""Calls of compiled functions by address."""

import numpy as np
import pytest

from npstn.jit import addresses, compiler

pytestmark = pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: nothing is compiled")


@pytest.fixture(scope="module")
def calls():
    """Call a kernel at an address; the address, and what the kernel takes."""
    from numba import njit, typeof, types

    @njit
    def kernel(task, scratch, index, x, factor):
        if task < 0:
            raise ZeroDivisionError
        x[task] = scratch[0] * factor + index[0]

    space = np.full(1, 3.0), np.full(1, 4, np.int32)
    signature = types.int64, *typeof((*space, np.zeros(2), 0.5))
    kernel.compile(signature)
    by_address = addresses.caller(signature)
    call = njit(
        lambda code, task, scratch, index, args: by_address(code, task, scratch, index, args)
    )
    return call, addresses.address(kernel, signature), space


def test_a_kernel_is_called_by_its_address(calls):
    call, code, space = calls
    x = np.zeros(2)
    call(code, 1, *space, (x, 0.5))
    assert x.tolist() == [0.0, 5.5]


def test_an_error_of_the_kernel_is_raised(calls):
    call, code, space = calls
    with pytest.raises(ZeroDivisionError):
        call(code, -1, *space, (np.zeros(2), 0.5))


def test_other_arguments_are_refused(calls):
    from numba import TypingError

    call, code, space = calls
    for args in (np.zeros(2, np.float32), 0.5), (np.zeros(2), 1), (np.zeros(2),):
        with pytest.raises(TypingError):
            call(code, 1, *space, args)
