"""What there is to choose from, from the tables of the package: a new row is tested by itself.

Nothing else in the tests knows where those tables are.
"""

from collections.abc import Mapping
from itertools import product

from npstn._options import COORDINATES as _COORDINATES
from npstn._options import LAYOUTS as _LAYOUTS
from npstn._options import MODES as _MODES
from npstn._options import PADDING_MODES as _PADDING_MODES

MODES, PADDINGS = tuple(_MODES), tuple(_PADDING_MODES)
LAYOUTS, COORDINATES = tuple(_LAYOUTS), tuple(_COORDINATES)
RANKS = (2, 3)
LAST = {len(name) - 2: name for name in LAYOUTS if name.endswith("C")}  # rank: channels last
FIRST = {len(name) - 2: name for name in LAYOUTS if name.startswith("NC")}  # and first

# Weights of at most two texels an axis, none of them negative: tighter bounds, and no overshoot.
LINEAR = ("nearest", "bilinear")
KINDS = list(product(RANKS, MODES))


def combine(**values: tuple[object, ...]) -> list[dict[str, object]]:
    """Every combination of the values of some options, as keyword arguments."""
    return [dict(zip(values, row, strict=True)) for row in product(*values.values())]


def ids(options: Mapping[str, object]) -> str:
    """The name of a combination in that of a test."""
    return "-".join(str(value) for value in options.values())


_RULES = {"padding_mode": PADDINGS, "align_corners": (True, False)}
OPTIONS = combine(mode=MODES, **_RULES)  # of images
LINEAR_OPTIONS = combine(mode=LINEAR, **_RULES)
KIND_OPTIONS = [  # of images and volumes
    {"rank": rank, "mode": mode, **rest} for rank, mode in KINDS for rest in combine(**_RULES)
]
