import pytest
from support.engine import choose

from npstn import _options
from npstn._warmup import DTYPES, RANKS
from npstn.cli import main, parse, warmup


@pytest.fixture
def called(monkeypatch):
    """What would be compiled; nothing is."""
    found = []

    def problems(*given):
        found.append(given)

        def calls():
            found.append("called")
            yield "f"

        return [("float32", calls()), ("float64", calls())]

    monkeypatch.setattr(warmup, "problems", problems)
    return found


def test_all_is_called(called, capsys, monkeypatch):
    choose("compiled", monkeypatch)
    assert main(["warmup"]) == 0
    assert called == [(RANKS, tuple(_options.MODES), DTYPES), "called", "called"]
    out, err = capsys.readouterr()
    assert out.startswith("compiled or loaded in 0.0 s, kept in ")
    assert not err


@pytest.mark.parametrize(
    ("cache", "words"),
    [
        ("0", "NPSTN_CACHE=0"),
        ("~nosuch/\033[2J", r"no home directory is known for '~nosuch/\x1b[2J'"),
    ],
)
def test_nothing_new_is_kept(called, capsys, monkeypatch, cache, words):
    choose("compiled", monkeypatch)
    monkeypatch.setenv("NPSTN_CACHE", cache)
    assert main(["warmup"]) == 0
    assert capsys.readouterr().out.endswith(f" s, nothing new is kept: {words}\n")


def test_plain_python_compiles_nothing(plain, called, capsys):
    assert main(["warmup", "--ranks", "2", "--modes", "nearest"]) == 0
    assert called == [([2], ["nearest"], DTYPES)]
    assert capsys.readouterr().out == "NPSTN_JIT=0: nothing is compiled\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ranks", "4"], "ranks has [4], expected 2 or 3"),
        (["--modes", "cubic"], 'did you mean modes[0]="bicubic"?'),
        (["--dtypes", "float16"], "dtypes has 'float16', expected float32 or float64"),
    ],
)
def test_bad_arguments(arguments, message, capsys):
    assert main(["warmup", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_options():
    options = parse(["warmup", "--ranks", "2", "3", "--dtypes", "float32"])[1]
    assert (options.ranks, options.dtypes) == ([2, 3], ["float32"])
