import argparse
import os

import pytest

from npstn.cli._files import output, reason, replacing


def test_a_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "a.png"
    with replacing(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.png"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_all_as_it_was(error, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def write():
        with replacing(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        write()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.png"]


@pytest.mark.skipif("os.name == 'nt'")
def test_links_stay_links_and_devices_devices(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with replacing(tmp_path / "link") as file:
        file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a").read_bytes() == b"new"
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with replacing(tmp_path / "pipe") as file:
        file.write(b"new")
    assert os.read(reader, 9) == b"new"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def test_output(tmp_path):
    assert output(str(tmp_path / "a.png")) == tmp_path / "a.png"
    for wrong in tmp_path, tmp_path / "no" / "a.png":
        with pytest.raises(argparse.ArgumentTypeError, match="no file in an existing folder"):
            output(str(wrong))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(28, "No space left"), "No space left"),
        (OSError(2, "Gone", "a"), "a: Gone"),
        (OSError("odd"), "odd"),
        (ValueError("wrong"), "wrong"),
        (EOFError(), "EOFError"),
    ],
)
def test_reasons(error, text):
    assert reason(error) == text
