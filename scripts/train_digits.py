"""Train a classifier of distorted digits that learns where to look, with nothing but NumPy.

A localisation network gives theta, the spatial transformer samples there, a classifier sees the
result, and all of it is learnt from the classes alone, through spatial_transformer_network_vjp.
--without trains the classifier alone, as large as both. An interrupted run goes on where it was,
with the same bits, when the command is given once more (on one machine, with as many threads).
"""

import argparse
import json
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

from learn import pictures
from learn.digits import DISTORTIONS, bundled, of_file
from learn.networks import CLASSIFIERS
from learn.training import Recipe, Run

from npstn.cli._files import replacing
from npstn.cli._progress import Progress
from npstn.cli._terminal import INTERRUPTED
from npstn.transforms import FAMILIES

EPILOG = """
what --data takes: each X is (N, H, W), (N, H, W, C) or, of square images, (N, S * S), of numbers
up to 1 or up to 255; each y is (N,) integers, or (N, classes) with a 1 in each row

distortions of the digits that come with scikit-learn (pip install -e .[demo]):
  R    turned by up to 90 degrees
  RTS  turned by up to 45 degrees, scaled by 0.7 to 1.2, anywhere on a larger canvas
  P    a projective map: each corner moves
  E    an elastic one: a thin-plate spline of 16 points

what lies in --out afterwards:
  figures.json  recipe, number of parameters, loss and errors of each epoch, error on the test part
  curves.png    those errors
  digits.png    digits, the quadrilateral that is sampled, and what the classifier sees, at the best
                epoch
  film.png      one digit over all epochs

for instance:
  python scripts/train_digits.py --distortion R --out rotated
  python scripts/train_digits.py --distortion R --out rotated-without --without
  python scripts/train_digits.py --data cluttered.npz --transform attention
"""


def parser() -> argparse.ArgumentParser:
    """Make the parser; its defaults are those of a :class:`Recipe`."""
    made = argparse.ArgumentParser(
        description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    defaults = {field.name: field.default for field in fields(Recipe)}
    families = [name for name, family in FAMILIES.items() if 2 in family.ranks]
    families.remove("piecewise_affine")  # it has no identity without points of its own

    def add(name: str, words: str, **options: Any) -> None:
        options = {"default": defaults[name], "help": f"{words} (%(default)s)", **options}
        made.add_argument(f"--{name}", **options)

    add("distortion", "of digits, without --data", choices=DISTORTIONS)
    add("data", "arrays: see below", metavar="FILE.npz", help="images of your own: see below")
    add("transform", "what is learnt", choices=families)
    made.add_argument("--without", action="store_true", help="the classifier alone, as large")
    add("network", "fully connected or convolutional", choices=CLASSIFIERS)
    add("localisation", "how the localisation network is connected", choices=CLASSIFIERS)
    add("seed", "of digits, weights and distortions", type=int)
    add("epochs", "how often all digits are seen", type=int)
    add("batch", "images of a step", type=int)
    add("rate", "of learning", type=float)
    add("looking", "times this is the rate of the localisation network", type=float)
    add("limit", "the norm of the gradient of each network is cut to this", type=float)
    add("dropout", "part of the hidden numbers that is dropped", type=float)
    add("dims", "side of what the classifier sees", type=int)
    made.add_argument("--out", type=Path, default=Path("digits"), help="folder (%(default)s)")
    return made


def train(recipe: Recipe, out: Path) -> dict[str, Any]:
    """Train, or go on, in a folder; return the figures."""
    data = (
        bundled(recipe.distortion, recipe.seed)
        if recipe.data is None
        else of_file(Path(recipe.data))
    )
    out.mkdir(parents=True, exist_ok=True)
    run, checkpoint = Run(recipe, data), out / "checkpoint.npz"
    if checkpoint.exists():
        run.load(checkpoint)
    begun = time.monotonic()
    left = recipe.epochs - len(run.history)
    with Progress(left) as bar:
        for found in run.epochs():
            run.save(checkpoint)
            right = f"{100 * (1 - found['valid']):.1f} % of the validation images right"
            bar.show(f"loss {found['loss']:.3f}, {right}")
            bar.step()
    figures = run.finish()
    with replacing(out / "figures.json") as file:
        file.write(f"{json.dumps(figures, indent=1)}\n".encode())
    pictures.curves({"without" if recipe.without else "with": [figures]}).savefig(
        out / "curves.png", dpi=pictures.DOTS
    )
    if not recipe.without:
        pictures.sheet(run).savefig(out / "digits.png", dpi=pictures.DOTS)
        pictures.film(run).savefig(out / "film.png", dpi=pictures.DOTS)
    if left:
        print(f"{left} epochs in {time.monotonic() - begun:.0f} s")
    return figures


def main() -> int:
    """Run."""
    made = parser()
    options = vars(made.parse_args())
    out = options.pop("out")
    try:
        figures = train(Recipe(**options), out)
    except (OSError, ValueError) as error:
        made.error(str(error))
    except KeyboardInterrupt:
        print(
            "\nInterrupted. The same command goes on after the last whole epoch.", file=sys.stderr
        )
        return INTERRUPTED
    print(f"{100 * figures['test']:.2f} % of the test images are put into a wrong class")
    print(f"{figures['parameters']:,} numbers were learnt, best after epoch {figures['best'] + 1}")
    print(f"Pictures and figures are in {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
