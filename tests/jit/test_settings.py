"""Switches in the environment."""

import pytest

from npstn.jit import settings


@pytest.mark.parametrize("value", ["1", "true", "True", "YES", " on "])
def test_yes(monkeypatch, value):
    monkeypatch.setenv("NPSTN_X", value)
    assert settings.switch("NPSTN_X", False)


@pytest.mark.parametrize("value", ["0", "false", "False", "NO", " off "])
def test_no(monkeypatch, value):
    monkeypatch.setenv("NPSTN_X", value)
    assert not settings.switch("NPSTN_X", True)


@pytest.mark.parametrize("default", [False, True])
def test_nothing_is_the_default(monkeypatch, default):
    monkeypatch.delenv("NPSTN_X", raising=False)
    assert settings.switch("NPSTN_X", default) is default
    monkeypatch.setenv("NPSTN_X", " ")
    assert settings.switch("NPSTN_X", default) is default


@pytest.mark.parametrize("value", ["2", "flase", "-1", "none"])
def test_anything_else_is_an_error(monkeypatch, value):
    monkeypatch.setenv("NPSTN_X", value)
    with pytest.raises(ValueError, match=f"NPSTN_X is '{value}', expected 0 or 1"):
        settings.switch("NPSTN_X", True)
