"""Judges from outside: SciPy, PyTorch's tables of gradients at kinks, and PyTorch itself if there.

Sizes of 0 and 1, where these differ or give up, come last, with what is expected of us.

Every comparison must also fail on a planted fault.
"""

import numpy as np
import pytest
from scipy.ndimage import affine_transform, map_coordinates
from support import Numbers, run_module, run_sample
from support.options import OPTIONS, ids

import npstn

B, H, W, HO, WO, C = 2, 5, 9, 6, 7, 3  # sizes at which torch's pixel coordinates can be whole
EPS = 2.0**-52
SCIPY = {  # (padding, align): SciPy's name
    ("zeros", True): "grid-constant",
    ("zeros", False): "grid-constant",
    ("border", True): "nearest",
    ("border", False): "nearest",
    ("reflection", True): "mirror",
    ("reflection", False): "reflect",
    ("wrap", True): "grid-wrap",
    ("wrap", False): "grid-wrap",
}


def agree(got, want, reach):
    """Raise unless two float64 results differ by rounding only, at coordinates up to reach."""
    np.testing.assert_allclose(got, want, rtol=0, atol=64 * EPS * (1 + reach) * np.abs(want).max())


def scipy_points(x, points, mode, name):
    """x (B, H, W, C) at pixel points (B, Ho, Wo, 2), x first."""
    out = np.empty((*points.shape[:3], x.shape[-1]))
    order = {"nearest": 0, "bilinear": 1}[mode]
    for b, c in np.ndindex(len(x), x.shape[-1]):
        where = points[b, ..., 1], points[b, ..., 0]
        out[b, ..., c] = map_coordinates(x[b, ..., c], where, order=order, mode=name)
    return out


def points_off_ties(numbers, reach):
    points = numbers.uniform((B, HO, WO, 2), -reach, reach)
    points[np.abs(points - np.floor(points) - 0.5) < 1e-6] += 0.25
    return points


@pytest.mark.parametrize("reach", [2.0, 30.0, 1e6])
@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("rule", SCIPY, ids=str)
def test_scipy_map_coordinates(rule, mode, reach):
    numbers = Numbers(1)
    x, points = numbers.uniform((B, H, W, C)), points_off_ties(numbers, reach)
    options = {"mode": mode, "padding_mode": rule[0], "align_corners": rule[1]}
    got = npstn.grid_sample(x, points, coordinates="pixel", **options)
    agree(got, scipy_points(x, points, mode, SCIPY[rule]), reach)
    wrong = "mirror" if rule[0] == "wrap" else "grid-wrap"
    with pytest.raises(AssertionError):
        agree(got, scipy_points(x, points, mode, wrong), reach)


@pytest.mark.parametrize("rule", SCIPY, ids=str)
def test_scipy_affine_transform(rule):
    numbers = Numbers(2)
    x, theta = numbers.uniform((B, H, W, C)), numbers.uniform((B, 2, 3), -2.0, 2.0)
    padding, align = rule
    got = npstn.spatial_transformer_network(
        x, theta, (HO, WO), padding_mode=padding, align_corners=align
    )

    def judged(turn):
        out = np.empty_like(got)
        for b, c in np.ndindex(B, C):
            matrix = to_pixels(H, W, align) @ np.vstack([theta[b], [0, 0, 1]])
            matrix = (matrix @ np.linalg.inv(to_pixels(HO, WO, align)))[[1, 0, 2]][:, [1, 0, 2]]
            linear = matrix[:2, :2].T if turn else matrix[:2, :2]
            out[b, ..., c] = affine_transform(
                x[b, ..., c], linear, matrix[:2, 2], (HO, WO), order=1, mode=SCIPY[rule]
            )
        return out

    agree(got, judged(False), 4 * W)
    with pytest.raises(AssertionError):
        agree(got, judged(True), 4 * W)


def to_pixels(height, width, align):
    """The matrix from normalised (x, y, 1) to pixel (x, y, 1)."""
    (sx, dx), (sy, dy) = (((n - align) / 2, (n - 1) / 2) for n in (width, height))
    return np.array([[sx, 0, dx], [0, sy, dy], [0, 0, 1]])


# PyTorch's gradients of the sum of the output, for rows 0 1 2 3 4; entries (d_x, d_y).
KINK_GRID = [
    [(1, 1), (1, -1), (0.8, 0.8), (0.8, -0.8)],
    [(-1, -1), (-1, 1), (-0.8, -0.8), (-0.8, 0.8)],
]
_true = [[(0, 0), (0, 0), (2, 0), (2, 0)]] * 2
_false = [[(0, 0)] * 4] * 2
KINKS = {
    ("zeros", True): [[(-8, -8), (-8, 0), (2, 0), (2, 0)], [(2, 0)] * 4],
    ("zeros", False): [[(-5, -5), (-5, 5), (-10, -10), (-10, 10)], [(0, 0)] * 4],
    ("border", True): _true,
    ("border", False): _false,
    ("reflection", True): _true,
    ("reflection", False): _false,
}


def gradient(grid, padding, align, layout="NCHW"):
    """d_grid (…, 2) of the sum of the output, for an image and its double."""
    x = np.broadcast_to(np.arange(5.0), (1, 1, 5, 5)) * np.array([1.0, 2]).reshape(2, 1, 1, 1)
    grid = np.broadcast_to(np.array(grid, float), (2, *np.shape(grid)))
    d_out = np.ones((2, 1, *grid.shape[1:3]))
    if layout == "NHWC":
        x, d_out = x.transpose(0, 2, 3, 1), d_out.transpose(0, 2, 3, 1)
    options = {"padding_mode": padding, "align_corners": align, "layout": layout}
    d_grid = npstn.grid_sample_vjp(d_out, x, grid, **options)[1]
    np.testing.assert_array_equal(d_grid[1], 2 * d_grid[0])
    return d_grid[0]


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
@pytest.mark.parametrize("rule", KINKS, ids=str)
def test_torch_table_of_kinks(rule, layout):
    got = gradient(KINK_GRID, *rule, layout)
    np.testing.assert_allclose(got, KINKS[rule], rtol=1e-14, atol=0)
    wrong = gradient(KINK_GRID, rule[0], not rule[1], layout)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(wrong, KINKS[rule], rtol=1e-14, atol=0)


@pytest.mark.parametrize(
    ("rule", "p", "want"),
    [
        (("zeros", True), [-2, -1, 0, 1, 3, 4, 5], [0, 3, 1, 1, 1, -7, 0]),
        (("zeros", False), [-2, -1, 0, 1, 3, 4, 5], [0, 3, 1, 1, 1, -7, 0]),
        (("border", True), [-1, 0, 0.25, 1, 3.75, 4, 5], [0, 0, 1, 1, 1, 0, 0]),
        (("border", False), [-1, 0, 0.25, 1, 3.75, 4, 5], [0, 0, 1, 1, 1, 0, 0]),
        (("reflection", True), [-1, -0.25, 0, 1, 4, 4.25, 5], [-1, -1, 0, 1, 0, -1, -1]),
        (("reflection", False), [-0.5, -0.25, 0, 0.25, 4, 4.25, 4.5], [0, 0, 0, 1, 0, 0, 0]),
        (("wrap", True), [-1, -0.25, 0, 3.75, 4, 4.75, 5, -5.5], [-4, -4, 1, 1, -4, -4, 1, -4]),
        (("wrap", False), [-1, -0.25, 0, 3.75, 4, 4.75, 5, -5.5], [-4, -4, 1, 1, -4, -4, 1, -4]),
    ],
)
def test_kinks_at_the_edges(rule, p, want):
    x = np.broadcast_to(np.arange(3.0, 8.0)[:, None], (B, H, 5, 1))
    grid = np.full((B, 1, len(p), 2), 2.0)
    grid[..., 0] = p
    options = {"padding_mode": rule[0], "align_corners": rule[1], "coordinates": "pixel"}
    _, d_grid = npstn.grid_sample_vjp(np.ones((B, 1, len(p), 1)), x, grid, **options)
    np.testing.assert_array_equal(d_grid[0, 0], np.stack([want, np.zeros(len(p))], -1))
    with pytest.raises(AssertionError):
        np.testing.assert_array_equal(-d_grid[0, 0, :, 0], want)


def torch_size(align):
    """A size (H, W) at which normalised whole pixels are exact."""
    return (5, 9) if align else (4, 8)


def torch_points(kind, size):
    """Pixel points around an image of a size: clear of every kink, or on kinks and ties."""
    numbers = Numbers(3)
    whole = np.stack([numbers.integers((B, HO, WO), -n, 2 * n) for n in size[::-1]], -1)
    if kind == "random":
        return (
            whole + numbers.uniform(whole.shape, 0.1, 0.4) + numbers.choice([0, 0.5], whole.shape)
        )
    return whole / 2


@pytest.mark.parametrize("kind", ["random", "whole and half"])
@pytest.mark.parametrize("options", [o for o in OPTIONS if o["padding_mode"] != "wrap"], ids=ids)
def test_torch_grid_sample(options, kind):
    torch = pytest.importorskip("torch", reason="PyTorch is a judge only where it is installed")
    numbers, align = Numbers(4), options["align_corners"]
    size = torch_size(align)
    x, d_out = numbers.uniform((B, C, *size)), numbers.uniform((B, C, HO, WO))
    scale = np.array(size[::-1]) - align
    grid = (2 * torch_points(kind, size) + (not align)) / scale - 1

    def judged(**changes):
        leaves = [torch.tensor(a, requires_grad=True) for a in (x, grid)]
        out = torch.nn.functional.grid_sample(*leaves, **options | changes)
        out.backward(torch.tensor(d_out))
        return [a.detach().numpy() for a in (out, *(leaf.grad for leaf in leaves))]

    def compare(want):
        for a, b in zip(run_sample(x, grid, d_out, layout="NCHW", **options), want, strict=True):
            agree(a, b, 3 * max(size))

    compare(judged())
    with pytest.raises(AssertionError):
        compare(judged(align_corners=not align))


@pytest.mark.filterwarnings("ignore:Since version 1.3.0:UserWarning")
@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("dims", [(HO, WO), (1, WO), (HO, 1)])
def test_torch_affine_grid(dims, align):
    torch = pytest.importorskip("torch", reason="PyTorch is a judge only where it is installed")
    numbers = Numbers(5)
    theta, d_grid = numbers.uniform((B, 2, 3)), numbers.uniform((B, *dims, 2))
    leaf = torch.tensor(theta, requires_grad=True)
    grid = torch.nn.functional.affine_grid(leaf, (B, C, *dims), align_corners=align)
    grid.backward(torch.tensor(d_grid))
    got = npstn.affine_grid(theta, dims, align_corners=align)
    agree(got, grid.detach().numpy(), 1)
    agree(npstn.affine_grid_vjp(d_grid, align_corners=align), leaf.grad.numpy(), sum(dims))
    with pytest.raises(AssertionError):
        agree(npstn.affine_grid(theta, dims, align_corners=not align), grid.detach().numpy(), 1)


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize(
    ("x", "theta", "dims"),
    [
        ((0, H, W, C), (0, 6), (HO, WO)),  # N = 0
        ((B, H, W, C), (B, 0, 6), (HO, WO)),  # K = 0
        ((B, H, W, 0), (B, 2, 3), (HO, WO)),  # C = 0
        ((B, H, W, C), (B, 6), (0, WO)),
        ((B, H, W, C), (B, 3, 2, 3), (HO, 0)),
        ((B, 1, 1, C), (B, 6), (HO, WO)),
        ((B, H, W, C), (B, 6), (1, WO)),
        ((B, H, W, C), (B, 3, 6), (HO, 1)),
    ],
)
def test_sizes_0_and_1(x, theta, dims, align):
    x, theta = np.ones(x), np.zeros(theta)  # theta 0: every point is the centre
    grid = npstn.affine_grid(theta, list(dims), align_corners=align)
    leading = grid.shape[:-3]
    assert grid.shape == (*theta.shape[: len(leading)], *dims, 2)
    assert not grid.any()
    d_out = np.ones((*leading, *dims, x.shape[-1]))
    for run, points, size in ((run_sample, grid, ()), (run_module, theta, [np.array(dims)])):
        out, d_x, d_points = run(x, points, d_out, *size, align_corners=align)
        assert (out.shape, d_x.shape, d_points.shape) == (d_out.shape, x.shape, points.shape)
        assert (out == 1).all()
        assert d_x.sum() == d_out.sum()
        assert x.shape[1] == 1 or not d_points.any()


def test_float32_overflows_to_inf_in_silence():  # row 13
    big = np.float32(3e38)
    x = np.zeros((B, H, W, C), np.float32)
    x[:, :, ::2] = big
    d_out, theta = np.full((B, HO, WO, C), big), np.zeros((B, 6), np.float32)
    d_x, d_theta = npstn.spatial_transformer_network_vjp(d_out, x, theta)
    assert (d_x[:, 2, 4] == np.inf).all()
    assert (d_theta[:, 2] == -np.inf).all()
