"""A plugin of pytest in the children of a mutation run: which tests run, and what they used."""

import json
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from .lines import Lines

ROOT = Path(__file__).resolve().parents[2]
NEVER_IN_PARENT = ("npstn", "numba", "llvmlite")


class Plugin:
    """Make a run quick: the latest killers come first, and hypothesis does not shrink.

    Of the tests only ``some`` run, unless it is None. The name of a test that fails goes to
    ``record``; if none does, what the run used, and what ``lines`` saw of the kernels.
    """

    def __init__(
        self,
        record: Path,
        killers: Sequence[str],
        some: Collection[str] | None,
        lines: Lines | None,
    ) -> None:
        self.record, self.some, self.lines = record, some, lines
        self.items: list[pytest.Item] = []
        self.rank = {test: n for n, test in enumerate(reversed(killers))}

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        """Take the settings in force, without a data base and without shrinking."""
        if hypothesis := sys.modules.get("hypothesis"):
            phases = hypothesis.Phase.explicit, hypothesis.Phase.generate
            quick = {"database": None, "derandomize": True, "deadline": None, "phases": phases}
            hypothesis.settings.register_profile("mutate", hypothesis.settings(), **quick)
            hypothesis.settings.load_profile("mutate")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Choose and sort the tests."""
        if self.some is not None:
            items[:] = [item for item in items if item.nodeid in self.some]
        items.sort(key=lambda item: self.rank.get(item.nodeid, len(self.rank)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write down the test that fails."""
        if report.failed:
            self.record.write_text(json.dumps({"killer": report.nodeid}))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember which tests were chosen."""
        self.items = session.items
        if self.lines:
            self.lines.start()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Say which test runs."""
        if self.lines:
            self.lines.test = nodeid

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Write down what was used, the modules of late reports included."""
        lines = self.lines.stop() if self.lines else []
        if not self.record.exists():
            files = sorted({str(item.path) for item in self.items})
            used = {"files": files, "tests": len(self.items), "lines": lines}
            self.record.write_text(json.dumps(used | {"modules": _foreign_modules()}))


def _foreign_modules() -> list[str]:
    """Imported modules that know nothing of the package: the parent can import them for all."""
    names = []
    for name, module in list(sys.modules.items()):
        file = Path(getattr(module, "__file__", None) or "/")
        ours = file.is_relative_to(ROOT) and "site-packages" not in file.parts
        if not ours and name.partition(".")[0] not in NEVER_IN_PARENT:
            names.append(name)
    return names
