"""The figures of the comparisons: there are some of all that is said to have been run."""

import json
from pathlib import Path

import pytest
from support.dialects import Figures

from npstn import dialects

FIGURES = json.loads(Path(__file__).with_name("figures.json").read_text("utf-8"))


def key(row, function):
    return f"{row.system} {row.since}, {function.name}, "


RUN = [(row, f) for row in dialects.ROWS if row.source == "run" for f in row.functions]


@pytest.mark.parametrize(
    ("row", "function"), RUN, ids=[f"{row.system}-{row.since}-{f.name}" for row, f in RUN]
)
def test_every_function_that_was_run_has_figures(row, function):
    found = {name: f for name, f in FIGURES.items() if name.startswith(key(row, function))}
    assert found, f"no figures of {key(row, function)}"
    versions = [name.rpartition(", ")[2] for name in found]
    assert any(row.tested in version for version in versions), versions
    assert all(figures["cases"] > 0 for figures in found.values())


def test_figures_have_no_others():
    known = {key(row, f) for row in dialects.ROWS for f in row.functions}
    assert {f"{name.rpartition(', ')[0]}, " for name in FIGURES} <= known


def test_worst_of_figures():
    figures = Figures()
    figures.add("float64 out", 1.0)
    figures.add("float64 out", 0.5)
    assert figures.worst == {"float64 out": 1.0}
