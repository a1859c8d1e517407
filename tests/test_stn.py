"""The module: the seed's call, sizes, K transforms, and the gradient in theta."""

import doctest

import numpy as np
import pytest
from scipy.ndimage import convolve1d
from support import Numbers
from support.options import OPTIONS, PADDINGS, ids

import npstn
from npstn import spatial_transformer_network, spatial_transformer_network_vjp
from npstn.oracle import naive

pytestmark = pytest.mark.usefixtures("engine")

B, K, H, W, C, HO, WO = 2, 3, 5, 7, 2, 4, 6
IDENTITY = np.array([[1.0, 0, 0, 0, 1, 0]])
every_option = pytest.mark.parametrize("options", OPTIONS, ids=ids)


def case(seed=50):
    numbers = Numbers(seed)
    return (
        numbers.uniform((B, H, W, C)),
        numbers.uniform((B, 6), -1.2, 1.2),
        numbers.uniform((B, HO, WO, C)),
    )


def test_the_call_of_the_seed():
    from npstn import spatial_transformer_network as transformer

    input_feature_map, theta, _ = case()
    out_dims = (9, 4)
    out = transformer(input_feature_map, theta, out_dims)
    assert out.shape == (B, 9, 4, C)
    assert transformer(input_feature_map, theta).shape == (B, H, W, C)


@every_option
def test_theta_is_the_chain_of_its_parts(options):
    x, theta, d = case(51)
    align = options["align_corners"]
    grid = npstn.affine_grid(theta, (HO, WO), align_corners=align)
    d_x, d_grid = npstn.grid_sample_vjp(d, x, grid, **options)
    d_theta = npstn.affine_grid_vjp(d_grid, align_corners=align)
    got = spatial_transformer_network_vjp(d, x, theta, **options)
    np.testing.assert_allclose(got[0], d_x, atol=1e-13)
    np.testing.assert_allclose(got[1], d_theta.reshape(theta.shape), atol=1e-12)


@every_option
@pytest.mark.parametrize("dims", [(1, 1), (3, 2), (11, 13)], ids=str)
def test_against_the_double_sum_of_the_paper(options, dims):
    """Down- and upsampling to any size."""
    x, theta, _ = case(52)
    d = Numbers(53).uniform((B, *dims, C))
    want = naive.spatial_transformer_network(x, theta, dims, **options)
    np.testing.assert_allclose(
        spatial_transformer_network(x, theta, dims, **options), want, atol=1e-13
    )
    got = spatial_transformer_network_vjp(d, x, theta, **options)
    want = naive.spatial_transformer_network_vjp(d, x, theta, **options)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b.reshape(a.shape), atol=1e-11)


def test_shapes_of_theta():
    x, theta, d = case()
    out = spatial_transformer_network(x, theta, (HO, WO))
    d_theta = spatial_transformer_network_vjp(d, x, theta)[1]
    matrices = theta.reshape(B, 2, 3)
    assert (spatial_transformer_network(x, matrices, (HO, WO)) == out).all()
    d_matrices = spatial_transformer_network_vjp(d, x, matrices)[1]
    assert d_matrices.shape == (B, 2, 3)
    assert (d_matrices.reshape(B, 6) == d_theta).all()


def test_many_transforms_of_each_image():
    x, _, _ = case()
    numbers = Numbers(54)
    theta, d = numbers.uniform((B, K, 6)), numbers.integers((B, K, HO, WO, C), -4, 4)
    out = spatial_transformer_network(x, theta, (HO, WO))
    assert out.shape == (B, K, HO, WO, C)
    d_x, d_theta = spatial_transformer_network_vjp(d, x, theta)
    assert d_theta.shape == theta.shape
    parts = [spatial_transformer_network_vjp(d[:, k], x, theta[:, k]) for k in range(K)]
    for k in range(K):
        assert (out[:, k] == spatial_transformer_network(x, theta[:, k], (HO, WO))).all()
        assert (d_theta[:, k] == parts[k][1]).all()
    np.testing.assert_allclose(d_x, sum(p[0] for p in parts), atol=1e-14)


@pytest.mark.truth
@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_identity_is_exact(align, dtype):
    for h, w in ((1, 1), (5, 7), (8, 3), (2, 97)):
        x = Numbers(h).uniform((1, h, w, 2)).astype(dtype)
        theta = IDENTITY.astype(dtype)
        assert (spatial_transformer_network(x, theta, align_corners=align) == x).all()
        d_x, _ = spatial_transformer_network_vjp(x, x, theta, align_corners=align)
        assert (d_x == x).all()


def test_layout_nchw():
    x, theta, d = case()
    planes, d_planes = (np.moveaxis(a, -1, 1) for a in (x, d))
    out = spatial_transformer_network(planes, theta, (HO, WO), layout="NCHW")
    assert (np.moveaxis(out, 1, -1) == spatial_transformer_network(x, theta, (HO, WO))).all()
    d_x, d_theta = spatial_transformer_network_vjp(d_planes, planes, theta, layout="NCHW")
    want = spatial_transformer_network_vjp(d, x, theta)
    assert (np.moveaxis(d_x, 1, -1) == want[0]).all()
    assert (d_theta == want[1]).all()


@pytest.mark.parametrize("value", [0.0, 1e300, -1e20])
def test_singular_and_huge_theta(value):
    """A constant or far-away map is no error, and has finite gradients."""
    x, theta, d = case()
    theta[:] = value
    for padding in PADDINGS:
        out = spatial_transformer_network(x, theta, (HO, WO), padding_mode=padding)
        assert np.isfinite(out).all()
        for part in spatial_transformer_network_vjp(d, x, theta, padding_mode=padding):
            assert np.isfinite(part).all()


def test_the_examples_of_the_docstring():
    namespace = {"np": np, "spatial_transformer_network": npstn.spatial_transformer_network}
    text = npstn.spatial_transformer_network.__doc__
    examples = doctest.DocTestParser().get_doctest(text, namespace, "examples", None, 0)
    assert doctest.DocTestRunner().run(examples) == (0, 7)


def test_a_row_that_shrinks_does_not_alias_after_a_blur():
    """Of a 1 each 8 texels, one point in 8 texels sees a 1 at most; the mean is 1/8."""
    x = np.tile([1.0, 0, 0, 0, 0, 0, 0, 0], 8).reshape(1, 1, 64, 1)
    assert spatial_transformer_network(x, IDENTITY, (1, 8)).ravel().tolist() == [1] + [0] * 7
    assert not spatial_transformer_network(x, IDENTITY, (1, 8), align_corners=False).any()
    unread = npstn.coverage(npstn.affine_grid(IDENTITY, (1, 8)), (1, 64)).splat == 0
    assert unread.mean() == 0.78125
    means = x.reshape(1, 1, 1, 8, 8, 1).mean((2, 4))
    assert (
        spatial_transformer_network(means, IDENTITY, (1, 8), align_corners=False) == 1 / 8
    ).all()
    tent = np.maximum(0, 1 - abs(np.arange(-8, 9)) / 8)
    blurred = [convolve1d(a, tent, axis=2, mode="constant") for a in (x, np.ones_like(x))]
    found, ones = (
        spatial_transformer_network(a, IDENTITY, (1, 8), align_corners=False) for a in blurred
    )
    assert (found / ones).ravel().tolist() == [1 / 7, *[1 / 8] * 6, 9 / 112]


@pytest.mark.parametrize("align", [True, False])
def test_the_identity_of_an_image_with_nan(align):
    """It shows at its own point, and at that of the texel before it; after a flip at the other."""
    x = np.array([0.0, 1, np.nan, 3, 4]).reshape(1, 1, 5, 1)
    flip = IDENTITY * [-1, 1, 1, 1, 1, 1]
    for theta, spread in ((IDENTITY, [1, 2]), (flip, [2, 3])):
        out = spatial_transformer_network(x, theta, align_corners=align).ravel()
        assert np.flatnonzero(np.isnan(out)).tolist() == spread


def test_the_projection_of_a_volume():
    """A sum over depth, as in the paper: with its cotangent."""
    rng = np.random.default_rng(5)
    volume, d_image = rng.random((1, 3, 4, 5, 1)), rng.random((1, 4, 5, 1))
    turn = np.array([[0.0, 0, 1, 0, 0, 1, 0, 0, -1, 0, 0, 0]])  # a quarter turn about y
    options = {"layout": "NDHWC"}
    image = npstn.spatial_transformer_network(volume, turn, (5, 4, 3), **options).sum(axis=1)
    want = volume.sum(axis=3)[:, ::-1].swapaxes(1, 2)  # (B, H, D, C): what was depth is width
    np.testing.assert_allclose(image, want, rtol=1e-14)
    d_out = np.repeat(d_image[:, None], 3, axis=1)  # of a sum: the same in every slice
    d_volume, _ = npstn.spatial_transformer_network_vjp(
        d_out, volume, np.eye(3, 4)[None], **options
    )
    assert (d_volume == d_out).all()
