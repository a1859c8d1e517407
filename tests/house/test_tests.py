"""The rules for the tests: they mirror the sources, and none imports another."""

import ast
from pathlib import Path

import pytest
from support import ROOT

TESTS, PACKAGE = ROOT / "tests", ROOT / "npstn"
OTHERS = {"contract", "house", "scripts", "shared", "data"}  # folders of no sources


def check_imports(name: str, source: str) -> None:
    for node in ast.walk(ast.parse(source)):
        found = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            found = [f"{node.module or ''}.{a.name}" for a in node.names]
            if node.level:
                raise AssertionError(f"{name} imports from beside it")
        for module in found:
            if any(part.startswith(("test_", "conftest")) for part in module.split(".")):
                raise AssertionError(f"{name} imports {module}, which is a test")


def check_folders(tests: set[str], sources: set[str]) -> None:
    if tests - OTHERS - sources:
        raise AssertionError(f"{tests - OTHERS - sources} are in tests, and no sources")
    if sources - tests:
        raise AssertionError(f"{sources - tests} are sources without tests")


def check_name(name: str, modules: set[str]) -> None:
    """Each file at the top is named for a module."""
    if not {name, f"_{name}"} & modules:
        raise AssertionError(f"test_{name}.py is named for no module")


def folders(root: Path) -> set[str]:
    return {path.name for path in root.iterdir() if path.is_dir() and path.name[0] not in "._"}


def modules(root: Path) -> set[str]:
    return {path.stem for path in root.glob("*.py")}


def test_no_test_imports_another():
    files = list(TESTS.rglob("*.py"))
    assert len(files) > 40
    for path in files:
        check_imports(str(path.relative_to(TESTS)), path.read_text("utf-8"))


def test_folders_mirror_the_sources():
    check_folders(folders(TESTS), folders(PACKAGE))


@pytest.mark.parametrize("folder", [".", "transforms"])
def test_files_are_named_for_modules(folder):
    for path in (TESTS / folder).glob("test_*.py"):
        check_name(path.stem.removeprefix("test_"), modules(PACKAGE / folder))


@pytest.mark.parametrize(
    "source",
    [
        "import test_stn",
        "from test_stn import case",
        "from .test_stn import case",
        "from . import x",
        "import tests.oracle.test_exact",
        "def f(): from tests import test_stn",
    ],
)
def test_a_planted_import_is_found(source):
    check_imports("name", "from support.oracle import same\nimport npstn.testing")
    with pytest.raises(AssertionError, match="name imports"):
        check_imports("name", source)


def test_planted_files_are_found():
    check_folders({"a", *OTHERS}, {"a"})
    for tests, sources in (({"a", "b"}, {"a"}), ({"a"}, {"a", "b"})):
        with pytest.raises(AssertionError, match="'b'"):
            check_folders(tests, sources)
    check_name("check", {"_check"})
    with pytest.raises(AssertionError, match="test_chack"):
        check_name("chack", {"_check"})
