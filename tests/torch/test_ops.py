"""The reference as functions of PyTorch: the bits of NumPy, and every derivative."""

import numpy as np
import pytest

import npstn

torch = pytest.importorskip("torch", reason="npstn.torch are functions of PyTorch")
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vmap  # noqa: E402

from npstn import torch as ours  # noqa: E402
from npstn._operation import Sample  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")  # its own
functional = torch.nn.functional
RNG = np.random.default_rng(5)
NAMES = {"layout": "NCHW", "align_corners": False}


def off_texels(shape, size):
    """A grid of points that are no kinks, with align_corners false."""
    p = np.floor(RNG.uniform(-1, max(size), shape)) + RNG.uniform(0.2, 0.8, shape)
    return torch.tensor((2 * p + 1) / np.array(size[::-1]) - 1)


X = torch.tensor(RNG.normal(size=(2, 2, 3, 4)))
G = off_texels((2, 2, 3, 2), (3, 4))
THETA = torch.tensor([[[0.7, 0.1, 0.05], [-0.1, 0.61, 0.02]]] * 2, dtype=torch.float64)


def leaves(*tensors):
    return tuple(t.clone().requires_grad_() for t in tensors)


OPERATIONS = {
    "zeros": (lambda x, g: ours.grid_sample(x, g), (X, G)),
    "border": (lambda x, g: ours.grid_sample(x, g, "bilinear", "border"), (X, G)),
    "bicubic": (lambda x, g: ours.grid_sample(x, g, "bicubic", "reflection"), (X, G)),
    "volume": (
        lambda x, g: ours.grid_sample(x, g),
        (
            torch.tensor(RNG.normal(size=(1, 2, 2, 3, 4))),
            off_texels((1, 2, 1, 2, 3), (2, 3, 4)),
        ),
    ),
    "affine_grid": (lambda theta: ours.affine_grid(theta, (2, 1, 4, 3)), (THETA,)),
    "module": (
        lambda x, theta: ours.spatial_transformer_network(x, theta, (4, 3)),
        (X, THETA.reshape(2, 6)),
    ),
    "attention": (
        lambda x, theta: ours.spatial_transformer_network(x, theta, transform="attention"),
        (X, torch.tensor([[0.63, 0.05, 0.11], [0.71, 0.1, -0.04]], dtype=torch.float64)),
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_derivatives(name):
    """First, second, forward, and forward over reverse."""
    fn, primals = OPERATIONS[name]
    assert torch.autograd.gradcheck(fn, leaves(*primals), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(fn, leaves(*primals), check_fwd_over_rev=True)


def test_a_planted_fault_in_a_vjp_is_found(monkeypatch):
    true = Sample.vjp
    monkeypatch.setattr(Sample, "vjp", lambda *a: tuple(1.01 * d for d in true(*a)))
    fn, primals = OPERATIONS["zeros"]
    assert not torch.autograd.gradcheck(fn, leaves(*primals), raise_exception=False)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_bits_are_those_of_numpy(dtype):
    x, g = leaves(X.to(dtype), G.to(dtype))
    arrays = x.detach().numpy(), g.detach().numpy()
    out = ours.grid_sample(x, g)
    assert (out.detach().numpy() == npstn.grid_sample(*arrays, **NAMES)).all()
    d = torch.randn(out.shape, dtype=dtype)
    found = torch.autograd.grad(out, (x, g), d)
    for a, b in zip(found, npstn.grid_sample_vjp(d.numpy(), *arrays, **NAMES), strict=True):
        assert a.dtype == dtype
        assert (a.numpy() == b).all()


@pytest.mark.parametrize("align", [None, True, False])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_values_are_those_of_pytorch(mode, padding, align):
    """It takes the place of the functions of PyTorch: arguments by position, defaults, values."""
    given = X, G, mode, padding, bool(align)
    close = {"rtol": 1e-12, "atol": 1e-12}
    torch.testing.assert_close(
        ours.grid_sample(X, G, mode, padding, align), functional.grid_sample(*given), **close
    )
    size = torch.Size((2, 3, 4, 5))
    torch.testing.assert_close(
        ours.affine_grid(THETA, size, align),
        functional.affine_grid(THETA, size, bool(align)),
        **close,
    )


def test_transforms():
    """vmap of gradients with either argument mapped, and Hessians in three ways."""

    def loss(x, g):
        return ours.grid_sample(x, g).pow(2).sum()

    both = grad(loss, argnums=(0, 1))
    xs, gs = torch.stack([X, 2 * X, -X]), torch.stack([G, G.flip(1), 0.9 * G])
    for dims in ((0, 0), (None, 0), (0, None)):
        given = [a if d == 0 else a[0] for a, d in zip((xs, gs), dims, strict=True)]
        found = vmap(both, in_dims=dims)(*given)
        for k in range(3):
            one = both(*(a[k] if d == 0 else a for a, d in zip(given, dims, strict=True)))
            assert all(torch.equal(a[k], b) for a, b in zip(found, one, strict=True))
    of_grid = lambda g: loss(X, g)  # noqa: E731
    want = jacrev(jacrev(of_grid))(G)
    for found in (hessian(of_grid)(G), jacrev(jacfwd(of_grid))(G)):
        torch.testing.assert_close(found, want, rtol=1e-12, atol=1e-12)
    out, tangent = jvp(lambda g: ours.grid_sample(X, g), (G,), (torch.ones_like(G),))
    want = npstn.grid_sample_jvp(X.numpy(), G.numpy(), None, np.ones(G.shape), **NAMES)
    assert (out.numpy() == want[0]).all()
    assert (tangent.numpy() == want[1]).all()


@pytest.mark.parametrize("volume", [False, True])
def test_vmap_of_the_output(volume):
    """Of x mapped, of both, nested, and of arrays without numbers."""
    fn, (x, g) = OPERATIONS["volume" if volume else "border"]
    xs, gs = torch.stack([x, 2 * x]), torch.stack([g, 0.9 * g])
    for k, found in enumerate(vmap(fn)(xs, gs)):
        assert torch.equal(found, fn(xs[k], gs[k]))
    assert torch.equal(vmap(fn, in_dims=(0, None))(xs, g)[1], fn(2 * x, g))
    nested = vmap(vmap(fn, in_dims=(None, 0)), in_dims=(0, None))(xs, gs)
    assert torch.equal(nested[1, 0], fn(2 * x, g))
    assert vmap(fn)(xs[:, :, :0], gs).shape[2] == 0
    assert vmap(grad(lambda g: fn(x[:, :0], g).sum()))(gs).abs().sum() == 0


def test_compiled_programs_call_it_as_it_is():
    compiled = torch.compile(lambda x, g: 2 * ours.grid_sample(x, g), backend="eager")
    assert torch.equal(compiled(X, G), 2 * ours.grid_sample(X, G))


def test_what_is_left_out_is_said():
    with pytest.raises(NotImplementedError, match="forward over forward; use jacfwd of jacrev"):
        jacfwd(jacfwd(lambda g: ours.grid_sample(X, g).sum()))(G)
    (g,) = leaves(G)
    (first,) = torch.autograd.grad(ours.grid_sample(X, g).pow(2).sum(), g, create_graph=True)
    (second,) = torch.autograd.grad(first.pow(2).sum(), g, create_graph=True)
    with pytest.raises(NotImplementedError, match="no derivatives of its second derivatives"):
        torch.autograd.grad(second.sum(), g)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_rounded_once(dtype):
    x, g = X.to(dtype), G.to(dtype)
    out = ours.grid_sample(x, g)
    exact = ours.grid_sample(x.double(), g.double())
    ulp = 2.0 ** (torch.floor(torch.log2(exact.abs())) - (10 if dtype == torch.float16 else 7))
    assert out.dtype == dtype
    assert ((out.double() - exact).abs() <= ulp / 2).all()


@pytest.mark.parametrize("volume", [False, True])
def test_memory_formats(volume):
    """Channels last stay so, without a copy; strides do not matter."""
    fn, (x, g) = OPERATIONS["volume" if volume else "zeros"]
    want = fn(x, g)
    last = x.contiguous(memory_format=torch.channels_last_3d if volume else torch.channels_last)
    found = fn(last, g)
    assert torch.equal(found, want)
    assert found.stride(1) == 1
    wide = torch.stack([x, x], -1)[..., 0]
    assert not wide.is_contiguous()
    assert torch.equal(fn(wide, g), want)
    (x,) = leaves(last)
    fn(x, g).sum().backward()
    assert x.grad.shape == x.shape


def test_autocast():
    """As PyTorch: 16 bits are sampled in float32."""
    with torch.autocast("cpu", torch.bfloat16):
        out = ours.grid_sample(X.bfloat16(), G.float())
        assert out.dtype == torch.float32
        real = functional.grid_sample(X.bfloat16(), G.float(), align_corners=False)
        assert real.dtype == torch.float32


def test_only_what_needs_a_gradient_has_one():
    (x,) = leaves(X)
    ours.grid_sample(x, G).sum().backward()
    assert x.grad is not None
    assert not ours.grid_sample(X, G).requires_grad


def test_maps_of_an_image_are_a_batch():
    theta = THETA.reshape(2, 1, 6).expand(2, 4, 6)
    assert ours.spatial_transformer_network(X, theta, (4, 3)).shape == (2, 4, 2, 4, 3)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: ours.grid_sample(X.numpy(), G),
            TypeError,
            "input is numpy.ndarray .*expected a tensor",
        ),
        (lambda: ours.grid_sample(X.long(), G), TypeError, "input has dtype torch.int64"),
        (lambda: ours.grid_sample(X, G[..., :1]), ValueError, r"grid has shape \(2, 2, 3, 1\)"),
        (lambda: ours.grid_sample(X, G, "cubic"), ValueError, "mode is 'cubic', expected one of"),
        (lambda: ours.grid_sample(X.to("meta"), G), TypeError, "input is on or of meta"),
        (lambda: ours.affine_grid(THETA, (2, 1, 4)), ValueError, "size is"),
        (lambda: ours.affine_grid(THETA, 5), TypeError, "size is 5, expected"),
        (
            lambda: ours.spatial_transformer_network(X, THETA, transform="spline"),
            ValueError,
            "transform is 'spline'",
        ),
    ],
)
def test_errors_are_clear(call, error, words):
    with pytest.raises(error, match=words):
        call()
