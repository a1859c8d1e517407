"""A network with the transformer learns, goes on after an interruption, and draws what it sees."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from npstn.jit import compiler

SCRIPTS = Path(__file__).parents[2] / "scripts"

pytestmark = [
    pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: the same bits, after hours"),
]


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    pytest.importorskip("sklearn", reason="scikit-learn has the digits")
    sys.path.insert(0, str(SCRIPTS))
    import train_digits

    yield train_digits
    sys.path.remove(str(SCRIPTS))


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    """Few small images of two classes: a bright half to the left, or to the right."""
    rng = np.random.default_rng(0)
    arrays = {}
    for name, count in {"train": 96, "valid": 40, "test": 40}.items():
        y = rng.integers(0, 2, count)
        x = rng.random((count, 9, 9)) / 2
        for one, label in zip(x, y, strict=True):
            one[:, :4] += 0.5 * (label == 0)
            one[:, 5:] += 0.5 * (label == 1)
        arrays |= {f"X_{name}": x.astype(np.float32), f"y_{name}": y}
    path = tmp_path_factory.mktemp("data") / "halves.npz"
    np.savez(path, **arrays)
    return path


def recipe(script, file, **options):
    few = {"data": str(file), "epochs": 4, "batch": 16, "dims": 7}
    return script.Recipe(**{**few, **options})


@pytest.mark.slow
def test_it_learns_to_look(script, tmp_path):
    """RTS: soon less than half of the errors of the classifier alone, as large."""
    errors = {}
    for without in (False, True):
        one = script.Recipe(distortion="RTS", epochs=10, without=without)
        errors[without] = script.train(one, tmp_path / str(without))["test"]
    assert errors[False] < 0.2
    assert errors[True] > 0.4


@pytest.mark.parametrize("transform", ["affine", "attention", "projective", "tps"])
def test_a_file_of_images(script, file, tmp_path, transform):
    figures = script.train(recipe(script, file, transform=transform), tmp_path)
    assert figures["test"] < 0.1
    assert len(figures["epochs"]) == 4
    assert figures == json.loads((tmp_path / "figures.json").read_text())
    for name in "curves", "digits", "film":
        with Image.open(tmp_path / f"{name}.png") as picture:
            assert len(picture.convert("RGB").getcolors(2**24)) > 50


def test_the_best_epoch_counts(script, file, tmp_path):
    figures = script.train(recipe(script, file, without=True), tmp_path)
    errors = [one["valid"] for one in figures["epochs"]]
    assert figures["best"] == errors.index(min(errors))
    assert not (tmp_path / "digits.png").exists()


@pytest.mark.parametrize("without", [False, True])
def test_it_goes_on_with_the_same_bits(script, file, tmp_path, without, monkeypatch):
    one = recipe(script, file, without=without, dropout=0.2)
    whole = script.train(one, tmp_path / "whole")

    def interrupted(self):
        self._epoch_before()
        if len(self.history) == 2:
            raise KeyboardInterrupt
        return self.history[-1]

    with monkeypatch.context() as patch:
        patch.setattr(script.Run, "_epoch_before", script.Run._epoch, raising=False)
        patch.setattr(script.Run, "_epoch", interrupted)
        with pytest.raises(KeyboardInterrupt):
            script.train(one, tmp_path / "parts")
    assert script.train(one, tmp_path / "parts") == whole
    for name in ("whole", "parts"):
        with np.load(tmp_path / name / "checkpoint.npz") as arrays:
            found = {key: arrays[key].tobytes() for key in arrays}
        if name == "whole":
            expected = found
    assert found == expected


def test_other_options_are_refused(script, file, tmp_path):
    script.train(recipe(script, file, epochs=1), tmp_path)
    with pytest.raises(ValueError, match="other options"):
        script.train(recipe(script, file, epochs=1, seed=1), tmp_path)


def test_other_data_are_refused(script, file, tmp_path):
    """Under the same name as before."""
    with np.load(file) as arrays:
        changed = {**arrays, "X_train": arrays["X_train"][::-1]}
    path = tmp_path / "data.npz"
    path.write_bytes(file.read_bytes())
    one = recipe(script, path, epochs=1)
    script.train(one, tmp_path)
    np.savez(path, **changed)
    with pytest.raises(ValueError, match="other data"):
        script.train(one, tmp_path)


def test_a_damaged_checkpoint_is_named(script, file, tmp_path):
    one = recipe(script, file, epochs=1)
    script.train(one, tmp_path)
    checkpoint = tmp_path / "checkpoint.npz"
    for content in (b"", b"PK no", checkpoint.read_bytes()[:-500]):
        checkpoint.write_bytes(content)
        with pytest.raises(ValueError, match="cannot read"):
            script.train(one, tmp_path)


def test_a_loss_that_is_not_finite_ends_it(script, file, tmp_path):
    with pytest.raises(ValueError, match="the loss is nan; take a smaller --rate"):
        script.train(recipe(script, file, rate=1e30, without=True), tmp_path)


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_images_of_several_channels(script, file, tmp_path, channels):
    with np.load(file) as arrays:
        found = {
            name: np.stack([a] * channels, axis=3) if a.ndim == 3 else a
            for name, a in arrays.items()
        }
    np.savez(tmp_path / "data.npz", **found)
    figures = script.train(recipe(script, tmp_path / "data.npz", epochs=1), tmp_path / "out")
    assert figures["test"] < 0.5
    assert (tmp_path / "out" / "digits.png").exists()


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(SCRIPTS / "train_digits.py"), *map(str, arguments)],
        cwd=SCRIPTS.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_command(file, tmp_path):
    few = ["--data", file, "--epochs", 2, "--batch", 16, "--dims", 7, "--out", tmp_path]
    found = run(*few)
    assert found.returncode == 0, found.stderr
    assert "% of the test images are put into a wrong class" in found.stdout
    assert "2 epochs in" in found.stdout
    again = run(*few)
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines() == found.stdout.splitlines()[1:]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "none.npz"], "cannot read none.npz"),
        (["--data", "setup.cfg"], "cannot read setup.cfg"),
        (["--transform", "rotation"], "--transform"),
        (["--epochs", "0"], "--epochs is 0"),
        (["--dropout", "1"], "--dropout is 1.0"),
        (["--rate", "nan"], "--rate is nan"),
    ],
)
def test_errors(tmp_path, arguments, words):
    found = run(*arguments, "--out", tmp_path)
    assert found.returncode == 2
    assert words in found.stderr


def run_of(script, file, **options):
    one = recipe(script, file, **options)
    return script.Run(one, script.of_file(file))


def test_each_epoch_has_an_order_of_its_own(script, file):
    run, drawn = run_of(script, file, epochs=3, without=True), []
    train = run.data.train

    def spied(rng):
        drawn.append(rng.bit_generator.state["state"]["state"])
        return train(rng)

    run.data = run.data._replace(train=spied)
    assert len(list(run.epochs())) == 3
    assert len(set(drawn)) == 3


def test_the_parameters_of_the_best_epoch_come_back(script, file):
    run = run_of(script, file, epochs=2, without=True)
    list(run.epochs())
    for value in run.best.values():
        value[...] = 0
    right = run.data.test.y == 0  # without weights all classes are equal, and the first is found
    assert run.finish()["test"] == pytest.approx(1 - right.mean())
    assert not any(value.any() for value in run.network.params.values())


def test_the_quadrilateral_is_drawn_on_the_input(script, file, monkeypatch):
    run, drawn = run_of(script, file, epochs=1), {}
    list(run.epochs())
    monkeypatch.setattr(script.pictures, "gallery", lambda images, **o: drawn.update(o, i=images))
    for picture, rows in (script.pictures.sheet, 16), (script.pictures.film, 1):
        picture(run)
        assert len(drawn["i"]) == len(drawn["grids"]) == len(drawn["titles"]) == 2 * rows
        for image, grid in zip(drawn["i"], drawn["grids"], strict=True):
            assert image.shape[:2] == ((7, 7) if grid is None else (9, 9))
            assert grid is None or grid.shape == (7, 7, 2)
