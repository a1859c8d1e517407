"""Files that nobody else can have written, that are whole, and that are where they belong.

A file is written under another name and then moved into place, so that nobody sees a part of it.
"""

import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .settings import OFF, ON, word

_MAGIC = b"npstn compiled function, format 1\n"
_KEPT = 90 * 24 * 3600  # seconds without use
_SAFE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _SAFE
_FILE = os.O_RDONLY | _SAFE
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | _SAFE


def directory() -> Path | None:
    """Where the cache is: ``NPSTN_CACHE``, or the user's directory for such things.

    An error if it is below a home that nobody knows.
    """
    chosen = word("NPSTN_CACHE")
    if chosen in OFF:
        return None
    if chosen and chosen not in ON:
        return _at_home(Path(os.environ["NPSTN_CACHE"])).absolute()
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        home = "~/Library/Caches"
    else:
        home = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(home):  # then its specification says to ignore it
            home = "~/.cache"
    return _at_home(Path(home)) / "npstn"


def _at_home(path: Path) -> Path:
    """Put a home for the ~ of a path: a HOME that is no absolute path is as good as none."""
    first, *rest = path.parts or ("",)
    if not first.startswith("~"):
        return path
    home = ""
    with suppress(KeyError, RuntimeError):
        if first == "~" and os.name == "posix" and not os.path.isabs(os.environ.get("HOME", "")):
            from pwd import getpwuid  # what Python asks as well if there is no HOME

            home = getpwuid(os.getuid()).pw_dir
        else:
            home = str(Path(first).expanduser())
    if not os.path.isabs(home):
        raise ValueError(f"no home directory is known for {str(path)!r}")
    return Path(home, *rest)


def found() -> tuple[Path | None, str]:
    """Where the cache is, and why it is not used, if that is known; nothing is written."""
    try:
        base = directory()
    except (OSError, ValueError) as error:
        return None, str(error)
    return base, "NPSTN_CACHE=0" if base is None else problem(base)


def problem(base: Path) -> str:
    """Why nothing can be kept in a directory, as far as that is known without trying, or ""."""
    try:
        with suppress(FileNotFoundError), _opened(base / f"npstn-{'0' * 32}"):
            pass
    except (OSError, RuntimeError) as error:  # the latter if links go round in a circle
        return str(error)
    there = next((place for place in (base, *base.parents) if os.path.lexists(place)), base)
    return "" if os.access(there, os.W_OK) else f"{there} cannot be written to"


@contextmanager
def _opened(place: Path, make: bool = False) -> Iterator[int | None]:
    """Open the directory of a file of the cache, or raise if others could replace any of it.

    Each directory on the way is opened in the one before, so that what is checked is what is used.
    """
    if not hasattr(os, "geteuid"):  # pragma: no cover: Windows keeps files of users apart
        if make:
            place.mkdir(parents=True, exist_ok=True)
        yield None
        return
    base = place.parent
    way = base.parent.resolve() / base.name / place.name  # links above the cache are followed
    here = os.open(way.anchor, _DIRECTORY)
    try:
        for depth, name in enumerate(way.parts[1:], 1):
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, 0o700, dir_fd=here)
            inner = _open(name, _DIRECTORY, here, Path(*way.parts[: depth + 1]))
            os.close(here)
            here = inner
        yield here
    finally:
        os.close(here)


def _open(name: str, flags: int, folder: int, path: Path) -> int:
    """Open a file or directory in a folder, or raise if others can write to it."""
    try:
        found = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            what = "a link" if path.is_symlink() else "no directory"
            raise PermissionError(f"{path} is {what}") from None
        error.filename = str(path)
        raise
    status = os.fstat(found)
    problem = ""
    if status.st_uid not in (0, os.geteuid()):
        problem = f"{path} belongs to somebody else, user {status.st_uid}"
    # Of a directory as /tmp, where all can write, nobody can take away what belongs to others.
    elif status.st_mode & 0o022 and not (status.st_mode & stat.S_ISVTX and flags == _DIRECTORY):
        problem = f"others can write to {path}"
    if problem:
        os.close(found)
        raise PermissionError(problem)
    return found


def _remove_old(base: Path) -> None:
    """Remove directories of other versions that have long been out of use."""
    for other in base.iterdir():
        if re.fullmatch(r"npstn-[0-9a-f]{32}", other.name):
            with suppress(OSError):
                if other.stat().st_mtime < time.time() - _KEPT:
                    shutil.rmtree(other)


def sealed(path: Path, payload: bytes) -> bytes:
    """The content of a file: a checksum of where it belongs and what it holds, and the latter."""
    place = "/".join(path.parts[-2:]).encode()
    return _MAGIC + hashlib.sha256(place + payload).digest() + payload


def read(path: Path) -> bytes:
    """The payload of a file; an error if it is not to be trusted."""
    with _opened(path.parent) as folder:
        if folder is None:  # pragma: no cover: on Windows
            content = path.read_bytes()
        else:
            with os.fdopen(_open(path.name, _FILE, folder, path), "rb") as file:
                content = file.read()
    payload = content[len(sealed(path, b"")) :]
    if content != sealed(path, payload):
        raise ValueError("it is damaged")
    return payload


def write(path: Path, payload: bytes) -> None:
    """Make or replace a file."""
    is_new = not path.parent.exists()
    with _opened(path.parent, make=True) as folder:
        if is_new:
            _remove_old(path.parent.parent)
        final = path if folder is None else Path(path.name)
        temporary = final.with_name(f"tmp{secrets.token_hex(8)}")
        handle = os.open(temporary, _NEW, 0o600, dir_fd=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(sealed(path, payload))
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, final, src_dir_fd=folder, dst_dir_fd=folder)
        finally:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=folder)
