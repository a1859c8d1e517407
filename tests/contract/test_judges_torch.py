"""PyTorch where its functions are more than ``grid_sample`` and its gradient: second derivatives,
antialiasing, and its own check of a gradient.
"""

import numpy as np
import pytest
from scipy.ndimage import convolve1d
from support import Numbers
from support.options import FIRST, combine, ids

import npstn

torch = pytest.importorskip("torch", reason="PyTorch is a judge only where it is installed")
RULES = [
    {"rank": rank, "mode": mode, **rest}
    for rank, mode in ((2, "bilinear"), (2, "bicubic"), (3, "bilinear"))
    for rest in combine(padding_mode=("zeros", "border", "reflection"), align_corners=(True, False))
]


def agree(found, want):
    for got, expected in zip(found, want, strict=True):
        atol = 1e-13 * abs(expected).max()
        np.testing.assert_allclose(got, expected, rtol=0, atol=atol)


def second(dd_x, dd_grid, d_out, x, grid, **options):
    """PyTorch's derivatives of <dd_x, d_x> + <dd_grid, d_grid>."""
    leaves = d, x, grid = [torch.tensor(a, requires_grad=True) for a in (d_out, x, grid)]
    out = torch.nn.functional.grid_sample(x, grid, **options)
    first = torch.autograd.grad(out, (x, grid), d, create_graph=True)
    directions = [torch.tensor(a) for a in (dd_x, dd_grid)]
    return [a.numpy() for a in torch.autograd.grad(first, leaves, directions)]


def problem(rank, align):
    """dd_x, dd_grid, d_out, x and a grid whose points are off texels and folds."""
    numbers, size, dims = Numbers(600 + rank), (4, 5, 6)[:rank], (2, 3, 4)[:rank]
    p = numbers.integers((2, *dims, rank), -4, 8)
    p += numbers.uniform(p.shape, 0.1, 0.4) + numbers.choice([0.0, 0.5], p.shape)
    grid = (2 * p + (not align)) / (np.array(size[::-1]) - align) - 1
    images = numbers.uniform((2, 2, 3, *size))
    return images[0], numbers.uniform(grid.shape), numbers.uniform((2, 3, *dims)), images[1], grid


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_second_derivatives(rule):
    rank, options = rule["rank"], {name: rule[name] for name in rule if name != "rank"}
    arguments = problem(rank, options["align_corners"])
    found = npstn.grid_sample_vjp_vjp(*arguments, layout=FIRST[rank], **options)
    want = second(*arguments, **options)
    agree(found, want)
    assert all(abs(a).max() > 0.1 for a in want)
    with pytest.raises(AssertionError):
        agree((*found[:2], found[2] * (1 + 1e-12)), want)


def test_an_infinite_texel_beyond_the_cell_is_not_seen():
    """At p = (-5, -5), where PyTorch's second derivatives are NaN: 0 times infinity."""
    *others, x, grid = problem(2, True)
    x[:, :, 0, 0] = np.inf
    grid[:, 0, 0] = 2 * np.array([-5.0, -5.0]) / (5 - 1, 4 - 1) - 1
    options = {"padding_mode": "zeros", "align_corners": True}
    d_d_out, _, d_grid = npstn.grid_sample_vjp_vjp(*others, x, grid, layout="NCHW", **options)
    assert not d_d_out[:, :, 0, 0].any()
    assert not d_grid[:, 0, 0].any()


def shrunk(x, dims, blur=True):
    """The recipe of the module's docstring, on both axes; and without it."""
    scales = [max(n / m, 1.0) for n, m in zip(x.shape[1:3], dims, strict=True)]

    def sampled(x):
        for axis, s in enumerate(scales, 1):
            tent = np.maximum(0, 1 - abs(np.arange(-np.ceil(s), np.ceil(s) + 1)) / s)
            x = convolve1d(x, tent, axis=axis, mode="constant") if blur else x
        identity = np.eye(2, 3)[None]
        return npstn.spatial_transformer_network(x, identity, dims, align_corners=False)

    return sampled(x) / sampled(np.ones_like(x)), sum(0.5 / s**2 for s in scales)


@pytest.mark.parametrize(
    ("size", "dims", "whole"),
    [
        ((1, 64), (1, 8), True),
        ((40, 60), (10, 12), True),
        ((7, 9), (7, 9), True),
        ((60, 63), (17, 19), False),
        ((7, 9), (4, 3), False),
    ],
)
def test_the_recipe_against_aliasing(size, dims, whole):
    x = Numbers(7).uniform((1, *size, 1), 0.0, 1.0)
    image = torch.tensor(x.transpose(0, 3, 1, 2))
    options = {"mode": "bilinear", "align_corners": False, "antialias": True}
    want = torch.nn.functional.interpolate(image, dims, **options).numpy()[:, 0, ..., None]
    found, allowed = shrunk(x, dims)
    assert abs(found - want).max() <= (1e-15 if whole else allowed)
    if size != dims:
        aliased, _ = shrunk(x, dims, blur=False)
        assert abs(aliased - want).max() > 10 * abs(found - want).max()
