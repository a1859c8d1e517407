"""Tables for people who come from a system: what its functions do, in our words, from the row."""

from ._arguments import signature
from ._docs import order, unit
from .row import Convention, Function, Padding, Row


def coming_from(row: Row) -> str:
    """One table of a system's functions, in Markdown, and what differs from the real ones."""
    lines = [f"### {row.title}, from {row.since} on", ""]
    if row.source == "read":
        lines += ["Its sources were read, and not run.", ""]
    lines += ["| | " + " | ".join(f"`{f.name}`" for f in row.functions) + " |"]
    lines += ["|---" * (len(row.functions) + 1) + "|"]
    for head, cell in _CELLS.items():
        found = [cell(function) for function in row.functions]
        found = [a if i == 0 or a != found[i - 1] else "as left" for i, a in enumerate(found)]
        if any(found):
            lines.append(f"| {head} | {' | '.join(found)} |")
    differences = [("", d) for d in row.differences]
    differences += [(f.name, d) for f in row.functions for d in f.differences]
    if differences:
        lines += ["", "What differs from the real system:", ""]
    for name, d in differences:
        start = f"`{name}`: " if name and len(row.functions) > 1 else ""
        shown = f" `{d.shown_by}`" if d.shown_by else ""
        lines.append(f"- {start}{d.what}{shown}")
    return "\n".join(lines)


def summary(row: Row) -> str:
    """One line of a table of all systems."""
    first = row.functions[-1]
    rule = first.convention
    names = ", ".join(f"`{f.name}`" for f in row.functions)
    state = row.tested or "read"
    return f"| {row.title} | `{row.system}` | {state} | {names} | {_where(rule)} | {_map(row)} |"


def _call(function: Function) -> str:
    parameters = list(signature(function).parameters.values())[:-1]
    return f"`({', '.join(str(p) for p in parameters)})`"


def _where(rule: Convention) -> str:
    return f"{unit(rule).rstrip('.')}; {'x, y' if rule.order == 'xy' else 'row, column'}"


def _map(row: Row) -> str:
    ways = {f.convention.direction for f in row.functions if f.op != "sample"}
    names = {"pull": "output to input", "push": "input to output"}
    return ", ".join(names[way] for way in sorted(ways))


def _points(function: Function) -> str:
    return unit(function.convention).rstrip(".")


def _order(function: Function) -> str:
    return order(function.convention, function).rstrip(".")


def _layout(function: Function) -> str:
    if function.op == "grid":
        return f"grid {_word(function.convention.points)}"
    points = f", points {_word(function.convention.points)}" if function.op == "sample" else ""
    return f"image {_word(function.convention.layout)}{points}"


def _word(layout: str) -> str:
    words = [", ".join("H, W" if c == "*" else c for c in word) for word in layout.split("|")]
    return " or ".join(f"({word})" for word in words)


def _paddings(function: Function) -> str:
    if function.op == "grid":
        return ""
    return "; ".join(
        f"{name!r} is {_padding(p)}" for name, p in function.convention.paddings.items()
    )


def _padding(padding: Padding) -> str:
    found: str = padding.mode
    if padding.align is not None and padding.mode == "reflection":
        found += " about the centres" if padding.align else " about the edges"
    if padding.gate is not None:
        low, low_closed, high, high_closed = padding.gate
        ends = "(["[low_closed], ")]"[high_closed]
        high_text = f"S{high:+g}" if high else "S"
        if low > -(2.0**31):  # another is about numbers that are too large
            found += f", the fill outside {ends[0]}{low:g}, {high_text}{ends[1]}"
    if padding.period is not None:
        found = f"the period S{-padding.period:+g}"
    if padding.turns:
        found = "TensorFlow's own wrap"
    if padding.folds is not None:
        found += ", once"
    return found


def _modes(function: Function) -> str:
    if function.op == "grid":
        return ""
    rule = function.convention
    cells = []
    for name, mode in rule.modes.items():
        cell = f"{name!r} is {mode}"
        if mode == "nearest" and rule.ties != "even":
            cell += f", ties {rule.ties}"
        if mode == "bicubic":
            cell += f", a = {rule.cubic_coefficient:g}"
        cells.append(cell)
    return "; ".join(cells)


def _numbers(function: Function) -> str:
    found = _rounding(function.convention)
    if function.otherwise is None or _rounding(function.otherwise) == found:
        return found
    rule = function.convention
    counts = f" of {', '.join(map(str, rule.channels))} channels" if rule.channels else ""
    return f"{', '.join(rule.dtypes)}{counts}: {found}; others: {_rounding(function.otherwise)}"


def _rounding(rule: Convention) -> str:
    cells = [] if rule.cast == "float64" else [f"points in {_CASTS[rule.cast]}"]
    steps = {mode: rule.number("quantum", mode) for mode in dict.fromkeys(rule.modes.values())}
    if any(steps.values()):
        found = [f"{mode} 1/{1 / step:g}" for mode, step in steps.items() if step]
        cells.append(f"points rounded: {', '.join(found)}")
    if rule.matrix_quantum:
        cells.append(f"products of the map to 1/{1 / rule.matrix_quantum:g}")
    return "; ".join(cells)


_CASTS = {"given": "the dtype given", "float32": "float32"}
_CELLS = {
    "arguments": _call,
    "arrays": _layout,
    "points": _points,
    "order": _order,
    "modes": _modes,
    "outside": _paddings,
    "numbers": _numbers,
}
