"""Tables: their headings, cells and differences."""

import pytest

from npstn import dialects
from npstn.dialects._tables import coming_from, summary


@pytest.mark.parametrize(
    ("system", "version", "heading"),
    [
        ("torch", None, "### PyTorch (1.8 and newer; run with 2.13.0)"),
        ("torch", "1.3", "### PyTorch (1.3 and newer, before 1.8; its sources read, not run)"),
        ("onnx", None, "### ONNX opset 20 (and newer; run with 1.23.2)"),
    ],
)
def test_headings(system, version, heading):
    assert str(dialects.get(system, version=version)).splitlines()[0] == heading


def cells(row, head):
    (line,) = [x for x in coming_from(row).splitlines() if x.startswith(f"| {head}")]
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_cells():
    torch, tfa = dialects.torch.row, dialects.tfa.row
    assert cells(torch, "arrays")[1].endswith("points (N, ..., 2) or (N, ..., 3)")
    assert cells(torch, "interpolation")[0] == ""
    assert cells(torch, "others") == [
        "",
        "volumes: interpolation is 'bilinear', 'nearest' (ties to even)",
    ]
    assert cells(tfa, "pixel p") == ["p = g", "as left", "p = lattice - flow", "p = g"]
    assert cells(tfa, "map") == ["", "", "", "from output to input"]
    assert cells(dialects.pillow.row, "the real call")[0].startswith(
        "image.transform(size, Image.T"
    )


@pytest.mark.parametrize("row", dialects.ROWS, ids=[f"{r.system}-{r.since}" for r in dialects.ROWS])
def test_every_line_of_a_table_has_all_columns(row):
    table = [line for line in coming_from(row).splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table} == {len(row.functions) + 2}


def test_a_matrix_has_no_image():
    for head in ("pixel p", "coordinates", "map", "interpolation", "outside", "numbers"):
        assert cells(dialects.stnbhwd.row, head)[0] == ""


def test_a_difference_is_told_once_and_with_its_functions():
    lines = str(dialects.kornia).splitlines()
    told = [line for line in lines if "Matrices: kornia" in line]
    assert [line.split(":")[0] for line in told] == ["- `warp_affine`, `warp_perspective`"]
    told = [line for line in str(dialects.torchvision).splitlines() if "A fill, even 0" in line]
    assert [line[:10] for line in told] == ["- A fill, "]
    assert lines[lines.index(next(x for x in lines if "remap`: Without" in x)) + 1].startswith(
        "  Shown there by `import torch"
    )


def test_a_summary_has_all_units_and_orders():
    assert "| row, column: p = g; x, y: p = g | from output to input |" in summary(
        dialects.keras.row
    )
