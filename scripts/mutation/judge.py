"""How the mutation run judges: tests in forked children, to which changed source is served.

The parent has imported what the tests need, but nothing of the package and no compiler, so that a
child starts at once and every child imports the package anew.
"""

import importlib
import json
import math
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from .lines import Lines
from .mutants import Mutant
from .plugin import ROOT, Plugin

KERNELS = ROOT / "npstn" / "kernels"
MEMORY = 8 * 2**30  # bytes a mutant may ask for
PASSED, TIMED_OUT, NOT_RUN = 0, -1, -2
PYTEST = [
    *("-x", "-q", "--tb=no", "--no-header", "-p", "no:cacheprovider"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
]


class Server(MetaPathFinder):
    """Serve some kernel modules from sources other than those on disk."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = sources

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Find a module in the sources."""
        file = fullname.removeprefix("npstn.kernels.") + ".py"
        if not fullname.startswith("npstn.kernels.") or file not in self.sources:
            return None
        path = str(KERNELS / file)
        return spec_from_file_location(fullname, path, loader=Loader(fullname, path, self.sources))


class Loader(SourceFileLoader):
    """Compile a module from the sources, as if they stood in its file."""

    def __init__(self, fullname: str, path: str, sources: Mapping[str, str]) -> None:
        super().__init__(fullname, path)
        self.source = sources[Path(path).name]

    def get_code(self, fullname: str) -> CodeType:
        """Compile, without a look at cached byte code."""
        return compile(self.source, self.path, "exec", dont_inherit=True)


@dataclass
class Verdict:
    """What became of a mutant: the exit status of its tests, their time, and which one failed."""

    mutant: Mutant
    status: int
    seconds: float
    killer: str | None

    @property
    def outcome(self) -> str:
        """The status in words."""
        words = {PASSED: "survived", NOT_RUN: "survived", TIMED_OUT: "timed out"}
        return words.get(self.status, "killed")


@dataclass
class Judge:
    """Tests that judge mutants, ``jobs`` at a time, each for at most ``timeout`` seconds.

    With ``trace`` a mutant is judged by the tests that call the function it is in, and survives at
    once if none of them runs its line.
    """

    tests: Sequence[str]
    marker: str
    folder: Path
    jobs: int
    timeout: float
    trace: bool = False
    callers: dict[tuple[str, int], set[str]] = field(default_factory=dict)  # by file and line
    killers: list[str] = field(default_factory=list)  # the latest last

    def warm_up(self, files: Sequence[Path]) -> float:
        """Run the tests on unchanged sources, and import what they import; the time they take."""
        sources = {path.name: path.read_text("utf-8") for path in files}
        pid = self.start(sources, quiet=False, lines=Lines(KERNELS) if self.trace else None)
        if os.waitpid(pid, 0)[1] != PASSED:
            raise SystemExit("The tests do not pass on unchanged kernels: see above.")
        used = self.record(pid)
        for name in used["modules"]:
            with suppress(ImportError):  # some are made, not imported
                importlib.import_module(name)
        self.tests = used["files"]
        for file, line, names in used["lines"]:
            self.callers.setdefault((file, line), set()).update(names)
        begun = time.monotonic()
        if os.waitpid(self.start(sources), 0)[1] != PASSED:
            raise SystemExit("The tests pass in a fresh process, but not in a fork of a warm one.")
        seconds = time.monotonic() - begun
        print(f"{used['tests']} tests in {len(self.tests)} files judge; all take {seconds:.1f} s.")
        return seconds

    def verdicts(self, mutants: Sequence[Mutant]) -> Iterator[Verdict]:
        """Judge mutants, and yield verdicts as they fall."""
        queue = []
        for mutant in reversed(mutants):
            if not self.trace or (mutant.file, mutant.line) in self.callers:
                queue.append(mutant)
            else:
                yield Verdict(mutant, NOT_RUN, 0.0, None)
        running: dict[int, tuple[Mutant, float]] = {}
        try:
            while queue or running:
                while queue and len(running) < self.jobs:
                    mutant = queue.pop()
                    some = self.callers.get((mutant.file, mutant.line))
                    pid = self.start({mutant.file: mutant.source}, some)
                    running[pid] = mutant, time.monotonic()
                time.sleep(0.01)
                for pid, (mutant, begun) in list(running.items()):
                    seconds = time.monotonic() - begun
                    done, status = os.waitpid(pid, os.WNOHANG)
                    if not done and seconds < self.timeout:
                        continue
                    if not done:
                        status = TIMED_OUT
                        os.killpg(pid, signal.SIGKILL)
                        os.waitpid(pid, 0)
                    del running[pid]
                    killer = self.record(pid).get("killer")
                    if killer:
                        self.killers = [*(k for k in self.killers if k != killer), killer]
                    yield Verdict(mutant, status, seconds, killer)
        finally:
            for pid in running:
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)

    def record(self, pid: int) -> dict[str, Any]:
        """Take the record of a child that has ended; it has none if it was killed early."""
        path = self.folder / str(pid)
        content = json.loads(path.read_text()) if path.exists() else {}
        path.unlink(missing_ok=True)
        return dict(content)

    def start(
        self,
        sources: Mapping[str, str],
        some: Collection[str] | None = None,
        quiet: bool = True,
        lines: Lines | None = None,
    ) -> int:
        """Fork a child that runs the tests, or some, on other sources; its process id."""
        pid = os.fork()
        if pid:
            return pid
        status = pytest.ExitCode.INTERNAL_ERROR
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            longest = math.ceil(self.timeout) + 1  # even should this parent die
            resource.setrlimit(resource.RLIMIT_CPU, (longest, longest))
            if quiet:
                null = os.open(os.devnull, os.O_RDWR)
                for stream in range(3):
                    os.dup2(null, stream)
            sys.meta_path.insert(0, Server(sources))
            plugin = Plugin(self.folder / str(os.getpid()), self.killers, some, lines)
            words = [*PYTEST, "-m", self.marker, *self.tests]
            status = pytest.ExitCode(pytest.main(words, plugins=[plugin]))
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(status)
