"""Tables for people who come from a system: what its functions do, in our words, from the row."""

from collections.abc import Callable

from . import _words
from ._signature import roles_of, signature
from .row import Difference, Function, Row
from .rows import ROWS


def coming_from(row: Row) -> str:
    """One table of a system's functions, in Markdown, and what differs from the real ones."""
    lines = [f"### {_heading(row)}", ""]
    lines += ["| | " + " | ".join(f"`{f.name}`" for f in row.functions) + " |"]
    lines += ["|---" * (len(row.functions) + 1) + "|"]
    for head, cell in _CELLS.items():
        found = [cell(function) for function in row.functions]
        cells = [
            "as left" if i and text and text == found[i - 1] else text
            for i, text in enumerate(found)
        ]
        if any(found):
            lines.append(f"| {head} | {' | '.join(cells)} |")
    if any((*row.differences, *(d for f in row.functions for d in f.differences))):
        lines += ["", f"What differs from the real {row.title}:", "", *_differences(row)]
    return "\n".join(lines)


def summary(row: Row) -> str:
    """One line of a table of all systems."""
    names = ", ".join(f"`{f.name}`" for f in row.functions)
    state = row.tested or "read"
    where = "; ".join(dict.fromkeys(_where(f) for f in row.functions if f.op != "matrix"))
    ways = sorted({_words.direction(f) for f in row.functions} - {""})
    return f"| {row.title} | `{row.system}` | {state} | {names} | {where} | {'; '.join(ways)} |"


def _where(function: Function) -> str:
    order = "x, y" if function.convention.order == "xy" else "row, column"
    return f"{order}: {_unit(function)}"


def _heading(row: Row) -> str:
    """The title and the versions."""
    since = "" if row.title.endswith(row.since) else f"{row.since} "
    rows = [other for other in ROWS if other.system == row.system]
    later = "".join(f", before {other.since}" for other in rows[rows.index(row) + 1 :][:1])
    state = f"run with {row.tested}" if row.source == "run" else "its sources read, not run"
    return f"{row.title} ({since}and newer{later}; {state})"


def _differences(row: Row) -> list[str]:
    """What differs, each once with the names of its functions."""
    names: dict[Difference, list[str]] = {difference: [] for difference in row.differences}
    for function in row.functions:
        for difference in function.differences:
            names.setdefault(difference, []).append(f"`{function.name}`")
    lines = []
    for (what, shown_by), own in names.items():
        start = f"{', '.join(own)}: " if own and len(own) < len(row.functions) else ""
        lines.append(f"- {start}{what}")
        lines += [f"  Shown there by `{shown_by}`"] if shown_by else []
    return lines


def _call(function: Function) -> str:
    parameters = list(signature(function).parameters.values())[:-1]
    return f"`({', '.join(str(p) for p in parameters)})`"


def _arrays(function: Function) -> str:
    rule, own = function.convention, roles_of(function)
    if function.op == "matrix":
        return "parameters (N, P), matrix (N, 2, 3)"
    cells = [f"image {_words.shape(rule.layout, function)}"] if "x" in own else []
    cells += [f"map {_words.map_shape(function)}"] if "theta" in own else []
    kind = "flow" if rule.unit == "flow" else "points" if "points" in own else "coordinates"
    kind = "grid" if function.op == "grid" else kind
    cells += [] if function.op == "warp" else [f"{kind} {_words.points_shape(function)}"]
    return "; ".join(cells)


def _unit(function: Function) -> str:
    return "" if function.op == "matrix" else _words.unit(function)


def _axes(function: Function) -> str:
    return "" if function.op == "matrix" else _words.axes(function)


def _direction(function: Function) -> str:
    return "" if function.op == "matrix" else _words.direction(function)


def _modes(function: Function) -> str:
    return _words.modes(function) if function.op in ("sample", "warp") else ""


def _outside(function: Function) -> str:
    return _words.paddings(function) if function.op in ("sample", "warp") else ""


_CELLS: dict[str, Callable[[Function], str]] = {
    "the real call": lambda function: function.real,
    "arguments": _call,
    "arrays": _arrays,
    "pixel p of a coordinate g on an axis of size S": _unit,
    "coordinates": _axes,
    "map": _direction,
    "interpolation": _modes,
    "outside": _outside,
    "numbers": lambda function: "; ".join(_words.numbers(function)),
    "derivative of bilinear": lambda function: "; ".join(_words.derivatives(function)),
    "others": _words.others,
}
