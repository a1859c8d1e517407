"""The lattice and its scales are exact for every size."""

from fractions import Fraction

import pytest

from npstn.grid import base, bases, lattice, pixel_scale

pytestmark = pytest.mark.truth


def test_base_lattice():
    assert base(3, True)[0].tolist() == [-2, 0, 2]
    assert base(3, True)[1] == 2
    assert base(4, False)[0].tolist() == [-3, -1, 1, 3]
    assert base(4, False)[1] == 4
    assert (base(1, True)[0].tolist(), base(1, True)[1]) == ([0], 1)
    assert (base(1, False)[0].tolist(), base(1, False)[1]) == ([0], 1)
    assert base(0, True)[0].size == 0
    xs, ys, den = bases((2, 3), True)
    assert (xs.tolist(), ys.tolist(), den.tolist()) == ([-2, 0, 2], [[-1, 1]], [2, 1])
    xs, rows, den = bases((3, 2, 1), True)
    assert (xs.tolist(), den.tolist()) == ([0], [1, 1, 2])
    assert rows.tolist() == [[-1, 1, -1, 1, -1, 1], [-2, -2, 0, 0, 2, 2]]


def test_pixel_scale_maps_the_ends():
    c, d = pixel_scale(5, True)
    assert (-c + d, c + d) == (0, 4)
    c, d = pixel_scale(5, False)
    assert (-c + d, c + d) == (-0.5, 4.5)


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("size", [1, 2, 7, 640, 1080])
@pytest.mark.parametrize("dims", [(1, 1), (3, 5), (480, 7), (1081, 500), (9, 5, 7)], ids=str)
def test_lattice_is_exact(dims, size, align):
    c, d = pixel_scale(size, align)
    xs, ys, zs, (cd, dd, div) = lattice(dims, c, d, align)
    if len(dims) == 2:
        assert zs.tolist() == [0]
    for points, n in zip((xs, ys, zs), reversed(dims), strict=False):
        numerators, den = base(n, align)
        for j in {0, n // 3, n - 1}:
            assert Fraction(points[j]) / Fraction(div) == Fraction(numerators[j]) / den * Fraction(
                c
            )
    assert (cd, dd) == (c * div, d * div)
    assert int(div) % 2 == 1


def test_equal_and_dyadic_sizes_need_no_division():
    for align in (True, False):
        assert lattice((9, 7), *pixel_scale(7, align), align).scale[2] == 1.0 or align is False
        assert lattice((7, 7), *pixel_scale(7, align), align).scale[2] == 1.0
    assert lattice((8, 16), *pixel_scale(4, False), False).scale[2] == 1.0


def test_sizes_beyond_exactness_are_refused():
    with pytest.raises(ValueError, match=r"out_dims is .* less than 2\*\*53"):
        lattice((2**20 + 7, 2**20 + 3), *pixel_scale(2**20, True), True)
