"""Calls whatever may happen in them: in this process, or in a child that may hang and die.

A :class:`Caller` has ``call(which, positional, options, d_out)``, which returns an
:class:`Outcome`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten
from traceback import extract_tb
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from .._hints import kind, shown
from ._backend import Backend, Which, place
from ._channel import Child, Failure
from ._formula import Formula

__all__ = ["Caller", "Failure", "InProcess", "Isolated", "Outcome"]

Own = TypeVar("Own", bound="Caller")
_LOADS = 300.0  # seconds that a child may take to import a backend
_MAKES = 2e-7  # and to compute an element of a formula
_ARRAYS = np.ndarray, Formula
_WORDS = 300  # characters of an error: TensorFlow's have whole graphs


@dataclass(frozen=True)
class Outcome:
    """What a call gave."""

    results: tuple[NDArray[Any], ...] = ()
    failure: Failure | None = None
    written: tuple[int, ...] = ()  # which arrays it wrote to: positions, and -1 for d_out
    types: tuple[str, ...] = ()  # of the results, before they were made arrays


class Caller:
    """A backend that can be called, in a block of its own; beginning and ending it do nothing."""

    backend: Backend

    def __enter__(self: Own) -> Own:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End."""

    def call(
        self,
        which: Which,
        positional: Sequence[Any],
        options: Mapping[str, Any],
        d_out: NDArray[Any] | None = None,
    ) -> Outcome:
        """Call the function, or its vjp with a cotangent."""
        raise NotImplementedError


class InProcess(Caller):
    """A backend called in this process: what it raises is caught, and nothing else."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def call(
        self,
        which: Which,
        positional: Sequence[Any],
        options: Mapping[str, Any],
        d_out: NDArray[Any] | None = None,
    ) -> Outcome:
        """Call the function, or its vjp with a cotangent, on copies that may be written to."""
        function = self.backend.called(which)
        given = list(positional) if which == "fn" else [d_out, *positional]
        copies = [np.array(a, order="C") if isinstance(a, _ARRAYS) else a for a in given]
        try:
            found = function(*copies, **options)
            several = which == "vjp" and isinstance(found, tuple | list)
            results = tuple(found) if several else (found,)
            arrays = tuple(map(_array, results))
        except SystemExit as error:
            return Outcome(failure=Failure("exited", f"SystemExit: {error.code}"))
        except Exception as error:
            return Outcome(failure=Failure("raised", _raised(error)))
        first = 0 if which == "fn" else -1
        written = (
            k for k, pair in enumerate(zip(given, copies, strict=True), first) if _differ(*pair)
        )
        return Outcome(arrays, None, tuple(written), tuple(map(kind, results)))


class Refusal(NamedTuple):
    """Why a backend cannot be loaded."""

    kind: type[Exception]
    text: str


class Isolated(Caller):
    """A backend called in a child process, which is started again after it hung or died.

    Parameters
    ----------
    target : str or function
        What :func:`.adapters.load` takes; a function must be importable by name, its vjp too.
    timeout : float
        Seconds that a call may take; less, once one hung.
    options
        The other arguments of :func:`.adapters.load`.
    """

    def __init__(
        self, target: str | Callable[..., Any], *, timeout: float = 60.0, **options: Any
    ) -> None:
        given = {"target": target, **options}
        self._target = {k: place(v) if callable(v) else v for k, v in given.items()}
        self.timeout = timeout
        self._hung, self._longest = False, 0.0
        self._child: Child | None = None

    def __enter__(self) -> "Isolated":
        """Start the child, which loads the backend."""
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        self.close()

    def call(
        self,
        which: Which,
        positional: Sequence[Any],
        options: Mapping[str, Any],
        d_out: NDArray[Any] | None = None,
    ) -> Outcome:
        """Call the function, or its vjp with a cotangent, in the child."""
        child = self._child or self._start()
        self.backend.called(which)
        made = _MAKES * sum(a.size for a in positional if type(a) is Formula)
        start = time.monotonic()
        answer = self._ask(
            child, (which, list(positional), dict(options), d_out), self._allowed + made
        )
        if isinstance(answer, Failure):
            self._hung |= answer.kind == "hung"
            return Outcome(failure=answer)
        self._longest = max(self._longest, time.monotonic() - start)
        found: Outcome = answer
        return found

    @property
    def _allowed(self) -> float:
        """Seconds for a call: of a backend that hung, thrice what one took, or a tenth at least."""
        least = max(1.0, self.timeout / 10, 3 * self._longest)
        return min(self.timeout, least) if self._hung else self.timeout

    def close(self) -> None:
        """End the child; another call starts it again."""
        child, self._child = self._child, None
        if child is not None:
            child.close()

    def _start(self) -> Child:
        self._child = child = Child("npstn.conformance._child")
        answer = self._ask(child, self._target, _LOADS)
        if isinstance(answer, Backend):
            self.backend = answer
            return child
        self.close()
        if isinstance(answer, Refusal):
            raise answer.kind(answer.text)
        raise RuntimeError(f"{self._target['target']} does not load: {answer.text}")

    def _ask(self, child: Child, message: object, timeout: float) -> Any:
        answer: Any = None
        try:
            answer = child.ask(message, timeout)
        finally:  # after Ctrl-C an answer may still come, to the next question
            if answer is None or isinstance(answer, Failure) or child.late:
                self.close()
        return answer


def _differ(given: object, used: object) -> bool:
    return (
        isinstance(given, np.ndarray)
        and isinstance(used, np.ndarray)
        and given.tobytes() != used.tobytes()
    )


def _array(value: object) -> NDArray[Any]:
    """A copy of a result as an array, for a backend may use its memory again."""
    words = f"the result is {shown(value)}, expected an array"
    try:
        found = np.array(value, order="C")
    except Exception as error:  # ragged, or on another device
        raise TypeError(f"{words} ({error})") from error
    if found.dtype == object:
        raise TypeError(words)
    return found


def _raised(error: Exception) -> str:
    """The error, and the last line of the backend that it came through."""
    text = shorten(f"{type(error).__name__}: {error}", _WORDS, placeholder=" ...")
    lines = [f for f in extract_tb(error.__traceback__) if f.filename != __file__]
    if lines:
        text += f" [{lines[-1].filename}:{lines[-1].lineno}: {lines[-1].line}]"
    return text
