import io

import pytest

from npstn.cli._terminal import is_terminal, paint


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_colours_are_for_terminals(monkeypatch):
    assert paint("a", "red", io.StringIO()) == "a"
    assert paint("a", "red", Terminal()) == "\033[31ma\033[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert paint("a", "red", Terminal()) == "a"
    assert is_terminal(Terminal())


def test_a_dumb_terminal_writes_lines(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert not is_terminal(Terminal())
    assert paint("a", "red", Terminal()) == "a"
