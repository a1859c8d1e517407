"""Switches in the environment, as a person writes them."""

import os

OFF, ON = ("0", "false", "no", "off"), ("1", "true", "yes", "on")


def word(name: str) -> str:
    """The value of a variable in small letters, "" if it is not set."""
    return os.environ.get(name, "").strip().lower()


def switch(name: str, default: bool) -> bool:
    """Whether a variable says yes; an error if it says neither yes nor no."""
    value = word(name)
    if value not in ("", *OFF, *ON):
        given = os.environ[name]
        raise ValueError(f"{name} is {given!r}, expected 0 or 1 (or false, no, off, true, yes, on)")
    return value in ON if value else default
