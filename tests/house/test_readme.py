"""Every code block of README.md runs, and its drawings are true."""

import os
import re
import subprocess
import sys
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from support import ROOT

import npstn
from npstn.contract import FLOOR, SLACK, U, bound

README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_every_block_is_known():
    known = sum(len(blocks(language)) for language in ("python", "text", "console"))
    assert README.count("\n```") == 2 * known


def test_python_blocks_run_in_order(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for at, block in enumerate(blocks("python")):
        exec(compile(block, f"README.md, block {at + 1}", "exec"), names)
    for name in "found", "before_after":
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000
    assert "checked" in capsys.readouterr().out
    check_the_layer(names["Transformer"])


def check_the_layer(transformer) -> None:
    """Its cotangents are those of the module, and of a network that is given d_theta."""
    theta, given = np.array([[0.9, 0.1, 0, -0.1, 0.8, 0.1]]), []
    network = SimpleNamespace(forward=lambda x: theta, backward=lambda d: given.append(d) or 7.0)
    layer, rng = transformer(network), np.random.default_rng(0)
    x, d_out = rng.random((1, 8, 9, 2)), rng.random((1, 20, 30, 2))
    assert (layer.forward(x) == npstn.spatial_transformer_network(x, theta, (20, 30))).all()
    d_x, d_theta = npstn.spatial_transformer_network_vjp(d_out, x, theta)
    assert (layer.backward(d_out) == d_x + 7).all()
    assert (given[0] == d_theta).all()


def test_padding_drawing():
    """Each row of the drawing is what grid_sample gives at the pixels of its header."""
    header, *rows = [line for line in blocks("text")[0].splitlines() if line]
    pixels = [float(p) for p in header.split()]
    x = np.arange(1.0, 5.0).reshape(1, 1, 4, 1)  # a b c d
    grid = np.zeros((1, 1, len(pixels), 2))
    grid[..., 0] = pixels
    for row in rows:
        name, letters = re.fullmatch(
            r"(\w+(?:, \w+)?) +((?:[.abcd|] +)+[.abcd])(?: .*)?", row
        ).groups()
        mode, _, align = name.partition(", ")
        drawn = [
            0.0 if c == "." else 1.0 + "abcd".index(c) for c in letters.replace("|", "").split()
        ]
        out = npstn.grid_sample(
            x, grid, padding_mode=mode, align_corners=align != "otherwise", coordinates="pixel"
        )
        assert out[0, 0, :, 0].tolist() == drawn, row
    assert len(rows) == 5


def test_align_corners_drawing():
    """-1 and 1 stand below the places they are said to be."""
    drawing = blocks("text")[1]
    pictures = [p.splitlines() for p in drawing.strip("\n").split("\n\n")]
    for lines, align in zip(pictures, (True, False), strict=True):
        assert lines[0].startswith(f"align_corners={align}")
        row, edge = lines[1], lines[2]
        first, last = row.index("a"), row.index("d")
        texel = row.index("b") - first
        for g, mark in ((-1, edge.index("^")), (1, edge.rindex("^"))):
            c, d = npstn.grid.pixel_scale(4, align)
            assert g * c + d == (mark - first) / texel
        assert lines[3].split() == ["-1", "1"]
    assert last - first == 3 * texel


def test_bounds_are_those_of_the_contract():
    text = " ".join(README.split("## What is certain")[1].split("\n- ")[0].split())
    rows = {"out": "output", "d_x": "`d_x`", "d_grid": "`d_grid`", "d_theta": "`d_theta`"}
    for result, name in rows.items():
        assert f"| {name} | {bound(result)} |" in text
    assert f"half an ulp + {bound('out')} |" in text
    volumes = {str(bound(result, rank=3)) for result in ("d_x", "d_grid", "d_theta", "t_out")}
    assert {str(bound(r)) for r in ("t_out", "dd_x", "dd_out")} == volumes
    assert f"Volumes, tangents and second derivatives: {volumes.pop()}; bicubic" in text
    two, three = (bound("d_x", "bicubic", rank) for rank in (2, 3))
    assert f"in two dimensions: {two}, in three: {three}, and {SLACK}u of 1" in text
    assert Fraction(1, 2**1070) == FLOOR
    assert "2⁻¹⁰⁷⁰" in text
    assert Fraction(1, 2**53) == U
    assert "u = 2⁻⁵³" in text


def test_files_and_options_named_exist():
    for path in re.findall(r"`(?:bash |python )?((?:scripts|npstn)/[\w./]+)`", README):
        assert (ROOT / path).exists(), path
    for path in re.findall(r"\]\(([\w./]+)\)", README):
        assert (ROOT / path).exists(), path
    assert len(README.splitlines()) <= 400


@pytest.mark.parametrize("script", ["dialects", "spec"])
def test_pages_made_from_data_are_up_to_date(script):
    command = [sys.executable, ROOT / "scripts" / f"{script}.py", "--check"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
