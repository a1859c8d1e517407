"""What frameworks return is read without a warning; what cannot be read is refused by name."""

import numpy as np
import pytest
from support.sampler import problem

from npstn.testing import check_jvp, check_vjp, dot_test
from npstn.testing._given import copied


class Tensor:
    """Its ``__array__`` knows no keyword ``copy``, as those of frameworks do not."""

    def __init__(self, array, needs_gradient=False):
        self.array, self.needs_gradient = array, needs_gradient

    def __array__(self, dtype=None):
        if self.needs_gradient:
            raise RuntimeError("can't call numpy() on a tensor that requires grad")
        return np.asarray(self.array, dtype)


class Attached(Tensor):
    def detach(self):
        return Tensor(self.array)


def double(x):
    return Tensor(2 * x)


def double_vjp(d, x):
    return (Tensor(2 * d),)


ONES = np.ones((2, 3))


def test_results_of_a_framework_give_no_warning():
    check_vjp(double, double_vjp, (Tensor(ONES),), Tensor(ONES))
    check_jvp(double, lambda x, t: (double(x), double(t)), (Tensor(ONES),))
    dot_test(double, double, Tensor(ONES), ONES)
    with pytest.raises(AssertionError, match="do not confirm"):
        check_vjp(double, lambda d, x: (Tensor(3 * d),), (ONES,))


def test_what_is_read_is_a_copy():
    """A framework may give out the buffer that its next call fills."""
    buffer = np.zeros(3)
    for value in (buffer, Tensor(buffer)):
        read = copied(value, "value")
        read += 1
        assert not buffer.any()


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((lambda x: Attached(x, True), double_vjp, (ONES,)), r"f\(\*primals\) is a Attached"),
        ((double, lambda d, x: (Attached(d, True),), (ONES,)), "cotangent of .* is a Attached"),
        ((double, double_vjp, (Attached(ONES, True),)), r"primals\[0\] is a Attached"),
    ],
)
def test_a_tensor_that_requires_a_gradient_is_refused_with_the_remedy(arguments, name):
    with pytest.raises(TypeError, match=rf"{name} .*requires grad.*: value.detach\(\)"):
        check_vjp(*arguments)


def test_an_array_in_the_place_of_the_tuple():
    for primals, name in ((ONES, "ndarray"), (Tensor(ONES), "Tensor")):
        with pytest.raises(TypeError, match=f"primals is a {name}, expected a tuple of arrays"):
            check_vjp(double, double_vjp, primals)


def test_torch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")

    def f(x, g):
        points = torch.tensor(g)[None, None]
        image = torch.tensor(x).permute(2, 0, 1)[None]
        out = torch.nn.functional.grid_sample(image, points, align_corners=True)
        return out[0, :, 0].T

    def vjp(d_out, x, g):
        x, g = (torch.tensor(a, requires_grad=True) for a in (x, g))
        image = x.permute(2, 0, 1)[None]
        out = torch.nn.functional.grid_sample(image, g[None, None], align_corners=True)
        return torch.autograd.grad(out[0, :, 0].T, (x, g), torch.tensor(d_out))

    def attached(x, g):
        return f(x, g).requires_grad_()

    check_vjp(f, vjp, problem())
    with pytest.raises(AssertionError, match="do not confirm"):
        check_vjp(f, lambda *a: [2 * c for c in vjp(*a)], problem())
    with pytest.raises(TypeError, match=r"is a Tensor that .*: value.detach\(\)"):
        check_vjp(attached, vjp, problem())
