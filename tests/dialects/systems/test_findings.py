"""docs/findings.md: each line prints, or raises, what the page says, where its system is there."""

import re
from importlib import metadata

import pytest
from support import ROOT
from support.differences import printed

TEXT = (ROOT / "docs" / "findings.md").read_text("utf-8")
LINE = re.compile(r"^  `(.+)`\n  (?:prints|raises) `(.+?)`", re.MULTILINE)
RUN = re.compile(r"^Run with `(.+)` (.+)\.$", re.MULTILINE)
FOUND = [
    pytest.param(*RUN.search(section).groups(), line, text, id=f"{section.split()[0]}-{k}")
    for section in TEXT.split("\n## ")[1:]
    for k, (line, text) in enumerate(LINE.findall(section))
]


def test_all_lines_are_found():
    assert len(FOUND) == TEXT.count("\n  `") > 30


@pytest.mark.parametrize(("distribution", "versions", "line", "text"), FOUND)
def test_a_line_shows_it(distribution, versions, line, text):
    try:
        version = metadata.version(distribution).partition("+")[0]
    except metadata.PackageNotFoundError:
        pytest.skip(f"{distribution} is not installed")
    if version not in versions.split(" and "):
        pytest.skip(f"{distribution} is {version}, and the page is of {versions}")
    assert printed(line) == text
