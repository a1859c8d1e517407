"""Co-localisation: digits are found without being told where, and the gradient is right."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from support.slopes import slopes

from npstn.jit import compiler

SCRIPTS = Path(__file__).parents[2] / "scripts"
SIDE = 22  # of a small canvas: the map of scores is 2 x 2

pytestmark = pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: the same bits, after hours")


@pytest.fixture(scope="module")
def script() -> Iterator[SimpleNamespace]:
    sys.path.insert(0, str(SCRIPTS))
    import colocalise
    from learn import canvases, layers, networks, transformer, windows

    modules = {"canvases": canvases, "layers": layers, "networks": networks}
    yield SimpleNamespace(
        colocalise=colocalise, transformer=transformer, windows=windows, **modules
    )
    sys.path.remove(str(SCRIPTS))


@pytest.mark.slow
def test_digits_are_found(script, tmp_path, capsys):
    """Without clutter: before learning on a quarter of the canvases, after it on nearly all."""
    pytest.importorskip("sklearn", reason="scikit-learn has the digits")
    picture, figures = tmp_path / "a.png", tmp_path / "a.json"
    arguments = ["--clutter", "0", "--steps", "80", "--out", str(picture), "--json", str(figures)]
    assert script.colocalise.main(arguments) == 0
    data, lines = json.loads(figures.read_text()), capsys.readouterr().out.splitlines()
    assert list(data["found"]) == ["0", "8", "16", "24", "40", "80"]
    assert data["encoder"] < 0.2
    assert data["found"]["0"] < 0.4
    assert data["found"]["80"] > 0.85
    assert data["iou"]["80"] > 0.55
    found = [line.split()[-5] for line in lines[1:-1]]
    assert found == [f"{100 * part:.1f}" for part in data["found"].values()]
    assert lines[-1].endswith(f"picture: {picture}")
    with Image.open(picture) as drawing:
        assert drawing.width == 1800
        colours = {colour for _, colour in drawing.convert("RGB").getcolors(2**24)}
        assert (0x4C, 0xD9, 0x64) in colours  # the true boxes


def test_the_gradient_of_the_loss(script, monkeypatch):
    """Of the hinge, the encoder, the transformer and the localisation network in one."""
    monkeypatch.setattr(script.layers.Layer, "dtype", np.float64)
    monkeypatch.setattr(script.colocalise, "MARGIN", margin := 0.02)
    rng = np.random.default_rng(0)
    network = script.windows.localiser(rng, SIDE, 0.4, 0.8)
    for value in network.params.values():
        value += 0.2 * rng.standard_normal(value.shape)
    looking = script.transformer.SpatialTransformer(
        network, script.colocalise.DIMS, **script.canvases.ATTENTION
    )
    e = script.layers.Sequential(
        dense=script.networks.dense(rng, (*script.colocalise.DIMS, 1), 8, 8, 0.0),
        unit=script.windows.Unit(),
    )
    x, boxes = rng.random((6, SIDE, SIDE, 1)), script.canvases.inside(rng, 6)

    def loss():
        return script.colocalise.loss(looking, e, x, boxes)

    loss()
    grads = dict(looking.grads)
    crops, other = e.forward(looking.forward(x)), e.forward(looking.sample(x, boxes))
    active = hinges(crops, other, margin) > 0
    assert 5 < active.sum() < 25  # of 30 pairs: both sides of the hinge are there
    for exact, measured in slopes(loss, looking.params, grads).values():
        assert exact != 0
        assert measured == pytest.approx(exact, rel=1e-4, abs=1e-8)


def hinges(crops, other, margin):
    """All terms of the sum, one by one; 0 for a pair of one crop."""
    found = np.zeros((len(crops), len(crops)))
    for n, a in enumerate(crops):
        for m, b in enumerate(crops):
            if n != m:
                far = ((a - other[n]) ** 2).sum()
                found[n, m] = max(0.0, ((a - b) ** 2).sum() - far + margin)
    return found


def test_the_loss_is_the_mean_over_pairs(script):
    crops, other = np.random.default_rng(1).random((2, 5, 3))
    found, d_crops = script.windows.hinge(crops, other, 0.2)
    terms = hinges(crops, other, 0.2)
    assert 0 < np.count_nonzero(terms) < 20
    assert found == pytest.approx(terms.sum() / 20, rel=1e-12)
    assert d_crops.shape == crops.shape
    same = np.ones((4, 3))
    assert script.windows.hinge(same, same, 0.7)[0] == pytest.approx(0.7)  # it collapsed
    assert script.windows.hinge(same, same - 9, 0.7)[0] == 0


def test_a_window_starts_in_the_middle_and_reaches_the_edges(script):
    network = script.windows.localiser(np.random.default_rng(0), SIDE, 0.4, 0.8)
    x = np.random.default_rng(1).random((2, SIDE, SIDE, 1), np.float32)
    np.testing.assert_allclose(network.forward(x), [[0.6, 0, 0]] * 2, atol=1e-6)
    scores = np.full((1, 3, 4, 2), -99, np.float32)
    scores[0, 0, 3, 0] = 99  # the cell at the top, to the right
    box = script.windows.Window(0.4, 0.8).forward(scores)[0]
    np.testing.assert_allclose(box, [0.4, 0.6, -0.6], atol=1e-6)


def test_a_digit_is_where_its_box_is(script):
    boxes = np.array([[0.25, 0.5, -0.25], [0.5, 0.0, 0.0]])
    x = script.canvases.place(np.ones((2, 8, 8, 1), np.float32), boxes)[..., 0]
    centres = (2 * np.arange(script.canvases.SIDE) + 1) / script.canvases.SIDE - 1
    for image, (half, across, down) in zip(x, boxes, strict=True):
        within = (abs(centres - across) < 0.8 * half) & (abs(centres - down) < 0.8 * half)[:, None]
        beyond = (abs(centres - across) > 1.4 * half) | (abs(centres - down) > 1.4 * half)[:, None]
        assert image[within].min() > 0.9
        assert not image[beyond].any()
    back = script.canvases.crop(x[..., None], boxes, (8, 8))
    assert back[:, 1:-1, 1:-1].min() > 0.9


def test_canvases(script):
    """One digit in each box, of the right part; pieces of others elsewhere, also at the edges."""
    rng, make = np.random.default_rng(0), script.canvases.canvases
    part = script.canvases.Part(np.ones((4, 8, 8, 1), np.float32), np.arange(4))
    (x, y), boxes = make(part, rng, 50, 0, part.x)
    assert set(y) == set(range(4))
    half, middle = boxes[:, :1], boxes[:, 1:]
    assert (abs(middle) + half <= 1).all()
    sizes = 42 * half
    assert 18 <= sizes.min() < 18.5 < 21.5 < sizes.max() <= 22
    np.testing.assert_allclose(x.sum(axis=(1, 2, 3)), sizes[:, 0] ** 2, rtol=0.1)
    cluttered = make(part, rng, 50, 8, part.x)[0].x
    assert cluttered.max() <= 1
    assert cluttered.sum() > 1.3 * x.sum()
    edges = [cluttered[:, 0], cluttered[:, -1], cluttered[:, :, 0], cluttered[:, :, -1]]
    assert all(edge.any() for edge in edges)


def test_overlap(script):
    """Boxes that are the same, apart, half over each other, one in the other."""
    a = np.array([[0.5, 0.0, 0.0]] * 4)
    b = np.array([[0.5, 0.0, 0.0], [0.25, 0.9, 0.0], [0.5, 0.5, 0.0], [0.25, 0.1, -0.2]])
    np.testing.assert_allclose(script.canvases.overlap(a, b), [1, 0, 1 / 3, 1 / 4], atol=1e-15)
    np.testing.assert_allclose(script.canvases.overlap(b, a), [1, 0, 1 / 3, 1 / 4], atol=1e-15)


def test_parts_are_those_of_the_other_scripts(script):
    pytest.importorskip("sklearn", reason="scikit-learn has the digits")
    parts = script.colocalise.undistorted(np.random.default_rng([3, 0]))
    assert [len(part.y) for part in parts] == [1078, 359, 360]
    theirs = sys.modules["learn.digits"].bundled("R", 3)
    assert (theirs.test.y == np.repeat(parts[2].y, 10)).all()
    assert (theirs.valid.y == np.repeat(parts[1].y, 10)).all()


@pytest.mark.parametrize("wrong", [["--steps", "-1"], ["--seed", "-1"], ["--clutter", "x"]])
def test_bad_arguments_are_refused(script, wrong, capsys):
    with pytest.raises(SystemExit) as caught:
        script.colocalise.main(wrong)
    assert caught.value.code == 2
    assert wrong[0] in capsys.readouterr().err.splitlines()[-1]
