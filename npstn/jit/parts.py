"""Functions that are only parts of a kernel: Numba shall not make machine code of them.

It would optimise each function by itself, with all that it calls, and then again as a part of its
caller; and make machine code of it that nothing runs. A fifth of the time to compile a kernel is
saved where only the kernel goes that way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


@contextmanager
def as_part(name: str) -> Iterator[None]:
    """Let the code of a function of this qualified name, compiled meanwhile, be only linked."""
    from numba.core.registry import cpu_target

    codegen = cpu_target.target_context.codegen()
    before = codegen.create_library

    def create(library: str, **options: Any) -> Any:
        return _part()(codegen, library) if library == name else before(library, **options)

    codegen.create_library = create  # under Numba's lock: it is compiling our caller
    try:
        yield
    finally:
        codegen.create_library = before


@cache
def _part() -> Any:
    from numba.core.codegen import JITCodeLibrary

    class Environments:
        """Those of parts are not set: nothing in a kernel looks at them."""

        @staticmethod
        def set_env(name: str, environment: Any) -> None:
            """Do nothing."""

    class Part(JITCodeLibrary):  # type: ignore[misc]
        """Code that is linked into that of its callers as it is."""

        codegen = Environments

        def _optimize_functions(self, module: Any) -> None:
            module.data_layout = self._codegen._data_layout

        def _optimize_final_module(self) -> None:
            pass

        def _finalize_final_module(self) -> None:
            self._finalize_dynamic_globals()
            self._finalized = True

        def get_pointer_to_function(self, name: str) -> int:
            self._ensure_finalized()
            return 0

    return Part
