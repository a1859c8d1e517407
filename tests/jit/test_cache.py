"""What the cache of compiled functions is made of; its faults are in test_cache_faults.py."""

import warnings
from pathlib import Path
from types import FunctionType

import pytest

from npstn.jit import cache
from npstn.kernels import affine, eft


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
    assert parts(source + "\nf.inline = g.inline = True") != expected
    inner = "def f(x): return [y * 2.0 for y in x]"
    assert repr(parts(inner)) == repr(parts("\n" + inner)) != repr(parts(inner.replace("2", "3")))
    assert parts("def f(x): return max(x, 1)", max=min) != parts("def f(x): return max(x, 1)")


def test_the_parts_of_a_callee_in_another_file(monkeypatch):
    before = list(cache._parts(affine.affine_grid))
    code = eft.split.__code__.replace(co_consts=(None, 0.25))
    monkeypatch.setitem(eft.two_product.__globals__, "split", FunctionType(code, vars(eft)))
    assert list(cache._parts(affine.affine_grid)) != before


def test_the_sources(monkeypatch, tmp_path):
    jit = Path(cache.__file__).parent
    folders = jit, jit.with_name("kernels")
    found = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    assert cache._sources() == b"".join(path.read_bytes() for path in found)
    monkeypatch.setattr(cache, "files", lambda _: tmp_path)
    with pytest.raises(OSError, match="without its sources"):
        cache._sources.__wrapped__()


def test_one_warning_says_what_to_do(monkeypatch):
    monkeypatch.setattr(cache, "_said", set())
    with pytest.warns(RuntimeWarning, match=r"cache.*: reason \(/some\\nwhere\)\. .*NPSTN_CACHE=0"):
        cache._warn(Path("/some\nwhere"), ValueError("reason"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cache._warn(None, OSError())


def test_where_warnings_are_errors_a_line_says_it(monkeypatch, capsys):
    """The first call of a program is worth more than a warning."""
    monkeypatch.setattr(cache, "_said", set())
    monkeypatch.delenv("NPSTN_QUIET", raising=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cache._warn(None, OSError("reason"))
    assert capsys.readouterr().err.startswith("npstn cannot use its cache of compiled functions: ")
