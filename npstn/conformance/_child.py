"""The child: ``python -m npstn.conformance._child`` loads a backend and answers calls of it.

The pipes are moved away from standard input and output, where a backend may read and print.
"""

import os
from dataclasses import replace
from typing import IO

from ._backend import elsewhere
from ._channel import read, write
from .adapters import load
from .isolation import InProcess, Refusal

_KINDS = (ImportError, FileNotFoundError, TypeError, ValueError)


def main() -> None:
    """Answer until the parent is gone."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    _leave_no_cores()
    _serve(asked, answers)


def _serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    try:
        backend = load(**read(asked))
    except Exception as error:
        kind = next((kind for kind in _KINDS if isinstance(error, kind)), None)
        text = str(error) if kind else f"{type(error).__name__}: {error}"
        write(answers, Refusal(kind or RuntimeError, text))
        return
    vjp = None if backend.vjp is None else elsewhere
    write(answers, replace(backend, fn=elsewhere, vjp=vjp))
    here = InProcess(backend)
    while True:
        try:
            call = read(asked)
        except EOFError:
            return
        write(answers, here.call(*call))


def _leave_no_cores() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
    os._exit(0)  # whatever threads a backend has left
