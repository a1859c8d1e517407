"""Where files are, and that they are whole; the faults are in test_cache_faults.py."""

import os
import stat
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from npstn.jit import files

posix = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no such rights here")


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        *(("linux", {"NPSTN_CACHE": off}, None) for off in ("0", "false", "No", "off")),
        *(("linux", {"NPSTN_CACHE": on, "HOME": "/h"}, "/h/.cache/npstn") for on in ("1", "True")),
        ("linux", {"NPSTN_CACHE": "/else", "HOME": "/h"}, "/else"),
        ("linux", {"NPSTN_CACHE": "~/else", "HOME": "/h"}, "/h/else"),
        ("linux", {"NPSTN_CACHE": "else"}, f"{Path.cwd()}/else"),
        ("linux", {"NPSTN_CACHE": "", "HOME": "/h"}, "/h/.cache/npstn"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": ""}, "/h/.cache/npstn"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/x/npstn"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": "x"}, "/h/.cache/npstn"),
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


@posix
@pytest.mark.parametrize("home", [None, "", "rel", "~"])
def test_a_home_that_is_no_absolute_path_is_none(monkeypatch, home):
    """Then the password database is asked, as without HOME, and else there is no cache."""
    for name in ("NPSTN_CACHE", "HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    if home is not None:
        monkeypatch.setenv("HOME", home)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("pwd.getpwuid", lambda _: SimpleNamespace(pw_dir="/p"))
    assert files.directory() == Path("/p/.cache/npstn")
    monkeypatch.setenv("NPSTN_CACHE", "~/else")
    assert files.directory() == Path("/p/else")

    def nobody(_):
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", nobody)
    with pytest.raises(ValueError, match="no home directory is known for '~/else'"):
        files.directory()
    monkeypatch.setenv("NPSTN_CACHE", "else")
    assert files.directory() == Path.cwd() / "else"


def test_where_it_is_and_why_it_is_not_used(monkeypatch, tmp_path):
    for off, why in ("0", "NPSTN_CACHE=0"), ("~nosuch/x", "is known for '~nosuch/x'"):
        monkeypatch.setenv("NPSTN_CACHE", off)
        folder, problem = files.found()
        assert folder is None
        assert problem.endswith(why)
    monkeypatch.setenv("NPSTN_CACHE", str(tmp_path / "no" / "cache"))
    assert files.found() == (tmp_path / "no" / "cache", "")
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    assert files.found()[1] == f"{tmp_path} cannot be written to"


def test_what_lies_beside_the_cache_does_not_matter(tmp_path):
    """Its directories have longer names than this one."""
    beside = tmp_path / "npstn"
    beside.mkdir()
    beside.chmod(0o777)
    assert files.problem(tmp_path) == ""


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
    files.write(new / "file", b"")
    assert stat.S_IMODE(new.stat().st_mode) == 0o700
    assert {*base.iterdir()} == {recent, new, *others, base / f"npstn-{'4' * 32}"}
    assert all((place / "file").exists() for place in others)


root = pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() != 0, reason="needs root")
PAYLOAD = b"payload"


@pytest.fixture
def kept(tmp_path):
    path = tmp_path / "above" / "cache" / "inner" / "file"
    files.write(path, PAYLOAD)
    assert files.read(path) == PAYLOAD
    return path


def refused(path, problem):
    for use in files.read, lambda path: files.write(path, PAYLOAD):
        with pytest.raises(PermissionError, match=problem):
            use(path)


@posix
def test_directories_are_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        files.write(tmp_path / "a" / "b" / "c" / "file", PAYLOAD)
    finally:
        os.umask(before)
    places = [tmp_path / "a", *(tmp_path / "a").rglob("*")]
    assert [stat.S_IMODE(place.stat().st_mode) for place in places] == [0o700] * 3 + [0o600]


@posix
@pytest.mark.parametrize("below", ["", "cache", "no/cache"])
def test_no_directory_but_a_file(tmp_path, below):
    place = tmp_path / "file"
    place.touch()
    assert files.problem(place / below) == f"{place} is no directory"
    refused(place / below / "inner" / "file", f"{place} is no directory$")


@posix
def test_links_in_a_circle(tmp_path):
    (tmp_path / "link").symlink_to("link")
    assert "link" in files.problem(tmp_path / "link" / "no" / "cache")


@posix
@pytest.mark.parametrize("mode", [0o777, 0o720, 0o702])
@pytest.mark.parametrize("level", range(3))
def test_directories_that_others_can_write_to(kept, level, mode):
    place = kept.parents[level]
    place.chmod(mode)
    refused(kept, f"others can write to {place}$")
    if level:
        assert files.problem(kept.parents[1]) == f"others can write to {place}"
    place.chmod(0o755)
    assert files.read(kept) == PAYLOAD
    place.chmod(0o1777)  # as /tmp
    assert files.read(kept) == PAYLOAD


@posix
def test_a_file_that_others_can_write_to(kept):
    kept.chmod(0o622)
    with pytest.raises(PermissionError, match=f"others can write to {kept}$"):
        files.read(kept)
    kept.chmod(0o644)
    assert files.read(kept) == PAYLOAD


@posix
@root
@pytest.mark.parametrize("level", range(4))
def test_what_belongs_to_somebody_else(kept, level):
    place = [kept, *kept.parents][level]
    os.chown(place, 12345, -1)
    with pytest.raises(PermissionError, match=f"{place} belongs to somebody else, user 12345"):
        files.read(kept)


@posix
@pytest.mark.parametrize("level", range(3))
def test_links_are_not_followed(kept, level, tmp_path):
    place = [kept, *kept.parents][level]
    place.rename(tmp_path / "other")
    place.symlink_to(tmp_path / "other")
    with pytest.raises(PermissionError, match=f"{place} is a link"):
        files.read(kept)


@posix
def test_links_above_the_cache_are_followed(kept, tmp_path):
    (tmp_path / "link").symlink_to(kept.parents[2])
    assert files.read(tmp_path / "link" / "cache" / "inner" / "file") == PAYLOAD
    kept.parents[2].chmod(0o777)
    refused(tmp_path / "link" / "cache" / "inner" / "file", f"write to {kept.parents[2]}$")


@posix
@pytest.mark.parametrize("at", ["cache", "inner", "file"])
def test_what_is_checked_is_what_is_read(kept, tmp_path, monkeypatch, at):
    """Somebody puts a directory, or a file, of theirs in its place after the check."""
    theirs = tmp_path / "theirs" / "cache" / "inner" / "file"
    files.write(theirs, b"theirs")
    swapped = []

    def open_and_swap(name, flags, folder, path, original=files._open):
        found = original(name, flags, folder, path)
        if path.name == at and "above" in path.parts:
            path.rename(tmp_path / "away")
            twin = tmp_path / "theirs" / path.relative_to(tmp_path / "above")
            twin.chmod(0o777)
            twin.rename(path)
            swapped.append(path)
        return found

    monkeypatch.setattr(files, "_open", open_and_swap)
    assert files.read(kept) == PAYLOAD
    assert [path.name for path in swapped] == [at]


@posix
def test_no_file_is_left_open(kept):
    folder = Path("/dev/fd")
    before = len(list(folder.iterdir()))
    kept.parent.chmod(0o777)
    refused(kept, "others")
    kept.parent.chmod(0o700)
    files.read(kept)
    files.write(kept, PAYLOAD)
    with pytest.raises(FileNotFoundError):
        files.read(kept.with_name("none"))
    assert len(list(folder.iterdir())) == before
    assert list(kept.parent.iterdir()) == [kept]
