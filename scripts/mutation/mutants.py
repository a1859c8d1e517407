"""What the mutation run judges: mutants of a source file, and the reviewed list of equivalent ones.

A mutant replaces one node of the syntax tree, in the text of the file, so that every other line,
comment and line number stays as it is. Annotations and decorators are left alone, and calls that
only ask the memory for what may be needed soon.
"""

import ast
import copy
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

Node = TypeVar("Node", bound=ast.AST)
Key = tuple[str, str, str]

SWAPS: dict[type[ast.AST], type[Any]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mod,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
CALLS = {"min": "max", "minimum": "maximum", "fmin": "fmax", "floor": "ceil"}
CALLS |= {new: old for old, new in CALLS.items()}
DROPPED = ("abs", "fabs")
ADVICE = ("ask", "fetch")


@dataclass(frozen=True)
class Mutant:
    """One changed node of one file.

    ``text`` is the line it begins on. ``number`` counts equal changes to equal lines of one
    function; with it, :attr:`key` names a mutant without a line number.
    """

    file: str
    function: str
    line: int
    text: str
    change: str
    number: int
    source: str

    @property
    def key(self) -> Key:
        """Place, text and change: how the list of equivalent mutants names this one."""
        number = f" (no. {self.number})" if self.number > 1 else ""
        return f"{self.file}: {self.function}", self.text, self.change + number


def mutants(path: Path, constants: bool) -> list[Mutant]:
    """All mutants of the functions of a file, in the order of the syntax tree."""
    source = path.read_bytes()
    lines = source.splitlines(keepends=True)
    starts = [sum(map(len, lines[:n])) for n in range(len(lines))]
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for function, node in _code(ast.parse(source), "<module>"):
        if function == "<module>" or (isinstance(node, ast.Constant) and not constants):
            continue
        start = starts[node.lineno - 1] + node.col_offset
        stop = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        for variant in _variants(node):
            text = lines[node.lineno - 1].decode().strip()
            new = ast.unparse(ast.fix_missing_locations(variant))
            change = f"{' '.join(source[start:stop].decode().split())} -> {new}"
            seen[function, text, change] += 1
            new = f"({new})" if isinstance(variant, ast.expr) else new
            mutated = (source[:start] + new.encode() + source[stop:]).decode()
            number = seen[function, text, change]
            found.append(Mutant(path.name, function, node.lineno, text, change, number, mutated))
    return found


def read_reasons(path: Path) -> dict[Key, str]:
    """Read the list of equivalent mutants: blocks of place, line, change, and the reason."""
    reasons: dict[Key, str] = {}
    text = "\n".join(line for line in path.read_text("utf-8").splitlines() if line[:1] != "#")
    for block in text.split("\n\n"):
        rows = [row.strip() for row in block.strip().splitlines()]
        if not rows:
            continue
        if len(rows) < 4:
            raise ValueError(f"{path} has the block {rows}, expected place, line, change, reason")
        place, line, change, *reason = rows
        if (place, line, change) in reasons:
            raise ValueError(f"{path} has two blocks for {rows[:3]}, expected one")
        reasons[place, line, change] = " ".join(reason)
    return reasons


def check_reasons(reasons: Iterable[Key], known: Iterable[Mutant]) -> None:
    """Raise if the list names mutants that do not exist (any more)."""
    stale = sorted(set(reasons) - {mutant.key for mutant in known})
    if stale:
        raise ValueError(f"the list of equivalent mutants names {stale}, expected real mutants")


def _code(node: ast.AST, function: str) -> Iterator[tuple[str, ast.expr | ast.stmt]]:
    """Every expression and statement, with the qualified name of the function it is in."""
    match node:
        case ast.FunctionDef(name=name) | ast.Call(func=ast.Name(id=name)) if name in ADVICE:
            return
    if isinstance(node, ast.expr | ast.stmt):
        yield function, node
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        function = f"{function}.{node.name}".removeprefix("<module>.")
    for name, field in ast.iter_fields(node):
        if name not in ("annotation", "returns", "decorator_list"):
            for child in field if isinstance(field, list) else [field]:
                if isinstance(child, ast.AST):
                    yield from _code(child, function)


def _variants(node: ast.expr | ast.stmt) -> Iterator[ast.expr | ast.stmt]:
    """What a node is changed into."""
    match node:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield from (ast.Constant(new) for new in (value + 1, value - 1) if new != value)
        case ast.BinOp(op=op) | ast.BoolOp(op=op) | ast.AugAssign(op=op) if type(op) in SWAPS:
            yield _with(node, op=SWAPS[type(op)]())
        case ast.Compare(ops=ops):
            for n, old in enumerate(ops):
                if type(old) in SWAPS:
                    yield _with(node, ops=[*ops[:n], SWAPS[type(old)](), *ops[n + 1 :]])
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield operand
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args):
            if name in CALLS:
                field = "id" if isinstance(node.func, ast.Name) else "attr"
                yield _with(node, func=_with(node.func, **{field: CALLS[name]}))
            elif name in DROPPED:
                yield args[0]
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value)


def _with(node: Node, **fields: object) -> Node:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed
