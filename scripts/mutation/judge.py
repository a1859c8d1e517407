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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from .mutants import Mutant

ROOT = Path(__file__).resolve().parents[2]
KERNELS = ROOT / "npstn" / "kernels"
NEVER_IN_PARENT = ("npstn", "numba", "llvmlite")
MEMORY = 8 * 2**30  # bytes a mutant may ask for
PASSED, TIMED_OUT = 0, -1
PYTEST = [
    *("-x", "-q", "--tb=no", "--no-header", "-p", "no:cacheprovider"),
    *("-m", "truth", "-W", "ignore::pytest.PytestAssertRewriteWarning"),
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


class Plugin:
    """Make a run quick: the latest killers come first, and hypothesis does not shrink.

    The name of a test that fails goes to ``record``; if none does, what the run used.
    """

    def __init__(self, record: Path, killers: Sequence[str]) -> None:
        self.record = record
        self.files: list[str] = []
        self.rank = {test: n for n, test in enumerate(reversed(killers))}

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        """Take the settings in force, without a data base and without shrinking."""
        if hypothesis := sys.modules.get("hypothesis"):
            phases = hypothesis.Phase.explicit, hypothesis.Phase.generate
            quick = {"database": None, "derandomize": True, "deadline": None, "phases": phases}
            hypothesis.settings.register_profile("mutate", hypothesis.settings(), **quick)
            hypothesis.settings.load_profile("mutate")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Sort the tests."""
        items.sort(key=lambda item: self.rank.get(item.nodeid, len(self.rank)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write down the test that fails."""
        if report.failed:
            self.record.write_text(json.dumps({"killer": report.nodeid}))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember which tests were chosen."""
        self.files = [str(item.path) for item in session.items]

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Write down what was used, the modules of late reports included."""
        if not self.record.exists():
            files = sorted(set(self.files))
            used = {"files": files, "tests": len(self.files), "modules": _foreign_modules()}
            self.record.write_text(json.dumps(used))


def _foreign_modules() -> list[str]:
    """Imported modules that know nothing of the package: the parent can import them for all."""
    names = []
    for name, module in list(sys.modules.items()):
        file = Path(getattr(module, "__file__", None) or "/")
        ours = file.is_relative_to(ROOT) and "site-packages" not in file.parts
        if not ours and name.partition(".")[0] not in NEVER_IN_PARENT:
            names.append(name)
    return names


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
        return {PASSED: "survived", TIMED_OUT: "timed out"}.get(self.status, "killed")


@dataclass
class Judge:
    """Tests that judge mutants, ``jobs`` at a time, each for at most ``timeout`` seconds."""

    tests: Sequence[str]
    folder: Path
    jobs: int
    timeout: float
    killers: list[str] = field(default_factory=list)  # the latest last

    def warm_up(self, files: Sequence[Path]) -> float:
        """Run the tests on unchanged sources, and import what they import; the time they take."""
        sources = {path.name: path.read_text("utf-8") for path in files}
        pid = self.start(sources, quiet=False)
        if os.waitpid(pid, 0)[1] != PASSED:
            raise SystemExit("The tests do not pass on unchanged kernels: see above.")
        used = self.record(pid)
        for name in used["modules"]:
            with suppress(ImportError):  # some are made, not imported
                importlib.import_module(name)
        self.tests = used["files"]
        begun = time.monotonic()
        if os.waitpid(self.start(sources), 0)[1] != PASSED:
            raise SystemExit("The tests pass in a fresh process, but not in a fork of a warm one.")
        seconds = time.monotonic() - begun
        print(f"{used['tests']} tests in {len(self.tests)} files judge; all take {seconds:.1f} s.")
        return seconds

    def verdicts(self, mutants: Sequence[Mutant]) -> Iterator[Verdict]:
        """Judge mutants, and yield verdicts as they fall."""
        queue = list(reversed(mutants))
        running: dict[int, tuple[Mutant, float]] = {}
        try:
            while queue or running:
                while queue and len(running) < self.jobs:
                    mutant = queue.pop()
                    running[self.start({mutant.file: mutant.source})] = mutant, time.monotonic()
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

    def start(self, sources: Mapping[str, str], quiet: bool = True) -> int:
        """Fork a child that runs the tests on other sources; its process id."""
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
            plugin = Plugin(self.folder / str(os.getpid()), self.killers)
            status = pytest.ExitCode(pytest.main([*PYTEST, *self.tests], plugins=[plugin]))
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(status)
