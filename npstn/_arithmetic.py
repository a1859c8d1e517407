"""The arithmetic that all results presume: IEEE 754, rounding to nearest, with subnormal numbers.

Other libraries change it for the thread that calls them, and programs ask NumPy for exceptions.
Every public function computes under :func:`ieee`, so that neither changes a bit.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import numpy as np

from .jit import compiler, environment, forks, heap

P = ParamSpec("P")
R = TypeVar("R")

_FLUSHES = {"torch": "torch.set_flush_denormal(True)", "jax": "the threads of JAX's callbacks"}
_ONE, _HALF_ULP, _MORE, _LEAST, _HALF = 1.0, 2.0**-53, 3 * 2.0**-54, sys.float_info.min, 0.5


def check_environment() -> tuple[str, ...]:
    """List in words how floating-point arithmetic of the calling thread differs from IEEE 754.

    Returns
    -------
    tuple of str
        Nothing if it rounds to nearest and keeps subnormal numbers. Else npstn computes right all
        the same: compiled code sets its own state, and restores the caller's afterwards. Without
        the compiler (``NPSTN_JIT=0``), and on processors that are neither x86-64 nor 64-bit ARM,
        every function raises FloatingPointError instead.

    Examples
    --------
    >>> check_environment()
    ()
    """
    found = []
    if not _rounds_to_nearest():
        found.append("it does not round to nearest (fesetround of C was called)")
    if not _keeps_subnormals():
        likely = "".join(f"{how}, " for name, how in _FLUSHES.items() if name in sys.modules)
        found.append(
            f"subnormal numbers are zero (likely by {likely}a library built with -ffast-math or "
            "_MM_SET_FLUSH_ZERO_MODE)"
        )
    return tuple(found)


def ieee(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function: it computes by IEEE 754, and NumPy neither warns nor raises."""

    @wraps(function)
    def computed(*args: P.args, **options: P.kwargs) -> R:
        heap.require(heap.CALL)
        with np.errstate(all="ignore"):
            if _rounds_to_nearest() and _keeps_subnormals():
                return function(*args, **options)
            if not compiler.is_compiled() or environment.IEEE is None:
                raise FloatingPointError(_refusal())
            with forks.lock:
                exchange = environment.setter()
            before = exchange(environment.IEEE)
            try:
                return function(*args, **options)
            finally:
                exchange(before)

    return computed


def _rounds_to_nearest() -> bool:
    up, down = _ONE + _HALF_ULP, _ONE + _MORE
    return up == _ONE and down != _ONE and -_ONE - _HALF_ULP == -_ONE


def _keeps_subnormals() -> bool:
    return _LEAST * _HALF != 0.0


def _refusal() -> str:
    found = "; and ".join(check_environment())
    return (
        "npstn needs IEEE arithmetic, but not so in this thread: "
        f"{found}. Undo it, or let npstn compile its code, which sets and restores it (without "
        "NPSTN_JIT=0)"
    )
