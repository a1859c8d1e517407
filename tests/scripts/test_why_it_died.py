"""The page of five dead transformers: each is dead before and lives after, and the page is true."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

import npstn
from npstn.jit import compiler

SCRIPTS = Path(__file__).parents[2] / "scripts"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: the same bits, after minutes"),
]


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    before = sys.path.copy()
    sys.path.insert(0, str(SCRIPTS))
    import why_it_died

    yield why_it_died
    sys.path[:] = before


@pytest.fixture(scope="module")
def parts(script):
    return {part.slug: part for part in script.parts()}


def outside(x, theta):
    """The fraction of all points that are outside."""
    size = x.shape[1:3]
    return npstn.coverage(npstn.affine_grid(theta, size), size).outside.mean()


def test_the_page_is_up_to_date(script, parts):
    assert "".join(part.text for part in parts.values()) == script.PAGE.read_text("utf-8")


def test_what_is_printed_replaces_what_was(script):
    page = "# Title\n\n```python\nprint(1 + n)\n```\n{}\nWords.\n\n```python\nn = 5\n```\n{}"
    made = script.run(page.format("\n```text\n7\n```\n", "\n```text\nold\n```\n"), {"n": 2})
    assert made.text == page.format("\n```text\n3\n```\n", "")
    assert made.names["n"] == 5
    assert made.slug == "title"


def test_each_section_has_a_row_and_a_small_picture(script, parts):
    head, *sections = parts.values()
    assert re.findall(r"\]\(#(.*)\)", head.text) == [section.slug for section in sections]
    assert len(sections) == 5
    for section in sections:
        (name,) = re.findall(r"^!\[.+\]\((.*)\)$", section.text, re.MULTILINE)
        assert name == f"why/{section.slug}.png"
        path = script.PAGE.parent / name
        assert path.stat().st_size < 150_000
        with Image.open(path) as picture:
            assert picture.size[0] == 12 * script.DOTS
    assert len(list(script.PICTURES.iterdir())) == len(sections)


def test_pictures_are_drawn(script, parts, monkeypatch, tmp_path):
    monkeypatch.setattr(script, "PICTURES", tmp_path / "why")
    script.draw(list(parts.values())[:2])
    with Image.open(tmp_path / "why" / "theta-in-pixels.png") as picture:
        assert picture.size[0] == 12 * script.DOTS
        assert len(picture.getcolors(2**24)) > 100


def test_theta_in_pixels(parts):
    names = parts["theta-in-pixels"].names
    x, theta, cured = names["x"], names["theta"], names["cured"]
    assert outside(x, theta) == 1
    assert not npstn.spatial_transformer_network(x, theta).any()
    assert outside(x, cured) == pytest.approx(1 - (108 * 140) / (128 * 150))
    np.testing.assert_allclose(names["out"][:, :140, :108], x[:, 10:, 20:], atol=1e-12)
    assert names["d_theta"].any()


def test_wrong_layout(parts):
    names = parts["wrong-layout"].names
    right = npstn.spatial_transformer_network(names["x"], names["theta"]).transpose(0, 3, 1, 2)
    assert abs(names["out"] - right).mean() > 0.1
    assert (names["cured"] == right).all()


def test_wrong_direction(parts):
    names = parts["wrong-direction"].names
    x, theta, cured = names["x"], names["theta"], names["cured"]
    at = {
        name: (t[0, :, 2] + 1) * names["middle"]
        for name, t in (("before", theta), ("cured", cured))
    }
    assert outside(x, theta) == pytest.approx(0.84, abs=0.005)
    assert np.linalg.norm(at["before"] - names["face"]) > 100
    assert outside(x, cured) == 0
    np.testing.assert_allclose(at["cured"], names["face"], atol=1e-9)


def test_learning_rate(parts):
    names = parts["learning-rate"].names
    x, sought = names["spots"](256), names["sought"]
    assert outside(x, names["theta"]) == 1
    assert abs(names["theta"] - sought).max() > 3
    for cure in "cured", "clipped", "slower":
        assert abs(names[cure] - sought).max() < 0.02
        assert outside(x, names[cure]) < 0.02


def test_d_theta_grows_with_the_size(parts):
    names = parts["learning-rate"].names
    small, large = (names["spots"](n)[:1] for n in (32, 256))
    sums = [names["norm"](x[:, None], x) for x in (small, large)]
    assert sums[1] / sums[0] == pytest.approx(64, rel=0.1)


def test_all_points_outside(parts):
    names = parts["all-points-outside"].names
    x, theta, cured, step = (names[name] for name in ("x", "theta", "cured", "step"))
    assert outside(x, theta) == 1
    for padding_mode in "zeros", "border":
        assert not step(theta, padding_mode)[1].any()
    x_row, y_row = step(names["beside"], "border")[1]
    assert not x_row.any()
    assert y_row.any()
    for padding_mode in "reflection", "wrap":
        assert step(theta, padding_mode)[1].all()
    assert outside(x, cured) == 0
    np.testing.assert_allclose(cured, names["sought"], atol=1e-3)
    for raw in -99.0, 99.0:
        ends = names["attention_theta"](names["window"](np.full((1, 2), raw)))
        assert outside(x, ends) == 0
