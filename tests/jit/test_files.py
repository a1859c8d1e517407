"""Where files are, and that they are whole; the faults are in test_cache_faults.py."""

import os
import sys
import time
from pathlib import Path

import pytest

from npstn.jit import files


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"NPSTN_CACHE": "0", "HOME": "/h"}, None),
        ("linux", {"NPSTN_CACHE": "/else", "HOME": "/h"}, "/else"),
        ("linux", {"NPSTN_CACHE": "~/else", "HOME": "/h"}, "/h/else"),
        ("linux", {"NPSTN_CACHE": "else"}, f"{Path.cwd()}/else"),
        ("linux", {"NPSTN_CACHE": "", "HOME": "/h"}, "/h/.cache/npstn"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": ""}, "/h/.cache/npstn"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/x/npstn"),
        ("darwin", {"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/h/Library/Caches/npstn"),
        ("win32", {"HOME": "/h", "LOCALAPPDATA": "/l"}, "/l/npstn"),
        ("win32", {"HOME": "/h"}, "/h/AppData/Local/npstn"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="these are paths of POSIX")
def test_the_directory(monkeypatch, platform, environment, expected):
    for name in ("NPSTN_CACHE", "HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert files.directory() == (expected and Path(expected))


def test_a_file_is_read_as_written(tmp_path):
    path = tmp_path / "file"
    files.write(path, b"payload")
    assert files.read(path) == b"payload"
    assert list(tmp_path.iterdir()) == [path]
    files.write(path, b"")
    assert files.read(path) == b""
    with pytest.raises(ValueError, match="damaged"):
        files.read(path.rename(tmp_path / "elsewhere"))


def test_what_is_long_out_of_use_is_removed(tmp_path):
    base = tmp_path / "cache"
    old, recent, new = (base / f"npstn-{digit * 32}" for digit in "123")
    others = base / "npstn-fork", base / f"npstn-{'1' * 31}", base / f"mine-{'1' * 32}"
    for place in (old, recent, *others):
        place.mkdir(parents=True)
        (place / "file").touch()
        days = 89 if place == recent else 91
        os.utime(place, (0, time.time() - days * 24 * 3600))
    (base / f"npstn-{'4' * 32}").symlink_to(others[0])
    files._make(new)
    assert {*base.iterdir()} == {recent, new, *others, base / f"npstn-{'4' * 32}"}
    assert all((place / "file").exists() for place in others)
