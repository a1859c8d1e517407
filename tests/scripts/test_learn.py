"""Networks in NumPy: their derivatives, their optimiser, the digits they learn from."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from support.slopes import slopes

SCRIPTS = Path(__file__).parents[2] / "scripts"
SHAPE, DIMS, CLASSES = (20, 18, 2), (16, 17), 5


@pytest.fixture(scope="module")
def learn() -> Iterator[SimpleNamespace]:
    sys.path.insert(0, str(SCRIPTS))
    from learn import digits, layers, networks, optimiser

    yield SimpleNamespace(digits=digits, layers=layers, networks=networks, optimiser=optimiser)
    sys.path.remove(str(SCRIPTS))


def test_pool(learn):
    """The first of equal texels gets the cotangent; a row and a column are left over."""
    x = np.array([[1, 2, 2, 2, 9], [2, 0, 2, 2, 9], [8, 8, 8, 8, 8]], np.float32)
    pool = learn.layers.MaxPool()
    assert pool.forward(x.reshape(1, 3, 5, 1)).ravel().tolist() == [2, 2]
    d_x = pool.backward(np.float32([5, 7]).reshape(1, 1, 2, 1)).reshape(3, 5)
    assert d_x.tolist() == [[0, 5, 7, 0, 0], [0] * 5, [0] * 5]


def test_images_too_small_to_convolve(learn):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="15 x 30 are too small"):
        learn.networks.transforming(rng, (15, 30, 1), (16, 16), 10, looking="cnn")


@pytest.mark.parametrize("kind", ["fcn", "cnn"])
@pytest.mark.parametrize("transform", ["affine", "attention", "projective", "tps"])
def test_gradient_of_the_whole_network(learn, kind, transform, monkeypatch):
    monkeypatch.setattr(learn.layers.Layer, "dtype", np.float64)
    rng = np.random.default_rng(1)
    network = learn.networks.transforming(
        rng, SHAPE, DIMS, CLASSES, kind=kind, looking=kind, transform=transform, drop=0.3
    )
    for p in network.params.values():  # away from the identity, where texels are kinks
        p += 0.02 * rng.standard_normal(p.shape)
    x, labels = rng.random((6, *SHAPE)), rng.integers(0, CLASSES, 6)

    def loss():
        return learn.layers.cross_entropy(network.forward(x, np.random.default_rng(7)), labels)

    d_x = network.backward(loss()[1])  # by way of the texels, and of theta
    values, grads = {"x": x, **network.params}, {"x": d_x, **network.grads}
    for exact, measured in slopes(lambda: loss()[0], values, grads, step=1e-8).values():
        assert exact != 0
        assert measured == pytest.approx(exact, rel=1e-5, abs=1e-7)


def test_it_starts_as_the_identity(learn):
    rng = np.random.default_rng(3)
    network = learn.networks.transforming(rng, SHAPE, SHAPE[:2], CLASSES)
    x = rng.random((2, *SHAPE), np.float32)
    assert (network.layers["transformer"].forward(x) == x).all()


def test_dropout_only_while_training(learn):
    layer, x = learn.layers.Dropout(0.25), np.ones((100, 100), np.float32)
    assert (layer.forward(x) == x).all()
    dropped = layer.forward(x, np.random.default_rng(0))
    assert set(np.unique(dropped)) == {0, np.float32(1) / np.float32(0.75)}
    assert (dropped == 0).mean() == pytest.approx(0.25, abs=0.02)
    assert (layer.backward(x) == dropped).all()


@pytest.mark.parametrize("kind", ["fcn", "cnn"])
def test_the_classifier_alone_is_as_large(learn, kind):
    rng = np.random.default_rng(4)
    shape = (28, 28, 1)
    with_it = learn.networks.transforming(rng, shape, (28, 28), 10, kind=kind)
    plain = learn.networks.plain(rng, shape, 10, with_it.size, kind=kind)
    assert plain.size == pytest.approx(with_it.size, rel=0.01)
    assert with_it.size == sum(p.size for p in with_it.params.values())


def test_nearest(learn):
    assert learn.networks.nearest(lambda n: n**2, 26) == 5
    assert learn.networks.nearest(lambda n: n**2, 35) == 6
    assert learn.networks.nearest(lambda n: n**2, 0) == 1


def test_adam(learn):
    """Two steps by the formulas of the paper; a group whose cotangents are too long is cut."""
    params = {"a.x": np.array([1.0, 2.0], np.float32), "b.x": np.array([3.0], np.float32)}
    before = {name: p.astype(float) for name, p in params.items()}
    adam = learn.optimiser.Adam(params, {"a": 0.1, "b": 0.01}, limit=5.0)
    grads = [
        {"a.x": np.float32([3, -4]), "b.x": np.float32([0.5])},
        {"a.x": np.float32([30, 40]), "b.x": np.float32([0.25])},
    ]
    cut = [grads[0], {"a.x": np.array([3.0, 4.0]), "b.x": grads[1]["b.x"]}]
    for one in grads:
        adam.step(one, factor=0.5)
    for name, rate in {"a.x": 0.05, "b.x": 0.005}.items():
        m = v = 0.0
        expected = before[name]
        for t, grad in enumerate(cut, 1):
            m, v = 0.9 * m + 0.1 * grad[name], 0.999 * v + 0.001 * grad[name] ** 2
            step = (m / (1 - 0.9**t)) / np.sqrt(v / (1 - 0.999**t))
            expected = expected - rate * step
        np.testing.assert_allclose(params[name], expected, rtol=1e-5)


def middle_of(image):
    """Where the ink of an image is: (x, y) in pixels from the middle."""
    y, x = (c - (n - 1) / 2 for c, n in zip(np.indices(image.shape), image.shape, strict=True))
    return np.array([(x * image).sum(), (y * image).sum()]) / image.sum()


def test_similar_maps(learn):
    """A turn of 90 degrees, a scale and a shift move the ink where they should."""
    image = np.zeros((1, 8, 8, 1), np.float32)
    image[0, 2:4, 5:7] = 1  # to the right of the middle, and above
    scale = 41 / (20 - 20 / 8)
    from npstn import spatial_transformer_network as transformer

    def placed(degrees, size, shift):
        theta = learn.digits._similar(
            np.array([degrees]), np.array([scale / size]), np.array([shift])
        )
        out = transformer(image, theta.astype(np.float32), (42, 42))[0, ..., 0]
        return middle_of(out), out.sum()

    middle, ink = placed(0.0, 1.0, (0.0, 0.0))
    np.testing.assert_allclose(middle, np.array([2.0, -1.0]) * 20 / 8, atol=0.1)
    turned, _ = placed(90.0, 1.0, (0.0, 0.0))
    np.testing.assert_allclose(abs(turned), abs(middle[::-1]), atol=0.1)
    shifted, larger = placed(0.0, 1.2, (0.2, -0.1))
    np.testing.assert_allclose(shifted, 1.2 * middle + np.array([4.1, -2.05]), atol=0.1)
    assert larger == pytest.approx(1.2**2 * ink, rel=0.01)


@pytest.mark.parametrize("distortion", ["R", "RTS", "P", "E"])
def test_distortions_keep_the_digit_on_the_canvas(learn, distortion):
    image = np.zeros((200, 8, 8, 1), np.float32)
    image[:, 2:6, 3:5] = 1
    rng = np.random.default_rng(5)
    found = learn.digits.distort(image, distortion, rng)
    side = learn.digits.DISTORTIONS[distortion][0]
    assert found.shape == (200, side, side, 1)
    ink = found.sum(axis=(1, 2, 3)) / 8 / (20 / 8) ** 2  # of that of the digit
    assert 0.2 < ink.min() < 1.001 < ink.max() + 0.002 < 2.5
    assert len(np.unique(found, axis=0)) == 200
    spread = np.std([middle_of(one[..., 0]) for one in found], axis=0)
    assert (spread > 4).all() == (distortion == "RTS")  # pixels; the others stay in the middle


def test_bundled_digits(learn):
    pytest.importorskip("sklearn", reason="scikit-learn has the digits")
    data = learn.digits.bundled("R", 0)
    first, again = (data.train(np.random.default_rng(6)) for _ in range(2))
    other = data.train(np.random.default_rng(7))
    assert (first.x == again.x).all()
    assert not (first.x == other.x).all()
    assert (first.y == other.y).all()
    sizes = [len(part.x) for part in (first, data.valid, data.test)]
    assert sum(sizes) == 10 * 1797
    assert sizes == pytest.approx([10782, 3594, 3594], abs=10)
    assert data.classes == 10


def file_of(tmp_path, **changes):
    rng = np.random.default_rng(0)
    arrays = {}
    for name, count in {"train": 8, "valid": 4, "test": 4}.items():
        arrays[f"X_{name}"] = rng.integers(0, 256, (count, 36), dtype=np.uint8)
        arrays[f"y_{name}"] = np.eye(3)[np.arange(count) % 3]
    arrays["y_test"] = np.array([0, 1, 2, 1])
    arrays |= changes
    np.savez(tmp_path / "data.npz", **{k: v for k, v in arrays.items() if v is not None})
    return arrays, tmp_path / "data.npz"


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float64])
def test_a_file(learn, tmp_path, dtype):
    arrays, _ = file_of(tmp_path)
    images = {name: x.astype(dtype) for name, x in arrays.items() if name.startswith("X")}
    _, path = file_of(tmp_path, **images)
    data = learn.digits.of_file(path)
    train = data.train(np.random.default_rng(0))
    assert train.x.shape == (8, 6, 6, 1)
    assert train.x.dtype == np.float32
    np.testing.assert_allclose(train.x.reshape(8, 36), arrays["X_train"] / 255, rtol=1e-6)
    assert train.y.tolist() == arrays["y_train"].argmax(axis=1).tolist()
    assert data.test.y.tolist() == [0, 1, 2, 1]
    assert data.classes == 3


def test_numbers_up_to_1_stay(learn, tmp_path):
    arrays, _ = file_of(tmp_path)
    images = {name: x / 255 for name, x in arrays.items() if name.startswith("X")}
    data = learn.digits.of_file(file_of(tmp_path, **images)[1])
    np.testing.assert_allclose(data.valid.x.ravel(), images["X_valid"].ravel(), rtol=1e-6)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"X_test": None}, "X_test"),
        ({"X_test": np.zeros((4, 35))}, "X_test .* shape \\(4, 35\\)"),
        ({"X_test": np.zeros((4, 7, 7))}, "several sizes"),
        ({"X_valid": np.full((4, 36), np.nan)}, "X_valid .* not finite"),
        ({"X_valid": np.full((4, 36), 256.0)}, "X_valid .* above 255"),
        ({"X_valid": np.zeros((4, 36), complex)}, "X_valid .* complex"),
        ({"X_valid": np.zeros((4, 36), object)}, "cannot read"),
        ({"y_valid": np.array([0, 1])}, "y_valid .* expected 4 integers"),
        ({"y_valid": np.array([0, 1, 2, 0.5])}, "y_valid .* integers"),
        ({"y_valid": np.array([[0, 1], [1, 1], [1, 0], [1, 0]])}, "y_valid .* rows of 2"),
        ({"y_valid": np.array([0, 1, 2, 3])}, "y_valid .* all of them in y_train"),
        ({"y_train": np.ones(8)}, "1 classes"),
        ({"X_train": np.zeros(36)}, "X_train"),
    ],
)
def test_a_file_that_will_not_do(learn, tmp_path, changes, words):
    with pytest.raises(ValueError, match=words):
        learn.digits.of_file(file_of(tmp_path, **changes)[1])


@pytest.mark.parametrize("content", [None, b"", b"no numbers", b"PK\x03\x04 cut"])
def test_no_such_file(learn, tmp_path, content):
    path = tmp_path / "none.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match="cannot read"):
        learn.digits.of_file(path)


def test_ranges_of_the_distortions(learn):
    """R and RTS as in the paper: angles, scales, and all of the digit on the canvas."""
    for name, widest, sizes in ("R", 90, (1, 1)), ("RTS", 45, (0.7, 1.2)):
        side, _, maps = learn.digits.DISTORTIONS[name]
        scale = (side - 1) / (20 - 20 / 8)
        theta = maps(np.random.default_rng(0), 10**4, side, scale).reshape(-1, 2, 3)
        angles = np.rad2deg(np.arctan2(theta[:, 1, 0], theta[:, 0, 0]))
        assert [angles.min(), angles.max()] == pytest.approx([-widest, widest], abs=0.1)
        found = scale / np.hypot(theta[:, 0, 0], theta[:, 1, 0])
        assert [found.min(), found.max()] == pytest.approx(sizes, abs=1e-3)
        centre = -np.linalg.solve(theta[:, :, :2], theta[:, :, 2:])[..., 0] * (side - 1) / 2
        room = (side - 20 * found) / 2
        assert (abs(centre) <= room[:, None] + 1e-9).all()
        assert (abs(centre).max() > 13) == (name == "RTS")
