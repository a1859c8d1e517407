"""See the spatial transformer at work on a photograph, and check it on the way.

Runs an identity, a rotation, an attention crop and an upsampling; says whether the identity is
bit-exact and how far the gradients are from finite differences; writes one picture of it all.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from drawing import fill, save
from matplotlib.cbook import get_sample_data
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image, ImageOps

import npstn
from npstn.plot import ALONG_X, ALONG_Y, MESH, draw_grid, show_image
from npstn.testing import check_vjp

Array = NDArray[Any]

SHRINK = 8
INK, FAINT = "#1d1d22", "#6b6b76"


class Example(NamedTuple):
    """A transform of one image: what it is called, its input, theta, grid and output."""

    name: str
    x: Array
    theta: Array
    grid: Array
    out: Array


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the check; return 0 if all is well, 1 if a number is wrong, 2 for bad arguments."""
    options = parse(arguments)
    try:
        name, photo = load(options.image, options.size)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        print(f"sanity_check: cannot read {options.image or 'photo'}: {error}", file=sys.stderr)
        return 2
    height, width, channels = photo.shape
    print(f"npstn {npstn.__version__}, {name}: {width} x {height} x {channels}, float32\n")
    examples = transform_all(photo)
    exact = examples[0].out.tobytes() == photo.tobytes()
    print(f"\nidentity is bit-exact: {'yes' if exact else 'NO'}")
    confirmed = check_gradients(photo)
    try:
        draw(examples, options.output)
    except OSError as error:
        print(f"sanity_check: cannot write {options.output}: {error}", file=sys.stderr)
        return 2
    print(f"picture: {options.output.resolve()}")
    return 0 if exact and confirmed else 1


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--image", type=Path, help="a photograph (default: Grace Hopper)")
    parser.add_argument(
        "--output", type=Path, default=Path("sanity_check.png"), help="(default: %(default)s)"
    )
    parser.add_argument(
        "--size",
        type=int,
        default=640,
        help="longest side: a larger photograph is shrunk (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    if options.size < 2 * SHRINK:
        parser.error(f"--size is {options.size}, expected at least {2 * SHRINK}")
    if not options.output.parent.is_dir():
        parser.error(f"--output is {options.output}, expected a file in an existing folder")
    return options


def load(path: Path | None, size: int) -> tuple[str, Array]:
    """Read a photograph as float32 (H, W, 1 or 3) in [0, 1], no side longer than `size`."""
    source = path or get_sample_data("grace_hopper.jpg", asfileobj=False)
    with Image.open(source) as file:
        image = ImageOps.exif_transpose(file)
        grey = image.mode in ("1", "L", "LA")
        image = image if image.mode[0] in "IF" else image.convert("L" if grey else "RGB")
    photo = np.asarray(image, np.float32)
    if not np.isfinite(photo).all():
        raise ValueError("it has values that are not finite")
    white = 255.0 if image.mode in ("L", "RGB") else float(photo.max()) or 1.0
    photo = photo.reshape(*photo.shape[:2], -1) / np.float32(white)
    photo = shrink(photo, -(-max(photo.shape) // size))
    if min(photo.shape[:2]) < 2 * SHRINK:
        raise ValueError(f"{photo.shape[1]} x {photo.shape[0]} pixels are too few")
    return Path(source).name, photo


def shrink(image: Array, factor: int) -> Array:
    """Average squares of `factor` x `factor` pixels; a remainder at the right and bottom is cut."""
    height, width = (n // factor for n in image.shape[:2])
    cut = image[: height * factor, : width * factor]
    blocks = cut.reshape(height, factor, width, factor, -1)
    return np.ascontiguousarray(blocks.mean(axis=(1, 3), dtype=np.float64), np.float32)


def rotation(degrees: float, size: tuple[int, int]) -> Array:
    """Theta of a rotation about the centre: a rotation of pixels, whatever the shape."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    aspect = (size[1] - 1) / (size[0] - 1)
    return np.array([[c, -s / aspect, 0.0], [s * aspect, c, 0.0]])


def transform_all(photo: Array) -> list[Example]:
    """Run and time the four transforms."""
    size = (photo.shape[0], photo.shape[1])
    small = shrink(photo, SHRINK)
    identity = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    crop = np.array([[0.4, 0.0, 0.03], [0.0, 0.4, -0.38]])
    plan = [
        ("identity", photo, identity),
        ("rotation by 45°", photo, rotation(45.0, size)),
        ("attention crop", photo, crop),
        (f"upsampling × {SHRINK}", small, identity),
    ]
    start = time.perf_counter()
    npstn.spatial_transformer_network(photo[None], identity[None])
    npstn.affine_grid(identity[None], size)
    print(f"forward kernels ready after {time.perf_counter() - start:.1f} s\n")
    print(f"{'transform':17}{'input':>12}{'output':>12}{'time':>10}   theta")
    examples = []
    for name, x, theta in plan:
        start = time.perf_counter()
        out = npstn.spatial_transformer_network(x[None], theta[None], size)[0]
        elapsed = 1000 * (time.perf_counter() - start)
        grid = npstn.affine_grid(theta[None], size)[0]
        examples.append(Example(name, x, theta, grid, out))
        sizes = (f"{a.shape[1]} x {a.shape[0]}" for a in (x, out))
        line = "".join(f"{s:>12}" for s in sizes) + f"{elapsed:7.1f} ms"
        print(f"{name:17}{line}   {np.array2string(theta.ravel(), precision=3)}")
    return examples


def check_gradients(photo: Array) -> bool:
    """Compare the module's gradients on a small crop with finite differences, and print both."""
    rows, columns = (n // 3 for n in photo.shape[:2])
    x = photo[None, rows : rows + 6, columns : columns + 7].astype(np.float64)
    theta = 0.9 * rotation(31.0, (6, 7))[None] + [0.0, 0.0, 0.05]

    vjp = npstn.spatial_transformer_network_vjp

    def f(x: Array, theta: Array) -> Array:
        return npstn.spatial_transformer_network(x, theta, (5, 8))

    start = time.perf_counter()
    try:
        report = check_vjp(f, vjp, (x, theta), names=("x", "theta"), max_entries=24)
    except AssertionError as error:
        print(f"\n{error}")
        return False
    print(f"\ngradients and differences taken in {time.perf_counter() - start:.1f} s\n")
    print(f"gradient  checked  worst at        {'analytic':>18}{'finite difference':>20}     error")
    for found in report.inputs:
        if (w := found.worst) is not None:
            near = min((w.left, w.right), key=lambda slope: abs(slope - w.analytic))
            checked, off = f"{found.checked}/{found.total}", abs(near - w.analytic)
            head = f"d_{found.name:8}{checked:>7}  {list(w.index)!s:14}"
            print(f"{head}{w.analytic:20.14f}{near:20.14f}{off:10.1e}")
    print(f"\nlargest error: {report.relative:.1e} of the largest derivative")
    return True


def draw(examples: Sequence[Example], path: Path) -> None:
    """Draw the input, the sampling grids over it and the outputs into one picture."""
    height, width = examples[0].x.shape[:2]
    aspect = min(max(width / height, 0.6), 1.6)
    cell = (1.87, 1.87 / aspect)
    figure = Figure(figsize=(32 / 3, 2 * cell[1] + 1.2), dpi=150, facecolor="white")

    def place(column: int, row: int) -> Any:
        """Return axes in a cell of the picture; the first column stands apart."""
        left = 0.15 + column * (cell[0] + 0.16) + (0.4 if column else 0.0)
        bottom = 0.15 + (1 - row) * (cell[1] + 0.2)
        size = figure.get_size_inches()
        return figure.add_axes((left / size[0], bottom / size[1], *(cell / size)))

    def title(ax: Any, name: str, detail: str) -> None:
        above = {"xy": (0, 1), "xycoords": "axes fraction", "textcoords": "offset points"}
        ax.annotate(name, xytext=(0, 36), size=12, weight="bold", color=INK, **above)
        ax.annotate(detail, xytext=(0, 30), size=9, color=FAINT, va="top", **above)

    first = place(0, 0)
    show_image(first, examples[0].x)
    fill(first, aspect)
    title(first, "input", f"{width} × {height} pixels")
    for column, example in enumerate(examples, 1):
        top, bottom = place(column, 0), place(column, 1)
        show_image(top, example.x)
        draw_grid(example.grid, top, size=example.x.shape[:2])
        fill(top, aspect)
        show_image(bottom, example.out, edges=True)
        fill(bottom, aspect)
        first, second = (", ".join(f"{v:.2g}" for v in row) for row in example.theta)
        detail = f"θ = [{first},\n       {second}]"
        if example.x.shape != examples[0].x.shape:
            rows, columns = example.x.shape[:2]
            detail = f"input: {columns} × {rows} pixels\nθ = [{first}, {second}]"
        title(top, example.name, detail)
        if column == 1:
            for ax, label in ((top, "sampling grid"), (bottom, "output")):
                ax.set_ylabel(label, size=10, color=FAINT, labelpad=7)
    legend(place(0, 1))
    save(figure, path)


def legend(ax: Any) -> None:
    """Explain the marks."""
    ax.set_axis_off()
    ax.set(xlim=(0, 1), ylim=(-72 * ax.get_position().height * ax.figure.get_figheight(), 0))
    marks = [
        (-14, ALONG_X, "the output's first row,\nalong its x"),
        (-44, ALONG_Y, "the output's first column,\nalong its y"),
        (-74, MESH, "some of its other rows\nand columns"),
    ]
    for y, colour, text in marks:
        arrow = {"arrowstyle": "-" if colour == MESH else "-|>", "color": colour, "lw": 2.2}
        ax.annotate("", (0.2, y), (0.0, y), arrowprops={**arrow, "mutation_scale": 14})
        ax.text(0.27, y, text, size=9, color=INK, va="center")
    ax.scatter(0.1, -99, s=30, c="white", edgecolors="black")
    ax.text(0.27, -99, "its top-left pixel", size=9, color=INK, va="center")


if __name__ == "__main__":
    sys.exit(main())
