"""Pages that are made from the package: written, or compared with what is there."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(script: str, description: str, pages: Callable[[], Mapping[Path, str]]) -> None:
    """Write the pages of a script, or say whether they are as they should be."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="write nothing: exit 1 if out of date")
    check = parser.parse_args().check
    for path, text in pages().items():
        if path.exists() and path.read_text("utf-8") == text:
            continue
        if check:
            raise SystemExit(f"{path.name} is out of date: run python scripts/{script}")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        print(f"wrote {path}")
