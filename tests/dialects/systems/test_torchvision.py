"""The row of torchvision against torchvision."""

import pytest
from support.dialects import compare
from support.tensors import import_torchvision, on_arrays, shown

torch = pytest.importorskip("torch", reason="torchvision is built on PyTorch")
import_torchvision()
MAPS = [[1.0, 0, 0.26, 0, 1, 0], [0.91, 0.23, 0.317, -0.13, 1.07, -0.71], [1.0, 0, 2, 0, 1, -1]]
COEFFICIENTS = [
    [1.0, 0, 0.26, 0, 1, 0, 0, 0],
    [0.91, 0.23, 0.317, -0.13, 1.07, -0.71, 0.011, -0.023],
]
FILLS = [None, 0.0, 1.5, [1.5, -2.0]]


def real(name):
    from torchvision.transforms import _functional_tensor

    return getattr(_functional_tensor, name)


def of_lists(name):
    """The map is a list: it has no gradient there."""
    forward, backward = on_arrays(real(name), "img")
    return forward, lambda d_out, **given: (*backward(d_out, **given), None)


def masked(case):
    return "masked" if case.mode == "bilinear" and case.given["fill"] is not None else None


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("matrix", MAPS)
def test_affine(matrix, fill):
    named = masked if matrix[2] != 2 else lambda case: None  # by whole pixels: no mask is between
    print(
        compare("torchvision", "affine", *of_lists("affine"), named=named, matrix=matrix, fill=fill)
    )


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("perspective_coeffs", COEFFICIENTS)
def test_perspective(perspective_coeffs, fill):
    options = {"perspective_coeffs": perspective_coeffs, "fill": fill}
    print(compare("torchvision", "perspective", *of_lists("perspective"), named=masked, **options))


@pytest.mark.parametrize("fill", FILLS)
def test_elastic_transform(fill):
    def one_by_one(img, displacement, **options):  # there is one displacement for a batch
        pairs = zip(img.split(1), displacement.split(1), strict=True)
        return torch.cat([real("elastic_transform")(*pair, **options) for pair in pairs])

    def named(case):
        return masked(case) or (
            "float32"
            if case.kind in UNEVEN and case.dtype == "float64" and case.mode == "bilinear"
            else None
        )

    UNEVEN = ("random", "single")
    both = on_arrays(one_by_one, "img", "displacement")
    print(compare("torchvision", "elastic_transform", *both, named=named, fill=fill))


def test_differences():
    for name in ("affine", "perspective"):
        assert shown("torchvision", name) == ["0.25"]
    assert shown("torchvision", "elastic_transform") == ["0.25", "torch.float32"]
