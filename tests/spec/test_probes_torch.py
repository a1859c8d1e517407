"""PyTorch has the answers of the probes that it can compute, but for those that are named."""

from fractions import Fraction

import numpy as np
import pytest
from support.probes import check, finite

from npstn.spec import SPEC, Values

torch = pytest.importorskip("torch")
F = torch.nn.functional

# Probes that PyTorch 2.13 answers otherwise, by clause, as the sources of these say.
DIFFERS = {"R21": 2, "R22": 2, "R42": 1}
SAMPLERS = {"grid_sample", "grid_sample_vjp", "grid_sample_vjp_vjp"}


def rates(size, align):
    """dp/dg by coordinate, x first."""
    return np.array([(n - align) / 2 for n in reversed(size)])


def normalised(grid, size, align):
    """A grid in pixels as PyTorch takes it, or None where float64 does not hold it."""
    found = np.array(grid)
    for (*at, axis), p in np.ndenumerate(grid):
        span = [*reversed(size)][axis] - align
        if np.isfinite(p):
            exact = (2 * Fraction(float(p)) + (not align)) / max(span, 1) - 1
            found[(*at, axis)] = exact
            if Fraction(float(found[(*at, axis)])) != exact or (span == 0 and p):
                return None
    return found


def aligned(probe):
    """The align_corners and grid with which PyTorch computes a probe."""
    grid, size = probe.arguments["grid"].array(), probe.arguments["x"].shape[1:-1]
    align = probe.options.get("align_corners", True)
    if probe.options.get("coordinates") != "pixel":
        return align, grid
    free = probe.options.get("padding_mode") != "reflection"
    for choice in (align, not align) if free else (align,):
        found = normalised(grid, size, choice)
        if found is not None:
            return choice, found
    return None


def able(probe):
    """Whether it has such a call, and survives it (see R21)."""
    values = (*probe.arguments.values(), *probe.answers.values())
    options = {"padding_mode": "zeros", "layout": "NHWC", **probe.options}
    known = options["padding_mode"] != "wrap" and options["layout"] != "NCHW"
    known &= not {"fill_value", "cubic_coefficient"} & set(options) and not probe.raises
    known &= len({v.dtype for v in values if isinstance(v, Values)}) == 1
    if probe.function not in SAMPLERS:
        return known and probe.function in ("affine_grid", "affine_grid_vjp")
    x, grid = (probe.arguments[name].shape for name in ("x", "grid"))
    known &= len(x) == len(grid) and (probe.function == "grid_sample" or finite(probe))
    return known and 0 not in x and aligned(probe) is not None


def tensor(array, channels=True):
    found = np.moveaxis(array, -1, 1) if channels else array
    return torch.tensor(found, requires_grad=True)


def affine_grid(probe):
    given, align = probe.arguments, probe.options.get("align_corners", True)
    if "theta" in given:
        theta = tensor(given["theta"].array().reshape(-1, 2, 3), channels=False)
        size = (len(theta), 1, *given["out_dims"])
        return {"grid": F.affine_grid(theta, size, align_corners=align)}
    d_grid = given["d_grid"].array()
    theta = torch.zeros((len(d_grid), 2, 3), dtype=torch.float64, requires_grad=True)
    grid = F.affine_grid(theta, (len(d_grid), 1, *d_grid.shape[1:3]), align_corners=align)
    return {"d_theta": torch.autograd.grad(grid, theta, tensor(d_grid, channels=False))[0]}


def sampled(probe):
    given = {k: v.array() for k, v in probe.arguments.items()}
    align, points = aligned(probe)
    rate = np.ones(points.shape[-1])
    if probe.options.get("coordinates") == "pixel":
        rate = rates(given["x"].shape[1:-1], align)
    x, grid = tensor(given["x"]), tensor(points, channels=False)
    options = {k: v for k, v in probe.options.items() if k in ("mode", "padding_mode")}
    out = F.grid_sample(x, grid, align_corners=align, **options)
    found = {"out": out.movedim(1, -1)}
    if probe.function == "grid_sample":
        return found
    d_out, twice = tensor(given["d_out"]), probe.function == "grid_sample_vjp_vjp"
    firsts = torch.autograd.grad(out, (x, grid), d_out, create_graph=twice)
    if twice:
        step = np.divide(given["dd_grid"], rate, out=np.zeros_like(points), where=rate != 0)
        steps = tensor(given["dd_x"]), tensor(step, channels=False)
        d_d_out, *firsts = torch.autograd.grad(firsts, (d_out, x, grid), steps)
        found["d_d_out"] = d_d_out.movedim(1, -1)
    d_x, d_grid = firsts
    found |= {"d_x": d_x.movedim(1, -1)}
    if "d_grid" in probe.answers:  # an axis of one texel, aligned, has no derivative to compare
        own = probe.answers["d_grid"].array()
        found["d_grid"] = np.divide(d_grid.numpy(), rate, out=own, where=rate != 0)
    return found


def agrees(probe):
    found = (sampled if probe.function in SAMPLERS else affine_grid)(probe)
    found = {k: v.detach().numpy() if torch.is_tensor(v) else v for k, v in found.items()}
    try:
        check(probe, found)
    except AssertionError:
        return False
    return True


ABLE = {
    number: found
    for number, clause in SPEC.items()
    if (found := [probe for probe in clause.probes if able(probe)])
}


@pytest.mark.filterwarnings("ignore:Since version 1.3.0")  # of an output of one row
@pytest.mark.parametrize("number", ABLE)
def test_pytorch_agrees(number):
    others = [str(probe) for probe in ABLE[number] if not agrees(probe)]
    assert len(others) == DIFFERS.get(number, 0), "\n\n".join(others)


def test_most_clauses_are_compared():
    assert len(ABLE) >= 30
    assert set(DIFFERS) <= set(ABLE)
    for number in DIFFERS:
        assert "PyTorch 2.13" in SPEC[number].source
