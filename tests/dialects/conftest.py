"""Threads in which arithmetic is another."""

import contextlib
import ctypes
import ctypes.util
import platform

import numpy as np
import pytest

from npstn.jit import compiler

UPWARD = {"x86_64": 0x800, "aarch64": 0x400000}


@contextlib.contextmanager
def upward(set_round, mode):
    assert set_round(mode) == 0
    try:
        yield
    finally:
        set_round(0)


@pytest.fixture
def check_thread():
    """Whether a function has the same bits where the thread rounds upward, and NumPy raises."""
    library, mode = ctypes.util.find_library("m"), UPWARD.get(platform.machine())

    def check(call):
        def bits():
            found = call()
            return [a.tobytes() for a in (found if isinstance(found, tuple) else (found,))]

        expected = bits()
        with np.errstate(all="raise"):
            assert bits() == expected
        if not (library and mode):
            pytest.skip("there is no fesetround of known constants here")
        set_round = ctypes.CDLL(library).fesetround
        if compiler.is_compiled():
            with upward(set_round, mode):
                found = bits()
            assert found == expected
        else:
            with upward(set_round, mode), pytest.raises(FloatingPointError, match="to nearest"):
                call()

    return check
