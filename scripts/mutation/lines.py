"""Which lines of the kernels the tests run, and which tests call the functions they are in."""

import sys
import threading
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple


class Seen(NamedTuple):
    """What was seen of a function: lines that did not run yet, those that did, and the tests."""

    code: CodeType  # kept, for it is known by its id
    left: set[int]
    run: set[int]
    tests: list[str]


class Lines:
    """A look at all threads, at the files in a folder; :attr:`test` says which test runs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.test = str(folder), ""
        self.seen: dict[int, Seen | None] = {}

    def start(self) -> None:
        """Begin to look."""
        threading.settrace(self._call)
        sys.settrace(self._call)

    def stop(self) -> list[tuple[str, int, list[str]]]:
        """Look no more; files, their lines that ran, and the tests that called the function."""
        sys.settrace(None)
        threading.settrace(None)
        found = filter(None, self.seen.values())
        return [
            (Path(seen.code.co_filename).name, line, seen.tests)
            for seen in found
            for line in sorted(seen.run)
        ]

    def _call(self, frame: FrameType, event: str, arg: object) -> Any:
        """Note a call, and follow it if there are lines in it that did not run yet."""
        code = frame.f_code
        if id(code) not in self.seen:
            ours = code.co_filename.startswith(self.folder)
            left = {line for *_, line in code.co_lines() if line}
            self.seen[id(code)] = Seen(code, left, set(), []) if ours else None
        seen = self.seen[id(code)]
        if seen is None:
            return None
        if seen.tests[-1:] != [self.test]:
            seen.tests.append(self.test)

        def follow(frame: FrameType, event: str, arg: object) -> Any:
            if event == "line":
                seen.left.discard(frame.f_lineno)
                seen.run.add(frame.f_lineno)
            return follow

        return follow if seen.left else None
