"""The page of a report."""

import re

import numpy as np

from npstn.conformance import check
from npstn.conformance.html import page


def swapped(x, grid, **options):
    import npstn

    return npstn.grid_sample(x, grid[..., ::-1].copy(), **options)


def options(**chosen):
    return {"dtype": "float64", "tiers": "lattice", **chosen}


def test_a_page_shows_findings_and_their_cases():
    report = check(swapped, **options())
    assert not report.passed
    text = page(report)
    assert f"{len(report.findings)} findings" in text
    assert text.count("<svg") == sum(f.errors is not None for f in report.findings) > 0
    assert "#b3261e'><title>" in text  # a wrong number of a map
    finding = next(f for f in report.findings if f.case.mode == "bilinear")
    code = text[text.index(str(finding.case)) :]
    code = re.search(r"<pre>(.*?)</pre>", code, re.DOTALL)[1]
    code = code.replace("&#x27;", "'")
    names = {"np": np}
    exec(code, names)
    for name, value in finding.case.given.items():
        np.testing.assert_array_equal(names[name], value)
    assert not re.search(r"(src|href)=", text)  # it needs nothing else


def test_what_is_printed_is_escaped():
    report = check(swapped, **options())
    report.title = "<script>"
    assert "<script>" not in page(report)
