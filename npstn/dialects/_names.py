"""A convention by the name of its system, or of its system and function."""

import re

from .. import _values
from .._hints import shown
from ._signature import argument
from .row import REQUIRED, Function, Row
from .rows import ROWS
from .system import System

SYSTEMS = tuple(dict.fromkeys(row.system for row in ROWS))
MAPS = ("warp", "grid")
POINTS = ("sample",)
SAMPLERS = ("sample", "warp")


def newest(system: str, version: str | None = None, name: str = "system") -> Row:
    """The newest row of a system that is not newer than a version."""
    rows = [row for row in ROWS if isinstance(system, str) and row.system == system]
    if not rows:
        raise ValueError(f"{name} is {shown(system)}, expected one of {', '.join(SYSTEMS)}")
    rows.sort(key=lambda row: numbers(row.since))
    if version is None:
        return rows[-1]
    old = [row for row in rows if numbers(row.since) <= numbers(version)]
    if not old:
        raise ValueError(f"version is {version!r}, expected {rows[0].since} or newer")
    return old[-1]


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, to be compared: "1.13rc1" is (1, 13), and "5" is (5,)."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", version) if isinstance(version, str) else None
    if found is None:
        raise ValueError(f"version is {shown(version)}, expected a string such as '1.13'")
    parts = [int(part) for part in found[1].split(".")]
    while parts and parts[-1] == 0:
        parts.pop()  # 2 and 2.0 are one version
    return tuple(parts)


def function(name: str, value: object, ops: tuple[str, ...]) -> Function:
    """The function of a system that has maps, or points: named after a dot, or the first."""
    if not isinstance(value, str | System):
        raise TypeError(f"{name} is {shown(value)}, expected the name of a system, or a System")
    system, _, wanted = value.partition(".") if isinstance(value, str) else ("", "", "")
    row = newest(system, name=name) if isinstance(value, str) else value.row
    for found in row.functions:
        if found.op in ops and wanted in ("", found.name):
            return found
    kinds = {MAPS: "a map", POINTS: "points", SAMPLERS: "a padding"}
    listed = ", ".join(f"{row.system}.{f.name}" for f in row.functions if f.op in ops)
    none = f"{row.title} has no function with {kinds[ops]}"
    raise ValueError(f"{name} is {shown(value)}, expected one of {listed}" if listed else none)


def align(name: str, value: object, found: Function) -> bool:
    """The option align_corners of a function: given, or its own default."""
    own = [argument(v).default for v in found.arguments.values() if argument(v).role == "align"]
    if value is None:
        default = own[0] if own else found.constants.get("align")
        return default is not REQUIRED and bool(default)
    if not own:
        raise ValueError(f"{name} is {shown(value)}, but {found.name} has no such option")
    return _values.align(value, name)
