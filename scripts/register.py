"""Register two pictures: estimate the map from one to the other by Gauss-Newton, coarse to fine.

Without pictures of one's own it shows how exact that is: a photograph is warped by a random map of
up to 20 degrees, 10 % and 15 pixels, both get noise, and the map is recovered. The error is the
root mean square distance in pixels of the estimated points from the true ones, at full resolution,
over the points that are inside the moving picture.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from registration import (
    STAGES,
    Floats,
    Found,
    distance,
    grid_of,
    identity,
    plan,
    random_params,
    register,
    size_of,
    warp,
)

from npstn import grid_sample
from npstn.cli._files import output, replacing
from npstn.cli._photo import load, save
from npstn.cli._progress import Progress
from npstn.plot import gallery

EPILOG = """\
The map goes from points of the fixed picture to points of the moving one, as the transformer wants
it. A projective map is started from the affine estimate, a thin-plate spline (tps, 4 x 4 control
points) from the projective one. Pictures are compared in grey, by the squares of their difference:
they should be equally bright.

The overlay has the fixed picture in red and the moving one in cyan, before and after: where they
agree it is grey. Beside it is the estimated grid, drawn over the moving picture.

for example:
  python scripts/register.py
  python scripts/register.py --transform tps --seed 3 --out tps.png
  python scripts/register.py --fixed left.jpg --moving right.jpg --transform projective
"""

HEAD = f"{'stage':12}{'level':>5}{'pixels':>12}{'steps':>7}{'residual':>10}"
WIDE = len(HEAD)
COARSEST = 16  # pixels of the shorter side of the coarsest level, at least


class Pair(NamedTuple):
    """Two grey pictures, what they are, and the true grid between them if it is known."""

    fixed: Floats  # (H, W)
    moving: Floats  # (H, W), of its own
    about: str
    truth: Floats | None  # (H, W, 2), of the fixed one

    def error(self, stage: str, params: Floats) -> float | None:
        """Compute how far a map is from the true one, if that is known."""
        if self.truth is None:
            return None
        return distance(
            grid_of(stage, params, size_of(self.fixed)), self.truth, size_of(self.moving)
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Register two pictures; return 0, or exit with 2 for bad arguments."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if (options.fixed is None) != (options.moving is None):
        parser.error("--fixed and --moving go together: give both, or neither")
    try:
        _run(options)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--transform", choices=STAGES, default=STAGES[0], help="family of the map (%(default)s)")
    add("--fixed", type=Path, metavar="PATH", help="a picture; --moving is sampled to look like it")
    add("--moving", type=Path, metavar="PATH", help="the other picture")
    add("--size", type=int, default=640, metavar="N", help="longest side at most (%(default)s)")
    add(
        "--levels",
        type=int,
        metavar="N",
        help="how many, each half as large as the next (as many as fit)",
    )
    add(
        "--out",
        type=output,
        default=Path("register.png"),
        metavar="PATH",
        help="overlay (%(default)s)",
    )
    add("--json", type=output, metavar="PATH", help="write the figures there as well")
    made = parser.add_argument_group("without --fixed and --moving").add_argument
    made("--seed", type=int, default=0, metavar="N", help="of the map and the noise (%(default)s)")
    made("--noise", type=float, default=0.02, help="its sigma; white is 1 (%(default)s)")
    return parser


def _run(options: argparse.Namespace) -> None:
    pair = _own(options) if options.fixed else _made(options)
    levels = _levels(options.levels, min(*pair.fixed.shape, *pair.moving.shape))
    stage, params = STAGES[0], identity(STAGES[0])
    errors, rows = [pair.error(stage, params)], []
    begun = time.perf_counter()
    print(pair.about)
    print(HEAD if pair.truth is None else f"{HEAD}  error (px)")
    if errors[0] is not None:
        print(f"{'identity':{WIDE}}{errors[0]:12.4f}")
    with Progress(len(plan(options.transform, levels))) as bar:
        for found in register(pair.fixed, pair.moving, options.transform, levels):
            stage, params = found.stage, found.params
            errors.append(pair.error(stage, params))
            print(_line(found, errors[-1]), flush=True)
            rows.append({**found._asdict(), "params": params.tolist(), "error": errors[-1]})
            bar.step()
    seconds = time.perf_counter() - begun
    _draw(pair, stage, params, [errors[0], errors[-1]], options.out)
    print(f"\nparams of {stage}, normalised, align_corners=False:")
    print(np.array2string(params, precision=6, suppress_small=True, max_line_width=WIDE + 24))
    print(f"{seconds:.1f} s; picture: {options.out.resolve()}")
    if options.json:
        data = {"about": pair.about, "levels": rows, "seconds": seconds}
        with replacing(options.json) as file:
            file.write(json.dumps(data, indent=2).encode())


def _own(options: argparse.Namespace) -> Pair:
    """Read two pictures."""
    fixed, moving = (_grey(path, options.size) for path in (options.fixed, options.moving))
    return Pair(fixed, moving, f"{options.fixed} and {options.moving}", None)


def _made(options: argparse.Namespace) -> Pair:
    """Warp the photograph by a random map, and add noise to both pictures."""
    if options.seed < 0:
        raise ValueError(f"--seed is {options.seed}, expected an integer from 0 on")
    if not 0 <= options.noise < np.inf:
        raise ValueError(f"--noise is {options.noise}, expected a number from 0 on")
    rng, photo = np.random.default_rng(options.seed), _grey(None, options.size)
    params = random_params(options.transform, size_of(photo), rng)
    grid = grid_of(options.transform, params, size_of(photo))
    clean = warp(photo, grid), photo
    fixed, moving = (picture + rng.normal(0, options.noise, photo.shape) for picture in clean)
    about = f"Grace Hopper under a random map: {options.transform}, seed {options.seed}"
    return Pair(fixed, moving, f"{about}, noise {100 * options.noise:g} %", grid)


def _grey(path: Path | None, longest: int) -> Floats:
    grey: Floats = np.mean(load(path, longest), axis=2, dtype=np.float64)
    return grey


def _levels(levels: int | None, side: int) -> int:
    """Choose how many levels there are, or check it, for a shorter side of so many pixels."""
    if side < COARSEST:
        raise ValueError(f"the shorter side has {side} pixels, expected at least {COARSEST}")
    most = (side // COARSEST).bit_length()
    if levels is None:
        return most
    if not 1 <= levels <= most:
        raise ValueError(f"--levels is {levels}, expected 1 to {most} for a side of {side} pixels")
    return levels


def _line(found: Found, error: float | None) -> str:
    """Write a row of the table."""
    size, part = "{1} x {0}".format(*found.size), f"1/{found.factor}"
    line = f"{found.stage:12}{part:>5}{size:>12}{found.steps:7}{found.rms:10.4f}"
    return line if error is None else f"{line}{error:12.4f}"


def _draw(
    pair: Pair, stage: str, params: Floats, errors: Sequence[float | None], path: Path
) -> None:
    """Draw the pictures over each other, before and after, and the grid."""
    size, grid = size_of(pair.fixed), grid_of(stage, params, size_of(pair.fixed))
    start = grid_of(STAGES[0], identity(STAGES[0]), size)
    sampled = [
        grid_sample(pair.moving[None, ..., None], points[None], align_corners=False)[0, ..., 0]
        for points in (start, grid)
    ]
    titles = [
        f"{name}, red fixed, cyan moving" + ("" if error is None else f": {error:.3g} px")
        for name, error in zip(("before", "after"), errors, strict=True)
    ]
    figure = gallery(
        [
            *(np.stack([pair.fixed, cyan, cyan], axis=-1) for cyan in sampled),
            np.stack([pair.moving] * 3, axis=-1),
        ],
        titles=[*titles, f"{stage} grid over the moving picture"],
        grids=[None, None, grid],
        align_corners=False,
        limits=(0.0, 1.0),
        columns=3,
    )
    save(figure, path)


if __name__ == "__main__":
    sys.exit(main())
