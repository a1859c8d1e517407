"""Write the tables of all systems: docs/dialects.md, and a line for each of them in README.md.

They are made from the rows of npstn.dialects and tests/dialects/systems/figures.json.
"""

import json
from pathlib import Path

from _pages import ROOT, main

from npstn.dialects import ROWS
from npstn.dialects._tables import coming_from, summary

FIGURES = ROOT / "tests" / "dialects" / "systems" / "figures.json"
BEGIN, END = "<!-- made by scripts/dialects.py -->", "<!-- end -->"


def page() -> str:
    """The page of all tables."""
    head = [
        "# Coming from another system",
        "",
        "`npstn.dialects` has these functions under their own names and defaults, each with its",
        "`_vjp`. A coordinate g is at the pixel p on an axis of S texels, where 0 is the centre of",
        "the first; the lattice is of the pixels of the output. `scripts/dialects.py` makes this",
        "page from the rows; its figures are those of `bash scripts/test.sh --backends`.",
        "",
        figures(),
    ]
    return "\n".join(head) + "\n\n" + "\n\n".join(coming_from(row) for row in ROWS) + "\n"


def figures() -> str:
    """The table of the comparisons with the real systems."""
    lines = ["| | cases | named | float64 | | float32 | |", "|---|---|---|---|---|---|---|"]
    lines += ["| | | | output | gradients | output | gradients |"]
    for name, found in sorted(json.loads(FIGURES.read_text("utf-8")).items()):
        cells = [str(found["cases"]), str(sum(found["named"].values()))]
        for key in ("float64 out", "float64 gradient", "float32 out", "float32 gradient"):
            worst = found["worst"].get(key)
            cells.append("" if worst is None else f"{worst:.1e}" if worst else "0")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def readme(text: str) -> str:
    """README with the lines of all systems."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = {row.system: row for row in ROWS}
    lines = [
        BEGIN,
        "| | `npstn.dialects.` | run with | functions | order: pixel p of a point g | maps |",
        "|---|---|---|---|---|---|",
        *(summary(row) for row in rows.values()),
        END,
    ]
    return before + "\n".join(lines) + after


def pages() -> dict[Path, str]:
    """README and the page of all tables, as they should be."""
    opening = ROOT / "README.md"
    return {opening: readme(opening.read_text("utf-8")), ROOT / "docs" / "dialects.md": page()}


if __name__ == "__main__":
    main("dialects.py", str(__doc__).partition("\n\n")[0], pages)
