"""Compiled functions on disk: found by what they were made of, judged before they are trusted.

A file holds one function compiled for one signature. Its path is a hash of all that decides its
content: sources, constants, versions, processor and settings. So it never has to be updated, and it
does not matter who writes it. What is read back must be whole, be for the signature asked for, and
give known answers. Numba's own cache promises none of this. After any trouble but a lack of memory
the function is compiled as if there were no cache.

``NPSTN_CACHE=DIR`` moves the cache, ``NPSTN_CACHE=0`` turns it off.
"""

import hashlib
import os
import pickle
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np

from . import notice
from .answers import Arguments, Kernel, examples, repeats
from .clones import is_ours
from .files import directory, read, write

_FOLDERS = "npstn.jit", "npstn.kernels"  # their sources decide what is compiled, and how
_said: set[str] = set()


class Cache:
    """What a Numba dispatcher takes for its cache: a file for each signature of one function.

    The function is a kernel or a loop over one: ``run(function, tasks, args)`` runs the kernel.
    """

    def __init__(
        self, function: Kernel, kernel: Kernel, constants: Any, run: Callable[..., None]
    ) -> None:
        self.function, self.kernel, self.constants, self.run = function, kernel, constants, run

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The compiled function, or None: then Numba compiles it."""
        from numba.core import config

        path = None
        try:
            _machine(target)
            config.reload_config()  # as the compiler would
            if path := self._path(signature, target):
                result = _rebuild(read(path), target)
                if result.signature.args != _types(signature):
                    raise TypeError("it is for other arguments")
                if not self._is_right(result):
                    raise ValueError("it gives wrong results")
                with suppress(OSError):
                    os.utime(path.parent)
                return result
        except MemoryError:
            raise  # to compile takes far more of it
        except FileNotFoundError:
            pass
        except Exception as error:
            _warn(path, error)
        notice.missing(path and path.parent.parent)
        return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Write what Numba has compiled."""
        from numba.core.serialize import dumps

        path = None
        try:
            path = self._path(signature, result.target_context)
            if path and not result.library.has_dynamic_globals:
                write(path, dumps(result._reduce()))
        except Exception as error:
            _warn(path, error)

    def _is_right(self, result: Any) -> bool:
        from numba import typeof

        _, *types = result.signature.args
        types = tuple(types[2:] if self.function is self.kernel else types[-1])

        def run(tasks: int, args: Arguments) -> None:
            if tuple(map(typeof, args[2:])) != types:
                raise TypeError("no known answers for such arguments")
            self.run(result.entry_point, tasks, args)

        return repeats(run, self.kernel, self.constants, types)

    def _path(self, signature: Any, target: Any) -> Path | None:
        base = directory()
        if base is None or not examples(self.kernel, self.constants):
            return None
        place = _hash(_sources(), *_machine(target), *_settings())
        file = _hash(*_parts(self.function), self.constants, *_types(signature))
        return base / f"npstn-{place}" / f"{self.function.__name__}-{file}"


def _types(signature: Any) -> tuple[Any, ...]:
    from numba.core import sigutils

    return tuple(sigutils.normalize_signature(signature)[0])


def _parts(function: Any) -> Iterator[Any]:
    """All that a function and its callees in this package are made of, in a repeatable form."""
    yield _code(function.__code__), function.__defaults__, vars(function)
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if is_ours(value):
            yield from _parts(value)
        else:
            yield name, getattr(value, "__name__", value)


def _code(code: CodeType) -> tuple[Any, ...]:
    constants = [_code(c) if isinstance(c, CodeType) else c for c in code.co_consts]
    return code.co_code, constants, code.co_names, code.co_varnames


@cache
def _sources() -> bytes:
    """The sources of compiler and kernels: they hold the options of the compiler as well."""
    found = [
        f for folder in _FOLDERS for f in sorted(files(folder).iterdir(), key=lambda f: f.name)
    ]
    sources = [file.read_bytes() for file in found if file.name.endswith(".py")]
    if not sources:
        raise OSError("npstn is installed without its sources")
    return b"".join(sources)


@cache
def _machine(target: Any) -> tuple[Any, ...]:
    """What compiles, and for which processor. Numba chooses the latter once, and so it is here."""
    import numba

    versions = [module.__version__ for module in (np, numba, sys.modules["llvmlite"])]
    return sys.version, sys.maxsize, *versions, *target.codegen().magic_tuple()


def _settings() -> Iterator[Any]:
    """Numba's settings, from NUMBA_... in the environment or set since."""
    from numba.core import config

    for name, value in sorted(vars(config).items()):
        if name.isupper() and "THREAD" not in name and "CACHE" not in name:
            yield name, value


def _hash(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _rebuild(payload: bytes, target: Any) -> Any:
    from numba.core.compiler import CompileResult
    from numba.core.runtime import rtsys

    rtsys.initialize(target)  # to run needs no more; to compile, half a second of imports
    return CompileResult._rebuild(target, *pickle.loads(payload))


def _warn(path: Path | None, error: Exception) -> None:
    if "warning" in _said:
        return
    _said.add("warning")
    problem = notice.printable(f"{error or type(error).__name__}{f' ({path})' if path else ''}")
    advice = (
        f"npstn cannot use its cache of compiled functions: {problem}. It compiles them instead. "
        "NPSTN_CACHE=DIR moves the cache, NPSTN_CACHE=0 turns it off."
    )
    try:
        warnings.warn(advice, RuntimeWarning, stacklevel=2)
    except RuntimeWarning:  # where warnings are errors, this one is not worth a result
        notice.write(f"{advice}\n")
