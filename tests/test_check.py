"""The door: odd arrays, row by row: the same bits as ever, or an error that says what is wrong.

Rows 18 to 62; 1 to 17, on values, are in test_faults. Not run: 32, 2**31 elements (16 GiB), and
57, 58, as there is no argument ``out``. Every call hashes what it was given before and after.
"""

import hashlib
import mmap
import tempfile
import warnings

import numpy as np
import pytest
from support import Numbers, frozen

import npstn

B, H, W, HO, WO, C = 2, 4, 5, 3, 6, 2
_numbers = Numbers(4)
GOOD = {
    "x": _numbers.uniform((B, H, W, C)),
    "theta": _numbers.uniform((B, 6)),
    "grid": _numbers.uniform((B, HO, WO, 2), -1.5, 1.5),
    "d_out": _numbers.uniform((B, HO, WO, C)),
    "d_grid": _numbers.uniform((B, HO, WO, 2)),
    "out_dims": (HO, WO),
}
SAMPLER = {"mode", "padding_mode", "align_corners", "layout"}
FUNCTIONS = {  # arguments, options
    "affine_grid": (("theta", "out_dims"), {"align_corners"}),
    "affine_grid_vjp": (("d_grid",), {"align_corners"}),
    "grid_sample": (("x", "grid"), SAMPLER | {"coordinates"}),
    "grid_sample_vjp": (("d_out", "x", "grid"), SAMPLER | {"coordinates"}),
    "spatial_transformer_network": (("x", "theta", "out_dims"), SAMPLER),
    "spatial_transformer_network_vjp": (("d_out", "x", "theta"), SAMPLER),
}
ARRAYS = [(f, a) for f, (names, _) in FUNCTIONS.items() for a in names if a != "out_dims"]


def digest(arguments):
    arrays = [a for a in arguments.values() if isinstance(a, np.ndarray)]
    return [(hashlib.sha256(a.tobytes()).digest(), a.strides, str(a.flags)) for a in arrays]


def call(function, **changes):
    """All results of a public function, as a tuple; raises if an argument was written to."""
    arguments = {name: GOOD[name] for name in FUNCTIONS[function][0]} | changes
    before = digest(arguments)
    try:
        results = getattr(npstn, function)(**arguments)
    finally:
        assert digest(arguments) == before, f"{function} wrote to an argument"
    return results if isinstance(results, tuple) else (results,)


def same_bits(got, want):
    for a, b in zip(got, want, strict=True):
        assert type(a) is np.ndarray
        assert (a.shape, a.dtype.newbyteorder("=")) == (b.shape, b.dtype), (a.dtype, b.dtype)
        assert a.astype(b.dtype).tobytes() == b.tobytes()


def test_the_hash_finds_a_write(monkeypatch):
    monkeypatch.setattr(npstn, "affine_grid", lambda theta, out_dims: theta.fill(0))
    with pytest.raises(AssertionError, match="wrote"):
        call("affine_grid", theta=GOOD["theta"].copy())


class Foreign:
    """Not an array, but willing to become one."""

    def __init__(self, a):
        self.a, self.__array_interface__ = a, a.__array_interface__

    def __array__(self, dtype=None, copy=None):
        return self.a


class Subclass(np.ndarray):
    """An array whose own opinions must not reach a result."""

    def __array_wrap__(self, *args):
        raise AssertionError

    def __array_function__(self, *args):
        raise AssertionError

    def __array_ufunc__(self, *args, **kwargs):
        raise AssertionError


def matrix(a):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return np.asmatrix(a[0].reshape(2, -1))


# Kinds of arrays that are refused: row, how to make one, what is said of it.
DTYPES = ["35 complex128", "36 int64", "36 uint8", "36 bool", "37 object", "38 U9", "38 S9"]
DTYPES += ["33 float16", "39 M8[s]", "40 f8,f8"]
DTYPES += ["34 longdouble"] if np.dtype(np.longdouble).itemsize > 8 else []  # else it is float64
DTYPES += ["49 T"] if hasattr(np.dtypes, "StringDType") else []
KINDS = [
    *((row, lambda a, t=row[3:]: np.ones(a.shape, "i1").astype(t), "has dtype") for row in DTYPES),
    ("40 recarray", lambda a: np.rec.array(a.astype([("re", "f8")])), "has dtype"),
    ("43 list", np.ndarray.tolist, "is list,"),
    ("43 scalar", lambda a: a.flat[0], "is numpy.float64,"),
    ("43 None", lambda a: None, "is NoneType,"),
    ("44 matrix", matrix, "is numpy.matrix,"),
    ("45 masked", np.ma.masked_invalid, "MaskedArray,"),
    ("47 __array__", Foreign, "Foreign,"),
]


@pytest.mark.parametrize(("function", "argument"), ARRAYS)
@pytest.mark.parametrize(("row", "make", "said"), KINDS)
def test_other_kinds_are_refused(function, argument, row, make, said):
    bad = make(GOOD[argument])
    said = f"has dtype {bad.dtype}, expected float32 or float64" if said == "has dtype" else said
    with pytest.raises(TypeError) as error:
        call(function, **{argument: bad})
    for part in (f"{argument} ", said, "expected"):
        assert part in str(error.value)


def unaligned(a):
    raw = np.empty(a.nbytes + 1, np.uint8)
    odd = raw[1:].view(a.dtype).reshape(a.shape)
    odd[...] = a
    assert not odd.flags.aligned
    return odd


def strided(a, step):
    wide = np.full((*a.shape[:-1], 2 * a.shape[-1]), np.nan)
    view = wide[..., ::step]
    view[...] = a
    return view


def mapped(a, mode):
    with tempfile.TemporaryFile() as file:
        file.write(a.tobytes())
        file.flush()
        return np.memmap(file, a.dtype, mode, shape=a.shape)


def shared(a):
    view = np.frombuffer(mmap.mmap(-1, a.nbytes), a.dtype).reshape(a.shape)
    view[...] = a
    return view


ACCEPTED = {
    "41 big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "46 subclass": lambda a: a.copy().view(Subclass),
    "50 read-only": frozen,
    "51 Fortran order": np.asfortranarray,
    "52 strided": lambda a: strided(a, 2),
    "53 negative strides": lambda a: strided(a, -2),
    "55 unaligned": unaligned,
    "56 map, read": lambda a: mapped(a, "r"),  # cut short under the map: SIGBUS, not run
    "56 map, copy on write": lambda a: mapped(a, "c"),
    "60 shared": shared,
}


@pytest.mark.parametrize(("function", "argument"), ARRAYS)
@pytest.mark.parametrize("row", ACCEPTED)
def test_memory_does_not_matter(function, argument, row):
    same_bits(call(function, **{argument: ACCEPTED[row](GOOD[argument])}), call(function))


@pytest.mark.parametrize(("function", "argument"), ARRAYS)
def test_stride_0(function, argument):  # row 54
    still = np.broadcast_to(GOOD[argument][:1], GOOD[argument].shape)
    same_bits(call(function, **{argument: still}), call(function, **{argument: still.copy()}))


def test_one_array_in_two_roles():  # row 59
    x = GOOD["x"]
    grid = _numbers.uniform((B, H, W, 2))
    same_bits(
        npstn.grid_sample_vjp(x, x, grid), npstn.grid_sample_vjp(x.copy(), x.copy(), grid.copy())
    )


# Shapes, sizes and options: row, argument, bad value, error, what is said of it.
X, THETA, GRID = GOOD["x"], GOOD["theta"], GOOD["grid"]
SIZES = "expected two integers (Ho, Wo)"
FLAG = "expected True or False"
REFUSED = [
    ("20 H = 0", "x", X[:, :0], ValueError, "(2, 0, 5, 2), expected H and W of at least 1"),
    ("20 W = 0", "x", X[:, :, :0], ValueError, "(2, 4, 0, 2), expected H and W of at least 1"),
    ("24 x 2-D", "x", X[0, 0], ValueError, "(5, 2), expected (B, H, W, C)"),
    ("24 x 3-D", "x", X[0], ValueError, "(4, 5, 2), expected (B, H, W, C)"),
    ("24 x 5-D", "x", X[None], ValueError, "(1, 2, 4, 5, 2), expected (B, H, W, C)"),
    ("25 grid 3", "grid", X[..., [0, 1, 1]], ValueError, "5, 3), expected (B, Ho, Wo, 2) or (B, K"),
    ("25 d_grid 1", "d_grid", X[..., :1], ValueError, "5, 1), expected (B, Ho, Wo, 2) or (B, K"),
    ("25 grid 3-D", "grid", GRID[0], ValueError, "(3, 6, 2), expected (B, Ho, Wo, 2)"),
    ("26 grid", "grid", GRID[:1], ValueError, "(1, 3, 6, 2), expected batch size 2, that of x"),
    (
        "27 channels",
        "d_out",
        GOOD["d_out"][..., :1],
        ValueError,
        "(2, 3, 6, 1), expected that of the out",
    ),
    (
        "27 batch",
        "d_out",
        GOOD["d_out"][:1],
        ValueError,
        "(1, 3, 6, 2), expected that of the output",
    ),
    ("27 rank", "d_out", GOOD["d_out"][0], ValueError, "(3, 6, 2), expected"),
    ("28 no batch", "theta", THETA[0].reshape(2, 3), ValueError, "(2, 3), expected (B, 6), (B, 2"),
    ("28 (B, 3, 3)", "theta", np.ones((B, 3, 3)), ValueError, "(2, 3, 3), expected (B, 6), (B"),
    ("28 (B, 7)", "theta", np.ones((B, 7)), ValueError, "(2, 7), expected (B, 6), (B, 2, 3)"),
    ("29 negative", "out_dims", (-1, 3), ValueError, "(-1, 3), expected sizes of at least 0"),
    ("29 float", "out_dims", (3.0, 6), TypeError, f"(3.0, 6), {SIZES}"),
    ("29 bool", "out_dims", (True, 6), TypeError, f"(True, 6), {SIZES}"),
    ("30 one", "out_dims", (3,), (TypeError, ValueError), f"(3,), {SIZES}"),
    ("30 three", "out_dims", (3, 6, 2), (TypeError, ValueError), f"(3, 6, 2), {SIZES}"),
    ("30 int", "out_dims", 3, TypeError, f"3, {SIZES}"),
    ("48 x 0-d", "x", np.array(1.0), ValueError, "(), expected (B, H, W, C)"),
    ("48 grid 0-d", "grid", np.array(1.0), ValueError, "(), expected (B, Ho, Wo, 2)"),
    ("48 theta 0-d", "theta", np.array(1.0), ValueError, "(), expected (B, 6)"),
    ("48 d_out 0-d", "d_out", np.array(1.0), ValueError, "(), expected"),
    ("61 case", "mode", "Bilinear", ValueError, "'Bilinear', expected one of 'nearest', 'bil"),
    ("61 unknown", "padding_mode", "edge", ValueError, "'edge', expected one of 'zeros', 'border'"),
    ("61 space", "layout", "NHWC ", ValueError, "'NHWC ', expected one of 'NHWC', 'NCHW'"),
    ("61 None", "coordinates", None, TypeError, "None, expected one of 'normalized', 'pixel'"),
    ("61 bytes", "mode", b"bilinear", TypeError, "b'bilinear', expected one of"),
    ("61 number", "padding_mode", 0, TypeError, "0, expected one of 'zeros'"),
    ("62 int", "align_corners", 2, TypeError, f"2, {FLAG}"),
    ("62 string", "align_corners", "False", TypeError, f"'False', {FLAG}"),
    ("62 None", "align_corners", None, TypeError, f"None, {FLAG}"),
]


@pytest.mark.parametrize(("row", "argument", "value", "error", "said"), REFUSED)
def test_wrong_shapes_and_options_are_refused(row, argument, value, error, said):
    users = [f for f, (names, options) in FUNCTIONS.items() if argument in {*names, *options}]
    assert users
    for function in users:
        with pytest.raises(error) as caught:
            call(function, **{argument: value})
        assert str(caught.value).startswith(f"{argument} ")
        assert said in str(caught.value)


@pytest.mark.parametrize("function", ["affine_grid", "spatial_transformer_network"])
@pytest.mark.parametrize("side", [10**7, 2**31, 2**62])
def test_more_than_memory(function, side):  # row 31
    with pytest.raises(ValueError, match=r"out_dims is \(\d+, \d+\), expected sizes up to"):
        call(function, out_dims=(side, side))
