import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from npstn.cli._photo import load, save


@pytest.mark.parametrize(
    ("mode", "channels"), [("L", 1), ("1", 1), ("RGB", 3), ("P", 3), ("RGBA", 3)]
)
def test_kinds_of_photographs(mode, channels, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 31, 3)).astype(np.uint8)
    image = Image.fromarray(pixels).convert(mode)
    image.save(tmp_path / "photo.png")
    photo = load(tmp_path / "photo.png", 100)
    assert photo.shape == (20, 31, channels)
    assert photo.dtype == np.float32
    assert photo.flags.c_contiguous
    expected = np.asarray(image.convert("L" if channels == 1 else "RGB"), np.float64) / 255
    np.testing.assert_allclose(photo.squeeze(), expected.squeeze(), atol=1e-7)


def test_what_is_transparent_becomes_white(tmp_path):
    Image.new("RGBA", (3, 2), (0, 0, 255, 51)).save(tmp_path / "photo.png")
    photo = load(tmp_path / "photo.png", 100)
    np.testing.assert_allclose(photo[0, 0], [0.8, 0.8, 1.0], atol=1e-6)


def test_bytes_and_sixteen_bits(tmp_path):
    pixels = np.arange(0, 60000, 100, np.uint16).reshape(20, 30)
    for name in "photo.png", "photo.tif":
        Image.fromarray(pixels).save(tmp_path / name)
        photo = load(tmp_path / name, 100)
        np.testing.assert_allclose(photo[..., 0], pixels / 65535, atol=1e-7)
    Image.new("L", (3, 2), 255).save(tmp_path / "photo.jpg")
    assert (load(tmp_path / "photo.jpg", 100) == 1.0).all()


def test_large_photographs_are_shrunk_by_averaging(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (100, 125)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    photo = load(tmp_path / "photo.png", 50)
    assert photo.shape == (33, 41, 1)
    assert photo[2, 1, 0] == pytest.approx(pixels[6:9, 3:6].mean() / 255)


def test_the_photograph_that_is_always_there():
    assert load(None, 100).shape == (100, 85, 3)


def test_what_cannot_be_read(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    Image.new("L", (50, 50)).save(tmp_path / "half.png")
    (tmp_path / "half.png").write_bytes((tmp_path / "half.png").read_bytes()[:60])
    for name in "missing.jpg", "text.png", "half.png", ".":
        with pytest.raises(ValueError, match=r"^cannot read .*: "):
            load(tmp_path / name, 100)
    with pytest.raises(ValueError, match="--size is 0"):
        load(None, 0)


@pytest.mark.parametrize(("name", "kind"), [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a", "PNG")])
def test_the_name_says_the_format(name, kind, tmp_path):
    save(Figure(figsize=(2, 1)), tmp_path / name)
    with Image.open(tmp_path / name) as image:
        assert (image.format, image.size) == (kind, (300, 150))
