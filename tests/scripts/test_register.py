"""Registration by Gauss-Newton: what it recovers, what it is made of, and the command."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from npstn.cli._photo import load
from npstn.jit import compiler

SCRIPTS = Path(__file__).parents[2] / "scripts"
SMALL = 160  # the photograph is then 150 x 128
BOUNDS = {"affine": 0.03, "projective": 0.04, "tps": 0.12}  # pixels, at that size

pytestmark = pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: too many points")


@pytest.fixture(scope="module")
def script() -> Iterator[SimpleNamespace]:
    sys.path.insert(0, str(SCRIPTS))
    import register
    import registration

    yield SimpleNamespace(main=register.main, **vars(registration))
    sys.path.remove(str(SCRIPTS))


@pytest.fixture(scope="module")
def photo():
    return load(None, SMALL).mean(axis=2, dtype=np.float64)


def drawn(script, transform, size, seed=0):
    params = script.random_params(transform, size, np.random.default_rng(seed))
    return params, script.grid_of(transform, params, size)


@pytest.mark.parametrize("transform", BOUNDS)
def test_a_random_map_is_recovered(script, transform, tmp_path, capsys):
    picture, figures = tmp_path / "a.png", tmp_path / "a.json"
    arguments = ["--size", str(SMALL), "--out", str(picture), "--json", str(figures)]
    assert script.main(["--transform", transform, *arguments]) == 0
    data, lines = json.loads(figures.read_text()), capsys.readouterr().out.splitlines()
    levels = data["levels"]
    assert [(row["stage"], row["factor"]) for row in levels] == script.plan(transform, 4)
    assert levels[-1]["error"] < BOUNDS[transform]
    assert levels[0]["error"] > 10 * levels[-1]["error"]
    assert 0.009 < levels[-1]["rms"] < 0.015  # the noise of two pictures, blurred
    before, *errors = [float(line.split()[-1]) for line in lines[2 : 3 + len(levels)]]
    assert before > 10
    assert errors == [round(row["error"], 4) for row in levels]
    assert lines[-1].endswith(f"picture: {picture}")
    with Image.open(picture) as drawing:
        assert drawing.width == 1800
        assert len(drawing.getcolors(2**24)) > 1000


def test_the_overlay(script, monkeypatch):
    """Red and cyan differ before, and after it only where the moving picture ends."""
    figures = []
    monkeypatch.setattr(sys.modules["register"], "save", lambda figure, _: figures.append(figure))
    assert script.main(["--size", str(SMALL), "--noise", "0"]) == 0
    before, after, moving = figures[0].axes
    titles = [[text.get_text() for text in ax.texts][-2] for ax in figures[0].axes]
    assert titles[0].startswith("before, red fixed, cyan moving: 18.9 px")
    assert titles[1].startswith("after, red fixed, cyan moving: 0.0")
    assert titles[2] == "affine grid over the moving picture"
    colours = [ax.images[0].get_array() for ax in (before, after)]
    off = [abs(c[..., 0] - c[..., 1]) > 0.1 for c in colours]
    assert off[0].mean() > 0.3
    assert off[1].mean() < 0.03
    assert len(moving.collections) > len(before.collections)  # the grid


def test_the_error_is_the_distance_from_the_truth(script):
    """A shift by 3 pixels along x and 4 along y is off by 5, also where half of it is outside."""
    size, truth = (40, 30), np.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
    params = np.array([1.0, 0.0, 1.0 + 2 * 3 / 30, 0.0, 1.0, 2 * 4 / 40])
    grids = [script.grid_of("affine", p, size) for p in (params, truth)]
    assert script.distance(*grids, size) == pytest.approx(5.0, abs=1e-12)
    assert script.inside(grids[1], size, 0.5).sum() == 40 * 15
    grids[0][:, 15:] = np.nan  # the points outside do not count
    assert script.distance(*grids, size) == pytest.approx(5.0, abs=1e-12)


def test_random_maps_are_within_their_bounds(script):
    size = (300, 200)
    unit = np.array([200, 300]) / 2
    for seed in range(20):
        theta = drawn(script, "affine", size, seed)[0].reshape(2, 3)
        pixels = theta[:, :2] * unit[:, None] / unit
        scales = np.linalg.norm(pixels, axis=0)
        assert (abs(scales - 1) <= script.SCALE).all()
        assert abs(pixels[:, 0] @ pixels[:, 1]) < 1e-12
        turn = np.degrees(np.arctan2(pixels[1, 0], pixels[0, 0]))
        assert abs(turn) <= script.ROTATION
        assert (abs(theta[:, 2] * unit) <= script.SHIFT).all()
    assert len({drawn(script, "affine", size, seed)[0].tobytes() for seed in range(20)}) == 20


@pytest.mark.parametrize("transform", BOUNDS)
def test_the_gradient_is_the_jacobian_times_the_residual(script, photo, transform):
    params, _ = drawn(script, transform, photo.shape)
    fixed, moving = script.level(photo[::-1], 4), script.level(photo, 4)
    look = script.look(transform, params, fixed, moving)
    assert 0.5 < look.seen.mean() < 1
    derivatives = script.jacobian(transform, params, moving, look.seen)
    gradient = script.gradient(transform, params, moving, look.residual)
    expected = derivatives @ look.residual[look.seen]
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-12 * abs(expected).max())


def test_the_gradient_is_the_slope_of_half_the_sum_of_squares(script, photo):
    """By central differences, where no point enters or leaves."""
    params = np.array([0.8, 0.1, 0.01, -0.1, 0.8, 0.02])
    fixed, moving = script.level(photo[::-1], 4), script.level(photo, 4)
    look = script.look("affine", params, fixed, moving)
    slopes, step = [], 1e-6
    for t_params in np.eye(6):
        ends = [script.look("affine", params + s * t_params, fixed, moving) for s in (step, -step)]
        assert all((end.seen == look.seen).all() for end in ends)
        sums = [np.sum(end.residual**2) / 2 for end in ends]
        slopes.append((sums[0] - sums[1]) / (2 * step))
    gradient = script.gradient("affine", params, moving, look.residual)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-5)


@pytest.mark.parametrize("factor", [1, 2, 4])
def test_parameters_mean_the_same_at_each_level(script, photo, factor):
    """Without noise the truth stays, though sides of 150 and 127 are not multiples of 4."""
    cut = np.ascontiguousarray(photo[:, 1:])
    params, truth = drawn(script, "affine", cut.shape, seed=1)
    levels = script.level(script.warp(cut, truth), factor), script.level(cut, factor)
    assert levels[0].shape == (1, -(-150 // factor), -(-127 // factor), 1)
    found = script.fit("affine", params, *levels, factor)
    grid = script.grid_of("affine", found.params, cut.shape)
    assert script.distance(grid, truth, cut.shape) < 0.05 * factor


def test_a_stage_begins_where_the_one_before_it_ends(script):
    size, affine = (30, 40), np.array([0.9, 0.2, 0.1, -0.1, 1.1, -0.05])
    projective = script.lift("projective", affine)
    tps = script.lift("tps", projective)
    grids = [
        script.grid_of(*pair, size)
        for pair in (("affine", affine), ("projective", projective), ("tps", tps))
    ]
    np.testing.assert_array_equal(grids[0], grids[1])
    np.testing.assert_allclose(grids[2], grids[1], atol=1e-12)
    tilted = np.append(affine, [0.05, -0.05])
    bent = script.grid_of("tps", script.lift("tps", tilted), size)
    assert script.distance(bent, script.grid_of("projective", tilted, size), size) < 0.1


def test_the_plan_is_coarse_to_fine(script):
    assert script.plan("affine", 3) == [("affine", 4), ("affine", 2), ("affine", 1)]
    assert script.plan("tps", 4) == [
        *(("affine", 8), ("affine", 4), ("projective", 4)),
        *(("tps", 4), ("tps", 2), ("tps", 1)),
    ]
    assert script.plan("projective", 1) == [("affine", 1), ("projective", 1)]


def test_a_step_that_does_not_lessen_the_error_is_damped(script, photo, monkeypatch):
    """From far away whole steps lead astray; damped ones never make it worse."""
    _, truth = drawn(script, "affine", photo.shape, seed=4)
    levels = script.level(script.warp(photo, truth), 2), script.level(photo, 2)
    looked, look = [], script.look

    def noted(*arguments):
        looked.append(look(*arguments))
        return looked[-1]

    monkeypatch.setattr(sys.modules["registration"], "look", noted)
    found = script.fit("affine", script.identity("affine"), *levels, 2)
    rms = [one.rms for one in looked]
    assert (np.diff(rms) > 0).any()  # a step that was not taken
    assert found.rms == min(rms)


def test_pictures_hardly_over_each_other_are_refused(script, photo):
    moving = script.level(photo, 4)
    for shift, known in (0.0, True), (1.5, True), (1.9, False), (3.0, False):
        params = np.array([1.0, 0.0, shift, 0.0, 1.0, 0.0])
        assert np.isfinite(script.look("affine", params, moving, moving).rms) == known


def written(path, picture):
    Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255 + 0.5)).save(path)
    return str(path)


def test_own_pictures_of_different_sizes(script, photo, tmp_path, capsys):
    params, _ = drawn(script, "affine", photo.shape, seed=2)
    truth = script.grid_of("affine", params, (120, 140))
    fixed = written(tmp_path / "fixed.png", script.warp(photo, truth))
    moving = written(tmp_path / "moving.png", photo)
    out, figures = tmp_path / "a.png", tmp_path / "a.json"
    arguments = ["--fixed", fixed, "--moving", moving, "--out", str(out), "--json", str(figures)]
    assert script.main(arguments) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith(f"{fixed} and {moving}\n")
    assert "error" not in captured.out
    assert not captured.err
    last = json.loads(figures.read_text())["levels"][-1]
    assert last["error"] is None
    assert last["size"] == [120, 140]
    grid = script.grid_of("affine", np.array(last["params"]), (120, 140))
    assert script.distance(grid, truth, photo.shape) < 0.03
    with Image.open(out) as drawing:
        assert drawing.width == 1800


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fixed", "a.png"], "--fixed and --moving go together"),
        (["--moving", "a.png"], "--fixed and --moving go together"),
        (["--fixed", "a.png", "--moving", "b.png"], "cannot read a.png: No such file"),
        (["--transform", "rigid"], "invalid choice: 'rigid'"),
        (["--size", "0"], "--size is 0, expected at least 1"),
        (["--size", "12"], "the shorter side has 10 pixels, expected at least 16"),
        (["--size", "160", "--levels", "0"], "--levels is 0, expected 1 to 4 for a side of 128"),
        (["--size", "160", "--levels", "5"], "--levels is 5, expected 1 to 4 for a side of 128"),
        (["--noise", "-0.1"], "--noise is -0.1, expected a number from 0 on"),
        (["--noise", "nan"], "--noise is nan, expected a number from 0 on"),
        (["--seed", "-1"], "--seed is -1, expected an integer from 0 on"),
        (["--out", "missing/a.png"], "missing/a.png is no file in an existing folder"),
        (["--size", "40", "--out", "a.none"], "Format 'none' is not supported"),
    ],
)
def test_wrong_options(script, arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        script.main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_picture_without_anything_on_it(script, photo, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    moving = written(tmp_path / "moving.png", photo)
    fixed = written(tmp_path / "fixed.png", np.full((60, 60), 0.5))
    with pytest.raises(SystemExit) as ended:
        script.main(["--fixed", fixed, "--moving", moving])
    assert ended.value.code == 2
    assert "the fixed picture has one value everywhere" in capsys.readouterr().err
