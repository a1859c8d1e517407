"""Files that nobody else can have written, that are whole, and that are where they belong.

A file is written under another name and then moved into place, so that nobody sees a part of it.
"""

import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_MAGIC = b"npstn compiled function, format 1\n"
_KEPT = 90 * 24 * 3600  # seconds without use


def directory() -> Path | None:
    """Where the cache is: ``NPSTN_CACHE``, or the user's directory for such things."""
    chosen = os.environ.get("NPSTN_CACHE", "")
    if chosen == "0":
        return None
    if chosen:
        return Path(chosen).expanduser().absolute()
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        home = "~/Library/Caches"
    else:
        home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "npstn"


def _require_private(path: Path) -> None:
    """Refuse to trust what somebody else (but root) might have written."""
    if not hasattr(os, "geteuid"):
        return
    for place in (path.parent.parent, path.parent):
        status = place.stat()
        if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
            raise PermissionError(f"others can write to {place}")


def _make(place: Path) -> None:
    """Make a directory, and remove those of other versions that have long been out of use."""
    place.parent.mkdir(0o700, parents=True, exist_ok=True)
    place.mkdir(0o700, exist_ok=True)
    for other in place.parent.iterdir():
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
    _require_private(path)
    content = path.read_bytes()
    payload = content[len(sealed(path, b"")) :]
    if content != sealed(path, payload):
        raise ValueError("it is damaged")
    return payload


def write(path: Path, payload: bytes) -> None:
    """Make or replace a file."""
    if not path.parent.exists():
        _make(path.parent)
    _require_private(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(sealed(path, payload))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        with suppress(OSError):
            os.unlink(temporary)
