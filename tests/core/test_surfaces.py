"""The surfaces: values, gradients, minima and what their author promises of them."""

import functools
import math
import subprocess
import sys

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from numpy import exp, sqrt
from numpy import floor as lower

from adamedu import adam, descend, surfaces
from adamedu.core.surfaces import ALL, SurfaceError, surface
from adamedu.optimizers import LADDER

EVERY = pytest.mark.parametrize("landscape", ALL.values(), ids=ALL)
REACHED = {"rosenbrock": 0.02}  # its floor; the way along it takes RMSProp longer


def grid(landscape, points):
    axes = [np.linspace(low, high, points) for low, high in landscape.domain]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)


@functools.cache
def hessian(landscape):
    symbols = landscape.symbols
    return sympy.lambdify(symbols, sympy.hessian(landscape.expression, symbols))


def inside(landscape):
    return st.tuples(*(st.floats(low, high) for low, high in landscape.domain))


@pytest.mark.parametrize(
    ("name", "theta", "loss"),
    [
        ("ravine", (2, 1), 1.2),
        ("double_well", (2, 1), 10.5),
        ("ridge", (2, 1), 5.2),
        ("rotated_ridge", (2, 0), 10.1),
        ("hills", (math.pi / 2,), math.pi**2 / 80 + 0.6),
        ("saddle", (2, 3), 18),
        ("rosenbrock", (2, 5), 101),
        ("beale", (1, 2), 126.453125),
        ("himmelblau", (1, 2), 68),
        ("sparse_hollow", (0, 4), 2 - 2 / math.e**2),
        ("noisy_bowl", (5, 2), 4.5),
    ],
)
def test_the_loss_is_the_number_found_by_hand(name, theta, loss):
    assert ALL[name](theta) == pytest.approx(loss, rel=1e-15)


@EVERY
@given(data=st.data())
def test_the_gradient_is_the_slope_of_the_function(landscape, data):
    theta = data.draw(inside(landscape))
    tiny = 1e-30
    slopes = [
        landscape.function(*(x + 1j * tiny * (i == j) for j, x in enumerate(theta))).imag / tiny
        for i in range(landscape.dimension)
    ]
    np.testing.assert_allclose(landscape.gradient(theta), slopes, rtol=1e-12, atol=1e-13)


@EVERY
def test_the_listed_minima_are_minima(landscape):
    for minimum in landscape.minima:
        assert np.abs(landscape.gradient(minimum)).max() <= 1e-10
        assert np.linalg.eigvalsh(hessian(landscape)(*minimum)).min() > 0.05


@EVERY
def test_the_first_minimum_is_the_global_one(landscape):
    lowest = landscape(landscape.minima[0])
    assert all(landscape(other) > lowest - 1e-12 for other in landscape.minima[1:])
    assert landscape(grid(landscape, 201)).min() >= lowest - 1e-12


@EVERY
def test_no_minimum_of_the_domain_is_missing(landscape):
    starts = grid(landscape, 24).reshape(-1, landscape.dimension)
    trace = descend(adam, landscape, start=starts, steps=2000, lr=0.02, project=landscape.domain)
    low, high = np.transpose(landscape.domain)
    ends = trace.theta[-1][((low < trace.theta[-1]) & (trace.theta[-1] < high)).all(-1)]
    for _ in range(20):  # Newton's method ends what the descent began
        ends = ends - np.array(
            [np.linalg.solve(hessian(landscape)(*p), landscape.gradient(p)) for p in ends]
        )
    distances = np.linalg.norm(ends[:, None] - np.array(landscape.minima), axis=-1)
    assert distances.min(axis=1).max() < 0.01
    assert set(distances.argmin(axis=1)) == set(range(len(landscape.minima)))


@EVERY
def test_start_and_minima_lie_in_the_domain(landscape):
    for point in (landscape.start, *landscape.minima):
        for value, (low, high) in zip(point, landscape.domain, strict=True):
            assert low <= value <= high


@EVERY
def test_it_says_what_it_is_for_and_where_it_comes_from(landscape):
    assert landscape.purpose.endswith(".")
    assert landscape.source.endswith(".")
    assert set(landscape.rates) == {optimizer.name for optimizer in LADDER}


@EVERY
@pytest.mark.parametrize("optimizer", LADDER, ids=lambda optimizer: optimizer.name)
def test_every_optimizer_does_well_at_its_rate(landscape, optimizer):
    trace = descend(optimizer, landscape, steps=200, lr=landscape.rates[optimizer.name])
    low, high = np.transpose(landscape.domain)
    assert trace.diverged_at is None
    assert (trace.theta >= low).all()
    assert (trace.theta <= high).all()
    nearest = min(landscape.minima, key=lambda point: math.dist(point, trace.theta[-1]))
    height = landscape(landscape.start) - landscape(nearest)
    assert trace.losses[-1] - landscape(nearest) < REACHED.get(landscape.name, 0.01) * height


@given(u=st.floats(-5, 5), v=st.floats(-5, 5))
def test_the_rotated_ridge_is_the_ridge_turned_by_45_degrees(u, v):
    turned = ((u + v) / math.sqrt(2), (u - v) / math.sqrt(2))
    assert surfaces.rotated_ridge(turned) == pytest.approx(surfaces.ridge((u, v)), abs=1e-12)


def test_the_rotated_ridge_starts_at_the_same_place():
    u, v = surfaces.ridge.start
    turned = ((u + v) / math.sqrt(2), (u - v) / math.sqrt(2))
    assert surfaces.rotated_ridge.start == pytest.approx(turned)


@EVERY
def test_many_points_at_once_are_each_alone(landscape):
    points = grid(landscape, 5)
    losses, slopes = landscape(points), landscape.gradient(points)
    assert losses.shape == points.shape[:-1]
    assert slopes.shape == points.shape
    for index in np.ndindex(losses.shape):
        assert losses[index] == pytest.approx(landscape(points[index]), rel=1e-14, abs=1e-14)
        np.testing.assert_allclose(slopes[index], landscape.gradient(points[index]), rtol=1e-13)


@EVERY
@pytest.mark.parametrize("shape", [(), (3,)])
def test_float32_stays_float32(landscape, shape):
    theta = np.ones((*shape, landscape.dimension), np.float32)
    assert landscape(theta).dtype == np.float32
    assert landscape.gradient(theta).dtype == np.float32


def test_whole_numbers_are_taken_as_real_ones():
    assert surfaces.ravine([3, 1]) == pytest.approx(1.45)
    np.testing.assert_allclose(surfaces.ravine.gradient([3, 1]), [0.3, 2.0])


def test_a_surface_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(AttributeError, match=r"no surface 'revine'; .* mean ravine\?"):
        surfaces.revine  # noqa: B018
    assert not hasattr(surfaces, "__wrapped__")


@pytest.mark.parametrize("use", [surfaces.ravine, surfaces.ravine.gradient])
@pytest.mark.parametrize(
    ("theta", "says"),
    [
        ([1.0, 2.0, 3.0], r"ravine takes 2 numbers \(x, y\) along the last axis; .* shape \(3,\)"),
        (1.0, r"ravine takes 2 numbers \(x, y\) along the last axis; .* shape \(\)"),
        (["a", "b"], "ravine takes real numbers"),
        ([1j, 2.0], "ravine takes real numbers, not complex128"),
        ([None, 2.0], "ravine takes real numbers, not object"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(use, theta, says):
    with pytest.raises(SurfaceError, match=says):
        use(theta)


@EVERY
def test_its_relief_holds_the_heights_of_the_domain(landscape):
    if landscape.dimension == 2:
        relief = landscape.relief()
        low, high = np.transpose(landscape.domain)
        np.testing.assert_array_equal([relief.x[0], relief.y[0]], low)
        np.testing.assert_array_equal([relief.x[-1], relief.y[-1]], high)
        assert relief.heights[3, 5] == pytest.approx(landscape([relief.x[5], relief.y[3]]))
        assert (np.diff(relief.levels) > 0).all()
        assert relief.levels[0] == relief.heights.min()
        assert relief.levels[-1] == pytest.approx(relief.heights.max())


@pytest.mark.parametrize(
    "function",
    [lambda x, y: 0 * (x + y), lambda x, y: 1 / (x + y), lambda x, y: sqrt(x + y)],
    ids=["flat", "infinite", "undefined"],
)
def test_where_there_are_no_heights_there_is_no_relief(function):
    odd = surface(start=(1.0, 1.0), domain=((-1.0, 1.0), (-1.0, 1.0)))(function)
    with np.errstate(all="ignore"), pytest.raises(SurfaceError, match="has no contour lines"):
        odd.relief()


def test_a_surface_that_is_low_almost_everywhere_has_a_relief():
    @surface(start=(1.0, 1.0), domain=((-1.0, 1.0), (-1.0, 1.0)))
    def needle(x, y):
        return exp(-1000 * (x**2 + y**2))

    relief = needle.relief()
    shares = (relief.levels - relief.levels[0]) / np.ptp(relief.heights)
    np.testing.assert_allclose(shares, np.linspace(0, 1, 15) ** 8)  # half of the lines: 1/256


class TestNoise:
    @pytest.mark.parametrize("seed", [0, 7])
    def test_it_is_normal_with_the_deviation_that_was_given(self, seed):
        rows = surfaces.noisy_bowl.noise_rows(20_000, seed)
        assert rows.shape == (20_000, 2)
        assert np.abs(rows.mean(axis=0)).max() < 0.02
        np.testing.assert_allclose(rows.std(axis=0), 0.5, rtol=0.02)
        assert abs(rows[:, 0] @ rows[:, 1]) < 0.01 * len(rows)

    def test_the_first_rows_do_not_depend_on_how_many_there_are(self):
        few, many = (surfaces.noisy_bowl.noise_rows(steps, 3) for steps in (4, 100))
        np.testing.assert_array_equal(few, many[:4])

    def test_text_carries_them_exactly(self):
        rows = surfaces.noisy_bowl.noise_rows(100)
        np.testing.assert_array_equal([[float(f"{x:.4f}") for x in row] for row in rows], rows)

    def test_most_surfaces_have_none(self):
        np.testing.assert_array_equal(surfaces.ravine.noise_rows(3), np.zeros((3, 2)))

    @pytest.mark.parametrize("noise", [-1.0, math.nan])
    def test_it_is_no_standard_deviation_below_0(self, noise):
        with pytest.raises(SurfaceError, match="the noise of <lambda> is a standard deviation"):
            surface(start=(1.0,), domain=((0.0, 2.0),), noise=noise)(lambda x: x**2)


@EVERY
def test_it_shows_itself_as_an_equation(landscape):
    shown = landscape._repr_latex_()
    assert shown.startswith("$$f(")
    assert all(name in shown for name in landscape.names)
    assert repr(landscape) == f"<surface {landscape.name}({', '.join(landscape.names)})>"


def test_losses_need_no_sympy():
    code = "import sys; from adamedu import surfaces; surfaces.ravine([1.0, 2.0]); "
    code += "assert 'sympy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


class TestYourOwn:
    start, domain = (1.0, 1.0), ((-2.0, 2.0), (-2.0, 2.0))

    def make(self, function):
        return surface(start=self.start, domain=self.domain)(function)

    def test_numpy_may_be_written_either_way(self):
        plain = self.make(lambda x, y: np.exp(x) + np.sqrt(1 + y**2) + np.abs(x) * np.pi)
        bare = self.make(lambda x, y: exp(x) + sqrt(1 + y**2) + abs(x) * np.pi)
        point = (0.5, -1.5)
        expected = [math.exp(0.5) + math.pi, -1.5 / math.sqrt(3.25)]
        np.testing.assert_allclose(plain.gradient(point), expected)
        np.testing.assert_allclose(bare.gradient(point), expected)
        assert plain.expression == bare.expression

    def test_a_slope_may_be_the_same_everywhere(self):
        tilted = self.make(lambda x, y: 3 * x - y)
        np.testing.assert_array_equal(tilted.gradient(np.zeros((4, 2))), [[3.0, -1.0]] * 4)

    def test_a_kink_has_a_slope_on_either_side(self):
        valley = self.make(lambda x, y: np.maximum(x, 2 * y))
        np.testing.assert_array_equal(valley.gradient([[1.0, 0.0], [0.0, 1.0]]), [[1, 0], [0, 2]])

    @pytest.mark.parametrize(
        "function",
        [
            lambda x, y: x if x > 0 else y,
            lambda x, y: lower(x) + y,
            lambda x, y: np.where(x > 0, x, y),
            lambda x, y: math.cos(x) + y,
            lambda x, y: f"{x}{y}",
        ],
        ids=["if", "unknown function", "unknown in numpy", "math", "text"],
    )
    def test_what_cannot_be_differentiated_is_said(self, function):
        with pytest.raises(SurfaceError, match="can't be written as an expression: use arithmetic"):
            self.make(function).gradient((1.0, 1.0))

    @pytest.mark.parametrize(
        "facts",
        [
            {"start": (1.0,), "domain": domain},
            {"start": start, "domain": domain[:1]},
            {"start": start, "domain": domain, "minima": ((0.0,),)},
        ],
        ids=["start", "domain", "minima"],
    )
    def test_facts_of_another_dimension_are_refused(self, facts):
        with pytest.raises(SurfaceError, match=r"takes 2 numbers \(x, y\): give as many"):
            surface(**facts)(lambda x, y: x + y)
