"""Sums of basis functions and their adjoint: exact on whole numbers, and in a fixed order."""

import numpy as np
import pytest
from support import Numbers

from npstn.kernels import basis as kernels
from npstn.kernels.basis import BLOCK, PART

pytestmark = pytest.mark.truth
SHAPES = [(1, 1, 1), (2, 4, 3), (3, 5, BLOCK), (2, 11, BLOCK + 2), (1, 2, PART + BLOCK + 5)]

ranks = pytest.mark.parametrize("rank", [2, 3])


def combine(basis, coefficients, first=0, total=None):
    (functions, length), (maps, _, rank) = basis.shape, coefficients.shape
    total = length if total is None else total
    dims = np.array([maps, functions, length, first, total, rank])
    grid = np.full((maps, total, rank), 7.0)
    for task in range(kernels.tasks(length)):
        kernels.combine(
            task, None, None, basis.ravel(), coefficients.ravel(), dims, grid.reshape(-1)
        )
    return grid


def combine_vjp(basis, d_grid, first=0):
    (functions, length), (maps, total, rank) = basis.shape, d_grid.shape
    dims = np.array([maps, functions, length, first, total, rank])
    sums = np.full((kernels.tasks(length), maps, functions, rank), 7.0)
    for task in range(len(sums)):
        scratch = np.full(4 * rank * maps * functions, 9.0)
        kernels.combine_vjp(
            task, scratch, None, basis.ravel(), d_grid.ravel(), dims, sums.reshape(-1)
        )
    return sums


@ranks
@pytest.mark.parametrize(("maps", "functions", "length"), SHAPES)
def test_whole_numbers(maps, functions, length, rank):
    numbers = Numbers(470)
    basis = numbers.integers((functions, length), -9, 9)
    coefficients = numbers.integers((maps, functions, rank), -9, 9)
    d_grid = numbers.integers((maps, length + 3, rank), -9, 9)
    grid = combine(basis, coefficients, 2, length + 3)
    assert (grid[:, 2:-1] == np.einsum("pl,npc->nlc", basis, coefficients)).all()
    assert (grid[:, [0, 1, -1]] == 7.0).all()
    d_coefficients = combine_vjp(basis, d_grid, 2).sum(0)
    assert (d_coefficients == np.einsum("pl,nlc->npc", basis, d_grid[:, 2:-1])).all()


@ranks
def test_the_order_of_the_sums(rank):
    numbers, functions = Numbers(471), 11
    basis, coefficients = numbers.uniform((functions, 9)), numbers.uniform((2, functions, rank))
    want = np.zeros((2, 9, rank))
    for p in range(functions):
        want += basis[p, :, None] * coefficients[:, p, None]
    assert (combine(basis, coefficients) == want).all()

    d = numbers.uniform((1, 10, rank))
    lanes = basis[:, :4, None] * d[0, :4] + basis[:, 4:8, None] * d[0, 4:8]
    lanes[:, 0] += basis[:, 8, None] * d[0, 8]
    want = (lanes[:, 0] + lanes[:, 1]) + (lanes[:, 2] + lanes[:, 3])
    assert (combine_vjp(basis, d)[0, 0] == want).all()


@ranks
def test_maps_do_not_depend_on_each_other(rank):
    numbers, length = Numbers(472), PART + 77
    basis, coefficients = numbers.uniform((6, length)), numbers.uniform((3, 6, rank))
    d_grid = numbers.uniform((3, length, rank))
    together = combine(basis, coefficients), combine_vjp(basis, d_grid)
    for n in range(3):
        assert (combine(basis, coefficients[n : n + 1])[0] == together[0][n]).all()
        assert (combine_vjp(basis, d_grid[n : n + 1])[:, 0] == together[1][:, n]).all()
