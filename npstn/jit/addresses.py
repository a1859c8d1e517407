"""Calls of compiled functions by address: for a parallel loop that runs any kernel.

Numba's own values for functions are made anew for each call, in Python, and crash where there is
not enough memory for that. An address is a number.
"""

from typing import Any


def address(dispatcher: Any, signature: Any) -> int:
    """Where the code of a compiled function for arguments of these types is."""
    result = dispatcher.overloads[signature]
    return int(result.library.get_pointer_to_function(result.fndesc.llvm_func_name))


def caller(signature: Any) -> Any:
    """``call(code, task, scratch, index, args)`` of a kernel for arguments of these types."""
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic

    def emit(context: Any, b: Any, sig: Any, args: Any) -> Any:
        code, *values, others = args
        convention, values = context.call_conv, [*values, *cgutils.unpack_tuple(b, others)]
        function = convention.get_function_type(types.none, signature).as_pointer()
        code = b.inttoptr(code, function)
        status, _ = convention.call_function(b, code, types.none, signature, values)
        with cgutils.if_unlikely(b, status.is_error):
            convention.return_status_propagate(b, status)
        return context.get_dummy_value()

    @intrinsic  # type: ignore[untyped-decorator]
    def call(context: Any, code: Any, task: Any, scratch: Any, index: Any, args: Any) -> Any:
        if (task, scratch, index, *args) != signature:
            return None
        return types.none(code, task, scratch, index, args), emit

    return call
