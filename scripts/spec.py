"""Write docs/spec.md, the clauses of npstn.SPEC with their probes and answers."""

from _pages import ROOT, main

from npstn.conformance import zoo
from npstn.spec import SECTIONS, Clause

PAGE = ROOT / "docs" / "spec.md"
HEAD = """\
<!-- fmt: off -->
# Specification

What a spatial transformer computes, in clauses that can be cited: a number is never given to
another clause. `print(npstn.SPEC["R13"])` shows one of them.

g is a coordinate of a point as it is given, p the same in pixels, S the number of texels of its
axis, w the weight of a texel, x its value. `d_a` is the cotangent of a, `t_a` its tangent. Each
clause has probes: calls to be pasted into Python after `import numpy as np, npstn`. Below them are
the exact answers, with their shape, in C order (the last axis first). In a grid that is x, y, x, y
and so on. Where a derivative jumps, its values to the left and to the right are given as well.
Bugs that break a clause are those of `npstn.conformance.zoo`: systems had them.

This page is made from `npstn.spec` by `scripts/spec.py`. Each answer is tested against npstn and
against exact arithmetic."""


def page() -> str:
    """The page of all clauses."""
    contents = []
    for title, clauses in SECTIONS.items():
        links = "\n".join(f"- [{c.number}](#{c.number.lower()}) {c.title}" for c in clauses)
        contents.append(f"**{title}**\n\n{links}")
    parts = [HEAD, *contents]
    for title, clauses in SECTIONS.items():
        parts += [f"## {title}", *map(section, clauses)]
    return "\n\n".join(parts) + "\n"


def section(clause: Clause) -> str:
    """One clause."""
    head = f'<a id="{clause.number.lower()}"></a>\n\n### {clause.number} · {clause.title}'
    parts = [head, clause.text, f"```text\n{clause.formula}\n```"]
    parts += [f"*{clause.source}*"] if clause.source else []
    probes = "\n\n".join(map(str, clause.probes))
    parts.append(f"```python\n{probes}\n```")
    bugs = [f"- `{bug.name}`: {bug.sentence} ({bug.source})" for bug in zoo.breaking(clause.number)]
    return "\n\n".join(parts + (["**Bugs**\n\n" + "\n".join(bugs)] if bugs else []))


if __name__ == "__main__":
    main("spec.py", str(__doc__), lambda: {PAGE: page()})
