"""Two transformers in parallel: they learn from sums, and their gradient is right."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from support.slopes import slopes

from npstn.jit import compiler

SCRIPTS = Path(__file__).parents[2] / "scripts"
SHAPE, SIDE, HIDDEN = (8, 16, 1), 5, 6  # of a small network

pytestmark = pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: the same bits, after hours")


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    sys.path.insert(0, str(SCRIPTS))
    import two_digits

    yield two_digits
    sys.path.remove(str(SCRIPTS))


@pytest.fixture
def digits():
    pytest.importorskip("sklearn", reason="scikit-learn has the digits")


@pytest.mark.slow
@pytest.mark.usefixtures("digits")
def test_digits_are_learnt_from_sums(script):
    """Turned digits, five epochs: two looks have a quarter of the errors of one, or less."""
    data, errors = script.pairs(0, "R"), {}
    for looks in "two", "one":
        run = script.Run(script.Sum(looks=looks, epochs=5, rate=3e-3), data)
        list(run.epochs())
        errors[looks] = run.finish()["test"]
    assert errors["two"] < 0.2
    assert errors["two"] < errors["one"] / 4


def test_the_probability_of_a_sum(script):
    logits = np.random.default_rng(0).standard_normal((3, 2, 10))
    parts = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    sums = np.zeros((3, 19))
    for a in range(10):
        for b in range(10):
            sums[:, a + b] += parts[:, 0, a] * parts[:, 1, b]
    shifted = logits + np.array([1000.0, -1000.0])[:, None]  # which changes no probability
    found = script.Addition().forward(shifted)
    np.testing.assert_allclose(found, np.log(sums), rtol=1e-10)
    assert script.Addition().forward(logits.astype(np.float32)).dtype == np.float32


def test_the_gradient_of_a_sum(script):
    """For any cotangent: that of a loss adds up to 0, and would hide a term."""
    rng, layer = np.random.default_rng(0), script.Addition()
    logits, d_out = rng.standard_normal((3, 2, 10)), rng.standard_normal((3, 19))

    def loss():
        return np.vdot(layer.forward(logits), d_out)

    loss()
    found = slopes(loss, {"logits": logits}, {"logits": layer.backward(d_out)})
    exact, measured = found["logits"]
    assert measured == pytest.approx(exact, rel=1e-6)


def test_labels_are_sums(script):
    """Each half is an image of the part, and the label is the sum of their classes."""
    images = np.random.default_rng(0).random((10, 3, 3, 1), np.float32)
    x, y = script.beside(script.Part(images, np.arange(10)), np.random.default_rng(1))
    left, right = (
        [int((images == half).all(axis=(1, 2, 3)).argmax()) for half in part]
        for part in np.split(x, 2, axis=2)
    )
    assert left == sorted(right) == list(range(10))
    assert right != left
    assert (y == np.add(left, right)).all()


@pytest.mark.parametrize("name", ["two", "halves", "one"])
def test_the_gradient(script, name, monkeypatch):
    monkeypatch.setattr(script, "HIDDEN", HIDDEN)
    monkeypatch.setattr(script.Layer, "dtype", np.float64)
    rng = np.random.default_rng(0)
    network = script.NETWORKS[name](rng, SHAPE, SIDE, HIDDEN)
    for value in network.params.values():  # away from whole texels, where there are kinks
        value += 0.1 * rng.standard_normal(value.shape)
    x, sums = rng.random((6, *SHAPE)), np.array([3, 0, 18, 9, 10, 7])

    def loss():
        return sys.modules["learn.layers"].cross_entropy(network.forward(x), sums)

    d_x = network.backward(loss()[1])
    values, grads = {"x": x, **network.params}, {"x": d_x, **network.grads}
    for exact, measured in slopes(lambda: loss()[0], values, grads).values():
        assert exact != 0
        assert measured == pytest.approx(exact, rel=1e-5, abs=1e-8)


def test_networks_are_equally_large(script):
    images = np.zeros((1, 42, 84, 1), np.float32)
    part = script.Part(images, np.zeros(1, int))
    data = script.Data(lambda rng: part, part, part, 19)
    sizes = [script.Sum(looks=name).build(data).size for name in script.NETWORKS]
    assert max(sizes) < 1.01 * min(sizes)


@pytest.mark.usefixtures("digits")
def test_the_command(script, tmp_path, monkeypatch, capsys):
    few = script.pairs(0)
    few = few._replace(**{name: _first(getattr(few, name)) for name in ("valid", "test")})
    monkeypatch.setattr(script, "pairs", lambda seed: few._replace(train=lambda rng: few.valid))
    picture, figures = tmp_path / "a.png", tmp_path / "a.json"
    arguments = ["--epochs", "2", "--out", str(picture), "--json", str(figures)]
    assert script.main(arguments) == 0
    lines, data = capsys.readouterr().out.splitlines(), json.loads(figures.read_text())
    assert list(data["networks"]) == ["two", "halves", "one"] == [s.split()[0] for s in lines[:3]]
    for line, found in zip(lines, data["networks"].values(), strict=False):
        assert line.endswith(
            f"{found['parameters']:9,} numbers{100 * found['test']:8.2f} % wrong sums"
        )
    assert lines[-1].endswith(f"picture: {picture}")
    with Image.open(picture) as drawing:
        assert drawing.width == 1800
        assert len(drawing.getcolors(2**24)) > 1000


def _first(part):
    return type(part)(part.x[:48], part.y[:48])


@pytest.mark.parametrize("wrong", [["--epochs", "0"], ["--seed", "-1"], ["--out", "no/such/a.png"]])
def test_bad_arguments_are_refused(script, wrong, capsys):
    pytest.importorskip("sklearn", reason="scikit-learn has the digits")
    with pytest.raises(SystemExit) as caught:
        script.main(wrong)
    assert caught.value.code == 2
    assert wrong[1] in capsys.readouterr().err


@pytest.mark.parametrize("ends", [0, 3])
def test_ctrl_c_ends_it_without_a_traceback(script, ends, capsys):
    def main():
        if ends:
            return ends
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as caught:
        script.interruptible(main)
    assert caught.value.code == (ends or 130)
    assert capsys.readouterr().err == ("" if ends else "\nInterrupted.\n")
