"""The rules for the sources: who imports whom, and what is in none.

Every checker must find a planted fault.
"""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "npstn"
LONGEST = 250


def _of(names: str) -> list[str]:
    """What a kernel may import: values of four numbers, and these kernels."""
    return ["jit.lanes", *(f"kernels.{name}" for name in names.split())]


_DOOR = ["_arithmetic", "_order", "_check", "_options", "_values", "_hints"]
_ANSWERS = [
    "_arithmetic",
    "_check",
    "_hints",
    "grid",
    "dialects.*",
    "oracle._exact*",
    "conformance._*",
]

_INSIDE = ["_operation", "_options", "transforms.families"]
FRAMEWORKS = ("torch", "jax")  # each imported by the module of its name alone

# Which modules of the package a module may import, by pattern; the first row that fits counts.
MAY_IMPORT = {
    "npstn": ["_public", "jit.forks", "spec"],
    "_public": [
        "_arithmetic",
        "_warmup",
        "contract",
        "operator",
        "sample",
        "second",
        "stn",
        "transforms.*",
    ],
    "__main__": ["cli"],
    "cli": ["", "cli._*", "jit.notice"],
    "cli._progress": ["cli._terminal", "jit.notice"],
    "cli._terminal": ["jit.notice"],
    "cli._*": ["cli._*", "plot", "plot.*"],
    "cli.*": [
        "",
        "_options",
        "_selftest",
        "_warmup",
        "cli._*",
        "conformance",
        "conformance.*",
        "contract",
        "jit.compiler",
        "jit.files",
        "jit.notice",
        "plot",
        "plot.*",
        "spec",
        "testing",
        "transforms",
    ],
    "_operation": ["_check", "_values", "_module", "sample", "second", "stn", "transforms.affine"],
    "_rounding": ["_arithmetic"],
    "_arithmetic": ["jit.*"],
    "_memory": [],
    "_selftest": ["_check", "_public", "conformance.goldens"],
    "torch._calls": ["torch._tensors"],
    "torch._functions": ["_operation", "torch._tensors"],
    "torch._tensors": ["_rounding"],
    "jax._primitives": ["_operation", "_rounding"],
    "torch": [*_INSIDE, "_hints", "dialects", "dialects._arguments", "torch._*"],
    "jax": [*_INSIDE, "jax._*"],
    "_warmup": [
        "_hints",
        "_options",
        "_split",
        "_values",
        "jit.answers",
        "jit.clones",
        "jit.compiler",
        "jit.notice",
        "kernels.axis",
        "operator",
        "sample",
        "second",
        "stn",
        "transforms.*",
    ],
    "plot": ["plot.*"],
    "plot.figures": ["_points", "_values", "operator", "plot.*"],
    "plot.mesh": ["_hints", "_values", "grid", "plot.marks"],
    "plot.image": ["_hints", "plot.marks"],
    "plot.marks": ["_values"],
    "conformance": ["conformance.*"],
    "conformance.zoo": ["_hints", "conformance._bug*"],
    "conformance._bug": ["conformance._fits", "conformance._ops", "dialects.*"],
    "conformance._bugs*": [
        "_check",
        "conformance._bug*",
        "conformance._fits",
        "conformance._plain",
        "dialects",
        "dialects.*",
        "grid",
    ],
    "conformance._fits": ["dialects.row"],
    "conformance._ops": ["_hints", "dialects.*"],
    "conformance._plain": ["_check", "dialects.*", "grid"],
    "conformance.identify": ["dialects._names", "conformance.*"],
    "conformance._candidates": [
        "_arithmetic",
        "_hints",
        "dialects.*",
        "conformance._bug",
        "conformance._ops",
        "conformance._plain",
        "conformance._terms",
    ],
    "conformance._probes": ["dialects.*", "grid"],
    "conformance._questions": ["dialects.*", "conformance._ops", "conformance._[pt]*"],
    "conformance._search": ["_arithmetic", "conformance.*"],
    "conformance._terms": [
        "_arithmetic",
        "_check",
        "dialects.*",
        "grid",
        "conformance._ops",
        "conformance._probes",
    ],
    "conformance.adapters": ["_hints", "dialects", "dialects.*", "conformance._*"],
    "conformance.command": ["_hints", "conformance._*", "conformance.isolation"],
    "conformance.isolation": ["_hints", "conformance._[bcf]*"],
    "conformance._numbers": ["grid"],
    "conformance._formula": ["grid"],
    "conformance._large": [*_ANSWERS, "contract", "oracle", "oracle.exact", "conformance.*"],
    "conformance.goldens": [
        "_arithmetic",
        "_hints",
        "conformance._formula",
        "conformance._goldens.*",
    ],
    "conformance._goldens": [],
    "conformance._goldens.golden": [
        "_arithmetic",
        "_hints",
        "contract",
        "grid",
        "conformance._formula",
    ],
    "conformance._goldens.*": [
        "_arithmetic",
        "conformance._goldens.*",
        "conformance._formula",
        "_memory",
        "conformance._numbers",
        "conformance.command",
        "contract",
        "oracle",
        "oracle.exact",
    ],
    "conformance._adapters": [],
    "conformance._adapters.*": ["dialects.row", "conformance._ops", "conformance._adapters.*"],
    "conformance._backend": ["_hints", "conformance._adapters._types"],
    "conformance._channel": [],
    "conformance._child": ["conformance._*", "conformance.adapters", "conformance.isolation"],
    "conformance._audit": [],
    "conformance._audit.places": [],
    "conformance._audit.budget": [],
    "conformance._audit.series": [],
    "conformance._audit.judged": [
        "_arithmetic",
        "dialects.row",
        "grid",
        "operator",
        "conformance._[lop]*",
        "conformance.answers",
        "conformance.case",
    ],
    "conformance._audit.*": [
        "_arithmetic",
        "dialects",
        "grid",
        "jit.notice",
        "operator",
        "plot",
        "conformance._*",
        "conformance.html",
    ],
    "conformance.audit": [*_ANSWERS, "dialects", "conformance.report", "torch._calls"],
    "conformance.check": ["conformance.*"],
    "conformance.html": ["spec", "conformance.report"],
    "conformance.answers": [*_ANSWERS, "contract"],
    "conformance.judge": ["_arithmetic", "grid", "conformance._spread", "conformance.answers"],
    "conformance.report": ["conformance.case", "conformance.judge"],
    "conformance.case": [*_ANSWERS, "conformance._ops"],
    "conformance.cases": [*_ANSWERS, "conformance.*"],
    "conformance._run": [*_ANSWERS, "_memory", "conformance.*"],
    "conformance._ledger": [*_ANSWERS, "conformance.*"],
    "conformance._tiers": ["_hints", "conformance._choices", "conformance.case"],
    "conformance._*": [*_ANSWERS, "conformance.case", "conformance.answers"],
    "dialects": ["dialects.*"],
    "dialects.rows": ["dialects.row", "dialects.rows.*"],
    "dialects.rows.*": ["dialects.row", "dialects.rows.*"],
    "dialects.row": ["_table"],
    "dialects.*": [
        "_arrays",
        "_memory",
        *_DOOR,
        "grid",
        "kernels.eft",
        "sample",
        "transforms.*",
        "dialects.*",
    ],
    "spec": ["_table", "spec.*"],
    "spec.clause": ["_table"],
    "spec.*": ["spec.clause"],
    "testing": ["testing.*"],
    "testing.*": ["_hints", "_values", "testing._*"],
    "stn": ["_arrays", *_DOOR, "_module", "transforms.families"],
    "_module": ["_arrays", *_DOOR, "_points", "_problem", "grid", "transforms.*"],
    "sample": ["_arrays", *_DOOR, "_points", "_problem"],
    "second": ["_arrays", *_DOOR, "_module", "sample", "transforms.families"],
    "operator": [*_DOOR, "_points", "_problem", "grid", "jit.heap", "kernels.*"],
    "transforms": ["transforms.*"],
    "transforms.composition": ["_arrays", *_DOOR, "grid", "sample", "transforms.*"],
    "transforms.displacement_composition": ["_arrays", *_DOOR, "grid", "sample", "transforms.*"],
    "transforms.*": [
        "_arrays",
        "_memory",
        *_DOOR,
        "_points",
        "grid",
        "jit.compiler",
        "jit.heap",
        "kernels.*",
        "transforms.*",
    ],
    "_problem": ["_arrays", "_check", "_memory", "_points", "_split", "grid", "jit.*", "kernels.*"],
    "_split": ["_arrays", "_check", "_options", "_points", "grid", "jit.compiler", "kernels.*"],
    "_points": ["_arrays", "_check", "grid", "jit.compiler", "kernels.*"],
    "_arrays": ["_check", "_hints"],
    # The door, from arrays and their order down to words.
    "_order": ["_options"],
    "_check": ["_options", "_values", "_hints", "kernels.axis"],
    "_options": ["_values", "_hints", "kernels.axis"],
    "_values": ["_hints", "_memory"],
    "_hints": [],
    "grid": [],
    "contract": [],
    "_table": [],
    # Kernels, from the loops down to the arithmetic.
    "kernels.points_vjp": [
        "kernels.products",
        "kernels.sample",
        *_of("results window locate taps axis eft sizes space"),
    ],
    "kernels.products": ["kernels.sample", *_of("results window taps axis eft sizes space")],
    "kernels.sample": _of("results window locate taps axis eft sizes space"),
    "kernels.jvp": _of("results window locate taps axis sizes space"),
    "kernels.scatter": _of("cells results locate taps axis eft sizes space"),
    "kernels.cells": _of("visits results taps axis eft sizes space"),
    "kernels.entries": _of("window locate taps axis sizes space")[1:],
    "kernels.visits": _of("tables axis sizes"),
    "kernels.window": _of("axis eft sizes space"),
    "kernels.locate": _of("tables affine coordinate axis eft sizes space"),
    "kernels.tables": _of("affine eft"),
    "kernels.affine": _of("coordinate eft"),
    "kernels.taps": _of("axis eft space"),
    "kernels.results": _of("eft"),
    "kernels.axis": _of("coordinate eft"),
    "kernels.basis": _of(""),
    "kernels.coordinate": ["kernels.eft"],
    "kernels.*": [],  # eft, sizes, space
    # What compiles them knows none.
    "jit.loops": [
        "jit.addresses",
        "jit.cache",
        "jit.clones",
        "jit.environment",
        "jit.notice",
    ],
    "jit.compiler": [
        "jit.addresses",
        "jit.answers",
        "jit.cache",
        "jit.clones",
        "jit.forks",
        "jit.heap",
        "jit.instructions",
        "jit.interrupts",
        "jit.loops",
        "jit.notice",
        "jit.parts",
        "jit.settings",
    ],
    "jit.environment": ["jit.heap"],
    "jit.files": ["jit.settings"],
    "jit.notice": ["jit.files", "jit.settings"],
    "jit.cache": ["jit.answers", "jit.clones", "jit.files", "jit.notice"],
    "jit.answers": ["jit.clones"],
    "jit.instructions": ["jit.lanes"],
    "jit.*": [],
    "oracle.bounds": ["contract", "oracle._exact_terms"],
    "oracle.exact": ["oracle._exact*"],
    "oracle._exact*": ["oracle._exact*"],
    "oracle.naive": ["oracle._naive*"],
    "oracle._naive*": ["oracle._naive*"],
    "oracle.*": [],
    "jit": [],
    "kernels": [],
    "oracle": [],
}
LAZY = {"numba", "llvmlite", "scipy", "matplotlib"}
COMPILERS = {
    "cli.info": {"numba"},
    "jit.addresses": {"numba"},
    "jit.cache": {"numba"},
    "jit.compiler": {"numba"},
    "jit.loops": {"numba"},
    "jit.environment": {"numba", "llvmlite"},
    "jit.parts": {"numba"},
    "jit.instructions": {"numba", "llvmlite"},
}


def sources() -> dict[str, str]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__") or "npstn"
        found[name] = path.read_text("utf-8")
    return found


@cache
def imports(module: str, source: str, modules: frozenset[str]) -> tuple[tuple[str, bool], ...]:
    """The full name of all that a module imports, and whether on being imported itself."""
    return tuple(_imports(module, source, modules))


def _imports(module: str, source: str, modules: frozenset[str]) -> Iterator[tuple[str, bool]]:
    packages = {"npstn"} | {f"npstn.{name.rpartition('.')[0]}" for name in modules if "." in name}
    full = f"npstn.{module}".removesuffix(".npstn")
    package = full if full in packages else full.rpartition(".")[0]
    tree = ast.parse(source)
    lazy = {
        inner
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef)
        or (isinstance(outer, ast.If) and ast.unparse(outer.test) == "TYPE_CHECKING")
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node not in lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: package.count(".") + 2 - node.level] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{stem}.{alias.name}"
                is_module = inner.removeprefix("npstn.") in modules
                yield (inner if is_module else stem), node not in lazy


def check_imports(found: dict[str, str]) -> None:
    for module, source in found.items():
        rows = [row for pattern, row in MAY_IMPORT.items() if fnmatchcase(module, pattern)]
        if not rows:
            raise AssertionError(f"{module} has no row in MAY_IMPORT")
        for name, eager in imports(module, source, frozenset(found)):
            top, _, inner = name.partition(".")
            if top == "npstn" and not any(fnmatchcase(inner, pattern) for pattern in rows[0]):
                raise AssertionError(f"{module} imports {name}, expected one of {rows[0]}")
            own = {module.partition(".")[0]}.intersection(FRAMEWORKS)
            if top not in {"npstn", "numpy"} | own | LAZY | sys.stdlib_module_names:
                raise AssertionError(f"{module} imports {name}, which is no dependency")
            known = COMPILERS.get(module, LAZY - {"numba", "llvmlite"})
            if top in LAZY and (eager or top not in known):
                raise AssertionError(f"{module} imports {name} at the wrong place")


def check_sources(found: dict[str, str]) -> None:
    for module, source in found.items():
        if len(source.splitlines()) > LONGEST:
            raise AssertionError(f"{module} has over {LONGEST} lines")
        tree = ast.parse(source)
        if "fastmath" in re.sub(r"fastmath(=|': )False", "", ast.unparse(tree)):
            raise AssertionError(f"{module} uses fastmath")
        if any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
            raise AssertionError(f"{module} asserts, expected a raise")


def check_import_is_light(statement: str) -> None:
    report = f"{statement}; import sys; print(*{LAZY!r}.intersection(sys.modules))"
    command = [sys.executable, "-c", report]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    if loaded.strip():
        raise AssertionError(f"{statement!r} imports {loaded.strip()}")


def test_imports_run_downwards():
    check_imports(sources())


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("grid", "from .stn import spatial_transformer_network"),
        ("grid", "def f():\n    from . import _check"),
        ("sample", "from npstn import grid_sample"),
        ("sample", "from . import grid_sample"),
        ("transforms.affine", "from .. import affine_grid"),
        ("transforms.affine", "import npstn"),
        ("kernels.axis", "from .._check import MODES"),
        ("kernels.axis", "from . import sample"),
        ("kernels.axis", "from ..jit.compiler import call"),
        ("kernels.axis", "def f():\n    import numba"),
        ("kernels.eft", "from ..jit.lanes import splat"),
        ("kernels.entries", "from .sample import sample"),
        ("jit.compiler", "from numba import njit"),
        ("jit.compiler", "def f():\n    from llvmlite import ir"),
        ("jit.compiler", "def f():\n    import scipy"),
        ("jit.compiler", "from ..kernels.eft import inline"),
        ("jit.cache", "from .compiler import call"),
        ("jit.answers", "def f():\n    import numba"),
        ("jit.clones", "from .lanes import splat"),
        ("oracle.naive", "from .exact import grid_sample"),
        ("oracle.exact", "from ..kernels.axis import taps"),
        ("plot.mesh", "import matplotlib.pyplot"),
        ("grid", "if True:\n    from scipy import ndimage"),
        ("grid", "import torch"),
        ("unheard_of", ""),
    ],
)
def test_a_planted_import_is_found(module, line):
    with pytest.raises(AssertionError, match=module):
        check_imports({**sources(), module: line})


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("transforms.affine", "from .. import _check\nfrom ..kernels import axis as a"),
        ("plot.mesh", "def f():\n    from matplotlib.figure import Figure"),
        ("plot.image", "if TYPE_CHECKING:\n    from matplotlib.figure import Figure"),
        ("kernels.taps", "from ..jit.lanes import splat\nfrom .eft import inline"),
        ("jit.compiler", "def f():\n    import numba"),
        ("jit.instructions", "def f():\n    from llvmlite import ir"),
        ("npstn", "from ._public import warmup"),
    ],
)
def test_an_allowed_import_passes(module, line):
    check_imports({**sources(), module: line})


def test_import_loads_no_heavy_dependency():
    names = ("npstn" if name == "npstn" else f"npstn.{name}" for name in sources())
    check_import_is_light("; ".join(f"import {name}" for name in names))


def test_a_heavy_import_is_found():
    with pytest.raises(AssertionError, match="numba"):
        check_import_is_light("import npstn, numba")


def test_sources_are_short_and_calm():
    check_sources(sources())


@pytest.mark.parametrize(
    "source",
    ["\n" * 251, "f(fastmath=True)", "f(**{'fastmath': True})", "o.fastmath = {'nsz'}", "assert x"],
)
def test_a_planted_fault_in_a_source_is_found(source):
    check_sources({"module": "f(fastmath=False)"})
    with pytest.raises(AssertionError, match="module"):
        check_sources({"module": source})


def test_the_list_of_equivalent_mutants_is_fresh(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    mutants = importlib.import_module("mutation.mutants")
    known = [m for path in (PACKAGE / "kernels").glob("*.py") for m in mutants.mutants(path, True)]
    reasons = mutants.read_reasons(ROOT / "scripts" / "mutation" / "equivalent_mutants.txt")
    mutants.check_reasons(reasons, known)
    with pytest.raises(ValueError, match="expected real mutants"):
        mutants.check_reasons([("axis.py: taps", "line", "a -> b")], known)
