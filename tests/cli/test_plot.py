import numpy as np
import pytest
from PIL import Image

import npstn
from npstn.cli import main, plot
from npstn.transforms import FAMILIES, family

AFFINE = ["0.7", "-0.7", "0", "0.7", "0.7", "-1e-3"]


@pytest.fixture(autouse=True)
def here(plain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30)).save("photo.png")


@pytest.fixture
def drawn(monkeypatch):
    """What the figure is made of."""
    found = {}
    right = plot.before_after

    def spy(x, grid, out, **options):
        found.update(x=x, grid=grid, out=out, **options)
        return right(x, grid, out, **options)

    monkeypatch.setattr(plot, "before_after", spy)
    return found


def test_a_picture_of_an_affine_map(drawn, capsys, tmp_path):
    options = ["--no-align-corners", "--padding-mode", "border", "--mode", "nearest"]
    arguments = [
        "--image",
        "photo.png",
        "--out",
        "a\x9b.png",
        "--out-dims",
        "8",
        "9",
        "--every",
        "2",
        *options,
    ]
    assert main(["plot", "--theta", *AFFINE, *arguments]) == 0
    assert capsys.readouterr() == (f"picture: {tmp_path}/a\\x9b.png\n", "")
    theta = np.array([AFFINE], np.float64)
    grid = npstn.affine_grid(theta, (8, 9), align_corners=False)[0]
    given = {"align_corners": False, "padding_mode": "border", "mode": "nearest"}
    out = npstn.spatial_transformer_network(drawn["x"][None], theta, (8, 9), **given)[0]
    assert drawn["x"].shape == (20, 30, 1)
    np.testing.assert_array_equal(drawn["grid"], grid)
    np.testing.assert_array_equal(drawn["out"], out)
    assert (drawn["every"], drawn["align_corners"]) == (2, False)
    with Image.open("a\x9b.png") as picture:
        assert picture.size[0] == 1800
        assert len(picture.getcolors(2**24)) > 100


@pytest.mark.parametrize("name", [name for name, f in FAMILIES.items() if 2 in f.ranks])
def test_every_family_begins_at_its_identity(name, drawn):
    assert main(["plot", "--transform", name, "--image", "photo.png"]) == 0
    np.testing.assert_allclose(drawn["out"], drawn["x"], atol=1e-6)


def test_options_of_a_family(drawn):
    options = ["--option", "scale=false", "--option", "translation=false"]
    chosen = ["--transform", "rst", "--theta", "0.4", *options, "--image", "photo.png"]
    assert main(["plot", *chosen]) == 0
    spinning = family("rst", scale=False, translation=False)
    np.testing.assert_array_equal(drawn["grid"], spinning.grid(np.array([[0.4]]), (20, 30))[0])
    assert plot._option("units=pixel") == ("units", "pixel")
    name, points = plot._option("control_points=[[0, 1], [2, 3]]")
    assert (name, points.dtype, points.shape) == ("control_points", np.float64, (2, 2))


@pytest.mark.parametrize("words", [AFFINE, [",".join(AFFINE)], ["0.7, -0.7", "0 .7,0.7", "-0.001"]])
def test_numbers_may_stand_in_one_word(words):
    found = plot.parameters(FAMILIES["affine"], words)
    np.testing.assert_array_equal(found, [0.7, -0.7, 0.0, 0.7, 0.7, -0.001])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--theta", "1", "2"], "--theta has 2 numbers, expected 6 for affine"),
        (["--theta", "one"], "could not convert string to float: 'one'"),
        (["--mode", "bilinera"], "mode is 'bilinera', expected one of 'nearest', 'bilinear'"),
        (["--mode", "bilinera"], 'did you mean mode="bilinear"?'),
        (["--padding-mode", "reflect"], 'did you mean padding_mode="reflection"'),
        (["--transform", "homography"], 'did you mean name="projective"'),
        (["--option", "scale"], "--option is 'scale', expected NAME=VALUE"),
        (["--option", "scale=1"], "scale"),
        (["--out-dims", "0", "5"], "out has shape (0, 5, 1), expected"),
        (["--out-dims", "-1", "5"], "out_dims is (-1, 5), expected"),
        (["--every", "0"], "every is 0, expected at least 1"),
        (["--out", "grid.txt"], "supported formats"),
    ],
)
def test_bad_arguments(arguments, message, capsys, tmp_path):
    assert main(["plot", "--image", "photo.png", *arguments]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert message in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]
