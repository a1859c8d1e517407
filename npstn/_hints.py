"""Hints: how an error shows what it was given, and the line to type instead.

Each function but :func:`shown` gives the end of a message, or nothing. They are called by what
raises, so that a call without an error never gets here, and import nothing to know what they see.
"""

import difflib
import math
import reprlib
from collections.abc import Iterable

import numpy as np

Shape = tuple[int, ...]

# Words of other systems, and ours that mean the same; those that look like ours need no row.
WORDS = {
    "constant": ("zeros",),
    "grid_constant": ("zeros",),
    "nearest": ("border",),  # SciPy's
    "replicate": ("border",),
    "clamp": ("border",),
    "edge": ("border",),
    "reflect": ("reflection",),
    "mirror": ("reflection",),
    "grid_mirror": ("reflection",),
    "symmetric": ("reflection",),
    "circular": ("wrap",),
    "grid_wrap": ("wrap",),
    "repeat": ("wrap",),
    "periodic": ("wrap",),
    "channels_last": ("NHWC", "NDHWC"),
    "channels_first": ("NCHW", "NCDHW"),
    "homography": ("projective",),
    "thin_plate": ("tps",),
    "thin_plate_spline": ("tps",),
    "euclidean": ("rigid",),
    "absolute": ("pixel",),
    "relative": ("normalized",),
}
NOTES = {  # on ours that do not mean quite the same
    "reflection": "it is about the outermost centres with align_corners, else the outer edges",
    "zeros": "the constant is fill_value",
}
# Types or packages of arrays that are not ours, and what is; others are what __array__ gives.
ARRAYS = {
    "torch": "{0}.detach().cpu().numpy()",
    "tensorflow": "{0}.numpy()",
    "cupy": "{0}.get()",
    "pandas": "{0}.to_numpy()",
    "PIL": "np.asarray({0})[None] / 255",
    "numpy.ma": "{0}.filled(np.nan)",
    "builtins.list": "np.array({0}, np.float64)",
    "builtins.tuple": "np.array({0}, np.float64)",
}
DTYPES = {  # by argument, kind and size; by kind and size; by kind; others become float64
    "x u1": "{0} / 255, or {0}.astype(np.float64) for labels",
    "c": "{0}.real and {0}.imag, one at a time",
    "f2": "{0}.astype(np.float32)",
    **dict.fromkeys("MmV", ""),  # times and records
}


_LONGEST = 2**31  # size of an axis, as at the door
_BITS = 2**11  # of integers of 617 digits: all that have up to 640 can be written


class _Repr(reprlib.Repr):
    """Short, on one line: arrays by shape and dtype, unless they are a few numbers in a row."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 60

    def repr_instance(self, x: object, level: int) -> str:
        shape, dtype = getattr(x, "shape", None), getattr(x, "dtype", None)
        if dtype is None or not isinstance(shape, tuple) or isinstance(x, np.generic):
            return " ".join(super().repr_instance(x, level).split())
        if len(shape) <= 1 and math.prod(shape) <= 4 and isinstance(x, np.ndarray):
            return f"array({self.repr1(x.tolist(), level)})"
        return f"{kind(x)} of shape {tuple(shape)} and dtype {dtype}"

    def repr_int(self, x: int, level: int) -> str:
        if x.bit_length() > _BITS:
            return f"about {'-' * (x < 0)}2**{x.bit_length() - 1}"
        return super().repr_int(x, level)


_repr = _Repr()


def shown(value: object) -> str:
    """Any value, as all messages show it."""
    return _repr.repr(value)


def kind(value: object) -> str:
    """The name of a type, and of its module."""
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")


def _try(*lines: str) -> str:
    return f": try {', or '.join(lines)}" if any(lines) else ""


def word(name: str, value: str, allowed: Iterable[str]) -> str:
    """The option that was meant by another system's word, or by a typo."""
    key = value.strip().lower().replace("-", "_").replace(" ", "_")
    ours = {option.lower(): option for option in allowed}
    near = difflib.get_close_matches(key, ours, n=1, cutoff=0.7)
    found = [option for option in WORDS.get(key, ()) if option in ours.values()]
    notes = [f" ({NOTES[option]})" for option in found if option in NOTES]
    found = [ours[key]] if key in ours else found or [ours[option] for option in near]
    lines = " or ".join(f'{name}="{option}"' for option in found)
    return f": did you mean {lines}?{''.join(notes)}" if found else ""


def several(name: str, value: object) -> str:
    """A tuple of what is one word, type or number, or a list of them."""
    items = list(value) if isinstance(value, list | set) else [value]
    known = str | type | np.dtype
    if not all(isinstance(n, known) or (isinstance(n, int) and _is_size(n)) for n in items):
        return ""
    words = [str(n) if isinstance(n, int) else f'"{getattr(n, "__name__", n)}"' for n in items]
    line = f"{name}=({', '.join(words)}{',' * (len(words) == 1)})"
    return _try(line) if len(line) <= 100 and line.isprintable() else ""


def array(name: str, value: object) -> str:
    """A NumPy array of what is none, or not a plain one."""
    names = [f"{t.__module__}.{t.__qualname__}." for t in type(value).__mro__]
    rows = [row for row in ARRAYS if any(name.startswith(f"{row}.") for name in names)]
    line = ARRAYS[rows[0]].format(name) if rows else ""
    if rows == ["torch"] and name == "x":
        line += f', layout="{"NCDHW" if getattr(value, "ndim", 4) == 5 else "NCHW"}"'
    if rows == ["PIL"] and getattr(value, "mode", "") == "L":
        line = line.replace("[None]", "[None, ..., None]")
    if not rows and hasattr(value, "__array__") and not isinstance(value, np.generic):
        line = f"np.asarray({name})"
    return _try(line)


def dtype(name: str, value: np.dtype[np.generic]) -> str:
    """An array of numbers that are not float32 or float64."""
    sized = f"{value.kind}{value.itemsize}"
    lines = [DTYPES[key] for key in (f"{name} {sized}", sized, value.kind) if key in DTYPES]
    line = lines[0] if lines else "{0}.astype(np.float64)"
    return _try(line.format(name))


def image(name: str, shape: Shape, layout: str) -> str:
    """An input or output with an axis too few, or of another rank than its layout."""
    volume, last = "D" in layout, layout.endswith("C")
    missing, one = len(layout) - len(shape), f"({', '.join(layout[1:])})"
    many = f"(B, {', '.join(layout[1:].replace('C', ''))})"
    this, that = ("volume", "image") if volume else ("image", "volume")
    lines = []
    if len(shape) == (4 if volume else 5):
        other = layout.replace("D", "") if volume else layout.replace("H", "DH")
        lines += [f'layout="{other}" for {that}s']
    if missing == 1:
        lines += [f"{name}[None] for one {this} {one}"]
        lines += [f"{name}[{'...' if last else ':'}, None] for {this}s {many} of one channel"]
    if missing == 2:
        lines += [f"{name}[None, {'..., ' if last else ''}None] for one {this} of one channel"]
    return _try(*lines)


def theta(name: str, shape: Shape) -> str:
    """Affine parameters without a batch, or with the last row of their matrices."""
    n = shape[-1] if shape else 0
    if shape in ((6,), (12,), (2, 3), (3, 4)):
        return _try(f"{name}[None]")
    if shape[-2:] != (n, n) or n not in (3, 4) or len(shape) not in (2, 3, 4):
        return ""
    rows = f"{name}[{'None, ' if len(shape) == 2 else ':, ' * (len(shape) - 2)}:{n - 1}]"
    if n == 4 or name != "theta":
        return _try(rows)
    return _try(rows, f'{_eight(name, shape)} for transform="projective"')


def parameters(name: str, shape: Shape, counts: tuple[int, ...]) -> str:
    """Parameters of a family without a batch, or matrices of projective maps."""
    if len(shape) == 1 and shape[0] in counts:
        return _try(f"{name}[None]")
    return _try(_eight(name, shape)) if 8 in counts and shape[-2:] == (3, 3) else ""


def _eight(name: str, shape: Shape) -> str:
    leading = shape[:-2] or (1,)
    return f"({name} / {name}[..., 2:, 2:]).reshape{(*leading, 9)}[..., :8]"


def grid(name: str, shape: Shape, ranks: tuple[int, ...]) -> str:
    """A grid without a batch, or with the coordinates of a point first."""
    for rank in ranks:
        if len(shape) == rank + 1 and shape[-1] == rank:
            return _try(f"{name}[None]")
        if len(shape) == rank + 2 and shape[1] == rank:
            return _try(f"np.moveaxis({name}, 1, -1)")
    return ""


def batch(name: str, shape: Shape, maps: int, size: int) -> str:
    """Maps (or grids) of another number than there are images, if either is one.

    ``maps`` is how many axes of the shape count maps: one, or two for (B, K).
    """
    count = math.prod(shape[:maps])
    if size == 1 and count:
        line = f"{name}[None]" if maps == 1 else f"{name}.reshape{(1, count, *shape[maps:])}"
        return _try(f"{line} for {count} maps of one input, with a result (1, {count}, ...)")
    return like(name, shape, (size, *shape[1:]))


def like(name: str, shape: Shape, expected: Shape) -> str:
    """An array without a batch, or with a batch of one, that should be of another's shape."""
    if (1, *shape) == expected:
        return _try(f"{name}[None]")
    return _try(f"np.broadcast_to({name}, {expected})") if shape == (1, *expected[1:]) else ""


def sizes(name: str, value: object, ranks: tuple[int, ...]) -> str:
    """A size of a whole array, of one number, or of floats."""
    axes = len(getattr(value, "shape", ()))
    if axes in (4, 5):
        return _try(f"{name}=x.shape[1:{axes - 1}]")
    lines = [tuple(value)] if isinstance(value, tuple | list) and len(value) in ranks else []
    if isinstance(value, int) and not isinstance(value, bool):
        lines = [(value,) * rank for rank in ranks]
    fits = [line for line in lines if all(map(_is_size, line))]
    return _try(*(f"{name}={tuple(map(int, line))}" for line in fits))


def _is_size(n: object) -> bool:
    return isinstance(n, int | float) and 0 <= n <= _LONGEST and n == n // 1
