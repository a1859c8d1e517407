"""The entries of the operator: the texels of every point, and weights that give the output."""

import numpy as np
import pytest
from support.points import RULES, coordinates, problem_of, texels

pytestmark = [pytest.mark.truth, pytest.mark.filterwarnings("ignore:(overflow|invalid)")]


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize(("size", "dims"), [((4, 5), (3, 7)), ((3, 4, 5), (2, 3, 3))])
@pytest.mark.parametrize("kind", ["map", "odd grid"])
def test_entries_are_the_sampler(kind, size, dims, rule):
    problem = problem_of(kind, size, dims, rule)
    found, weights = problem.entries()
    points = [p for m in coordinates(problem) for p in m]
    x = problem.x.reshape(2, -1)
    for row, w, out, n, point in zip(
        found,
        weights,
        problem.sample().ravel(),
        np.repeat([0, 1], len(found) // 2),
        points,
        strict=True,
    ):
        want = texels(problem, point)
        if want:
            assert sorted(row) == sorted(want)
            assert (w[row < 0] == 0).all()
            assert abs((w * np.where(row < 0, 0.0, x[n, row])).sum() - out) < 1e-14
        else:
            assert np.isnan(w).all()
            assert np.isnan(out)
