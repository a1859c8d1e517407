"""Digits, distorted as in section 4.1 of the paper; or the arrays of a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np

from npstn import spatial_transformer_network
from npstn.transforms import family

from .layers import Array

COPIES = 10  # of each digit, distorted differently
SIZE = 20.0  # pixels of a digit on its canvas, as MNIST has it
BYTE = 255  # the largest number of an image
NAMES = "train", "valid", "test"
PARTS = 0.6, 0.2, 0.2  # of the digits: to learn from, to choose by, to measure on

Rng = np.random.Generator


class Part(NamedTuple):
    """Images (N, H, W, C) float32, and their classes (N,)."""

    x: Array
    y: Array


class Data(NamedTuple):
    """What an epoch learns from, what decides which was the best, what the error is measured on."""

    train: Callable[[Rng], Part]
    valid: Part
    test: Part
    classes: int


def _similar(degrees: Array, scales: Array, shifts: Array) -> Array:
    """Make theta (N, 6) of digits that are turned, and moved to ``shifts`` (N, 2), normalised."""
    c, s = (scales * part(np.deg2rad(degrees)) for part in (np.cos, np.sin))
    x, y = shifts.T
    return np.stack([c, -s, s * y - c * x, s, c, -s * x - c * y], axis=1)


def _rotated(rng: Rng, count: int, side: int, scale: float) -> Array:
    """Turn by up to 90 degrees."""
    return _similar(rng.uniform(-90, 90, count), np.full(count, scale), np.zeros((count, 2)))


def _rts(rng: Rng, count: int, side: int, scale: float) -> Array:
    """Turn by up to 45 degrees, scale by 0.7 to 1.2, and put it anywhere on the canvas."""
    sizes = rng.uniform(0.7, 1.2, count)
    room = (side - SIZE * sizes[:, None]) / (side - 1)
    shifts = rng.uniform(-room, room, (count, 2))
    return _similar(rng.uniform(-45, 45, count), scale / sizes, shifts)


def _projective(rng: Rng, count: int, side: int, scale: float) -> Array:
    """Scale by 0.75 to 1, and move each corner of the canvas by five pixels (one sigma)."""
    corners = np.array([[-1.0, -1], [1, -1], [-1, 1], [1, 1]])
    moved = corners + rng.standard_normal((count, 4, 2)) * 2 * 5 / (side - 1)
    moved *= (scale / rng.uniform(0.75, 1, count))[:, None, None]
    at = np.concatenate([corners, np.ones((4, 1))], axis=1)  # four equations of each coordinate
    left = np.zeros((count, 4, 2, 8))
    left[:, :, 0, 0:3] = left[:, :, 1, 3:6] = at
    left[..., 6:] = -moved[..., None] * corners[:, None]
    solved = np.linalg.solve(left.reshape(count, 8, 8), moved.reshape(count, 8, 1))
    return solved[..., 0]


def _elastic(rng: Rng, count: int, side: int, scale: float) -> Array:
    """Move each of the points of a thin-plate spline by up to three pixels along each axis."""
    identity = family("tps").identity()
    moves = rng.uniform(-1, 1, (count, identity.size)) * 2 * 3 / (side - 1)
    return scale * (identity + moves)


Maps = Callable[[Rng, int, int, float], Array]
DISTORTIONS: dict[str, tuple[int, str, Maps]] = {
    "R": (28, "affine", _rotated),
    "RTS": (42, "affine", _rts),
    "P": (28, "projective", _projective),
    "E": (28, "tps", _elastic),
}


def distort(images: Array, distortion: str, rng: Rng) -> Array:
    """Put images (N, S, S, C), distorted, on a larger canvas: in one sampling of them."""
    side, transform, maps = DISTORTIONS[distortion]
    scale = (side - 1) / (SIZE - SIZE / images.shape[1])  # from the canvas to the range of a digit
    params = maps(rng, len(images), side, scale).astype(np.float32)
    return spatial_transformer_network(
        images, params, (side, side), transform=transform, mode="bicubic"
    )


def undistorted(rng: Rng) -> list[Part]:
    """Split the 1,797 digits of scikit-learn, (N, 8, 8, 1), into three parts by chance."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ValueError("scikit-learn has the digits: pip install -e .[demo]") from error
    found = load_digits()
    images = (found.images[..., None] / 16).astype(np.float32)
    ends = np.cumsum(np.multiply(PARTS, len(images)).round().astype(int))[:-1]
    order = rng.permutation(len(images))
    return [Part(images[rows], found.target[rows]) for rows in np.split(order, ends)]


def bundled(distortion: str, seed: int) -> Data:
    """Distort the digits of scikit-learn, those to learn from anew for each epoch."""
    rng = np.random.default_rng([seed, 0])
    train, *others = undistorted(rng)

    def distorted(part: Part, rng: Rng) -> Part:
        x, y = (np.repeat(array, COPIES, axis=0) for array in part)
        return Part(distort(x, distortion, rng), y)

    valid, test = (distorted(part, rng) for part in others)
    return Data(lambda rng: distorted(train, rng), valid, test, int(train.y.max()) + 1)


def of_file(path: Path) -> Data:
    """Read X_train, y_train, X_valid, y_valid, X_test and y_test of a NumPy file.

    Each X is (N, H, W), (N, H, W, C), or (N, S * S) for square images: numbers up to 1, or up to
    255, which are divided by that. Each y is (N,) integers, or (N, classes) with a 1 in each row.
    """
    arrays = arrays_of(path)
    for name in (f"{letter}_{part}" for part in NAMES for letter in "Xy"):
        if name not in arrays:
            raise ValueError(f"{path} has no array {name}, expected X and y of {', '.join(NAMES)}")
    images = [_images(f"X_{name} of {path}", arrays[f"X_{name}"]) for name in NAMES]
    if len({x.shape[1:] for x in images}) > 1:
        raise ValueError(f"{path} has images of several sizes, expected one")
    if max(x.max() for x in images) > 1:
        images = [x / np.float32(BYTE) for x in images]
    labels = [
        _labels(f"y_{name} of {path}", arrays[f"y_{name}"], len(x))
        for name, x in zip(NAMES, images, strict=True)
    ]
    known = np.unique(labels[0])
    for name, y in zip(NAMES, labels, strict=True):
        if len(known) < 2 or not np.isin(y, known).all():
            msg = f"y_{name} of {path} has {len(np.unique(y))} classes, y_train {len(known)}"
            raise ValueError(f"{msg}: expected two or more, all of them in y_train")
    labels = [np.searchsorted(known, y) for y in labels]
    train, valid, test = (Part(x, y) for x, y in zip(images, labels, strict=True))
    return Data(lambda rng: train, valid, test, len(known))


def arrays_of(path: Path) -> dict[str, Array]:
    """Read all arrays of an .npz file."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, EOFError, ValueError, TypeError, BadZipFile) as error:
        raise ValueError(f"cannot read {path} as an .npz file of numbers: {error}") from error


def _images(about: str, x: Any) -> Array:
    """Check images, and return them as (N, H, W, C) float32."""
    if x.dtype.kind not in "biuf":
        raise ValueError(f"{about} has dtype {x.dtype}, expected real numbers")
    about = f"{about} has shape {x.shape}"
    if x.ndim == 2:
        side = round(x.shape[1] ** 0.5)
        if side**2 != x.shape[1]:
            raise ValueError(f"{about}, expected squares of flat images")
        x = x.reshape(len(x), side, side)
    if x.ndim not in (3, 4) or not x.size:
        raise ValueError(f"{about}, expected (N, S * S), (N, H, W) or (N, H, W, C)")
    if not np.isfinite(x).all() or np.abs(x).max() > BYTE:
        raise ValueError(f"{about}, and numbers that are not finite or above {BYTE}")
    found: Array = np.ascontiguousarray(x.reshape(*x.shape[:3], -1), np.float32)
    return found


def _labels(about: str, y: Any, count: int) -> Array:
    """Check labels, and return them as (N,) integers."""
    if y.dtype.kind in "biuf" and y.ndim == 2 and y.shape[1] > 1:
        if not (np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all()):
            raise ValueError(f"{about} has rows of {y.shape[1]}, expected a 1 and zeros in each")
        y = y.argmax(axis=1)
    if y.dtype.kind not in "biuf" or y.size != count or (y != np.floor(y)).any():
        raise ValueError(f"{about} has shape {y.shape}, expected {count} integers, or rows of a 1")
    found: Array = y.ravel().astype(np.int64)
    return found
