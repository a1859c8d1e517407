"""The report of a check as one page that needs nothing else: summary, table, findings, versions."""

from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..spec import SPEC
from .report import HEADS, Finding, Line, Report, briefly, summarised

MOST = 2000  # numbers of an array that are written out
CELL = 16  # pixels of a number in a map of errors
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem;
  color: #1a1a1a; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
h3 { font-size: 1rem; margin: 1.8rem 0 .4rem; }
.verdict { display: inline-block; padding: .1rem .7rem; border-radius: 1rem; color: #fff; }
.right { background: #1b7f3b; } .wrong { background: #b3261e; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #ddd; }
th { font-weight: 600; } td.n, th.n { text-align: right; }
tr.bad td { background: #fdecea; }
pre { background: #f5f5f5; padding: .7rem; overflow-x: auto; font-size: 12.5px; }
svg { display: block; margin: .6rem 0; } figure { margin: 0; } figcaption { color: #555; }
.clause { color: #555; } details { margin: .4rem 0; }
"""


def page(report: Report) -> str:
    """Write the page.

    Parameters
    ----------
    report : Report
        Of :func:`npstn.conformance.check`.

    Returns
    -------
    str
        HTML in UTF-8, with its style and pictures in it.
    """
    verdict = "passed" if report.passed else f"{len(report.findings)} findings"
    mark = "right" if report.passed else "wrong"
    cases = sum(line.cases for line in report.lines)
    numbers = sum(line.numbers for line in report.lines)
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    parts = [
        f"<h1>{escape(report.title)} <span class='verdict {mark}'>{verdict}</span></h1>",
        f"<p>{cases} results, {numbers} numbers, {report.seconds:.1f} s; {escape(versions)}.</p>",
        "<p>An error is given in units of what is allowed: up to 1 is right. The share of the"
        " coordinate is what the rounding of coordinates has in that. Beside are numbers that are"
        " right as the other side of a kink, a tie or a gate has them.</p>",
        *_listed("What is wrong", list(briefly(report.findings))),
        "<h2>By clause</h2>",
        _table(list(summarised(report.lines))),
        f"<details><summary>Every choice of options</summary>{_table(report.lines)}</details>",
        *_findings(report.findings),
        *_listed("Left out", report.left_out),
        *_listed("Notes", report.notes),
    ]
    head = f"<meta charset='utf-8'><title>{escape(report.title)}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{''.join(parts)}</body></html>"


def _listed(head: str, rows: list[str]) -> list[str]:
    items = "".join(f"<li>{escape(row)}</li>" for row in rows)
    return [f"<h2>{head}</h2>", f"<ul>{items}</ul>"] if rows else []


def _table(lines: list[Line]) -> str:
    head = "".join(f"<th{_right(k)}>{name}</th>" for k, name in enumerate(HEADS))
    rows = [_row(line) for line in sorted(lines, key=lambda a: (not a.wrong, int(a.clause[1:])))]
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def _row(line: Line) -> str:
    title = escape(SPEC[line.clause].title)
    cells = [f"<td{_right(k)}>{escape(cell)}</td>" for k, cell in enumerate(line.cells())]
    cells[0] = f"<td title='{title}'><b>{line.clause}</b> {title}</td>"
    return f"<tr class='{'bad' if line.wrong else ''}'>{''.join(cells)}</tr>"


def _right(column: int) -> str:
    return " class='n'" if column > 2 else ""


def _findings(findings: list[Finding]) -> list[str]:
    return ["<h2>Findings</h2>", *map(_finding, findings)] if findings else []


def _finding(finding: Finding) -> str:
    clause = SPEC[finding.clause]
    head = f"{finding.clause} {clause.title}: {finding.options}, {finding.dtype}, {finding.result}"
    parts = [
        f"<h3>{escape(head)}</h3>",
        f"<p>{escape(finding.message)}</p>",
        f"<p class='clause'>{escape(clause.text)}<br><code>{escape(clause.formula)}</code></p>",
    ]
    if finding.errors is not None:
        parts.append(_map(finding.errors))
    if finding.case is not None:
        code = "\n".join(f"{k} = {_python(v)}" for k, v in finding.case.given.items())
        code += f"\nd = {_python(finding.case.d_out)}"
        parts.append(
            f"<details><summary>The case, to be pasted</summary><pre>{escape(code)}</pre></details>"
        )
    return "".join(parts)


def _python(value: Any) -> str:
    """A value as a line of Python."""
    if not isinstance(value, np.ndarray):
        return repr(value)
    if value.size > MOST:
        return f"...  # {value.dtype} of shape {value.shape}"
    numbers = ", ".join(map(_number, value.ravel().tolist()))
    return f"np.array([{numbers}], np.{value.dtype}).reshape{value.shape}"


def _number(value: float) -> str:
    if np.isfinite(value):
        return repr(value)
    return "np.nan" if value != value else "np.inf" if value > 0 else "-np.inf"


def _map(errors: NDArray[Any]) -> str:
    """A picture of the errors of a result, in units of what is allowed: its last two long axes."""
    flat = np.atleast_2d(np.squeeze(errors))
    while flat.ndim > 2:  # the largest error over the axes that are not drawn
        flat = flat.max(int(np.argmin(flat.shape)))
    if flat.size > MOST:
        return ""
    height, width = flat.shape
    boxes = []
    for (i, j), ratio in np.ndenumerate(flat):
        label = f"[{i}, {j}]: {ratio:.3g}"
        place = f"x='{j * CELL}' y='{i * CELL}' width='{CELL - 1}' height='{CELL - 1}'"
        boxes.append(f"<rect {place} fill='{_colour(float(ratio))}'><title>{label}</title></rect>")
    size = f"width='{width * CELL}' height='{height * CELL}'"
    words = "Errors: white is none, green up to what is allowed, red above it."
    return f"<figure><svg {size}>{''.join(boxes)}</svg><figcaption>{words}</figcaption></figure>"


def _colour(ratio: float) -> str:
    if ratio == 0:
        return "#f2f2f2"
    return f"rgb(27 127 59 / {0.15 + 0.85 * ratio:.2f})" if ratio <= 1 else "#b3261e"
