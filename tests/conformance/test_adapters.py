"""Backends by name, file and function, against the dialects that they have."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest
from support import Numbers, frozen

from npstn.conformance import adapters
from npstn.conformance._adapters.table import ADAPTERS

if importlib.util.find_spec("openvino"):
    importlib.import_module("openvino")  # it forks, which JAX warns of once that is there
NUMBERS = Numbers(15)


def drawn(*shape, low=-1.0, high=1.0, dtype=np.float32):
    return frozen(NUMBERS.uniform(shape, low, high).astype(dtype))


X, GRID, THETA = drawn(2, 3, 4, 5), drawn(2, 2, 3, 2), drawn(2, 2, 3)
LAST, PLAIN = drawn(2, 4, 5, 3), drawn(4, 5, dtype=np.float64)
AFFINE = frozen(np.array([[0.75, 0.25, 0.5], [-0.25, 1.125, 0.25]]))
OWN, TORCH = {"padding_mode": "border"}, {"padding_mode": "border", "align_corners": False}
EIGHT = np.float32([[0.75, 0.25, 0.5, -0.25, 1.125, 0.25, 0, 0]] * 2)
HOMOGENEOUS = frozen(np.float32([[[0.9, 0.1, 0.2], [-0.05, 1.05, 0.15], [0.01, 0.02, 1.0]]] * 2))
PIXELS = drawn(2, 2, 3, 2, low=0.5, high=2.5)
CALLS = {  # by adapter and operation: what is given by position, and options
    ("npstn", "grid_sample"): ((LAST, GRID), OWN),
    ("npstn", "affine_grid"): ((THETA, (3, 4)), {"align_corners": False}),
    ("npstn", "spatial_transformer"): ((LAST, THETA, (3, 4)), OWN),
    ("torch", "grid_sample"): ((X, GRID), TORCH),
    ("torch", "affine_grid"): ((THETA, (2, 3, 4, 5)), {"align_corners": True}),
    ("jax", "map_coordinates"): ((PLAIN, drawn(2, 3, high=3.0)), {"order": 1, "mode": "nearest"}),
    ("tensorflow", "warp_perspective"): ((LAST, EIGHT, (3, 4)), {"interpolation": "bilinear"}),
    ("tfa", "resampler"): ((LAST, PIXELS), {}),
    ("tfa", "dense_flow"): ((LAST, drawn(2, 4, 5, 2)), {}),
    ("tfa", "transform"): ((LAST, EIGHT, (3, 4)), {"interpolation": "bilinear"}),
    ("stn", "grid_sample"): ((LAST, GRID[..., 0], GRID[..., 1]), {}),
    ("stn", "affine_grid"): ((3, 4, THETA), {}),
    ("stn", "spatial_transformer"): ((LAST, THETA.reshape(2, 6), (3, 4)), {}),
    ("kornia", "warp_affine"): ((X, THETA, (3, 4)), {"padding_mode": "border"}),
    ("kornia", "warp_perspective"): ((X, HOMOGENEOUS, (3, 4)), {"padding_mode": "border"}),
    ("kornia", "remap"): ((X, PIXELS[..., 0], PIXELS[..., 1]), {"align_corners": True}),
    ("torch_interpol", "map_coordinates"): ((X, PIXELS), {"bound": "dct2", "extrapolate": True}),
    ("dm_pix", "map_coordinates"): ((PLAIN, drawn(2, 3, high=3.0)), {}),
    ("dm_pix", "flat_nd_linear_interpolate_constant"): (
        (PLAIN, drawn(2, 3, high=5.0)),
        {"cval": 2.0},
    ),
    ("dm_pix", "warp_affine"): (
        (np.float64(drawn(3, 4, 5)), np.eye(3) * 0.75, np.float64([0.1, 0.2, 0.3])),
        {"order": 1},
    ),
    ("skimage", "warp_perspective"): (
        (PLAIN.copy(), np.eye(3) * 0.75, (3, 4)),  # it asks for arrays that it could write to
        {"order": 1},
    ),
    ("paddle", "grid_sample"): ((X, GRID), TORCH),
    ("paddle", "affine_grid"): ((THETA, (2, 3, 4, 5)), {"align_corners": True}),
    ("onnx", "grid_sample"): ((X, GRID), {"mode": "linear", "align_corners": 1}),
    ("onnx", "affine_grid"): ((THETA, (2, 3, 4, 5)), {"align_corners": 1}),
    ("onnxruntime", "grid_sample"): ((X, GRID), {"mode": "cubic", "padding_mode": "border"}),
    ("onnxruntime", "affine_grid"): ((THETA, (2, 3, 4, 5)), {}),
    ("openvino", "grid_sample"): ((X, GRID), TORCH),
    ("scipy", "map_coordinates"): ((PLAIN, drawn(2, 3, high=3.0)), {"order": 1, "mode": "mirror"}),
    ("scipy", "warp_affine"): ((PLAIN, AFFINE, 0.0, (3, 4)), {"order": 1, "cval": 2.0}),
    ("opencv", "map_coordinates"): (
        (PLAIN[..., None], *PIXELS[0].transpose(2, 0, 1)),
        {"interpolation": 1},
    ),
    ("opencv", "warp_affine"): ((LAST[0], AFFINE, (4, 3)), {"borderMode": 1, "flags": 17}),
    ("opencv", "warp_perspective"): ((LAST[0], np.eye(3) * 2, (4, 3)), {"borderMode": 2}),
}
_TAPES = "tensorflow", "tfa", "stn"
VJPS = {*("npstn", "torch", "kornia", "torch_interpol", "jax", "dm_pix", "paddle"), *_TAPES}
NO_VJP = {("tfa", "transform"), ("tensorflow", "warp_perspective")}  # theirs are not the adjoint


def loaded(name, **options):
    """An adapter, or skip."""
    for module in ADAPTERS[name].modules:
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    return adapters.load(name, **options)


def test_every_operation_is_called():
    for name in ADAPTERS:
        assert len([n for n, _ in CALLS if n == name]) == len(adapters.operations(name))


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(("name", "op"), CALLS)
def test_an_adapter_is_its_dialect(name, op):
    positional, options = CALLS[name, op]
    backend = loaded(name, op=op)
    assert backend.op in adapters.operations(name)
    assert set(options) <= backend.options
    assert set(ADAPTERS[name].modules) | {"python", "numpy"} == set(backend.versions)
    assert (backend.vjp is not None) == (name in VJPS)
    target = "npstn" if name == "npstn" else f"npstn.dialects.{backend.dialect}"
    ours = adapters.load(target, op=backend.op, version=backend.version)
    assert ours.options == backend.options
    out, want = backend.fn(*positional, **options), ours.fn(*positional, **options)
    assert isinstance(out, np.ndarray)
    assert out.dtype == want.dtype
    np.testing.assert_allclose(out, want, rtol=0, atol=2e-6)
    if backend.vjp is not None and (name, op) not in NO_VJP:
        d_out = drawn(*out.shape).astype(out.dtype)
        found, wanted = (f(d_out, *positional, **options) for f in (backend.vjp, ours.vjp))
        found, wanted = (v if isinstance(v, tuple) else (v,) for v in (found, wanted))
        for a, b in zip(found, wanted, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=0, atol=2e-5)


@pytest.mark.usefixtures("plain")
def test_volumes_of_npstn():
    x, grid = drawn(1, 2, 3, 4, 1), drawn(1, 2, 2, 2, 3)
    backend = adapters.load("npstn", op="grid_sample")
    out = backend.fn(x, grid)
    assert out.shape == (1, 2, 2, 2, 1)
    assert backend.vjp(out, x, grid)[0].shape == x.shape


def test_torch_writes_are_seen(monkeypatch):
    """Its tensors are in the memory of the arrays, and a gradient that there is none of is 0."""
    torch = pytest.importorskip("torch", reason="it is about PyTorch")
    monkeypatch.setattr(torch.nn.functional, "grid_sample", lambda input, grid: input.mul_(2.0))
    x, grid = X.copy(), GRID.copy()
    with torch.no_grad():
        adapters.load("torch").fn(x, grid)
    np.testing.assert_array_equal(x, 2 * X)
    monkeypatch.setattr(torch.nn.functional, "grid_sample", lambda input, grid: input * 2.0)
    d_x, d_grid = adapters.load("torch").vjp(X, x, grid)
    np.testing.assert_array_equal(d_x, 2 * X)
    np.testing.assert_array_equal(d_grid, 0 * GRID)
    assert d_grid.dtype == GRID.dtype


def test_bfloat16():
    """Arrays of float32 stand for it: the function has tensors of it, and the results are again."""
    torch = pytest.importorskip("torch", reason="it has bfloat16")
    backend = adapters.load("torch", bfloat16=True)
    narrow = [torch.tensor(a).bfloat16() for a in (X, GRID)]
    want = torch.nn.functional.grid_sample(*narrow, **TORCH)
    out = backend.fn(X, GRID, **TORCH)
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out, want.float().numpy())
    assert [d.dtype for d in backend.vjp(out, X, GRID, **TORCH)] == [np.float32] * 2


@pytest.mark.usefixtures("plain")
def test_devices():
    torch = pytest.importorskip("torch", reason="it has devices")
    devices = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    for device in devices:
        backend = adapters.load("torch", device=device)
        want = adapters.load("npstn.dialects.torch").fn(X, GRID, **TORCH)
        np.testing.assert_allclose(backend.fn(X, GRID, **TORCH), want, atol=2e-6)
        assert backend.vjp(want, X, GRID, **TORCH)[0].shape == X.shape
    seen = []
    function = adapters.load("torch", device="meta").fn
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.Tensor, "numpy", lambda self, force: seen.append(self.device.type))
        function(X, GRID, **TORCH)
    assert seen == ["meta"]


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (
            {"target": "tortch"},
            ValueError,
            r"expected one of npstn, torch.*package.module:function",
        ),
        (
            {"target": "scipy", "op": "dense"},
            ValueError,
            "op is 'dense', expected one of map_coord",
        ),
        ({"target": "scipy", "op": "grid_sample"}, ValueError, "expected one of .*warp_affine"),
        ({"target": "scipy", "dialect": "torch"}, ValueError, "expected one of none that there is"),
        ({"target": "scipy", "device": "cuda"}, ValueError, "'scipy' has not: only torch"),
        ({"target": "scipy", "bfloat16": True}, ValueError, "scipy has not: only torch, kornia"),
        ({"target": "npstn.dialects.torch", "dialect": "jax"}, ValueError, "expected 'torch'"),
        ({"target": "npstn.dialects.tortch"}, ValueError, "expected one of npstn, stn, "),
        ({"target": "nowhere:f"}, ImportError, "target nowhere:f is not there: No module named"),
        ({"target": "npstn:nothing"}, ImportError, "no attribute 'nothing'"),
        ({"target": "npstn:"}, ValueError, "expected package.module:function"),
        ({"target": "npstn:__version__"}, TypeError, "target npstn:__version__ is '.*expected a f"),
        (
            {"target": "npstn", "vjp": "grid_sample_vjp"},
            ValueError,
            "vjp is 'grid_sample_vjp', exp",
        ),
        (
            {"target": "npstn:grid_sample", "dialect": "jaxx"},
            ValueError,
            "dialect is 'jaxx', expec",
        ),
        ({"target": "missing.onnx"}, FileNotFoundError, "there is no file missing.onnx"),
        (
            {"target": "a.onnx", "runtime": "tvm"},
            ValueError,
            "runtime is 'tvm', expected one of onn",
        ),
    ],
)
def test_errors(arguments, error, text):
    with pytest.raises(error, match=text):
        adapters.load(**arguments)


def test_an_adapter_that_is_not_installed(monkeypatch):
    missing = ADAPTERS["scipy"]._replace(modules=("no_such_module",))
    monkeypatch.setitem(ADAPTERS, "scipy", missing)
    with pytest.raises(ImportError, match="scipy needs no_such_module: No module named"):
        adapters.load("scipy")
    with pytest.raises(ValueError, match=r"scipy \(not installed\)"):
        adapters.load("scip")


def test_nothing_is_imported_before_it_is_used():
    modules = [m for adapter in ADAPTERS.values() for m in adapter.modules if m != "npstn"]
    line = f"import sys, npstn.conformance.adapters; print(*set(sys.modules) & set({modules!r}))"
    found = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_functions():
    import npstn

    found = adapters.load("npstn:grid_sample", vjp="npstn:grid_sample_vjp")
    assert (found.fn, found.vjp) == (npstn.grid_sample, npstn.grid_sample_vjp)
    assert (found.name, found.dialect, found.op) == ("npstn:grid_sample", "npstn", "grid_sample")
    assert found.versions["npstn"] == npstn.__version__
    assert {"x", "mode", "fill_value"} <= found.options
    found = adapters.load(npstn.grid_sample, op="map_coordinates", dialect="scipy")
    assert (found.name, found.op, found.vjp) == ("grid_sample", "map_coordinates", None)
    assert adapters.load("npstn", op="affine_grid", vjp=len).vjp is len


def test_options():
    def some(x, /, grid, *, mode, **_):
        pass

    def others(x, /, grid, *rest, mode="nearest"):
        pass

    assert adapters.options(some) is None
    assert adapters.options(others) == {"grid", "mode"}
    others.__signature__ = "none, as that of a builtin"
    assert adapters.options(others) is None


def test_too_many_arrays():
    backend = adapters.load("npstn.dialects.torch")
    with pytest.raises(TypeError, match="grid_sample got 3 by position, expected input, grid"):
        backend.fn(X, GRID, GRID)


AXES = {"theta": (2, 2, 3), "size": (4,), "grid": (2, 2, 3, 2)}


def written(path, *nodes, opset=20, shape=(2, 3, 4, 5), inputs=("X", "grid"), kind=1):
    """A model file of some nodes."""
    onnx = pytest.importorskip("onnx", reason="the models are made with it")
    helper = onnx.helper
    infos = [
        helper.make_tensor_value_info(name, 7 if name == "size" else kind, AXES.get(name, shape))
        for name in inputs
    ]
    made = [helper.make_node(*node[:3], **node[3]) for node in nodes]
    out = helper.make_tensor_value_info("out", kind, shape)
    graph = helper.make_graph(made, "graph", infos, [out])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    onnx.save(model, path)
    return str(path)


SAMPLE = ("GridSample", ["X", "grid"], ["out"], {"mode": "cubic", "padding_mode": "border"})
MAP = ("AffineGrid", ["theta", "size"], ["out"], {"align_corners": 1})


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino", "onnx"])
def test_a_model_that_samples(tmp_path, runtime):
    pytest.importorskip(runtime)
    path = written(tmp_path / "model.onnx", SAMPLE)
    found = adapters.load(path, runtime=runtime)
    names = {"cubic": "bicubic"} if runtime == "openvino" else {}
    assert (found.name, found.dialect) == (path, runtime)
    assert dict(found.fixed) == {
        "align_corners": 0,
        "mode": names.get("cubic", "cubic"),
        "padding_mode": "border",
    }
    assert (found.options, found.dtype, found.rank) == (frozenset(), "float32", 2)
    assert found.version == (None if runtime == "openvino" else "20")
    assert {"onnx", runtime} <= set(found.versions)
    ours = adapters.load(f"npstn.dialects.{runtime}", version=found.version)
    x, grid = drawn(1, 2, 7, 6), drawn(1, 3, 2, 2)  # of another size than the model says
    out = found.fn(x, grid)
    np.testing.assert_allclose(out, ours.fn(x, grid, **found.fixed), rtol=0, atol=5e-6)


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(
    ("runtime", "dialect"),
    [("onnxruntime", "onnxruntime"), ("openvino", "onnx"), ("onnx", "onnx")],
)
def test_a_model_that_makes_a_grid(tmp_path, runtime, dialect):
    pytest.importorskip(runtime)
    path = written(tmp_path / "model.onnx", MAP, inputs=("size", "theta"))
    found = adapters.load(path, runtime=runtime)
    assert (found.dialect, found.version) == (dialect, "20")
    assert (found.op, dict(found.fixed)) == ("AffineGrid", {"align_corners": 1})
    assert found.rank == 2
    ours = adapters.load("npstn.dialects.onnxruntime", op="AffineGrid")
    for size in ((2, 3, 4, 5), (2, 1, 2, 3)):
        want = ours.fn(THETA, size, align_corners=1)
        np.testing.assert_allclose(found.fn(THETA, size), want, rtol=0, atol=1e-6)
    with pytest.raises(ValueError, match="op is 'grid_sample', expected one of AffineGrid"):
        adapters.load(found.name, op="grid_sample")


def test_a_model_of_an_older_opset_under_another_dialect(tmp_path):
    pytest.importorskip("onnxruntime")
    node = ("GridSample", ["X", "grid"], ["out"], {"mode": "nearest"})
    path = written(tmp_path / "model.onnx", node, opset=16)
    assert adapters.load(path).version == "16"
    found = adapters.load(path, dialect="torch")
    assert (found.dialect, found.op, found.version) == ("torch", "grid_sample", None)
    assert found.fixed == {"align_corners": False, "mode": "nearest", "padding_mode": "zeros"}


AGAIN = ("GridSample", ["X", "grid"], ["more"], {})
LATER = ("GridSample", ["y", "grid"], ["out"], {})


@pytest.mark.parametrize(
    ("nodes", "inputs", "text"),
    [
        ([("Relu", ["X"], ["out"], {})], "X", "no nodes GridSample or AffineGrid.*has Relu"),
        ([SAMPLE, AGAIN], "X grid", "has 2 nodes"),
        ([("Relu", ["X"], ["y"], {}), LATER], "X grid", "y, which GridSample reads, is no input"),
        ([SAMPLE, ("Relu", ["z"], ["more"], {})], "X grid z", "has inputs X, grid, z, expected"),
    ],
)
def test_models_that_are_refused(tmp_path, nodes, inputs, text):
    path = written(tmp_path / "model.onnx", *nodes, inputs=inputs.split())
    with pytest.raises(ValueError, match=text):
        adapters.load(path)


def test_a_model_that_a_runtime_refuses(tmp_path):
    pytest.importorskip("onnxruntime")
    path = written(tmp_path / "model.onnx", SAMPLE, opset=16, kind=11)
    with pytest.raises(ValueError, match=r"model\.onnx: onnxruntime refuses the model: "):
        adapters.load(path)


def test_a_file_that_is_no_model(tmp_path):
    pytest.importorskip("onnx")
    path = tmp_path / "model.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(ValueError, match=r"model\.onnx is no ONNX model"):
        adapters.load(str(path))
