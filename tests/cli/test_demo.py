import json

import numpy as np
import pytest
from PIL import Image

from npstn.cli import demo, main
from npstn.cli._photo import load


@pytest.fixture(autouse=True)
def here(plain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
def test_the_whole_run(capsys, tmp_path):
    assert main(["demo", "--size", "76"]) == 0
    out, err = capsys.readouterr()
    assert not err
    assert "Grace Hopper: 64 x 75 x 3, float32" in out
    assert "identity is bit-exact: yes" in out
    for name in ("identity", "rotation by 45°", "attention crop", "upsampling × 8"):
        assert f"\n{name}" in out
    for gradient in ("\nd_x ", "\nd_theta "):
        row = out.partition(gradient)[2].splitlines()[0].split()
        analytic, difference, error = map(float, row[-3:])
        assert analytic == pytest.approx(difference, rel=1e-9)
        assert error < 1e-9
    assert out.endswith(f"picture: {tmp_path / 'demo.png'}\n")
    with Image.open("demo.png") as picture:
        assert picture.size[0] == 1600


def test_json_of_a_grey_photograph(capsys, monkeypatch):
    monkeypatch.setattr(demo, "gradients", lambda photo: {"d_x": photo.ndim})
    Image.fromarray(np.arange(400, dtype=np.uint8).reshape(20, 20)).save("grey.png")
    assert main(["demo", "--image", "grey.png", "--out", "out.png", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["passed"] is found["identity_is_exact"] is True
    assert found["image"] == "grey.png"
    assert found["shape"] == [20, 20, 1]
    assert [row["in_size"] for row in found["transforms"]] == [[20, 20]] * 3 + [[2, 2]]
    assert found["gradients"] == {"d_x": 3}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--size", "3"], "--size is 3, expected at least 16"),
        (["--image", "tiny.png"], "5 x 4 pixels are too few"),
        (["--image", "missing.png"], "cannot read missing.png: No such file"),
    ],
)
def test_bad_arguments(arguments, message, capsys):
    Image.new("RGB", (5, 4)).save("tiny.png")
    assert main(["demo", *arguments]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("size", [(40, 30), (30, 50), (25, 25)])
def test_the_rotation_turns_pixels_not_normalised_coordinates(size):
    half = np.array([(size[1] - 1) / 2, (size[0] - 1) / 2])
    linear = half[:, None] * demo.rotation(45.0, size)[:, :2] / half
    np.testing.assert_allclose(linear @ linear.T, np.eye(2), atol=1e-15)
    np.testing.assert_allclose(linear[:, 0], [np.sqrt(0.5)] * 2)


def test_an_identity_off_by_one_bit_is_reported(monkeypatch, capsys):
    right = demo.spatial_transformer_network

    def wrong(x, theta, size):
        out = right(x, theta, size)
        out[0, 3, 4] = np.nextafter(out[0, 3, 4], np.float32(2))
        return out

    monkeypatch.setattr(demo, "spatial_transformer_network", wrong)
    monkeypatch.setattr(demo, "gradients", lambda photo: {})
    assert main(["demo", "--size", "20", "--json"]) == 1
    capsys.readouterr()
    monkeypatch.setattr(demo, "gradients", lambda photo: {"failure": "planted"})
    Image.new("RGB", (20, 16)).save("a\x9b[2J.png")  # a terminal must not obey it
    assert main(["demo", "--image", "a\x9b[2J.png", "--out", "b\x9b[2J.png"]) == 1
    out = capsys.readouterr().out
    assert "\x9b" not in out
    assert r"a\x9b[2J.png: 20 x 16" in out
    assert r"b\x9b[2J.png" in out
    assert "bit-exact: NO" in out
    assert "\nplanted\n" in out


def test_a_wrong_gradient_is_reported(monkeypatch):
    def module(x, theta, size):
        return x * theta.sum()

    def wrong_vjp(d_out, x, theta):
        return d_out * theta.sum(), np.full(theta.shape, -(x * d_out).sum())

    monkeypatch.setattr(demo, "spatial_transformer_network", module)
    monkeypatch.setattr(demo, "spatial_transformer_network_vjp", wrong_vjp)
    assert "do not confirm theta" in demo.gradients(load(None, 100))["failure"]
