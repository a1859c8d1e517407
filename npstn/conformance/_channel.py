"""A child process: asked and answering over pipes, killed when it is late, and what it died of."""

import contextlib
import math
import os
import pickle
import signal
import subprocess
import sys
import time
from threading import Event, Lock, Thread
from typing import IO, Any, Literal, NamedTuple

_LENGTH = 8  # bytes of the length of a message
_TAIL = 4096  # bytes of what the child printed that are kept
_LOOK = 0.02  # seconds between looks at the clock: a timer for each call costs as much as the call


class Failure(NamedTuple):
    """Why a call has no result."""

    kind: Literal["raised", "hung", "died", "exited"]
    text: str


def write(pipe: IO[bytes], value: object) -> None:
    """Write a message: the length of a pickle, and it."""
    content = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    pipe.write(len(content).to_bytes(_LENGTH, "little"))
    pipe.write(content)
    pipe.flush()


def read(pipe: IO[bytes]) -> Any:
    """Read a message; the end of the pipe raises EOFError."""
    length = int.from_bytes(_exactly(pipe, _LENGTH), "little")
    return pickle.loads(_exactly(pipe, length))


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    found = pipe.read(count)
    if len(found) < count:
        raise EOFError("the pipe ended")
    return found


class Child:
    """A module of this package that runs in a new process and answers each message with one."""

    def __init__(self, module: str) -> None:
        # Its own session: Ctrl-C is for the parent, and what the child began ends with it.
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,
        )
        self.late = False
        self._tail, self._deadline = b"", math.inf
        self._lock, self._closed = Lock(), Event()
        self._threads = [Thread(target=f, daemon=True) for f in (self._listen, self._watch)]
        for thread in self._threads:
            thread.start()

    def ask(self, message: object, timeout: float) -> Any:
        """Send a message and wait for the answer; a Failure if the child ends or is late."""
        self._set(time.monotonic() + timeout)
        try:
            write(self._pipe("stdin"), message)
            return read(self._pipe("stdout"))
        except (EOFError, OSError):
            return self._ended(timeout)
        finally:
            self._set(math.inf)

    def close(self) -> None:
        """End it."""
        self._closed.set()
        kill(self._process)
        for thread in self._threads:
            thread.join()
        for name in ("stdin", "stdout", "stderr"):
            with contextlib.suppress(OSError):  # what was not sent
                self._pipe(name).close()

    def _pipe(self, name: str) -> IO[bytes]:
        pipe: IO[bytes] = getattr(self._process, name)
        return pipe

    def _listen(self) -> None:
        while chunk := os.read(self._pipe("stderr").fileno(), 1 << 16):
            self._tail = (self._tail + chunk)[-_TAIL:]

    def _watch(self) -> None:
        while not self._closed.wait(_LOOK):
            with self._lock:
                if time.monotonic() > self._deadline:
                    self.late = True
                    kill(self._process)
                    return

    def _set(self, deadline: float) -> None:
        with self._lock:
            self._deadline = deadline

    def _ended(self, timeout: float) -> Failure:
        code = self._process.wait()
        if self.late:
            return Failure("hung", f"no answer in {timeout:g} s")
        self._threads[0].join(1.0)  # it may have begun others, which still print
        return ended(code, self._tail)


def ended(code: int, printed: bytes) -> Failure:
    """Say why a process ended, and its last line."""
    lines = printed.decode(errors="replace").strip().splitlines()
    last = f": {lines[-1].strip()}" if lines else ""
    if code >= 0:
        return Failure("exited", f"exit code {code}{last}")
    try:
        return Failure("died", f"{signal.Signals(-code).name}{last}")
    except ValueError:  # one without a name
        return Failure("died", f"signal {-code}{last}")


def kill(process: subprocess.Popen[Any]) -> None:
    """End a process that leads a session, and all that it began."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
    process.wait()
