"""What the cache of compiled functions is made of; its faults are in test_cache_faults.py."""

import os
import sys
import time
import warnings
from pathlib import Path
from types import FunctionType

import pytest

from npstn.kernels import affine, cache, eft


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
    assert cache.directory() == (expected and Path(expected))


def parts(source, **names):
    scope = {"__name__": "npstn.kernels.test", **names}
    exec(source, scope)
    return list(cache._parts(scope["f"]))


def test_the_parts_of_a_function():
    source = "A = 1.5\ndef g(x): return x * 2.0\ndef f(x, k=1): return g(x) + A + k"
    expected = parts(source)
    assert parts(source.replace("1.5", "3.0 / 2")) == expected
    assert parts("# a comment\n" + source) == expected
    for old, new in (("1.5", "1.25"), ("2.0", "4.0"), ("k=1", "k=2"), ("+ A", "- A")):
        assert parts(source.replace(old, new)) != expected
    inner = "def f(x): return [y * 2.0 for y in x]"
    assert repr(parts(inner)) == repr(parts("\n" + inner)) != repr(parts(inner.replace("2", "3")))
    assert parts("def f(x): return max(x, 1)", max=min) != parts("def f(x): return max(x, 1)")


def test_the_parts_of_a_callee_in_another_file(monkeypatch):
    before = list(cache._parts(affine.affine_grid))
    code = eft.split.__code__.replace(co_consts=(None, 0.25))
    monkeypatch.setitem(eft.two_product.__globals__, "split", FunctionType(code, vars(eft)))
    assert list(cache._parts(affine.affine_grid)) != before


def test_the_sources(monkeypatch, tmp_path):
    here = Path(cache.__file__).parent
    assert cache._sources() == b"".join(p.read_bytes() for p in sorted(here.glob("*.py")))
    monkeypatch.setattr(cache, "files", lambda _: tmp_path)
    with pytest.raises(OSError, match="without its sources"):
        cache._sources.__wrapped__()


def test_a_file_is_read_as_written(tmp_path):
    path = tmp_path / "file"
    cache._write(path, b"payload")
    assert cache._read(path) == b"payload"
    assert list(tmp_path.iterdir()) == [path]
    cache._write(path, b"")
    assert cache._read(path) == b""
    with pytest.raises(ValueError, match="damaged"):
        cache._read(path.rename(tmp_path / "elsewhere"))


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
    cache._make(new)
    assert {*base.iterdir()} == {recent, new, *others, base / f"npstn-{'4' * 32}"}
    assert all((place / "file").exists() for place in others)


def test_one_warning_says_what_to_do(monkeypatch):
    monkeypatch.setattr(cache, "_said", set())
    with pytest.warns(RuntimeWarning, match=r"cache.*: reason \(/somewhere\)\. .*NPSTN_CACHE=0"):
        cache._warn(Path("/somewhere"), ValueError("reason"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cache._warn(None, OSError())
