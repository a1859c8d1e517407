"""The row of PyTorch against PyTorch."""

import pytest
from support.dialects import GRADIENT_KINDS, compare

torch = pytest.importorskip("torch")


def tensors(given):
    return {k: torch.tensor(v) if hasattr(v, "dtype") else v for k, v in given.items()}


def run(function):
    def real(**given):
        return function(**tensors(given)).numpy()

    def real_vjp(d_out, **given):
        given = tensors(given)
        leaves = [t.requires_grad_() for t in given.values() if torch.is_tensor(t)]
        out = function(**given)
        out.backward(torch.tensor(d_out))
        return tuple(leaf.grad.numpy() for leaf in leaves)

    return real, real_vjp


def test_grid_sample():
    def real(**given):
        return run(torch.nn.functional.grid_sample)[0](**given)

    real_vjp = run(torch.nn.functional.grid_sample)[1]

    def named(case):
        return None

    print(compare("torch", "grid_sample", real, real_vjp, named=named))


def test_affine_grid():
    real, real_vjp = run(torch.nn.functional.affine_grid)
    print(compare("torch", "affine_grid", real, real_vjp, kinds=GRADIENT_KINDS))
