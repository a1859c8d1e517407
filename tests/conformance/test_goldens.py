"""Golden vectors: they are what npstn and others compute, and a change in them is found."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support import ROOT
from support.options import MODES, PADDINGS, RANKS

from npstn._selftest import results
from npstn.conformance import goldens
from npstn.conformance._goldens import large, store
from npstn.conformance._numbers import Numbers
from npstn.conformance.goldens import Formula
from npstn.contract import FLOOR
from npstn.spec import SPEC

SHIPPED = goldens.shipped()
READER = ROOT / "tests" / "data" / "golden_reader.c"
FILES = (*goldens.FORMATS, "packed")


def only(monkeypatch, *words, tier="lattice"):
    """Leave of a tier only the cases that have all words in their id."""
    chosen = [
        r
        for source in store.SOURCES[tier]
        for r in source.recipes(True)
        if set(words) <= set(r.id.split("-"))
    ]
    assert chosen
    sources = dict.fromkeys(store.SOURCES, ()) | {tier: (Recipes(chosen),)}
    monkeypatch.setattr(store, "SOURCES", sources)


class Recipes:
    def __init__(self, chosen):
        self.chosen = chosen

    def recipes(self, small):
        return iter(self.chosen)


def find(*words):
    """The first that is shipped with all words in its id."""
    return next(g for g in SHIPPED if set(words) <= set(g.id.split("-")))


def portions():
    """One at a time, to judge mutants by; all cubic volumes of a kind at once, which take long."""
    slow = {}
    for golden in SHIPPED:
        options = golden.options
        if (options.get("layout"), options.get("mode")) == ("NDHWC", "bicubic"):
            slow.setdefault(f"{golden.tier}-{golden.op}-3d-bicubic", []).append(golden)
        else:
            yield pytest.param([golden], marks=pytest.mark.truth, id=golden.id)
    for name, some in slow.items():
        yield pytest.param(some, marks=pytest.mark.slow, id=name)


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("some", list(portions()))
def test_npstn_computes_what_is_shipped(some):
    for golden in some:
        found = results(golden)
        assert max(golden.check(found).values()) <= 1, golden.id
        for name, a in found.items():
            assert a.dtype.name == golden.results[name].dtype, (golden.id, name)


def test_pytorch_computes_the_lattice():
    torch = pytest.importorskip("torch", reason="the lattice is compared with PyTorch")
    torch.set_num_threads(1)
    count = 0
    for golden in SHIPPED:
        options, x = golden.options, golden.arrays.get("x")
        known = golden.tier == "lattice" and golden.op == "grid_sample"
        known &= options.get("padding_mode") != "wrap" and "coordinates" not in options
        known &= not {"fill_value", "cubic_coefficient"} & set(options)
        known &= options.get("layout") != "NCHW"
        if not known or (x.ndim == 5 and options["mode"] == "bicubic"):
            continue
        x, grid, d_out = (torch.tensor(golden.arrays[n]) for n in ("x", "grid", "d_out"))
        x, grid = x.movedim(-1, 1).requires_grad_(), grid.requires_grad_()
        words = {k: options[k] for k in ("mode", "padding_mode", "align_corners")}
        out = torch.nn.functional.grid_sample(x, grid, **words)
        d_x, d_grid = torch.autograd.grad(out, (x, grid), d_out.movedim(-1, 1))
        found = {"out": out.detach().movedim(1, -1), "d_x": d_x.movedim(1, -1), "d_grid": d_grid}
        found = {k: v.numpy() for k, v in found.items() if k in golden.results}
        assert set(golden.check(found).values()) == {0.0}, golden.id
        count += 1
    assert count > 40


def test_every_option_and_clause_is_there():
    def there(*words):
        return any(set(words) <= set(g.id.split("-")) for g in SHIPPED)

    for mode in MODES:
        for padding in PADDINGS:
            for rank in RANKS:
                for unit in ("aligned", "unaligned"):
                    module = "spatial_transformer_network"
                    assert there("lattice", "grid_sample", f"{rank}d", mode, padding, unit)
                    assert there("lattice", module, f"{rank}d", mode, padding, unit)
                assert there("hard", "wild", f"{rank}d", mode, padding)
            assert there("lattice", "2d", mode, padding, "pixel")
    for word in ("tiles", "wide", "high", "channels", "layout"):
        assert there(word, "2d")
    for word in ("fill_value", "cubic_coefficient", "empty", "single", "several", "leak", "huge"):
        assert there(word)
    assert {g.arrays["theta" if "theta" in g.arrays else "x"].dtype.name for g in SHIPPED} == {
        "float32",
        "float64",
    }
    clauses = {clause for g in SHIPPED for clause in g.clauses}
    assert clauses <= set(SPEC)
    assert {f"R{n}" for n in (*range(1, 36), 37, 38)} <= clauses
    assert len({g.id for g in SHIPPED}) == len(SHIPPED)


def test_the_lattice_is_exact_in_few_bits():
    digits = {"float32": 24, "float64": 53}
    for golden in SHIPPED:
        for answer in golden.results.values():
            assert (answer.kind == "lattice") == (golden.tier == "lattice")
            if answer.kind == "lattice":
                assert answer.value.dtype == np.int64
                x = golden.arrays["theta" if golden.op == "affine_grid" else "x"]
                assert answer.bits <= digits[x.dtype.name]
                whole = int(abs(answer.value).max(initial=0))
                assert whole.bit_length() <= answer.bits
        if golden.tier == "lattice":
            assert max(answer.bits for answer in golden.results.values()) > 0, golden.id


def test_kinks_have_both_sides():
    wide = 0
    for golden in SHIPPED:
        for name, answer in golden.results.items():
            if answer.low is None:
                continue
            assert (answer.low <= answer.value).all()
            assert (answer.value <= answer.high).all()
            wide += (answer.low < answer.high).sum()
            dtype = np.float64
            for side in (answer.low, answer.high, (answer.low + answer.high) / 2):
                assert golden.check({name: side.astype(dtype)})[name] <= 1
            at = np.argmax(answer.high - answer.low)
            for side, way in ((answer.low, -1e-6), (answer.high, 1e-6)):
                beyond = side.copy()
                beyond.flat[at] += way * max(1.0, abs(beyond.flat[at]))
                assert golden.check({name: beyond})[name] > 1
    assert wide > 200


def test_kinks_are_those_of_the_formula():
    """Slopes along x to the left and right of a texel are differences of texels."""
    golden = find("kinks", "bilinear", "zeros", "2d")
    x, grid, d_out = (golden.arrays[name] for name in ("x", "grid", "d_out"))
    answer, size = golden.results["d_grid"], np.array(x.shape[2:0:-1])
    align, pixel = golden.options["align_corners"], "coordinates" in golden.options
    rate = np.ones(2) if pixel else (size - align) / 2
    columns, rows = np.moveaxis(grid if pixel else grid * rate + (size - 1) / 2, -1, 0).astype(int)
    bordered = np.pad(x, ((0, 0), (20, 20), (20, 20), (0, 0)))
    for b, i, j in np.ndindex(rows.shape):
        m, n = rows[b, i, j] + 20, columns[b, i, j] + 20
        slopes = rate[0] * np.diff(bordered[b, m, n - 1 : n + 2, 0]) * d_out[b, i, j, 0]
        assert answer.low[b, i, j, 0] == slopes.min()
        assert answer.high[b, i, j, 0] == slopes.max()
        assert answer.value[b, i, j, 0] == slopes[1]


@pytest.mark.parametrize("tier", goldens.TIERS)
def test_a_planted_fault_in_a_result_is_found(tier):
    for golden in [g for g in SHIPPED if g.tier == tier][::9]:
        for name, answer in golden.results.items():
            finite = np.flatnonzero(np.isfinite(answer.answer))
            good = answer.answer
            assert golden.check({name: good})[name] == 0
            if finite.size == 0:
                continue
            at = finite[-1]
            bad = good.copy()
            tolerance = 0.0
            if answer.magnitude is not None:
                terms = answer.terms.flat[at] + answer.constant
                tolerance = 2.0**-53 * (terms * answer.magnitude.flat[at] + answer.slack)
                tolerance += answer.high.flat[at] - good.flat[at] if answer.high is not None else 0
            bad.flat[at] += 1.5 * tolerance + 2 * max(np.spacing(abs(bad.flat[at])), FLOOR)
            assert golden.check({name: bad})[name] > 1, (golden.id, name)
            bad.flat[at] = np.nan
            assert golden.check({name: bad})[name] == np.inf


def test_the_largest_number_is_no_answer_to_all():
    """Its unit in the last place is Inf, to NumPy."""
    for golden in SHIPPED[::5]:
        for name, answer in golden.results.items():
            if (abs(answer.answer) < 1e30).any():
                bad = np.full(answer.answer.shape, np.finfo(np.float32).max, np.float32)
                assert golden.check({name: bad})[name] > 1, (golden.id, name)


def test_nan_is_expected_where_it_is_right():
    golden = find("wild", "reflection")
    out = golden.results["out"].answer
    assert np.isnan(out).any()
    assert golden.check({"out": out}) == {"out": 0.0}
    assert golden.check({"out": np.nan_to_num(out)}) == {"out": np.inf}
    assert not any(np.isnan(g.results["d_x"].answer).any() for g in SHIPPED if "d_x" in g.results)


def test_results_that_do_not_fit():
    golden = find("points", "bilinear", "2d")
    with pytest.raises(ValueError, match="results has 'd_theta', expected some of out, d_x"):
        golden.check({"d_theta": np.zeros(1)})
    with pytest.raises(ValueError, match=r"out has shape \(1,\), expected \(2, 2, 3, 2\)"):
        golden.check({"out": np.zeros(1)})


def test_an_error_is_counted_in_the_precision():
    golden = find("random", "bilinear", "float64", "2d")
    name = next(iter(golden.results))
    bad = golden.results[name].answer * (1 + 2.0**-30)
    single, double = (golden.check({name: bad}, v)[name] for v in (2.0**-24, 2.0**-53))
    assert single < 1 < double
    assert double == pytest.approx(single * 2.0**29, rel=1e-3)


@pytest.mark.slow
def test_the_same_cases_are_the_same_bytes(tmp_path):
    goldens.write(tmp_path / "a", small=True, formats=("packed",))
    path = ROOT / "npstn" / "conformance" / "data" / "goldens.zip"
    assert path.stat().st_size < 2**20
    assert store.contents(tmp_path / "a") == store.unzipped(path), "run scripts/goldens.py"


def test_a_small_set_is_a_part_of_all():
    small, everything = (
        {r.id for sources in store.SOURCES.values() for s in sources for r in s.recipes(which)}
        for which in (True, False)
    )
    assert small < everything
    assert small == {g.id for g in SHIPPED}


def test_every_format_has_the_same(tmp_path, monkeypatch):
    only(monkeypatch, "reflection", "2d", "nearest", tier="hard")
    goldens.write(tmp_path / "all", formats=FILES)
    goldens.write(tmp_path / "again", formats=FILES)
    listed = sorted(p.relative_to(tmp_path / "all") for p in (tmp_path / "all").rglob("*.*"))
    for name in listed:
        first, second = ((tmp_path / where / name).read_bytes() for where in ("all", "again"))
        assert first == second, name
    want = [g for g in SHIPPED if g.id in {f.id for f in goldens.read(tmp_path / "all")}]
    for form in FILES:
        kept = tmp_path / form
        shutil.copytree(tmp_path / "all", kept)
        for other in FILES:
            place = kept / store.PLACES[other]
            if other != form:
                shutil.rmtree(place) if place.is_dir() else place.unlink()
        found = goldens.read(kept)
        assert [g.id for g in found] == [g.id for g in want]
        for g, w in zip(found, want, strict=True):
            assert replace(g, arrays={}, results={}) == replace(w, arrays={}, results={})
            for name, a in w.arrays.items():
                assert g.arrays[name].tobytes() == a.tobytes()
                assert g.arrays[name].dtype == a.dtype
            for name, answer in w.results.items():
                assert g.results[name].value.tobytes() == answer.value.tobytes()
                assert g.results[name].magnitude.tobytes() == answer.magnitude.tobytes()


@pytest.mark.parametrize("form", FILES)
def test_a_planted_change_in_a_file_is_found(form, tmp_path, monkeypatch):
    only(monkeypatch, "texels", "2d", "bilinear", "border")
    goldens.write(tmp_path / "a", formats=(form,))
    place = tmp_path / "a" / store.PLACES[form]
    path = place if place.is_file() else next(p for p in place.rglob("*") if p.is_file())
    if form == "npz":
        with np.load(path) as file:
            arrays = dict(file)
        next(iter(arrays.values())).flat[0] += 1
        np.savez(path, **arrays)
    elif form == "json":
        path.write_bytes(path.read_bytes().replace(b'"0x1', b'"-0x1', 1))
    else:
        content = path.read_bytes()
        path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    with pytest.raises(ValueError, match="has another SHA-256 than the manifest says"):
        goldens.read(tmp_path / "a")
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    with pytest.raises(FileNotFoundError, match=f"has none of {form}"):
        goldens.read(tmp_path / "a")


def test_a_manifest_of_another_format(tmp_path):
    (tmp_path / "manifest.json").write_text('{"format": 2}')
    with pytest.raises(ValueError, match="has format 2, expected 1"):
        goldens.read(tmp_path)


def test_fractions_in_json_are_the_answers(tmp_path, monkeypatch):
    only(monkeypatch, "wild", "2d", "bilinear", "zeros", tier="hard")
    goldens.write(tmp_path / "a", formats=("json",))
    (path,) = (tmp_path / "a" / "json").iterdir()
    found = json.loads(path.read_text("utf-8"))
    (golden,) = goldens.read(tmp_path / "a")
    for name, texts in found["exact"].items():
        values = [float("nan") if t == "nan" else float(Fraction(t)) for t in texts]
        assert np.array_equal(values, golden.results[name].value.ravel(), equal_nan=True)
    assert "nan" in found["exact"]["out"]
    assert "inf" in found["numbers"]["grid"]


def test_a_program_in_c_agrees(tmp_path, monkeypatch):
    compiler = shutil.which("cc")
    if compiler is None or sys.byteorder == "big":
        pytest.skip("a compiler of C, and numbers that are little endian, are needed")
    only(monkeypatch, "2d", "bilinear", "zeros", "aligned", "float32", "grid_sample")
    goldens.write(tmp_path / "a", formats=("bin",))
    program, words = tmp_path / "reader", ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O1"]
    subprocess.run([compiler, *words, "-o", program, READER, "-lm"], check=True)

    def run(name):
        done = subprocess.run([program, tmp_path / "a", name], capture_output=True, text=True)
        return done.returncode, done.stdout

    names = [g.id for g in goldens.read(tmp_path / "a") if "fill_value" not in g.options]
    assert len(names) == 2
    for name in names:
        assert run(name) == (0, "0 of 24 wrong\n")
    path = tmp_path / "a" / "bin" / names[0] / "out.bin"
    changed = np.fromfile(path, "<i8")
    changed[5] += 1
    changed.tofile(path)
    assert run(names[0]) == (1, "1 of 24 wrong\n")


def test_an_interrupt_leaves_nothing(tmp_path, monkeypatch):
    only(monkeypatch, "texels", "2d", "nearest")

    def interrupt(done, total, name):
        assert total > 2
        if done == 2:
            raise KeyboardInterrupt

    for folder, before in ((tmp_path / "new", []), (tmp_path / "old", ["mine"])):
        if before:
            folder.mkdir()
            (folder / "mine").touch()
        with pytest.raises(KeyboardInterrupt):
            goldens.write(folder, force=True, progress=interrupt)
        assert folder.exists() == bool(before)
        assert [p.name for p in folder.glob("*")] == before
    assert [p.name for p in tmp_path.iterdir()] == ["old"]


def test_a_folder_that_is_not_empty(tmp_path, monkeypatch):
    only(monkeypatch, "texels", "2d", "nearest", "zeros")
    written = goldens.write(tmp_path, formats=("bin", "npz"))
    assert written.cases == {("lattice", "grid_sample"): 2}
    assert written.nbytes == sum(p.stat().st_size for p in tmp_path.rglob("*") if p.is_file())
    (tmp_path / "mine").touch()
    with pytest.raises(FileExistsError, match="exists, and is not an empty folder"):
        goldens.write(tmp_path, formats=("json",))
    with pytest.raises(FileExistsError):
        goldens.write(tmp_path / "mine")
    with pytest.raises(FileNotFoundError, match="is in no existing folder"):
        goldens.write(tmp_path / "no" / "a")
    assert not (tmp_path / "no").exists()
    assert (tmp_path / "bin").exists()
    goldens.write(tmp_path, formats=("json",), force=True)
    names = {"README.txt", "json", "manifest.json", "mine"}
    assert {p.name for p in tmp_path.iterdir()} == names
    assert (tmp_path / "README.txt").read_text("utf-8") == goldens.__doc__


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"tiers": ("easy",)}, "tiers has 'easy', expected some of lattice, hard, random"),
        ({"formats": "xml"}, "formats has 'xml', expected some of npz, json, bin, packed"),
    ],
)
def test_bad_arguments(wrong, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        goldens.write(tmp_path / "a", **wrong)


def test_a_formula_is_the_generator():
    formula = Formula((3, 5), "float32", 77, -3, 4, 2)
    want = Numbers(77).integers((3, 5), -3, 4) / 2
    assert np.array_equal(formula.make(), want)
    assert formula.make().dtype == np.float32
    assert (formula.size, formula.nbytes) == (15, 60)
    assert formula.at(np.array([7])) == want.ravel()[7]


@pytest.fixture
def small_large(monkeypatch):
    sizes = {"one": large.Large((9, 8), (20, 30), "border")}
    sizes["two"] = large.Large((3, 5, 4), (1, 1, large.POINTS), "zeros")
    monkeypatch.setattr(large, "CASES", sizes)


@pytest.mark.usefixtures("plain", "small_large")
def test_the_tier_large_at_a_small_size(tmp_path):
    for formats in (("json",), ("bin",)):
        goldens.write(tmp_path, tiers=(), formats=formats, large=True, force=True)
        found = goldens.read(tmp_path)
        assert [g.tier for g in found] == ["large", "large"]
        for golden in found:
            out = results(golden)["out"]
            assert golden.check({"out": out}) == {"out": 0.0}
            at = golden.results["out"].at
            assert at[-1] == out.size - 1
            out.reshape(-1)[at[-1]] += 1
            assert golden.check({"out": out}) == {"out": np.inf}
            assert np.count_nonzero(golden.results["out"].value) > 10


def test_too_little_memory_is_said(tmp_path, monkeypatch):
    for free, count in ((None, 3), (10**11, 3), (10**8, 1), (10, 0)):
        monkeypatch.setattr(store, "free_memory", lambda free=free: free)
        todo = store.plan([], False, True)
        assert (len(todo.recipes), len(todo.left_out), todo.memory) == (count, 3 - count, free)
    assert todo.left_out[1] == {
        "id": "large-int32-grid_sample-2d-bilinear-zeros-pixel-float32",
        "bytes": 4 * (46342**2 + 64 * 3),
        "free": 10,
    }
    assert 46342**2 > 2**31 < 1291**3


def test_settings_of_numpy_do_not_stop_a_writer(monkeypatch, tmp_path):
    """Points beside 0 are subnormal numbers."""
    only(monkeypatch, "beside", tier="hard")
    with np.errstate(all="raise"):
        goldens.write(tmp_path / "new", tiers="hard", formats="bin", small=True)
        answer = replace(find("random").results["out"], dtype="float32")
        small = np.full(answer.value.shape, 1e-45, np.float32)
        assert answer.error(small) > 1
        assert set(np.geterr().values()) == {"raise"}
