"""README's table of digits: errors with and without the transformer."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    sys.path.insert(0, str(SCRIPTS))
    import compare_digits

    yield compare_digits
    sys.path.remove(str(SCRIPTS))


def figures(*errors):
    epochs = [{"loss": 1.0, "train": 0.5, "valid": 0.25}, {"loss": 0.5, "train": 0.2, "valid": 0.1}]
    return [{"test": error, "epochs": epochs} for error in errors]


@pytest.fixture
def found():
    without, with_it = figures(0.02, 0.03, 0.04), figures(0.01, 0.02, 0.015)
    return {
        (d, way): f for d in ("R", "RTS") for way, f in (("without", without), ("with", with_it))
    }


def test_table(script, found):
    *_, first, second = script.table(found).splitlines()
    assert first == (
        "| R | 3.00 % (2.00 to 4.00) | 1.50 % (1.00 to 2.00) | 50 % | 43 % (2.1 to 1.2 %) |"
    )
    assert second.startswith("| RTS | 3.00 %")


def test_readme_has_such_a_table(script, found):
    before, after = (script.ROOT / "README.md").read_text("utf-8"), script.readme(found)
    assert script.table(found) in after
    for text in (before, after):
        head, _, rest = text.partition(script.BEGIN)
        made, _, tail = rest.partition(script.END)
        assert len(made.strip().splitlines()) == 4
        assert (head, tail) == (before.partition(script.BEGIN)[0], before.partition(script.END)[2])


def test_curves(script, found):
    (ax,) = script.pictures.curves({w: found["R", w] for w in script.WAYS}).axes
    assert len(ax.lines) == 2 * 3 * 2
    assert ax.lines[0].get_ydata().tolist() == [50, 20]
    assert ax.lines[1].get_ydata().tolist() == [25, 10]
    assert len(ax.get_legend().get_texts()) == 4
