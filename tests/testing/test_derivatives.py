import numpy as np
import pytest
from support.sampler import C, H, W, problem, sample, sample_vjp, taps

from npstn import grid_sample, grid_sample_vjp
from npstn.testing import check_jvp, check_vjp


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kinks", ["between", "right"])
def test_a_right_gradient_passes(dtype, kinks, seed, readonly):
    x, g = readonly(*problem(dtype, kinks=seed % 2 == 1, seed=seed))
    report = check_vjp(sample, sample_vjp, (x, g), names=("x", "g"), kinks=kinks, seed=seed)
    of_x, of_g = report.inputs
    assert (of_x.name, of_x.checked, of_x.total) == ("x", x.size, x.size)
    assert of_x.kinks == of_x.unresolved == of_x.failed == of_g.failed == 0
    assert (of_g.kinks > 0) == (seed % 2 == 1)
    assert report.worst <= 1.0
    assert report.relative <= (1e-12 if dtype == np.float64 else 1e-5)


def wrong_sign(d_out, x, g):
    d_x, d_g = sample_vjp(d_out, x, g)
    return d_x, -d_g


def dropped_tap(d_out, x, g):
    d_x = np.zeros_like(x)
    for inside, index, w, _ in list(taps(x, g))[:3]:
        np.add.at(d_x, index, (w[:, 0] * w[:, 1])[:, None] * d_out[inside])
    return d_x, sample_vjp(d_out, x, g)[1]


def swapped_axes(d_out, x, g):
    d_x, d_g = sample_vjp(d_out, x, g)
    return d_x, d_g[:, ::-1]


def wrong_factor(d_out, x, g):
    return sample_vjp(d_out, x, g, scale=(W / 2, H / 2))


def forgotten_factor(d_out, x, g):
    return sample_vjp(d_out, x, g, scale=(1, 1))


def off_by_one(d_out, x, g):
    d_x, d_g = sample_vjp(d_out, x, g)
    return np.roll(d_x, 1), d_g


def one_entry_wrong(d_out, x, g):
    d_x, d_g = sample_vjp(d_out, x, g)
    d_g[3, 1] += 1e-3 * np.abs(d_g).max()
    return d_x, d_g


def slightly_wrong(d_out, x, g):
    d_x, d_g = sample_vjp(d_out, x, g)
    return d_x, d_g * (1 + 1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("fault", "guilty"),
    [
        (wrong_sign, "g"),
        (dropped_tap, "x"),
        (swapped_axes, "g"),
        (wrong_factor, "g"),
        (forgotten_factor, "g"),
        (off_by_one, "x"),
        (one_entry_wrong, "g"),
    ],
)
def test_planted_faults_are_found(fault, guilty, dtype):
    with pytest.raises(AssertionError, match=rf"do not confirm {guilty}\n"):
        check_vjp(sample, fault, problem(dtype), names=("x", "g"))


def test_a_millionth_is_found():
    with pytest.raises(AssertionError, match="do not confirm g"):
        check_vjp(sample, slightly_wrong, problem(), names=("x", "g"))


def test_the_report_of_a_failure_names_the_worst_entry():
    x, g = problem()
    with pytest.raises(AssertionError) as caught:
        check_vjp(sample, one_entry_wrong, (x, g), names=("image", "points"))
    head, columns, image, points = str(caught.value).splitlines()
    assert "do not confirm points" in head
    assert columns.split()[:5] == ["input", "checked", "smooth", "kinks", "unresolved"]
    assert image.split()[:6] == ["image", "30/30", "30", "0", "0", "0"]
    assert points.split()[:8] == ["points", "12/12", "12", "0", "0", "1", "[3,", "1]"]


def tent(x):
    return np.maximum(0, 1 - np.abs(x))


def tent_vjp(at_kinks):
    """Derivative of the tent, and at -1, 0 and 1 the given values."""

    def vjp(d_out, x):
        slope = np.where(np.abs(x) < 1, -np.sign(x), 0)
        for kink, value in zip((-1, 0, 1), at_kinks, strict=True):
            slope[x == kink] = value
        return (d_out * slope,)

    return vjp


KINKS = np.array([-2.0, -1.0, -0.5, 0.0, 0.25, 1.0])


@pytest.mark.parametrize("at_kinks", [(1, -1, 0), (0, 1, -1), (0.5, 0, -0.5), (0.9, 0.9, -0.1)])
def test_between_accepts_every_generalised_gradient(at_kinks):
    report = check_vjp(tent, tent_vjp(at_kinks), (KINKS,))
    assert (report.inputs[0].kinks, report.inputs[0].smooth) == (3, 3)


@pytest.mark.parametrize("at_kinks", [(1.1, 0, 0), (0, -1.1, 0), (0, 0, 0.1), (-1e-6, 0, 0)])
def test_between_rejects_what_lies_outside(at_kinks):
    with pytest.raises(AssertionError, match="1 "):
        check_vjp(tent, tent_vjp(at_kinks), (KINKS,))


def test_right_accepts_the_right_derivative_only():
    check_vjp(tent, tent_vjp((1, -1, 0)), (KINKS,), kinks="right")
    for wrong in [(0, -1, 0), (1, 1, 0), (1, -1, -1), (1, 0, 0)]:
        with pytest.raises(AssertionError, match="kinks='right'"):
            check_vjp(tent, tent_vjp(wrong), (KINKS,), kinks="right")


@pytest.mark.parametrize("distance", [1e-3, 1e-5, 1e-7])
def test_a_kink_near_a_point_is_not_taken_for_one_at_it(distance):
    x = np.array([-distance, distance, 1 - distance])
    report = check_vjp(tent, tent_vjp((1, -1, 0)), (x,), kinks="right")
    assert report.inputs[0].smooth == 3


SMOOTH = {
    "sin": (np.sin, np.cos),
    "cubic": (lambda x: x**3 - 2 * x, lambda x: 3 * x**2 - 2),
    "exp": (np.exp, np.exp),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / x**2),
    "logarithm": (np.log, lambda x: 1 / x),
    "constant": (np.zeros_like, np.zeros_like),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_functions(name, dtype):
    f, slope = SMOOTH[name]
    x = np.random.default_rng(0).uniform(0.2, 2, (3, 4)).astype(dtype)
    assert check_vjp(f, lambda d, x: (d * slope(x),), (x,)).inputs[0].smooth == 12
    if name != "constant":
        with pytest.raises(AssertionError):
            check_vjp(f, lambda d, x: (d * slope(x) * dtype(1.01),), (x,))


def test_cancellation_inside_the_function_is_noise_not_an_error():
    x = np.random.default_rng(0).uniform(-1, 1, 20)
    check_vjp(lambda x: (x + 1e6) - 1e6, lambda d, x: (d,), (x,))


def test_jumps_neither_hang_nor_hide_a_fault():
    x = np.array([0.5, 1.5, 0.25, -0.5, 2.0])
    report = check_vjp(np.rint, lambda d, x: (0 * x,), (x,))
    assert report.inputs[0].failed == 0
    with pytest.raises(AssertionError, match="5/5"):
        check_vjp(np.rint, lambda d, x: (d,), (x,))


def test_nothing_but_jumps_is_not_a_pass():
    def isolated(x):
        return np.where(x == 1.0, 0.0, np.where(x > 1.0, 1.0, -1.0))

    with pytest.raises(AssertionError, match="do not confirm"):
        check_vjp(isolated, lambda d, x: (0 * x,), (np.ones(2),))


def test_a_choice_of_entries_is_seeded_and_reported():
    seen = []

    def f(x):
        seen.append(np.flatnonzero(x != 1.0))
        return x * 2.0

    def vjp(d, x):
        return (2.0 * d,)

    def run(seed):
        seen.clear()
        report = check_vjp(f, vjp, (np.ones((9, 11)),), max_entries=7, seed=seed)
        assert "7/99" in str(report)
        return {int(i[0]) for i in seen if len(i)}

    assert len(run(0)) == 7
    assert run(0) == run(0) != run(1)


def test_mixed_dtypes_none_and_a_given_cotangent():
    x, g = problem()
    d_out = np.ones((6, C))

    def vjp(d, x, g):
        np.testing.assert_array_equal(d, d_out)
        return None, sample_vjp(d, x, g)[1]

    report = check_vjp(sample, vjp, (x, g.astype(np.float32)), d_out, names=("x", "g"))
    assert [i.name for i in report.inputs] == ["g"]


def test_functions_that_write_to_their_arguments_do_no_harm():
    def f(x):
        result = x * 3.0
        x[...] = np.nan
        return result

    def vjp(d, x):
        d *= 3.0
        x[...] = np.nan
        return (d,)

    x, d_out = np.ones((2, 3)), np.full((2, 3), 0.5)
    check_vjp(f, vjp, (x,), d_out)
    assert (x == 1.0).all()
    assert (d_out == 0.5).all()


def test_scalars_and_empty_arrays():
    check_vjp(lambda x: x * x, lambda d, x: (2 * d * x,), (np.array(1.5),))
    report = check_vjp(lambda x: x, lambda d, x: (d,), (np.ones((0, 3)),))
    assert report.worst == report.relative == 0.0
    assert "0/0" in str(report)
    check_vjp(lambda x: x[:0], lambda d, x: (0 * x,), (np.ones(2),))


def double(x):
    return 2.0 * x


ONES = np.ones((2, 3))
BAD_CALLS = [
    (lambda d, x: (None,), {}, ValueError, "f_vjp returned nothing but None"),
    (lambda d, x: 2 * d, {}, ValueError, "f_vjp returned a ndarray, expected a tuple of 1"),
    (lambda d, x: (d, d), {}, ValueError, "f_vjp returned a tuple of 2, expected a tuple of 1"),
    (lambda d, x: (d.T,), {}, ValueError, r"cotangent of x has shape \(3, 2\), expected \(2, 3\)"),
    (lambda d, x: (d.astype(int),), {}, TypeError, "cotangent of x has dtype int64, expected"),
    (lambda d, x: (d / 0 * 0,), {}, AssertionError, r"cotangent of x is nan at \[0, 0\]"),
    (None, {"primals": (ONES * np.inf,)}, ValueError, r"x is inf at \[0, 0\], expected finite"),
    (None, {"primals": (np.ones(2, int),), "f": np.sqrt}, TypeError, "x has dtype int64"),
    (None, {"d_out": np.ones(3)}, ValueError, r"d_out has shape \(3,\), expected \(2, 3\)"),
    (None, {"d_out": ONES * np.nan}, ValueError, "d_out is nan"),
    (None, {"primals": ONES}, TypeError, "primals is a ndarray, expected a tuple of arrays"),
    (None, {"names": ("x", "y")}, ValueError, "names has 2 items, expected 1"),
    (None, {"kinks": "left"}, ValueError, "kinks is 'left', expected one of 'between', 'right'"),
    (None, {"max_entries": 0}, ValueError, "max_entries is 0, expected at least 1"),
    (None, {"max_entries": True}, TypeError, "max_entries is True, expected an integer"),
    (None, {"kinks": "a" * 10**6}, ValueError, r"kinks is 'a{20,30}\.\.\.a*', expected"),
    (None, {"seed": "a"}, TypeError, "seed is 'a', expected an integer"),
    (None, {"seed": -1}, ValueError, "seed is -1, expected at least 0"),
    (None, {"names": 5}, TypeError, "names is 5, expected a tuple"),
    (None, {"names": [None]}, TypeError, r"names\[0\] is None, expected a string"),
    (None, {"f": lambda x: x * 1j}, TypeError, r"f\(\*primals\) has dtype complex128"),
    (None, {"f": lambda x: x * np.nan}, ValueError, r"f\(\*primals\) is nan at \[0, 0\]"),
]


@pytest.mark.parametrize(("vjp", "change", "error", "message"), BAD_CALLS)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_bad_arguments_and_results(vjp, change, error, message):
    options = {"f": double, "primals": (ONES,), "names": ("x",), **change}
    with pytest.raises(error, match=message):
        check_vjp(f_vjp=vjp or (lambda d, x: (2 * d,)), **options)


@pytest.mark.parametrize("size", [1e-200, 1e-300, 1e300])
def test_numbers_at_the_limits_of_float64(size):
    """Neither a warning, which is an error here, nor what NumPy raises for the caller."""
    x, g = problem()
    for settings in {}, {"all": "raise"}:
        with np.errstate(**settings):
            check_vjp(grid_sample, grid_sample_vjp, (x[None] * size, g[None, None]))


def test_the_function_keeps_the_settings_of_the_caller():
    seen = []

    def f(x):
        seen.append(np.geterr()["over"])
        return 2.0 * x

    def f_vjp(d, x):
        seen.append(np.geterr()["over"])
        return (2.0 * d,)

    def f_jvp(x, t):
        seen.append(np.geterr()["over"])
        return 2.0 * x, 2.0 * t

    with np.errstate(over="call"):
        check_vjp(f, f_vjp, (np.ones(1),))
        assert seen[:2] == ["call", "call"]
        assert set(seen[2:]) == {"ignore"}  # where we move x
        seen.clear()
        check_jvp(f, f_jvp, (np.ones(1),))
        assert seen[:3] == ["call"] * 3
        assert np.geterr()["over"] == "call"
