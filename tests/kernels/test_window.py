"""A window has the texels of its points, padded; a box or cells, it makes no difference."""

from dataclasses import replace

import numpy as np
import pytest
from support import Numbers
from support.points import KINDS, RULES, coordinates, of, problem_of, texels, tiles

from npstn import _problem
from npstn._check import fill_value
from npstn.kernels import locate, sizes, space, window
from npstn.kernels.axis import CUBIC, TAPS_OF, ZEROS

pytestmark = [pytest.mark.truth, pytest.mark.filterwarnings("ignore:(overflow|invalid)")]
CHANNELS = [(1, 1), (2, 1), (3, 1), (1, 2), (3, 2)]


def windows(problem, **others):
    """The texels of every point as its address finds them: (N, groups, points, TEXELS, ROOM)."""
    rank, taps, room = len(problem.size), TAPS_OF[problem.options.mode], problem._room
    maps, groups = len(coordinates(problem)), problem._channels[0]
    points = int(np.prod(problem.points.out_dims))
    found = np.zeros((maps, groups, points, taps**rank, room))
    x, index = problem.x.reshape(-1), np.zeros(space.ROW, np.int32)
    find, boxed = of(locate.locate, problem), set()
    copy, address = (of(f, problem, **others) for f in (window.copy_window, window.address))
    for part, n, tile in tiles(problem):
        scratch = np.full(space.END + 64, 99.0)
        find(part.dims, *part.place, n, tile, False, scratch)
        m, count = part.maps[n], tile[3] * tile[4] * tile[5]
        for g in range(groups):
            source = x, sizes.image_of(part.dims, n, g), 0, problem.fill, g
            corner = copy(part.dims, source, count, scratch)
            boxed.add(bool(corner[3]))
            for r in range(tile[3] * tile[4]):
                row, to = r * tile[6], sizes.row_at(part.dims, tile, r)
                steps = address(part.dims, source, row, tile[6], corner, scratch, index)
                for j in range(tile[5]):
                    for q in range(taps**rank):
                        at = space.WINDOW + index[j] + q % taps * room
                        at += q // taps % taps * steps[0] + q // taps // taps * steps[1]
                        found[m, g, to + j, q] = scratch[at : at + room]
    return found, boxed


@pytest.mark.parametrize(("channels", "first"), CHANNELS)
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_texels_of_every_point(rule, channels, first):
    """Brute force: those of the exact point, the fill for what is not there."""
    fill = np.arange(3.0, 3.0 + channels) * (rule[1] == ZEROS)
    for kind in ("rotated", "zoomed out", "odd grid"):
        problem = problem_of(kind, (6, 5), (1, 7), rule, channels, first)
        problem = replace(problem, fill=fill_value(fill, channels, rule[1]))
        x = problem.x if first == 1 else np.moveaxis(problem.x, 1, -1)
        x = x.reshape(2, -1, channels)
        shape = problem.options.mode == CUBIC
        for others in ({}, {"SPACE": 64}):  # in which no box has room
            found, boxed = windows(problem, **others)
            assert not others or boxed == {False}
            for n, points in enumerate(coordinates(problem)):
                for j, point in enumerate(points):
                    got = found[n, :, j]
                    for q, texel in enumerate(texels(problem, point)):
                        want = x[n, texel] if texel >= 0 else fill
                        have = got[0, q, :channels] if first == 1 else got[:, q, 0]
                        if rule[1] == 2 and shape:
                            continue  # from right to left, if mirrored
                        assert (have == want).all(), (kind, n, j, q)
                    if rule[1] == 2 and shape and texels(problem, point):
                        want = np.sort(x[n, texels(problem, point)], 0)
                        have = got[0, :, :channels] if first == 1 else got[:, :, 0].T
                        assert (np.sort(have, 0) == want).all()


def results(problem, monkeypatch, **others):
    """Everything that looks at windows."""
    numbers, call = Numbers(92), _problem.call
    d_out, t_x = numbers.uniform(problem.out_shape()), numbers.uniform(problem.x.shape)
    where = *problem.points.leading, *problem.points.out_dims, len(problem.size)
    t_points = numbers.uniform(where)
    with monkeypatch.context() as patch:
        patch.setattr(_problem, "call", lambda *a, **k: call(*a, **k, **others))
        found = [problem.sample(), *problem.jvp(t_x, t_points), problem.vjp_points(d_out)]
        return [*found, problem.vjp_points(d_out, t_x, t_points)]


@pytest.mark.parametrize(("channels", "first"), [(1, 1), (3, 1), (2, 2)])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_box_or_cells(rule, channels, first, monkeypatch):
    for kind in ("zoomed out", "odd grid"):
        problem = problem_of(kind, (6, 5), (1, 7), rule, channels, first)
        problem.x.reshape(-1)[7::13] = np.nan
        problem.x.reshape(-1)[3::17] = np.inf
        box, cells = results(problem, monkeypatch), results(problem, monkeypatch, SPACE=64)
        assert [a.tobytes() for a in box] == [a.tobytes() for a in cells]


@pytest.mark.parametrize("rule", RULES[::2], ids=str)
def test_a_box_or_cells_of_volumes(rule, monkeypatch):
    for kind, (channels, first) in zip(KINDS[1::2], CHANNELS[1:4], strict=True):
        problem = problem_of(kind, (4, 3, 5), (2, 3, 3), rule, channels, first)
        box, cells = results(problem, monkeypatch), results(problem, monkeypatch, SPACE=64)
        assert [a.tobytes() for a in box] == [a.tobytes() for a in cells]


def test_points_far_apart_have_cells():
    for kind, want in (("map", True), ("random grid", False)):
        problem = problem_of(kind, (60, 60), (1, 7), (1, 0, 1))
        assert windows(problem)[1] == {want}


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_many_channels_are_copied_by_the_same_rules(rule):
    problem, fill = problem_of("odd grid", (6, 5), (2, 5), rule, 5), np.arange(5.0)
    fill *= rule[1] == ZEROS
    more = 0, fill_value(fill, 5, rule[1]), 0
    x, scratch = problem.x.reshape(-1), np.zeros(space.END + 99)
    inside, first_at, copy = (
        of(f, problem) for f in (window.is_inside, window.first_at, window.copy_point)
    )
    seen = set()
    for part, n, tile in tiles(problem):
        of(locate.locate, problem)(part.dims, *part.place, n, tile, False, scratch)
        for j, point in enumerate(coordinates(problem)[n]):
            at, texel = j // 5 * tile[6] + j % 5, texels(problem, point)
            image = sizes.image_of(part.dims, n, 0)
            copy(part.dims, (x, image, *more), at, scratch, space.END)
            found = scratch[space.END : space.END + 5 * len(texel)].reshape(-1, 5)
            image_x = problem.x[n].reshape(-1, 5)
            want = np.array([image_x[q] if q >= 0 else fill for q in texel])
            mirrored = rule[0] == CUBIC and rule[1] == 2
            if len(texel):
                assert (np.sort(found, 0) == np.sort(want, 0)).all()
                assert mirrored or (found == want).all()
            seen.add(inside(part.dims, at, scratch))
            if inside(part.dims, at, scratch):
                assert (x[image + first_at(part.dims, at, scratch) :][:5] == found[0]).all()
    assert True in seen or rule[0] == CUBIC
