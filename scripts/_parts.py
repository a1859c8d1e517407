"""Work for several processes at once: ``--part 1/2`` and ``--part 2/2`` are all of it."""

import argparse
import re


def part_of(text: str) -> tuple[int, int]:
    """The number of a part, from 1, and how many parts there are."""
    if re.fullmatch(r"[0-9]+/[0-9]+", text):
        part, parts = map(int, text.split("/"))
        if 1 <= part <= parts:
            return part, parts
    raise argparse.ArgumentTypeError(f"{text} is no part, expected 1/2 or 2/2 of two, for example")
