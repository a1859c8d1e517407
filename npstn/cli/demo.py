"""Transform a photograph, check the numbers, and draw one picture.

Runs an identity, a rotation by 45 degrees, an attention crop and an upsampling;
says whether the identity is bit-exact, and how far the gradients are from finite
differences. The exit status is 1 if a number is wrong.

for example:
  npstn demo
  npstn demo --image photo.jpg --out photo_demo.png
  npstn demo --json
"""

import argparse
import json
import sys
import time
from typing import Any

import numpy as np

from .. import (
    __version__,
    affine_grid,
    spatial_transformer_network,
    spatial_transformer_network_vjp,
)
from ..jit.notice import printable
from ..plot.marks import Array
from ._photo import load, photograph_options, save, shrink
from ._progress import Progress
from ._sheet import Example, sheet
from ._terminal import paint

SHRINK = 8


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    photograph_options(parser, "demo.png")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")


def run(options: argparse.Namespace) -> int:
    """Run the demonstration; return 1 if a number is wrong."""
    if options.size < 2 * SHRINK:
        raise ValueError(f"--size is {options.size}, expected at least {2 * SHRINK}")
    photo = load(options.image, options.size)
    height, width, channels = photo.shape
    if min(height, width) < 2 * SHRINK:
        raise ValueError(f"{width} x {height} pixels are too few for the demonstration")
    with Progress(6) as bar:
        examples = transform(photo, bar)
        bar.show("gradients")
        found = gradients(photo)
        bar.step()
        bar.show("picture")
        save(sheet(examples), options.out)
    exact = examples[0].out.tobytes() == photo.tobytes()
    passed = exact and "failure" not in found
    data = {
        "npstn": __version__,
        "image": options.image.name if options.image else "Grace Hopper",
        "shape": [height, width, channels],
        "transforms": [
            {
                "name": example.name,
                "in_size": example.x.shape[:2],
                "out_size": example.out.shape[:2],
                "milliseconds": round(example.milliseconds, 3),
                "theta": example.theta.ravel().tolist(),
            }
            for example in examples
        ],
        "identity_is_exact": exact,
        "gradients": found,
        "picture": str(options.out.resolve()),
        "passed": passed,
    }
    print(json.dumps(data, indent=2) if options.json else text(data))
    return 0 if passed else 1


def rotation(degrees: float, size: tuple[int, int]) -> Array:
    """Theta of a rotation about the centre: a rotation of pixels, whatever the shape."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    aspect = (size[1] - 1) / (size[0] - 1)
    return np.array([[c, -s / aspect, 0.0], [s * aspect, c, 0.0]])


def transform(photo: Array, bar: Progress) -> list[Example]:
    """Run and time the four transforms."""
    size = (photo.shape[0], photo.shape[1])
    identity = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    crop = np.array([[0.4, 0.0, 0.03], [0.0, 0.4, -0.38]])
    plan = [
        ("identity", photo, identity),
        ("rotation by 45°", photo, rotation(45.0, size)),
        ("attention crop", photo, crop),
        (f"upsampling × {SHRINK}", shrink(photo, SHRINK), identity),
    ]
    examples: list[Example] = []
    for name, x, theta in plan:
        bar.show(name)
        if not examples:
            spatial_transformer_network(x[None], theta[None], size)  # compiles or loads it
        start = time.perf_counter()
        out = spatial_transformer_network(x[None], theta[None], size)[0]
        elapsed = 1000 * (time.perf_counter() - start)
        grid = affine_grid(theta[None], size)[0]
        examples.append(Example(name, x, theta, grid, out, elapsed))
        bar.step()
    return examples


def gradients(photo: Array) -> dict[str, Any]:
    """Compare the module's gradients on a small crop with finite differences."""
    from ..testing import check_vjp  # loads random numbers, which takes a while

    rows, columns = (n // 3 for n in photo.shape[:2])
    x = photo[None, rows : rows + 6, columns : columns + 7].astype(np.float64)
    theta = 0.9 * rotation(31.0, (6, 7))[None] + [0.0, 0.0, 0.05]

    def f(x: Array, theta: Array) -> Array:
        return spatial_transformer_network(x, theta, (5, 8))

    arrays, names = (x, theta), ("x", "theta")
    try:
        report = check_vjp(f, spatial_transformer_network_vjp, arrays, names=names, max_entries=24)
    except AssertionError as error:
        return {"failure": str(error)}
    found: dict[str, Any] = {"largest_relative_error": report.relative}
    for one in report.inputs:
        if (w := one.worst) is not None:
            near = min((w.left, w.right), key=lambda slope: abs(slope - w.analytic))
            found[f"d_{one.name}"] = {
                "checked": one.checked,
                "total": one.total,
                "worst_at": w.index,
                "analytic": w.analytic,
                "difference": near,
                "error": abs(near - w.analytic),
            }
    return found


def text(data: dict[str, Any]) -> str:
    """Write the numbers for a reader."""
    height, width, channels = data["shape"]
    image = printable(data["image"])
    head = f"npstn {data['npstn']}, {image}: {width} x {height} x {channels}, float32"
    lines = [paint(head, "bold", sys.stdout), ""]
    lines.append(f"{'transform':17}{'input':>12}{'output':>12}{'time':>10}   theta")
    for row in data["transforms"]:
        sizes = "".join(f"{f'{w} x {h}':>12}" for h, w in (row["in_size"], row["out_size"]))
        theta = np.array2string(np.array(row["theta"]), precision=3, suppress_small=True)
        lines.append(f"{row['name']:17}{sizes}{row['milliseconds']:7.1f} ms   {theta}")
    exact = data["identity_is_exact"]
    verdict = paint("yes" if exact else "NO", "green" if exact else "red", sys.stdout)
    lines += ["", f"identity is bit-exact: {verdict}", ""]
    found = data["gradients"]
    if "failure" in found:
        lines += [paint(found["failure"], "red", sys.stdout)]
    else:
        head = f"gradient  checked  worst at        {'analytic':>18}{'finite difference':>20}"
        lines.append(f"{head}{'error':>10}")
        for name in ("d_x", "d_theta"):
            w = found[name]
            head = f"{name:10}{'{checked}/{total}'.format(**w):>7}  {list(w['worst_at'])!s:14}"
            lines.append(f"{head}{w['analytic']:20.14f}{w['difference']:20.14f}{w['error']:10.1e}")
        largest = found["largest_relative_error"]
        lines += ["", f"largest error: {largest:.1e} of the largest derivative"]
    return "\n".join([*lines, f"picture: {printable(data['picture'])}"])
