"""The entries of the operator: the texels of every point, and weights that give the output."""

import numpy as np
import pytest
from support.points import RULES, VOLUME_RULES, coordinates, problem_of, texels

pytestmark = [pytest.mark.truth, pytest.mark.filterwarnings("ignore:(overflow|invalid)")]


@pytest.mark.parametrize("rule", [*RULES, *VOLUME_RULES], ids=str)
@pytest.mark.parametrize("kind", ["map", "odd grid"])
def test_entries_are_the_sampler(kind, rule):
    size, dims = ((4, 5), (3, 7)) if rule in RULES[len(VOLUME_RULES) :] else ((3, 4, 5), (2, 3, 3))
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
