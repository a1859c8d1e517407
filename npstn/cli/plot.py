"""Draw a transformed grid over an image, beside the result.

The numbers of --theta are the parameters of the family that --transform names;
those of affine map the output to the input in normalised coordinates, row by row.

for example:
  npstn plot --theta 0.7 -0.7 0 0.7 0.7 0
  npstn plot --theta 0.7 -0.7 0 0.7 0.7 0 --image photo.png --out grid.png
  npstn plot --transform rst --theta 0.4 0.9 0.6 0.05 -0.2 --padding-mode border
  npstn plot --transform rst --option scale=false --option translation=false --theta 0.4
  npstn plot --theta=-1,0,0,0,1,0 --out-dims 60 80
"""

import argparse
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import spatial_transformer_network
from ..jit.notice import printable
from ..plot import before_after
from ..transforms import FAMILIES, Family, family
from ._photo import load, photograph_options, save
from ._progress import Progress


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add = parser.add_argument
    add("--theta", nargs="+", metavar="NUMBER", help="the parameters (default: the identity)")
    add("--transform", default="affine", metavar="FAMILY", help=f"one of {', '.join(FAMILIES)}")
    add(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of the family, as npstn.transforms.family has it",
    )
    photograph_options(parser, "grid.png")
    add("--out-dims", nargs=2, type=int, metavar=("H", "W"), help="(default: those of the image)")
    add("--mode", default="bilinear", help="nearest, bilinear or bicubic (default: %(default)s)")
    add(
        "--padding-mode",
        default="zeros",
        metavar="MODE",
        help="zeros (the default), border, reflection or wrap",
    )
    add(
        "--align-corners",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="-1 and 1 are centres of texels, or else their outer edges",
    )
    add("--every", type=int, metavar="N", help="draw each such row and column of the grid")


def run(options: argparse.Namespace) -> int:
    """Draw the picture."""
    chosen = family(options.transform, **dict(map(_option, options.option)))
    params = parameters(chosen, options.theta)[None]
    image = load(options.image, options.size)
    dims = tuple(options.out_dims or image.shape[:2])
    with Progress(2) as bar:
        bar.show("sampling")
        grid = chosen.grid(params, dims, align_corners=options.align_corners)[0]
        out = spatial_transformer_network(
            image[None],
            params,
            dims,
            transform=chosen,
            mode=options.mode,
            padding_mode=options.padding_mode,
            align_corners=options.align_corners,
        )[0]
        bar.step()
        bar.show("drawing")
        figure = before_after(
            image, grid, out, align_corners=options.align_corners, every=options.every
        )
        save(figure, options.out)
    print(f"picture: {printable(str(options.out.resolve()))}")
    return 0


def parameters(chosen: Family, words: Sequence[str] | None) -> Any:
    """The parameters (P,), each word one number or several with commas or blanks between them."""
    identity = chosen.identity(2)
    if words is None:
        return identity
    params = np.array([float(word) for word in " ".join(words).replace(",", " ").split()])
    if params.shape != identity.shape:
        hint = ", ".join(f"{v:g}" for v in identity)
        raise ValueError(
            f"--theta has {len(params)} numbers, expected {len(identity)} for {chosen.name}; "
            f"its identity is {hint}"
        )
    return params


def _option(text: str) -> tuple[str, Any]:
    """A name and its value, which is a word if it is no JSON."""
    name, mark, value = text.partition("=")
    if not mark:
        raise ValueError(f"--option is {text!r}, expected NAME=VALUE")
    try:
        read = json.loads(value)
    except ValueError:
        return name, value
    return name, np.array(read, np.float64) if isinstance(read, list) else read
