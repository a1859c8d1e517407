"""Audits: programs keep their bits, and mistakes planted in them are named with their lines."""

import contextlib
import gc
import itertools
import json
import runpy
import sys
import threading
import weakref
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="it is PyTorch that is audited")
from torch.multiprocessing.reductions import StorageWeakRef  # noqa: E402
from torch.nn.functional import affine_grid, grid_sample  # noqa: E402
from torch.nn.functional import grid_sample as imported_before  # noqa: E402

from npstn import dialects  # noqa: E402
from npstn.conformance import audit  # noqa: E402
from npstn.conformance._audit.series import Series  # noqa: E402
from npstn.conformance._audit.warm import warm  # noqa: E402

PROGRAMS = Path(__file__).parents[1] / "shared" / "support" / "programs"
NAMES = ("digits", "flow", "registration", "augment_kornia", "augment_monai")
LIBRARY = {"augment_kornia": "kornia", "augment_monai": "monai"}
X = torch.rand(2, 3, 8, 9, generator=torch.Generator().manual_seed(0))
G = torch.rand(2, 5, 6, 2, generator=torch.Generator().manual_seed(1)) * 1.6 - 0.8

SAMPLED = "F.grid_sample(x, grid"
FAULTS = [
    ("digits", "align_corners=False))", "align_corners=True))", SAMPLED, "align_corners differs"),
    ("digits", "OUT), align_corners=False)", "OUT), align_corners=False).half().float()", SAMPLED,
     "float16 grid: up to 0.0048 px rounding at width 20"),
    ("digits", "0.05, -0.1, 0.9, 0.03", "5.0, -0.1, 0.9, 3.0", "grid = F.", "theta seems to be"),
    ("digits", SAMPLED, "F.grid_sample(x, grid.flip(-1)", SAMPLED[:14], "x and y are swapped"),
    ("digits", SAMPLED, "F.grid_sample(x.transpose(1, 3), grid", SAMPLED[:14], "channels last"),
    ("flow", "torch.stack([x, y])", "torch.stack([y, x])", "F.grid", "x and y are swapped"),
    ("flow", "(2 * pixels / scale - 1)", "pixels", "F.grid", "they seem to be pixels"),
    ("flow", "2, 3, 1)", "2, 3, 1).bfloat16().float()", "F.grid", "bfloat16 grid: up to"),
    ("registration", "unit.flip(-1)", "unit", "F.grid", "x and z are swapped"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def unwarmed(monkeypatch):
    """What these tests need is compiled when they need it."""
    monkeypatch.setattr(sys.modules[audit.__module__], "warm", lambda dialect: None)


def run(path, capsys):
    capsys.readouterr()
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(RuntimeError):
        patch.setattr("sys.argv", [str(path)])  # a program with a mistake may end by an error
        runpy.run_path(str(path), run_name="__main__")
    return capsys.readouterr().out


@pytest.mark.parametrize("name", NAMES)
def test_programs_keep_their_bits(name, capsys):
    pytest.importorskip(LIBRARY.get(name, "torch"))
    path = PROGRAMS / f"{name}.py"
    before = run(path, capsys)
    with audit(every=1) as found:
        assert run(path, capsys) == before != ""
    assert found.passed, str(found)
    for site in found.sites:
        assert site.calls == site.looked > 0
        assert not site.missed
        assert Path(site.place.file) == path
    if name not in LIBRARY:
        assert {"out", "d_grid"} <= set(found.sites[-1].ledger.worst)


@pytest.mark.parametrize(("name", "old", "new", "line", "words"), FAULTS)
def test_a_planted_mistake_is_named(name, old, new, line, words, tmp_path, capsys):
    text = (PROGRAMS / f"{name}.py").read_text("utf-8")
    assert text.count(old) == 1
    path = tmp_path / f"{name}.py"
    path.write_text(text.replace(old, new), "utf-8")
    with audit(every=1) as found:
        run(path, capsys)
    lines = path.read_text("utf-8").splitlines()
    named = {lines[doubt.place.line - 1].strip(): doubt for doubt in found.doubts}
    assert any(line in code and words in doubt.message for code, doubt in named.items()), str(found)
    assert not found.report.findings


def test_each_way_to_call_is_heard():
    """Names imported before, the functions below, other threads, autocast, subclasses."""

    class Own(torch.Tensor):
        pass

    layer = torch.nn.Module()
    layer.forward = lambda x, g: grid_sample(x, g, align_corners=False)
    with audit(every=1) as found:
        imported_before(X, G, align_corners=True)
        torch.grid_sampler(X, G, 0, 1, True)
        torch.grid_sampler_2d(X, G, interpolation_mode=1, padding_mode=0, align_corners=False)
        torch.grid_sampler_3d(X[:, :, None], torch.zeros(2, 1, 1, 1, 3), 0, 2, False)
        layer(X, G)
        thread = threading.Thread(target=grid_sample, args=(X, G), kwargs={"align_corners": True})
        thread.start()
        thread.join()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert grid_sample(X.bfloat16(), G, align_corners=True).dtype == torch.float32
        grid_sample(X.as_subclass(Own), G, align_corners=True)
        affine_grid(torch.eye(2, 3)[None], (1, 1, 4, 5), align_corners=True)
    assert len(found.sites) == 9
    assert all(site.looked == site.calls == 1 and not site.missed for site in found.sites)
    assert not found.report.findings, str(found)
    calls = sum(site.calls for site in found.sites)
    grid_sample(X, G, align_corners=True)
    assert sum(site.calls for site in found.sites) == calls  # it has ended


def test_right_programs_are_not_suspected():
    """Identities, flips, turns, crops, lookups, both conventions in one function, one texel."""
    turns = [[[1, 0, 0], [0, 1, 0]], [[-1, 0, 0], [0, 1, 0]], [[0, -1, 0], [1, 0, 0]]]
    turns += [[[0.3, 0, 0.4], [0, 0.3, -0.4]], [[0, 1, 0], [-1, 0, 0]]]

    def sampled(x, theta, align):
        grid = affine_grid(theta, x.shape, align_corners=align)
        return grid_sample(x, grid, align_corners=align)

    generator = torch.Generator().manual_seed(2)
    with audit(every=1) as found:
        for theta in turns:
            for n in (7, 28, 64):
                for align in (True, False):
                    sampled(torch.rand(1, 1, n, n), torch.tensor([theta]).float(), align)
        for scale, n in (0.5, 64), (0.25, 32), (0.125, 128):
            ticks = (torch.arange(n) * 2 + 1 - n) / n * scale
            grid = torch.stack(torch.meshgrid(ticks, ticks, indexing="xy"), -1)[None]
            grid_sample(torch.rand(1, 3, n, n), grid, align_corners=False)
        points = torch.rand(1, 1, 100, 2, generator=generator) * 2 - 1
        grid_sample(torch.rand(1, 1, 64, 64), points, align_corners=False)
        line = torch.linspace(-0.9, 0.9, 64).reshape(1, 1, 64, 1)
        grid_sample(torch.rand(1, 64, 1, 50), torch.cat([line, 0 * line], -1), align_corners=False)
        grid_sample(torch.rand(1, 8, 50, 1), torch.cat([0 * line, line], -1), align_corners=False)
        grid = points.clone().requires_grad_()
        grid_sample(torch.rand(1, 1, 9, 9), grid, "nearest", align_corners=False).sum().backward()
        grid_sample(torch.rand(2, 0, 6, 2), torch.zeros(2, 3, 3, 2), align_corners=False)
    assert found.passed, str(found)


def test_half_precision():
    try:
        grid_sample(X.half(), G.half(), align_corners=True)
    except RuntimeError as error:
        pytest.skip(f"PyTorch {torch.__version__}: {error}")
    with audit(every=1) as found:
        x = X.half().requires_grad_()
        grid_sample(x, G.half(), align_corners=True).sum().backward()
    assert not found.report.findings, str(found)
    assert {"out", "d_input"} == set(found.sites[0].ledger.worst)
    assert "float16 grid" in found.doubts[0].message


def test_wrong_numbers_are_found(monkeypatch):
    """Forward and backward, with index, coordinate and cell."""
    right = torch.grid_sampler

    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, grid, *options):
            ctx.save_for_backward(x, grid)
            ctx.options = options
            out = right(x, grid, *options).clone()
            out[1, 2, 3, 4] += 0.01
            return out

        @staticmethod
        def backward(ctx, d):
            x, grid = (t.detach().requires_grad_() for t in ctx.saved_tensors)
            with torch.enable_grad():
                d_x, d_grid = torch.autograd.grad(right(x, grid, *ctx.options), (x, grid), d)
            d_x[0, 1, 2, 3] += 0.5
            return d_x, 1.01 * d_grid, None, None, None

    monkeypatch.setattr(torch, "grid_sampler", Wrong.apply)
    x, grid = X.clone().requires_grad_(), G.clone().requires_grad_()
    with audit(every=1) as found:
        grid_sample(x, grid, align_corners=False).square().sum().backward()
    worst = found.sites[0].ledger.worst
    assert "out[1, 2, 3, 4] at p = (" in worst["out"][1]
    assert ") in cell (" in worst["out"][1]
    assert worst["d_input"][1].startswith("d_input[0, 1, 2, 3] is ")
    assert {"out", "d_input", "d_grid"} == {f.result for f in found.report.findings}
    assert not found.passed


def test_some_images_of_large_calls_are_looked_at_in_turns(monkeypatch):
    right = torch.grid_sampler

    def wrong(x, grid, *options):
        out = right(x, grid, *options)
        out[1, 0, 2, 2] = 7.0
        return out

    monkeypatch.setattr(torch, "grid_sampler", wrong)
    monkeypatch.setattr("npstn.conformance._audit.auditor.NUMBERS", X[0].numel())
    with audit(every=1) as found:
        for _ in range(2):
            grid_sample(X, G, align_corners=True)
            if len(found.sites[0].ledger.findings) == 0:
                first = found.sites[0].looked
    assert first == 1  # image 0 is right
    assert found.sites[0].ledger.worst["out"][1].startswith("out[1, 0, 2, 2] at p = (")


def test_nothing_is_kept_alive():
    with audit(every=1) as found:
        for pulled in (True, False):
            x, grid = X.clone().requires_grad_(), G.clone().requires_grad_()
            hidden = x * 2
            out = grid_sample(hidden, grid, align_corners=False)
            if pulled:
                out.sum().backward()
            memory = StorageWeakRef(out.untyped_storage())
            storages = [weakref.ref(t) for t in (x, grid, hidden, out)]
            node = out.grad_fn
            del x, grid, hidden, out
            gc.collect()
            assert memory.expired()
            del node
            gc.collect()
            assert [ref() for ref in storages] == [None] * 4
        assert found.sites[0].pulled == 1


@pytest.mark.filterwarnings("ignore:.torch.jit.trace:DeprecationWarning")
def test_compiled_traced_and_transformed_calls_run_as_ever():
    def sampled(x, g):
        return grid_sample(x, g, align_corners=False)

    right = sampled(X, G)
    with audit(every=1) as found:
        compiled = torch.compile(sampled, backend="eager", fullgraph=True)
        torch.testing.assert_close(compiled(X, G), right, rtol=0, atol=0)
        traced = torch.jit.trace(sampled, (X, G))
        torch.testing.assert_close(traced(X, G), right, rtol=0, atol=0)
        mapped = torch.func.vmap(lambda x, g: grid_sample(x, g, align_corners=False))(
            X[:, None], G[:, None]
        )
        torch.testing.assert_close(mapped[:, 0], right, rtol=0, atol=0)
    *_, mapped_site = found.sites
    assert mapped_site.missed
    assert mapped_site.looked == 0
    assert not found.report.findings


def test_arguments_by_name_in_any_order_and_numbers_that_are_none(tmp_path):
    x, grid = X.clone().requires_grad_(), G.clone()
    grid[0, 0, 0] = torch.nan
    with audit(every=1) as found:
        out = torch.grid_sampler_2d(
            align_corners=False, padding_mode=0, interpolation_mode=0, grid=grid, input=x
        )
        out.sum().backward()
        for rank in (2, 3):
            size = 1, 1, *(4,) * rank
            affine_grid(torch.eye(rank, rank + 1)[None], size, align_corners=False)
    assert found.sites[0].slopes.values[0][1].keys() == {"input"}
    assert "not finite, first in call 1" in str(found)
    found.save(tmp_path)  # maps of two shapes at one line
    json.loads((tmp_path / "audit.json").read_text("utf-8"), parse_constant=pytest.fail)


def test_what_is_too_large_is_said(monkeypatch):
    monkeypatch.setattr("npstn.conformance._audit.judged.TEXELS", 100)
    with audit(every=1) as found:
        grid_sample(X.clone().requires_grad_(), G, align_corners=False).sum().backward()
        grid_sample(X, G.clone().requires_grad_(), align_corners=False).sum().backward()
    said = "".join(why for site in found.sites for why in site.missed)
    assert "d_grid: an image of 216 numbers, more than 100" in said
    assert set(found.sites[0].ledger.worst) == {"out", "d_input"}


def test_the_programs_own_modes_see_nothing_more():
    class Counting(torch.utils._python_dispatch.TorchDispatchMode):
        count = 0

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            self.count += 1
            return func(*args, **(kwargs or {}))

    counts = []
    for block in (contextlib.nullcontext, lambda: audit(every=1)):
        with block(), Counting() as mode:
            x = X.clone().requires_grad_()
            grid_sample(x, G, align_corners=False).sum().backward()
        counts.append(mode.count)
    assert counts[0] == counts[1] > 3


def test_a_checkpoint_keeps_no_more():
    def sampled(x):
        hidden = x * 2
        refs.append(weakref.ref(hidden))
        return grid_sample(hidden, G, align_corners=False)

    refs = []
    with audit(every=1) as found:
        x = X.clone().requires_grad_()
        out = torch.utils.checkpoint.checkpoint(sampled, x, use_reentrant=False)
        gc.collect()
        assert refs[0]() is None
        out.sum().backward()
    assert found.passed


@pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")
def test_names_of_the_block_end_with_it():
    with audit(every=1) as found:
        from torch import grid_sampler

        grid_sampler(X, G, 0, 0, False)
        scripted = torch.jit.script(plain)
        torch.testing.assert_close(scripted(X, G), plain(X, G), rtol=0, atol=0)
    calls = sum(site.calls for site in found.sites)
    grid_sampler(X, G, 0, 0, False)
    assert sum(site.calls for site in found.sites) == calls


def plain(x: torch.Tensor, g: torch.Tensor):
    return torch.nn.functional.grid_sample(x, g, align_corners=False)


def test_a_series_is_even_whatever_its_length():
    series = Series(8)
    for call in range(1, 1001):
        series.add(call, None)
    calls = [call for call, _ in series]
    assert 4 <= len(calls) <= 8
    assert {b - a for a, b in itertools.pairwise(calls)} == {128}


def test_an_error_of_the_program_ends_the_audit():
    before = torch.grid_sampler

    def program():
        nonlocal found
        with audit(every=1) as found:
            grid_sample(X, G, align_corners=True)
            grid_sample(X, G[:1], align_corners=True)

    found = None
    with pytest.raises(RuntimeError, match="batch size"):
        program()
    assert torch.grid_sampler is before
    assert found.sites[0].looked == 1


def test_files(tmp_path):
    theta = torch.eye(2, 3).repeat(2, 1, 1)
    with audit(every=1) as found:
        for k in range(3):
            theta[:, 0, 2] = 0.2 * k
            grid = affine_grid(theta, X.shape, align_corners=False)
            grid_sample(X, grid, align_corners=False)
    names = [path.name for path in found.save(tmp_path / "new")]
    assert names[:3] == ["audit.txt", "audit.json", "audit.html"]
    assert [name.split("-")[0] for name in names[3:]] == ["theta", "film"]
    data = json.loads((tmp_path / "new" / "audit.json").read_text("utf-8"))
    assert [site["calls"] for site in data["sites"]] == [3, 3]
    assert [row["theta"][0][0][2] for row in data["sites"][0]["theta"]] == pytest.approx(
        [0, 0.2, 0.4]
    )
    assert "test_audit.py" in str(found)


@pytest.mark.parametrize("arguments", [{"every": 0}, {"budget": 0.0}, {"budget": 1.5}])
def test_bad_arguments(arguments):
    name = next(iter(arguments))
    with pytest.raises(ValueError, match=f"{name} is "), audit(**arguments):
        pass


def test_all_that_is_called_is_there_before_the_program_begins():
    """Each mode and padding, in both ranks; of a dialect that has no others."""
    called = []

    class Dialect:
        row = dialects.torch.row

        def __getattr__(self, name):
            called.append(name)
            return getattr(dialects.torch, name)

    warm(Dialect())
    assert called.count("grid_sample") == called.count("grid_sample_vjp") == 15
    assert called.count("affine_grid") == called.count("affine_grid_vjp") == 2
