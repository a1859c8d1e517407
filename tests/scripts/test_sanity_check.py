import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "pictures" / "sanity_check.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("sanity_check", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(SCRIPT.parent))  # as Python does when it runs a script
    spec.loader.exec_module(module)
    sys.path.remove(str(SCRIPT.parent))
    yield module
    del sys.modules[spec.name]


def run(folder, *arguments):
    environment = {**os.environ, "NPSTN_JIT": "0", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_whole_run(tmp_path):
    done = run(tmp_path, "--size", "76")
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert "grace_hopper.jpg: 64 x 75 x 3, float32" in done.stdout
    assert "identity is bit-exact: yes" in done.stdout
    for name in ("identity", "rotation by 45°", "attention crop", "upsampling × 8"):
        assert f"\n{name}" in done.stdout
    for gradient in ("\nd_x ", "\nd_theta "):
        row = done.stdout.partition(gradient)[2].splitlines()[0].split()
        analytic, difference, error = map(float, row[-3:])
        assert analytic == pytest.approx(difference, rel=1e-9)
        assert error < 1e-9
    with Image.open(tmp_path / "sanity_check.png") as picture:
        assert picture.size[0] == 1600
        assert picture.format == "PNG"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--image", "missing.jpg"), "cannot read missing.jpg: [Errno 2] No such file"),
        (("--image", "text.png"), "cannot read text.png: cannot identify image file"),
        (("--image", "."), "cannot read .: [Errno 21] Is a directory"),
        (("--image", "tiny.png"), "cannot read tiny.png: 5 x 4 pixels are too few"),
        (("--size", "3"), "--size is 3, expected at least 16"),
        (("--output", "nowhere/a.png"), "expected a file in an existing folder"),
    ],
)
def test_bad_arguments(arguments, message, tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    Image.new("RGB", (5, 4)).save(tmp_path / "tiny.png")
    done = run(tmp_path, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_help_names_the_options(tmp_path):
    done = run(tmp_path, "--help")
    assert done.returncode == 0
    for option in ("--image", "--output", "--size"):
        assert option in done.stdout


@pytest.mark.parametrize(
    ("mode", "channels"), [("L", 1), ("1", 1), ("LA", 1), ("RGB", 3), ("RGBA", 3), ("P", 3)]
)
def test_kinds_of_photographs(script, mode, channels, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 31, 3)).astype(np.uint8)
    image = Image.fromarray(pixels).convert(mode)
    image.save(tmp_path / "photo.png")
    name, photo = script.load(tmp_path / "photo.png", 100)
    assert name == "photo.png"
    assert photo.shape == (20, 31, channels)
    assert photo.dtype == np.float32
    assert photo.flags.c_contiguous
    expected = np.asarray(image.convert("L" if channels == 1 else "RGB"), np.float32)
    np.testing.assert_array_equal(photo.squeeze(), expected.squeeze() / np.float32(255))


def test_sixteen_bits(script, tmp_path):
    pixels = np.arange(0, 60000, 100, np.uint16).reshape(20, 30)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    photo = script.load(tmp_path / "photo.png", 100)[1]
    np.testing.assert_allclose(photo[..., 0], pixels / pixels.max(), rtol=1e-6)


def test_large_photographs_are_shrunk_by_averaging(script, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (100, 125)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    photo = script.load(tmp_path / "photo.png", 50)[1]
    assert photo.shape == (33, 41, 1)
    assert photo[2, 1, 0] == pytest.approx(pixels[6:9, 3:6].mean() / 255)


@pytest.mark.parametrize("size", [(40, 30), (30, 50), (25, 25)])
def test_the_rotation_turns_pixels_not_normalised_coordinates(script, size):
    half = np.array([(size[1] - 1) / 2, (size[0] - 1) / 2])
    linear = half[:, None] * script.rotation(45.0, size)[:, :2] / half
    np.testing.assert_allclose(linear @ linear.T, np.eye(2), atol=1e-15)
    np.testing.assert_allclose(linear[:, 0], [np.sqrt(0.5)] * 2)


def test_an_identity_off_by_one_bit_is_reported(script, monkeypatch, tmp_path, capsys):
    photo = script.load(None, 100)[1]
    out = photo.copy()
    out[3, 4, 1] = np.nextafter(out[3, 4, 1], np.float32(2))
    example = script.Example("identity", photo, np.eye(2, 3), np.zeros((1, 1, 2)), out)
    monkeypatch.setattr(script, "transform_all", lambda photo: [example])
    monkeypatch.setattr(script, "check_gradients", lambda photo: True)
    monkeypatch.setattr(script, "draw", lambda examples, path: None)
    assert script.main(["--output", str(tmp_path / "a.png")]) == 1
    assert "bit-exact: NO" in capsys.readouterr().out


def test_a_wrong_gradient_is_reported(script, monkeypatch, tmp_path, capsys):
    def module(x, theta, size):
        return x * theta.sum()

    def wrong_vjp(d_out, x, theta):
        return d_out * theta.sum(), np.full(theta.shape, -(x * d_out).sum())

    monkeypatch.setattr(script.npstn, "spatial_transformer_network", module)
    monkeypatch.setattr(script.npstn, "spatial_transformer_network_vjp", wrong_vjp)
    assert not script.check_gradients(script.load(None, 100)[1])
    assert "do not confirm theta" in capsys.readouterr().out
