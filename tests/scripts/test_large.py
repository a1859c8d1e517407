"""Arrays of more than 2**31 elements: the same checks on small ones, with sums of all elements."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import npstn

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import large

    assert {np.prod(side) > 2**31 for side in large.SIDES.values()} == {True}
    assert 2 * np.prod(large.HALF) > 2**31
    monkeypatch.setattr(large, "SIDES", {2: (61, 61), 3: (31, 31, 31)})
    monkeypatch.setattr(large, "HALF", (64, 65))
    monkeypatch.setattr(large._memory, "free_memory", lambda: None)
    monkeypatch.setattr(sys, "argv", ["large.py"])
    return large


def test_all_cases_are_right(large, capsys):
    with pytest.raises(SystemExit) as ended:
        large.main()
    lines = capsys.readouterr().out.splitlines()
    assert ended.value.code == 0
    assert len(lines) == 20
    assert all(line.startswith("right") for line in lines[:-1])
    assert lines[-1] == "0 wrong, 0 left out"


def test_a_wrong_element_is_found(large, monkeypatch, capsys):
    """An index that begins again: the last element is that of another place."""
    sample = npstn.grid_sample

    def again(x, grid, **options):
        out = sample(x, grid, **options).copy()
        out[..., -1, :] = out[..., 0, :]
        return out if x.size > 2000 else sample(x, grid, **options)

    monkeypatch.setattr(npstn, "grid_sample", again)
    monkeypatch.setattr(sys, "argv", ["large.py", "--only", "2-D bilinear$"])
    with pytest.raises(SystemExit) as ended:
        large.main()
    assert ended.value.code == 1
    assert "WRONG" in capsys.readouterr().out


def test_a_case_that_needs_more_memory_is_left_out(large, monkeypatch, capsys):
    monkeypatch.setattr(large._memory, "free_memory", lambda: 10 * 2**30)
    monkeypatch.setattr(sys, "argv", ["large.py", "--only", "affine_grid$"])
    with pytest.raises(SystemExit) as ended:
        large.main()
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert out == "left out   affine_grid: writes 17 GiB, 10 are free\n0 wrong, 1 left out\n"
