"""The control register of floating-point arithmetic: every thread has its own.

Libraries change it: so that subnormal numbers are zero, or to round up. A thread starts with that
of the thread that made it, so those of a pool may differ. Compiled code sets it for itself, and
restores it.
"""

import platform
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from . import heap

# Rounding to nearest, subnormal numbers, no traps: of x86's MXCSR and of ARM's FPCR.
_X86, _ARM = 0x1F80, 0
_STATES = {"x86_64": _X86, "amd64": _X86, "aarch64": _ARM, "arm64": _ARM}
IEEE = _STATES.get(platform.machine().lower()) if sys.maxsize > 2**32 else None


@cache
def exchange() -> Any:
    """``exchange(state) -> before``, compiled into its caller; it does nothing if IEEE is None."""
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic

    def x86(b: Any, state: Any) -> Any:
        register = cgutils.alloca_once(b, state.type)
        place = b.bitcast(register, ir.IntType(8).as_pointer())  # its type for LLVM before 16
        kind = ir.FunctionType(ir.VoidType(), [place.type])
        read, write = (
            cgutils.get_or_insert_function(b.module, kind, f"llvm.x86.sse.{name}mxcsr")
            for name in ("st", "ld")
        )
        b.call(read, [place])
        before = b.load(register)
        b.store(state, register)
        b.call(write, [place])
        return before

    def arm(b: Any, state: Any) -> Any:  # pragma: no cover: on ARM only
        wide = ir.IntType(64)
        read, write = (
            cgutils.get_or_insert_function(b.module, kind, f"llvm.aarch64.{name}.fpcr")
            for name, kind in {
                "get": ir.FunctionType(wide, []),
                "set": ir.FunctionType(ir.VoidType(), [wide]),
            }.items()
        )
        before = b.call(read, [])
        b.call(write, [b.zext(state, wide)])
        return b.trunc(before, state.type)

    emit = {_X86: x86, _ARM: arm}.get(IEEE, lambda b, state: state)  # type: ignore[arg-type]

    @intrinsic  # type: ignore[untyped-decorator]
    def exchange(context: Any, state: Any) -> Any:
        return types.uint32(types.uint32), lambda context, b, sig, args: emit(b, args[0])

    return exchange


@cache
def setter() -> Callable[[int], int]:
    """``set(state) -> before`` for the thread that calls it."""
    from numba import njit

    heap.require(heap.COMPILER)
    swap = exchange()
    return njit("uint32(uint32)")(lambda state: swap(state))  # type: ignore[no-any-return]
