"""The control register of floating-point arithmetic; npstn under changed ones: test_arithmetic."""

import threading

import pytest

from npstn.jit import compiler, environment

pytestmark = [
    pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: nothing is compiled"),
    pytest.mark.skipif(environment.IEEE is None, reason="the register is not known here"),
]
FLUSH = {0x1F80: 0x9FC0, 0: 1 << 24}  # subnormal numbers are zero, on x86 and on ARM
LEAST, HALF = 2.0**-1022, 0.5


def test_a_state_is_set_and_given_back():
    exchange = environment.setter()
    before = exchange(FLUSH[environment.IEEE])
    try:
        flushed = LEAST * HALF
    finally:
        changed = exchange(before)
    assert flushed == 0.0
    assert changed & FLUSH[environment.IEEE] == FLUSH[environment.IEEE]
    assert LEAST * HALF != 0.0


def test_each_thread_has_its_own():
    exchange, found = environment.setter(), []

    def change():
        exchange(FLUSH[environment.IEEE])
        found.append(LEAST * HALF)

    thread = threading.Thread(target=change)
    thread.start()
    thread.join()
    assert found == [0.0]
    assert LEAST * HALF != 0.0
