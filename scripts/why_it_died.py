"""Run the code of docs/why-did-my-transformer-die.md, and write into it what that prints.

The page is its own source: the blocks of Python and the words are written there, while what is
printed and the pictures in docs/why are made. Each section continues from the head of the page.
"""

import io
import re
import sys
from contextlib import redirect_stdout
from typing import Any, NamedTuple

from _pages import ROOT, main
from matplotlib import rc_context

sys.path.append(str(ROOT / "scripts" / "pictures"))
from drawing import save

PAGE = ROOT / "docs" / "why-did-my-transformer-die.md"
PICTURES = ROOT / "docs" / "why"
DOTS = 80  # of a picture, an inch
BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n.*?^```\n)?", re.MULTILINE | re.DOTALL)


class Part(NamedTuple):
    """The head or a section: its text as it should be, and the names that its code leaves."""

    text: str
    names: dict[str, Any]

    @property
    def slug(self) -> str:
        """The heading, as in a link to it."""
        return self.text.partition("\n")[0].lstrip("# ").lower().replace(" ", "-")


def run(text: str, given: dict[str, Any]) -> Part:
    """Run the blocks of a part, and put what each prints below it."""
    names = dict(given)

    def block(found: re.Match[str]) -> str:
        with redirect_stdout(io.StringIO()) as printed:
            exec(compile(found[1], PAGE.name, "exec"), names)
        below = f"\n```text\n{printed.getvalue()}```\n" if printed.getvalue() else ""
        return f"```python\n{found[1]}```\n{below}"

    return Part(BLOCK.sub(block, text), names)


def parts() -> list[Part]:
    """The head of the page, and its sections."""
    texts = re.split(r"^(?=## )", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    head = run(texts[0], {})
    return [head, *(run(text, head.names) for text in texts[1:])]


def draw(made: list[Part]) -> None:
    """Write the picture of each section."""
    PICTURES.mkdir(exist_ok=True)
    with rc_context({"savefig.dpi": DOTS}):
        for part in made[1:]:
            save(part.names["figure"], PICTURES / f"{part.slug}.png")


if __name__ == "__main__":
    made = parts()
    text = "".join(part.text for part in made)
    main("why_it_died.py", str(__doc__).partition("\n\n")[0], lambda: {PAGE: text})
    if "--check" not in sys.argv:
        draw(made)
