"""daviddao and stnbhwd, which were read and not run, against their formulas in plain NumPy."""

import numpy as np
import pytest
from support import Numbers
from support.dialects import GRADIENT_KINDS, KINDS, compare

from npstn.dialects import daviddao, stnbhwd

SHAPES = {(True, True, True): 5, (True, False, False): 1, (False, True, False): 2}
SHAPES |= {(False, False, True): 2, (True, False, True): 3, (True, True, False): 3}
SHAPES |= {(False, True, True): 4, (False, False, False): 6}
FINITE = tuple(kind for kind in KINDS if kind not in ("nan", "inf", "huge", "single"))


def linspace(n):
    """-1 + i step in float32, and 1."""
    f = np.float32
    if n == 1:
        return np.full(1, -1, f)
    found = f(-1) + f(2) / f(n - 1) * np.arange(n, dtype=f)
    found[-1] = 1
    return found


def clipped(image, x, y):
    """Output, derivatives (N, *out, C) by x and y, and weights of texels: corners are clipped."""
    n, h, w, _ = image.shape
    lines = np.arange(n).reshape(-1, 1, 1)
    corners = []
    for p, size in ((x, w), (y, h)):
        low = np.floor(p).astype(np.int64)
        corners.append([np.clip(low, 0, size - 1), np.clip(low + 1, 0, size - 1)])
    (x0, x1), (y0, y1) = corners
    x, y = x.astype(np.float64), y.astype(np.float64)
    out, by_x, by_y, weights = 0.0, 0.0, 0.0, []
    for cx, wx, dx in ((x0, x1 - x, -1.0), (x1, x - x0, 1.0)):
        for cy, wy, dy in ((y0, y1 - y, -1.0), (y1, y - y0, 1.0)):
            texel = image[lines, cy, cx].astype(np.float64)
            out = out + (wx * wy)[..., None] * texel
            by_x = by_x + (dx * wy)[..., None] * texel
            by_y = by_y + (wx * dy)[..., None] * texel
            weights.append(((lines, cy, cx), wx * wy))
    return out, by_x, by_y, weights


def transformer(U, theta, out_size):
    f, theta = np.float32, theta.reshape(-1, 2, 3).astype(np.float32)
    axes = np.meshgrid(linspace(out_size[1]), linspace(out_size[0]))
    a, b, c = np.moveaxis(theta, -1, 0)[..., None, None]
    points = np.moveaxis((a * axes[0] + b * axes[1]) + c, 1, 0)
    p = [(g + f(1)) * f(n) / f(2) for g, n in zip(points, U.shape[2:0:-1], strict=True)]
    return axes, clipped(U, *p)


def transformer_vjp(d_out, U, theta, out_size):
    axes, (_, by_x, by_y, weights) = transformer(U, theta, out_size)
    d_u = np.zeros(U.shape)
    for at, weight in weights:
        np.add.at(d_u, at, weight[..., None] * d_out)
    rows = []
    for d, n in ((by_x, U.shape[2]), (by_y, U.shape[1])):
        d_g = (d * d_out).sum(-1) * n / 2
        rows.append(np.stack([(d_g * a).sum((1, 2)) for a in (*axes, 1.0)], -1))
    return d_u, np.stack(rows, 1).reshape(theta.shape)


def test_transformer():
    def real(**given):
        return transformer(**given)[1][0].astype(np.float32)

    print(compare("daviddao", "transformer", real, transformer_vjp))


def test_daviddao_loses_the_last_row_and_column():
    x = np.arange(25, dtype=np.float32).reshape(1, 5, 5, 1)
    identity = np.array([[1, 0, 0, 0, 1, 0]], np.float32)
    out = daviddao.transformer(x, identity, (5, 5))[0, :, :, 0]
    assert not out[-1].any()
    assert not out[:, -1].any()
    assert np.array_equal(np.diff(out[0, :-1]), [1.25, 1.25, 1.25])


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("batch", [1, 2])
def test_batch_transformer(batch, count):
    numbers = Numbers(160)
    x = numbers.uniform((batch, 5, 7, 2)).astype(np.float32)
    thetas = np.array([1, 0, 0, 0, 1, 0]) + 0.3 * numbers.uniform((batch, count, 6))
    thetas = thetas.astype(np.float32)
    out = daviddao.batch_transformer(x, thetas, (4, 6))
    assert out.shape == (batch * count, 4, 6, 2)
    d_out = numbers.uniform(out.shape).astype(np.float32)
    d_x, d_thetas = daviddao.batch_transformer_vjp(d_out, x, thetas, (4, 6))
    total = np.zeros(x.shape)
    for i in range(batch):
        for k in range(count):
            at = i * count + k
            given = x[[i]], thetas[[i], k], (4, 6)
            np.testing.assert_allclose(out[[at]], transformer(*given)[1][0], rtol=0, atol=1e-6)
            d_u, d_theta = transformer_vjp(d_out[[at]], *given)
            total[i] += d_u[0]
            np.testing.assert_allclose(d_thetas[i, k], d_theta[0], rtol=0, atol=1e-4)
    np.testing.assert_allclose(d_x, total, rtol=0, atol=1e-5)


def test_batch_transformer_of_other_batches():
    x, thetas = np.ones((2, 4, 4, 1), np.float32), np.ones((3, 2, 6), np.float32)
    with pytest.raises(ValueError, match="thetas has"):
        daviddao.batch_transformer(x, thetas, (4, 4))


def padded(image, grids):
    """stnbhwd's sampler: its pixels, and ``clipped`` in an image with two lines of 0 around."""
    f = grids.dtype.type
    at = [
        np.clip((grids[..., k] + f(1)) * f(n - 1) / f(2), -2, n)
        for k, n in enumerate(image.shape[1:3])
    ]
    wide = np.pad(image, ((0, 0), (2, 2), (2, 2), (0, 0)))
    return clipped(wide, at[1] + 2.0, at[0] + 2.0)


def test_sampler_of_stnbhwd():
    def real(inputImages, grids):
        return padded(inputImages, grids)[0].astype(inputImages.dtype)

    def real_vjp(d_out, inputImages, grids):
        _, by_x, by_y, weights = padded(inputImages, grids)
        d_wide = np.zeros(np.add(inputImages.shape, (0, 4, 4, 0)))
        for at, weight in weights:
            np.add.at(d_wide, at, weight[..., None] * d_out)
        halves = [(n - 1) / 2 for n in inputImages.shape[1:3]]
        d_grids = np.stack([(d * d_out).sum(-1) for d in (by_y, by_x)], -1) * halves
        return d_wide[:, 2:-2, 2:-2], d_grids

    print(compare("stnbhwd", "BilinearSamplerBHWD", real, real_vjp, kinds=FINITE))


def base(height, width):
    y, x = np.linspace(-1, 1, height), np.linspace(-1, 1, width)
    return np.stack([*np.meshgrid(y, x, indexing="ij"), np.ones((height, width))], -1)


def test_grid_of_stnbhwd():
    def real(transformMatrix, height, width):
        grid = np.einsum("hwc,brc->bhwr", base(height, width), transformMatrix)
        return grid.astype(transformMatrix.dtype)

    def real_vjp(d_grid, transformMatrix, height, width):
        return np.einsum("bhwr,hwc->brc", d_grid.astype(np.float64), base(height, width))

    kinds = tuple(kind for kind in GRADIENT_KINDS if kind != "single")
    print(compare("stnbhwd", "AffineGridGeneratorBHWD", real, real_vjp, kinds=kinds))


def product(params, turned, scaled, moved):
    """R S T, and its derivatives by the parameters in their order."""
    rest = list(params)
    a = rest.pop(0) if turned else 0.0
    s = [rest.pop(0), rest.pop(0)] if scaled else [1.0, 1.0]
    t = rest if moved else [0.0, 0.0]
    r = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    d_r = np.array([[-np.sin(a), -np.cos(a), 0], [np.cos(a), -np.sin(a), 0], [0, 0, 0]])
    scale, shift = np.diag([*s, 1.0]), np.array([[1, 0, t[0]], [0, 1, t[1]], [0, 0, 1]])
    found = [d_r @ scale @ shift] * turned
    unit = np.eye(3)
    found += [r @ np.outer(unit[k], unit[k]) @ shift for k in range(2 * scaled)]
    found += [r @ scale @ np.outer(unit[k], unit[2]) for k in range(2 * moved)]
    return (r @ scale @ shift)[:2], np.array(found)[:, :2]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("chosen", SHAPES, ids=str)
def test_matrix_of_stnbhwd(chosen, dtype):
    numbers = Numbers(161)
    params = numbers.uniform((3, SHAPES[chosen]), -2, 2).astype(dtype)
    d_theta = numbers.uniform((3, 2, 3)).astype(dtype)
    theta = stnbhwd.AffineTransformMatrixGenerator(params, *chosen)
    d = stnbhwd.AffineTransformMatrixGenerator_vjp(d_theta, params, *chosen)
    assert theta.dtype == d.dtype == dtype
    if not any(chosen):
        assert np.array_equal(theta, params.reshape(3, 2, 3))
        assert np.array_equal(d, d_theta.reshape(3, 6))
        return
    atol = 1e-14 if dtype == np.float64 else 2e-6
    for k, row in enumerate(params.astype(np.float64)):
        want, by = product(row, *chosen)
        np.testing.assert_allclose(theta[k], want, rtol=0, atol=atol)
        np.testing.assert_allclose(d[k], (by * d_theta[k]).sum((1, 2)), rtol=0, atol=atol)
    one = stnbhwd.AffineTransformMatrixGenerator(params[0], *chosen)
    assert np.array_equal(one, theta[0])


@pytest.mark.parametrize("params", [np.ones((2, 4)), np.ones(4), np.ones((1, 2, 5))])
def test_matrix_of_stnbhwd_checks_its_parameters(params):
    with pytest.raises(ValueError, match="transformParams has shape"):
        stnbhwd.AffineTransformMatrixGenerator(params, True, True, True)
