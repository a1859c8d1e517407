"""What is free for large arrays, and arrays that are larger."""

import numpy as np
import pytest

import npstn
from npstn import _memory, transforms
from npstn.jit import heap


@pytest.fixture
def little(monkeypatch):
    """A machine with 4,096 free bytes, which every array is worth a look at."""
    monkeypatch.setattr(_memory, "_LITTLE", 0)
    monkeypatch.setattr(_memory, "free_memory", lambda: 4096)


@pytest.fixture
def nothing_is_made(monkeypatch):
    """An array of more than a MiB would be a fault: the machine might have no room for it."""

    def product(shape, *_):
        return np.prod(shape, dtype=float)

    def length(*ends):
        return len(range(*ends))

    monkeypatch.setattr(heap, "require", lambda room: None)  # which it tries for, and gives back
    for name, size in ("empty", product), ("zeros", product), ("arange", length):
        original = getattr(np, name)

        def looks(*args, original=original, size=size, **options):
            assert size(*args) < 2**20, f"{args} are too many numbers"
            return original(*args, **options)

        monkeypatch.setattr(np, name, looks)


def test_arrays(little):
    assert _memory.empty((32, 16)).shape == (32, 16)
    assert not _memory.zeros((64, 16), np.float32).any()
    for make in _memory.empty, _memory.zeros:
        with pytest.raises(MemoryError, match=r"\(33, 16\) and dtype float64 needs 4,224 bytes, "):
            make((33, 16))


def test_where_nobody_knows_all_is_tried(monkeypatch):
    monkeypatch.setattr(_memory, "_LITTLE", 0)
    monkeypatch.setattr(_memory, "free_memory", lambda: None)
    assert _memory.empty((33, 16)).shape == (33, 16)


def test_small_arrays_are_worth_no_look(monkeypatch):
    monkeypatch.setattr(_memory, "free_memory", lambda: 0)
    assert _memory.empty((33, 16)).shape == (33, 16)


def test_what_is_free(monkeypatch, tmp_path):
    free = _memory.free_memory()
    assert free is None or 2**20 < free < 2**60
    monkeypatch.setattr(_memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(_memory, "LIMITS", tmp_path)
    monkeypatch.setattr(_memory.os, "sysconf", {"SC_AVPHYS_PAGES": 7, "SC_PAGE_SIZE": 100}.get)
    assert _memory.free_memory() == 700
    monkeypatch.delattr(_memory.os, "sysconf")
    assert _memory.free_memory() is None
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:      7 kB\n")
    assert _memory.free_memory() == 7 * 1024
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("1000\n")
    assert _memory.free_memory() == 7 * 1024
    (tmp_path / "memory.max").write_text("3000\n")
    assert _memory.free_memory() == 2000


THETA, X = np.ones((1, 6)), np.ones((1, 2, 3, 1))
GRID = np.zeros((1, 2, 2, 2))
MAKERS = {
    "affine_grid": lambda dims: npstn.affine_grid(THETA, dims),
    "module": lambda dims: npstn.spatial_transformer_network(X, THETA, dims),
    "module, float32": lambda dims: npstn.spatial_transformer_network(
        X.astype(np.float32), THETA, dims
    ),
    "module, tps": lambda dims: npstn.spatial_transformer_network(
        X, transforms.tps_identity()[None], dims, transform="tps"
    ),
    "coverage": lambda size: npstn.coverage(GRID, size),
    **{
        name: lambda dims, family=family: family.grid(family.identity()[None], dims)
        for name, family in transforms.FAMILIES.items()
        if name != "affine"
    },
}


@pytest.mark.usefixtures("nothing_is_made")
@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("dims", [(2**31, 1), (1, 2**31), (2**19, 2**20)])
def test_sizes_that_cannot_be(name, dims, monkeypatch):
    """Nothing is made before it is known that there is room for all of it."""
    monkeypatch.setattr(_memory, "free_memory", lambda: 2**32)
    with pytest.raises(MemoryError, match=r"needs [0-9,]{10,} bytes, of which 4,294,967,296 are"):
        MAKERS[name](dims)


EMPTY = np.empty((0, 2**31, 2**20, 2))
FIELD = {"units": "pixel", "indexing": "xy"}


@pytest.mark.usefixtures("nothing_is_made")
@pytest.mark.parametrize(
    "make",
    [
        lambda: transforms.displacement_grid(EMPTY, **FIELD),
        lambda: transforms.displacement_grid_vjp(EMPTY, **FIELD),
        lambda: transforms.compose_displacements(EMPTY, EMPTY, **FIELD),
        lambda: transforms.invert_displacement(EMPTY, **FIELD),
        lambda: transforms.jacobian_determinant(EMPTY),
    ],
)
def test_fields_of_no_maps_that_need_a_lattice(make):
    with pytest.raises(MemoryError, match=r"needs 36,028,797,018,963,968 bytes, of which"):
        make()


@pytest.mark.usefixtures("nothing_is_made")
@pytest.mark.parametrize("name", transforms.FAMILIES)
def test_no_maps_need_nothing(name):
    family = transforms.FAMILIES[name]
    none = np.zeros((0, family.identity().size))
    assert family.vjp(EMPTY, none).shape == none.shape
    if name == "tps":
        assert transforms.tps_grid_vjp(EMPTY, none, units="pixel").shape == none.shape
    assert transforms.displacement_grid(EMPTY[:, :0], **FIELD).shape == (0, 0, 2**20, 2)


def test_an_output_of_many_channels(little):
    x = np.ones((1, 2, 2, 200))
    with pytest.raises(MemoryError, match=r"of shape \(1, 2, 2, 200\) and dtype float64 needs"):
        npstn.grid_sample(x, GRID)
