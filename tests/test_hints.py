"""Mistakes, and the line to type that the error of each names: typed, it works."""

import warnings

import numpy as np
import pytest
from support import Numbers

import npstn
from npstn._hints import NOTES, WORDS, shown
from npstn._options import COORDINATES, LAYOUTS, MODES, PADDING_MODES
from npstn.transforms import FAMILIES

B, H, W, C, HO, WO = 2, 4, 5, 3, 3, 6
_numbers = Numbers(71)
X, D_OUT = _numbers.uniform((B, H, W, C)), _numbers.uniform((B, HO, WO, C))
THETA, VOLUME = _numbers.uniform((B, 6)), _numbers.uniform((B, 3, H, W, C))
GRID = _numbers.uniform((B, HO, WO, 2))
BYTES = np.full((B, H, W, C), 200, np.uint8)
HOMOGRAPHY = np.concatenate([THETA, np.ones((B, 3))], 1).reshape(B, 3, 3)

STN, SAMPLE = npstn.spatial_transformer_network, npstn.grid_sample
STN_VJP, MATRIX = npstn.spatial_transformer_network_vjp, npstn.sampling_matrix
GOOD = {
    STN: {"x": X, "theta": THETA},
    STN_VJP: {"d_out": D_OUT, "x": X, "theta": THETA},
    SAMPLE: {"x": X, "grid": GRID},
    MATRIX: {"grid": GRID, "in_size": (H, W)},
    npstn.affine_grid: {"theta": THETA, "out_dims": (HO, WO)},
    npstn.spatial_transformer_network_jvp: {"x": X, "theta": THETA, "t_x": X, "t_theta": THETA},
    npstn.transforms.projective_grid: {"params": np.zeros((B, 8)), "out_dims": (HO, WO)},
    npstn.transforms.family: {"name": "affine"},
    npstn.transforms.invert: {"theta": THETA},
}
JVP, PROJECTIVE, AFFINE = (list(GOOD)[i] for i in (5, 6, 4))
VALUE, TYPE = ValueError, TypeError


def foreign(module, a, **attributes):
    """An array of another package, which nobody imports."""
    methods = {
        "detach": lambda self: self,
        "cpu": lambda self: self,
        "numpy": lambda self: a,
        "get": lambda self: a,
        "to_numpy": lambda self: a,
        "__array__": lambda self, dtype=None, copy=None: a,
    }
    members = {**methods, **attributes, "__module__": module, "shape": a.shape, "ndim": a.ndim}
    return type("Tensor", (), members)()


def _matrix(a):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return np.asmatrix(a)


PLANES, SOLID = np.moveaxis(X, -1, 1), np.moveaxis(VOLUME, -1, 1)
THETA_3 = _numbers.uniform((B, 12))

# A mistake: function, arguments that are not the good ones, the name of the wrong one, the error,
# and the line to type.
MISTAKES = [
    # Arrays of other packages
    (STN, {"x": foreign("torch", PLANES)}, "x", TYPE, 'x.detach().cpu().numpy(), layout="NCHW"'),
    (
        STN,
        {"x": foreign("torch", SOLID), "theta": THETA_3},
        "x",
        TYPE,
        'x.detach().cpu().numpy(), layout="NCDHW"',
    ),
    (
        STN,
        {"theta": foreign("torch.nn.parameter", THETA)},
        "theta",
        TYPE,
        "theta.detach().cpu().numpy()",
    ),
    (STN, {"x": foreign("jaxlib._jax", X)}, "x", TYPE, "np.asarray(x)"),
    (SAMPLE, {"grid": foreign("jax._src.core", GRID)}, "grid", TYPE, "np.asarray(grid)"),
    (STN, {"x": foreign("tensorflow.python.framework.ops", X)}, "x", TYPE, "x.numpy()"),
    (SAMPLE, {"grid": foreign("cupy", GRID)}, "grid", TYPE, "grid.get()"),
    (STN, {"theta": foreign("pandas.core.frame", THETA)}, "theta", TYPE, "theta.to_numpy()"),
    (STN, {"theta": foreign("elsewhere", THETA)}, "theta", TYPE, "np.asarray(theta)"),
    (
        STN,
        {"x": foreign("PIL.Image", BYTES[0]), "theta": THETA[:1]},
        "x",
        TYPE,
        "np.asarray(x)[None] / 255",
    ),
    (
        STN,
        {"x": foreign("PIL.Image", BYTES[0, ..., 0], mode="L"), "theta": THETA[:1]},
        "x",
        TYPE,
        "np.asarray(x)[None, ..., None] / 255",
    ),
    (STN, {"x": X.tolist()}, "x", TYPE, "np.array(x, np.float64)"),
    (STN, {"theta": ((1, 0, 0, 0, 1, 0),) * B}, "theta", TYPE, "np.array(theta, np.float64)"),
    (SAMPLE, {"x": np.ma.masked_less(X, 0.5)}, "x", TYPE, "x.filled(np.nan)"),
    (STN, {"theta": _matrix(THETA)}, "theta", TYPE, "np.asarray(theta)"),
    # Numbers of other kinds
    (STN, {"x": BYTES}, "x", TYPE, "x / 255"),
    (STN, {"x": BYTES}, "x", TYPE, "x.astype(np.float64)"),
    (STN, {"x": BYTES.astype(np.uint16)}, "x", TYPE, "x.astype(np.float64)"),
    (STN, {"theta": THETA.astype(np.uint8)}, "theta", TYPE, "theta.astype(np.float64)"),
    (STN, {"x": X > 0.5}, "x", TYPE, "x.astype(np.float64)"),
    (STN, {"x": X.astype(object)}, "x", TYPE, "x.astype(np.float64)"),
    (STN, {"x": X.astype(np.float16)}, "x", TYPE, "x.astype(np.float32)"),
    (STN, {"x": X + 1j}, "x", TYPE, "x.real"),
    # Axes
    (STN, {"x": X[0], "theta": THETA[:1]}, "x", VALUE, "x[None]"),
    (STN, {"x": X[..., 0]}, "x", VALUE, "x[..., None]"),
    (STN, {"x": X[0, ..., 0], "theta": THETA[:1]}, "x", VALUE, "x[None, ..., None]"),
    (STN, {"x": X[0], "theta": THETA[:1], "layout": "NCHW"}, "x", VALUE, "x[None]"),
    (STN, {"x": X[..., 0], "layout": "NCHW"}, "x", VALUE, "x[:, None]"),
    (STN, {"x": X[0, 0], "theta": THETA[:1], "layout": "NCHW"}, "x", VALUE, "x[None, None]"),
    (STN, {"x": VOLUME, "theta": THETA_3}, "x", VALUE, 'layout="NDHWC"'),
    (STN, {"layout": "NDHWC"}, "x", VALUE, 'layout="NHWC"'),
    (
        STN,
        {"x": VOLUME[0], "theta": THETA_3[:1], "layout": "NDHWC"},
        "x",
        VALUE,
        "x[None]",
    ),
    (
        STN,
        {"x": VOLUME[..., 0], "theta": THETA_3, "layout": "NDHWC"},
        "x",
        VALUE,
        "x[..., None]",
    ),
    (STN, {"x": SOLID, "theta": THETA_3, "layout": "NCHW"}, "x", VALUE, 'layout="NCDHW"'),
    (
        STN_VJP,
        {"d_out": D_OUT[0], "x": X[:1], "theta": THETA[:1]},
        "d_out",
        VALUE,
        "d_out[None]",
    ),
    (STN_VJP, {"x": VOLUME, "d_out": VOLUME, "theta": THETA_3}, "x", VALUE, 'layout="NDHWC"'),
    (STN, {"x": X[:1], "theta": THETA[0]}, "theta", VALUE, "theta[None]"),
    (AFFINE, {"theta": THETA[0].reshape(2, 3)}, "theta", VALUE, "theta[None]"),
    (AFFINE, {"theta": np.zeros((3, 4)), "out_dims": (2, 3, 4)}, "theta", VALUE, "theta[None]"),
    (STN, {"theta": HOMOGRAPHY}, "theta", VALUE, "theta[:, :2]"),
    (AFFINE, {"theta": np.eye(3)}, "theta", VALUE, "theta[None, :2]"),
    (STN, {"theta": HOMOGRAPHY[:, None]}, "theta", VALUE, "theta[:, :, :2]"),
    (AFFINE, {"theta": np.ones((B, 4, 4)), "out_dims": (1, 2, 3)}, "theta", VALUE, "theta[:, :3]"),
    (npstn.transforms.invert, {"theta": THETA[0]}, "theta", VALUE, "theta[None]"),
    (PROJECTIVE, {"params": np.ones(8)}, "params", VALUE, "params[None]"),
    (
        STN,
        {"theta": HOMOGRAPHY, "transform": "projective"},
        "theta",
        VALUE,
        "(theta / theta[..., 2:, 2:]).reshape(2, 9)[..., :8]",
    ),
    (
        PROJECTIVE,
        {"params": HOMOGRAPHY},
        "params",
        VALUE,
        "(params / params[..., 2:, 2:]).reshape(2, 9)[..., :8]",
    ),
    (SAMPLE, {"x": X[:1], "grid": GRID[0]}, "grid", VALUE, "grid[None]"),
    (SAMPLE, {"grid": np.moveaxis(GRID, -1, 1)}, "grid", VALUE, "np.moveaxis(grid, 1, -1)"),
    # Batches of one
    (STN, {"x": X[:1]}, "theta", VALUE, "theta[None]"),
    (SAMPLE, {"x": X[:1]}, "grid", VALUE, "grid[None]"),
    (STN, {"x": X[:1], "theta": THETA[:, None]}, "theta", VALUE, "theta.reshape(1, 2, 6)"),
    (STN, {"theta": THETA[:1]}, "theta", VALUE, "np.broadcast_to(theta, (2, 6))"),
    (
        STN,
        {"theta": THETA[:1].reshape(1, 2, 3)},
        "theta",
        VALUE,
        "np.broadcast_to(theta, (2, 2, 3))",
    ),
    (SAMPLE, {"grid": GRID[:1]}, "grid", VALUE, "np.broadcast_to(grid, (2, 3, 6, 2))"),
    (JVP, {"t_x": X[:1]}, "t_x", VALUE, "np.broadcast_to(t_x, (2, 4, 5, 3))"),
    (
        JVP,
        {"x": X[:1], "t_x": X[0], "theta": THETA[:1], "t_theta": None},
        "t_x",
        VALUE,
        "t_x[None]",
    ),
    # Sizes
    (MATRIX, {"in_size": X}, "in_size", TYPE, "in_size=x.shape[1:3]"),
    (AFFINE, {"out_dims": 3}, "out_dims", TYPE, "out_dims=(3, 3)"),
    (AFFINE, {"out_dims": (3.0, 6)}, "out_dims", TYPE, "out_dims=(3, 6)"),
    # Options
    (STN_VJP, {"wrt": "x"}, "wrt", VALUE, 'wrt=("x",)'),
    (STN_VJP, {"wrt": ["theta", "x"]}, "wrt", TYPE, 'wrt=("theta", "x")'),
    (STN, {"cubic_coefficient": -0.5}, "cubic_coefficient", VALUE, 'mode="bicubic"'),
    (STN, {"fill_value": 1.0, "padding_mode": "wrap"}, "fill_value", VALUE, 'padding_mode="zeros"'),
]

# The word of another system, or a typo, and what was meant: the line to type is name="ours".
MEANT = {
    "mode": {
        "linear": "bilinear",
        "trilinear": "bilinear",
        "cubic": "bicubic",
        "tricubic": "bicubic",
        "nearest-exact": "nearest",
        "Bilinear": "bilinear",
        "billinear": "bilinear",
        "bicubik": "bicubic",
    },
    "padding_mode": {
        "constant": "zeros",
        "grid-constant": "zeros",
        "nearest": "border",
        "replicate": "border",
        "clamp": "border",
        "edge": "border",
        "reflect": "reflection",
        "mirror": "reflection",
        "grid-mirror": "reflection",
        "symmetric": "reflection",
        "circular": "wrap",
        "repeat": "wrap",
        "periodic": "wrap",
        "grid-wrap": "wrap",
        "zero": "zeros",
        "boarder": "border",
    },
    "layout": {
        "channels_last": "NHWC",
        "channels_first": "NCHW",
        "nhwc": "NHWC",
        "NHWC ": "NHWC",
        "HWC": "NHWC",
        "BHWC": "NHWC",
    },
    "coordinates": {
        "pixels": "pixel",
        "absolute": "pixel",
        "relative": "normalized",
        "normalised": "normalized",
    },
    "transform": {
        "homography": "projective",
        "perspective": "projective",
        "thin_plate_spline": "tps",
        "thin-plate spline": "tps",
        "piecewise-affine": "piecewise_affine",
        "thin_plate": "tps",
        "euclidean": "rigid",
        "afine": "affine",
    },
}


def _words():
    for name, words in MEANT.items():
        for word, ours in words.items():
            given = {name: word}
            if name == "transform":
                given["theta"] = np.tile(FAMILIES[ours].identity(), (B, 1))
            if ours == "NCHW":
                given["x"] = PLANES
            function = SAMPLE if name == "coordinates" else STN
            yield function, given, name, VALUE, f'{name}="{ours}"'


MISTAKES += list(_words())


def ids(row):
    function, _, name, _, line = row
    return f"{function.__name__}-{name}-{line}"


def message(function, arguments, error):
    with pytest.raises(error) as caught:
        function(**arguments)
    return str(caught.value)


@pytest.mark.parametrize("row", MISTAKES, ids=ids)
def test_the_line_to_type(row):
    function, wrong, name, error, line = row
    given = {**GOOD[function], **wrong}
    said = message(function, given, error)
    assert said.startswith(f"{name} ")
    assert line in said
    assert "expected" in said
    assert len(said) < 400
    assert "\n" not in said

    def arguments(*first, **options):
        return {**dict(zip([name], first, strict=False)), **options}

    names = {"np": np, "arguments": arguments, "x": X, name: given.get(name)}
    function(**{**given, **eval(f"arguments({line})", names)})


def test_every_word_is_known_somewhere():
    known = {*MODES, *PADDING_MODES, *LAYOUTS, *COORDINATES, *FAMILIES}
    assert {ours for found in WORDS.values() for ours in found} <= known
    assert set(NOTES) <= known
    assert not set(WORDS) & (known - {"nearest"})
    given = {word.replace("-", "_") for words in MEANT.values() for word in words}
    assert set(WORDS) <= given


@pytest.mark.parametrize(
    ("function", "wrong", "error"),
    [
        (STN, {"mode": "lanczos"}, ValueError),
        (STN, {"mode": "area"}, ValueError),
        (STN, {"theta": np.ones((1, 1, B, 3, 3))}, ValueError),
        (STN, {"padding_mode": "bicubic"}, ValueError),  # a word of another option
        (STN, {"x": None}, TypeError),
        (STN, {"x": 1.5}, TypeError),
        (STN, {"x": np.float64(1.5)}, TypeError),
        (STN, {"x": np.zeros(3, "M8[s]")}, TypeError),
        (STN, {"x": np.zeros(3, "m8[s]")}, TypeError),
        (STN, {"x": np.zeros(3, "f8,f8")}, TypeError),
        (STN, {"x": X[None, None]}, ValueError),
        (STN, {"x": np.array(1.0)}, ValueError),
        (STN, {"theta": np.ones((B, 7))}, ValueError),
        (STN, {"theta": np.ones((B + 1, 6))}, ValueError),
        (AFFINE, {"theta": np.array(1.0)}, ValueError),
        (SAMPLE, {"grid": np.ones((B, 3, 6, 4))}, ValueError),
        (JVP, {"t_x": X[:, :1]}, ValueError),
        (MATRIX, {"in_size": (4, 5.5)}, TypeError),
        (MATRIX, {"in_size": (4, np.nan)}, TypeError),
        (MATRIX, {"in_size": "45"}, TypeError),
        (AFFINE, {"out_dims": -3}, TypeError),
        (AFFINE, {"out_dims": -(10**400)}, TypeError),
        (AFFINE, {"out_dims": 10**5000}, TypeError),
        (AFFINE, {"out_dims": (10**5000, 3.0)}, TypeError),
        (STN_VJP, {"wrt": "a" * 10**6}, ValueError),
        (STN_VJP, {"wrt": "a\n\x1b[31m"}, ValueError),
        (STN_VJP, {"wrt": [10**5000]}, TypeError),
    ],
)
def test_no_line_where_none_is_known(function, wrong, error):
    said = message(function, {**GOOD[function], **wrong}, error)
    assert "expected" in said
    assert ": try" not in said
    assert "did you mean" not in said
    assert len(said) < 400
    assert said.isprintable()


def test_both_lines_for_three_axes():
    said = message(STN, {"x": X[0], "theta": THETA}, ValueError)
    assert "x[None] for one image (H, W, C), or x[..., None] for images (B, H, W) of" in said


def test_both_lines_for_square_matrices():
    said = message(STN, {"x": X, "theta": HOMOGRAPHY}, ValueError)
    eight = "(theta / theta[..., 2:, 2:]).reshape(2, 9)[..., :8]"
    assert said.endswith(f': try theta[:, :2], or {eight} for transform="projective"')
    assert message(
        npstn.transforms.rst_theta_vjp,
        {"d_theta": HOMOGRAPHY, "params": np.ones((B, 5))},
        ValueError,
    ).endswith(": try d_theta[:, :2]")


@pytest.mark.parametrize("word", ["reflect", "mirror", "grid-mirror", "symmetric"])
def test_reflections_differ(word):
    said = message(STN, {**GOOD[STN], "padding_mode": word}, ValueError)
    assert "outermost centres with align_corners, else the outer edges" in said
    assert "fill_value" in message(STN, {**GOOD[STN], "padding_mode": "constant"}, ValueError)


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ({"dtypes": "float32"}, 'dtypes=("float32",)'),
        ({"dtypes": np.float64}, 'dtypes=("float64",)'),
        ({"modes": "bilinear"}, 'modes=("bilinear",)'),
        ({"ranks": 2}, "ranks=(2,)"),
    ],
)
def test_one_where_several_are_expected(option, line):
    assert message(npstn.warmup, option, TypeError).endswith(f": try {line}")


def test_tensors():
    torch = pytest.importorskip("torch", reason="tensors are told where PyTorch is installed")
    x, theta = torch.tensor(PLANES, requires_grad=True), torch.nn.Parameter(torch.tensor(THETA))
    said = message(STN, {"x": x, "theta": theta}, TypeError)
    assert 'x.detach().cpu().numpy(), layout="NCHW"' in said
    planes = x.detach().cpu().numpy()
    said = message(STN, {"x": planes, "layout": "NCHW", "theta": theta}, TypeError)
    assert said.endswith("theta.detach().cpu().numpy()")
    STN(planes, theta.detach().cpu().numpy(), layout="NCHW")
    assert "Tensor of shape (2, 3, 4, 5)" in message(
        MATRIX, {"grid": GRID, "in_size": x}, TypeError
    )


def test_pictures():
    image = pytest.importorskip("PIL.Image", reason="pictures are told where Pillow is installed")
    for x, line in (
        (BYTES[0], "np.asarray(x)[None] / 255"),
        (BYTES[0, ..., 0], "np.asarray(x)[None, ..., None] / 255"),
    ):
        said = message(STN, {"x": image.fromarray(x), "theta": THETA}, TypeError)
        assert said.endswith(f": try {line}")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (X, "numpy.ndarray of shape (2, 4, 5, 3) and dtype float64"),
        (np.array([4, 0]), "array([4, 0])"),
        (np.arange(5), "numpy.ndarray of shape (5,) and dtype int64"),
        (np.eye(2), "numpy.ndarray of shape (2, 2) and dtype float64"),
        ((X, 2), "(numpy.ndarray of shape (2, 4, 5, 3) and dtype float64, 2)"),
        ("bilinaer", "'bilinaer'"),
        ((3.0, 6), "(3.0, 6)"),
        (None, "None"),
        (np.float32, "<class 'numpy.float32'>"),
        (type("Long", (), {"__repr__": lambda self: "a\nb"})(), "a b"),
        ([10**5000], "[about 2**16609]"),
        ((-(10**5000), 1), "(about -2**16609, 1)"),
        (np.array([10**5000, 1], object), "array([about 2**16609, 1])"),
    ],
)
def test_values_are_shown_on_one_line(value, text):
    assert shown(value) == text


def test_long_values_are_cut():
    assert len(shown("x" * 1000)) < 70
    assert len(shown([1.0] * 10**5)) < 70
    assert len(shown(np.float64(1.0))) < 30


@pytest.mark.parametrize(
    ("function", "name"),
    [
        *((MATRIX, name) for name in ("in_size", "mode", "align_corners", "cubic_coefficient")),
        *((STN, name) for name in ("out_dims", "fill_value", "layout", "padding_mode")),
        (STN_VJP, "wrt"),
        (AFFINE, "out_dims"),
    ],
)
def test_no_array_is_printed(function, name):
    many = np.full((300, 3, 2, 5, 2), 0.125)
    with pytest.raises((TypeError, ValueError)) as caught:
        function(**{**GOOD[function], name: many})
    assert "(300, 3, 2, 5, 2)" in str(caught.value)
    assert "0.125" not in str(caught.value)
    assert len(str(caught.value)) < 300
