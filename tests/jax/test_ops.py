"""The reference as functions of JAX: the bits of NumPy, and every transformation."""

from functools import partial

import numpy as np
import pytest

import npstn
from npstn.jit import compiler

if not compiler.JIT:
    reason = "NPSTN_JIT=0: callbacks of JAX flush subnormal numbers to zero, so npstn refuses"
    pytest.skip(reason, allow_module_level=True)
jax = pytest.importorskip("jax", reason="npstn.jax are functions of JAX")
from jax import numpy as jnp  # noqa: E402

from npstn import jax as ours  # noqa: E402

check_grads = pytest.importorskip("jax.test_util").check_grads
RNG = np.random.default_rng(5)


@pytest.fixture(autouse=True)
def double():
    """For all threads: JAX calls NumPy from others, which know nothing of jax.enable_x64()."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def off_texels(shape, size):
    p = np.floor(RNG.uniform(-1, max(size) - 1, shape)) + RNG.uniform(0.2, 0.8, shape)
    return 2 * p / (np.array(size[::-1]) - 1) - 1


X, G = RNG.normal(size=(2, 3, 4, 2)), off_texels((2, 2, 3, 2), (3, 4))
THETA = np.tile([0.7, 0.1, 0.05, -0.1, 0.61, 0.02], (2, 1))
OPERATIONS = {
    "zeros": ("grid_sample", (X, G), {}),
    "border": ("grid_sample", (X, G), {"padding_mode": "border"}),
    "bicubic": ("grid_sample", (X, G), {"mode": "bicubic", "padding_mode": "wrap"}),
    "volume": (
        "grid_sample",
        (RNG.normal(size=(1, 2, 3, 4, 1)), off_texels((1, 2, 1, 2, 3), (2, 3, 4))),
        {"layout": "NDHWC"},
    ),
    "affine_grid": ("affine_grid", (THETA.reshape(2, 2, 3),), {"out_dims": (4, 3)}),
    "module": ("spatial_transformer_network", (X, THETA), {"out_dims": (4, 3)}),
    "attention": (
        "spatial_transformer_network",
        (X, np.array([[0.63, 0.05, 0.11], [0.71, 0.1, -0.04]])),
        {"transform": "attention"},
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_derivatives_and_bits(name):
    word, primals, options = OPERATIONS[name]
    fn = partial(getattr(ours, word), **options)
    want = getattr(npstn, word)(*primals, **options)
    for found in (fn(*primals), jax.jit(fn)(*primals)):
        assert (np.asarray(found) == want).all()
    check_grads(fn, primals, 1, ["fwd", "rev"])
    check_grads(fn, primals, 2, ["rev"])


def loss(x, g):
    return (ours.grid_sample(x, g) ** 2).sum()


def of_grid(g):
    return loss(X, g)


def squared(g):
    return (jax.grad(of_grid)(g) ** 2).sum()


MANY = np.stack([G, 0.9 * G, G[:, ::-1]])
TRANSFORMED = {
    "value": of_grid,
    "jvp": lambda g: jax.jvp(of_grid, (g,), (jnp.ones_like(g),))[1],
    "grad": jax.grad(of_grid),
    "grad of grad": jax.grad(squared),
    "jvp of grad": lambda g: jax.jvp(jax.grad(of_grid), (g,), (jnp.ones_like(g),))[1],
}


@pytest.mark.parametrize("name", TRANSFORMED)
def test_jit_and_vmap_of_each(name):
    fn = TRANSFORMED[name]
    want = [np.asarray(fn(g)) for g in MANY]
    for made in (jax.vmap(fn), jax.jit(jax.vmap(fn)), jax.vmap(jax.jit(fn))):
        np.testing.assert_allclose(made(MANY), want, rtol=1e-13, atol=1e-13)
    for k, g in enumerate(MANY):
        np.testing.assert_allclose(jax.jit(fn)(g), want[k], rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("axes", [(0, 0), (None, 0), (0, None)])
def test_vmap_over_either_argument(axes):
    given = [
        a if axis == 0 else a[0] for a, axis in zip((np.stack([X] * 3), MANY), axes, strict=True)
    ]
    both = jax.grad(loss, argnums=(0, 1))
    found = jax.vmap(both, in_axes=axes)(*given)
    for k in range(3):
        one = both(*(a[k] if axis == 0 else a for a, axis in zip(given, axes, strict=True)))
        assert all((a[k] == b).all() for a, b in zip(found, one, strict=True))


def test_vmap_of_arrays_without_numbers():
    found = jax.vmap(ours.grid_sample)(jnp.zeros((3, 2, 5, 4, 0)), jnp.zeros((3, 2, 3, 6, 2)))
    assert found.shape == (3, 2, 3, 6, 0)


def test_hessians():
    want = jax.jacrev(jax.jacrev(of_grid))(G)
    for found in (jax.hessian(of_grid)(G), jax.jacrev(jax.jacfwd(of_grid))(G)):
        np.testing.assert_allclose(found, want, rtol=1e-12, atol=1e-12)


def test_what_is_left_out_is_said():
    with pytest.raises(NotImplementedError, match="forward over forward; use jacfwd of jacrev"):
        jax.jacfwd(jax.jacfwd(of_grid))(G)
    with pytest.raises(NotImplementedError, match="no derivatives of its second derivatives"):
        jax.grad(lambda g: jax.grad(squared)(g).sum())(G)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_other_dtypes(dtype):
    x, g = jnp.asarray(X, dtype), jnp.asarray(G, dtype)
    wide = np.asarray(x, np.float64), np.asarray(g, np.float64)
    out, exact = ours.grid_sample(x, g), npstn.grid_sample(*wide)
    assert out.dtype == x.dtype
    digits = {"float16": 10, "bfloat16": 7, "float32": 23}[dtype]
    ulp = 2.0 ** (np.floor(np.log2(abs(exact))) - digits)
    assert (abs(np.asarray(out, np.float64) - exact) <= ulp / 2).all()
    assert jax.grad(lambda g: ours.grid_sample(x, g).astype(float).sum())(g).dtype == g.dtype


@pytest.mark.parametrize("jitted", [False, True])
def test_errors_are_clear(jitted):
    fn = jax.jit(ours.grid_sample) if jitted else ours.grid_sample
    with pytest.raises(ValueError, match=r"grid has shape \(2, 2, 3, 1\), expected"):
        fn(X, G[..., :1])
    with pytest.raises(ValueError, match="mode is 'cubic', expected one of"):
        ours.grid_sample(X, G, mode="cubic")
    with pytest.raises(TypeError, match="x has dtype int64, expected one of float64"):
        fn(X.astype(int), G)
    for dims, error in (((3, 4, 5), ValueError), ((3, -4), ValueError), ((3, 4.5), TypeError)):
        with pytest.raises(error, match="out_dims is"):
            ours.affine_grid(THETA.reshape(2, 2, 3), dims)
    with pytest.raises(TypeError, match="out_dims is 3"):
        ours.affine_grid(THETA.reshape(2, 2, 3), 3)
