"""Print the specification: all clauses, or some of them with their probes.

for example:
  npstn spec
  npstn spec R13 R32
  npstn spec --json R1
"""

import argparse
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..conformance.zoo import Bug
    from ..spec import Clause, Spec


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("clauses", nargs="*", metavar="CLAUSE", help="numbers, such as R13")
    parser.add_argument("--json", action="store_true", help="print them as JSON")


def run(options: argparse.Namespace) -> int:
    """Print it."""
    from ..spec import SPEC

    found = [_clause(number, SPEC) for number in options.clauses]
    if options.json:
        print(json.dumps([_data(clause) for clause in found or SPEC.values()], indent=1))
    elif found:
        print("\n\n\n".join(map(_text, found)))
    else:
        print(SPEC)
    return 0


def _clause(number: str, spec: "Spec") -> "Clause":
    number = number.upper()
    if number not in spec:
        raise ValueError(f"CLAUSE is {number!r}, expected R1 to {list(spec)[-1]}")
    return spec[number]


def _text(clause: "Clause") -> str:
    bugs = [f"  {bug.name}: {bug.sentence} ({bug.source})" for bug in _bugs(clause)]
    return "\n".join([str(clause), *(["", "Bugs that break it:", *bugs] if bugs else [])])


def _data(clause: "Clause") -> dict[str, object]:
    words = ("number", "title", "text", "formula", "source")
    rest = {"probes": list(map(str, clause.probes)), "bugs": [bug.name for bug in _bugs(clause)]}
    return {word: getattr(clause, word) for word in words} | rest


def _bugs(clause: "Clause") -> "tuple[Bug, ...]":
    from ..conformance import zoo

    return zoo.breaking(clause.number)
