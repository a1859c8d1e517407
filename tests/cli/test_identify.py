"""The command npstn identify."""

import json

from npstn import cli


def test_a_system_and_a_swapped_one(capsys, monkeypatch, tmp_path):
    assert cli.main(["identify", "npstn.dialects.torch", "--dialect", "torch"]) == 0
    assert "agrees with torch" in capsys.readouterr().out
    lines = (
        "from npstn import dialects\n\n\n"
        "def fn(x, grid, **o):\n"
        "    return dialects.torch.grid_sample(x, grid[..., ::-1].copy(), **o)\n"
    )
    (tmp_path / "swapped_backend.py").write_text(lines)
    monkeypatch.chdir(tmp_path)
    given = ["identify", "swapped_backend:fn", "--dialect", "torch", "--json"]
    assert cli.main(given) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["clause"] == "R4"
    assert "swapped" in found["sentence"]


def test_an_unknown_operation_is_an_error(capsys):
    assert cli.main(["identify", "npstn", "--op", "resize"]) == 2
    assert "resize" in capsys.readouterr().err
