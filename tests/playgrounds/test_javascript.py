"""JavaScript from the one definition: readable, and equal to NumPy digit for digit, or nearly."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy import exp, maximum, minimum, sign, sqrt

from adamedu import adam, adamw, gd, momentum, surfaces
from adamedu.core.recurrence import RecurrenceError, recurrence
from adamedu.core.surface import SurfaceError, surface
from adamedu.playgrounds.javascript import javascript
from tests.support.js_agreement import EVERY, LADDERED, assert_agreement, walked

STEP = """
const step = eval(`(${given.step})`);
return given.arguments.map((each) => step(...each));
"""
AT = "const surface = eval(`(${given.surface})`); return given.points.map((x) => surface(...x));"


class TestText:
    def test_a_step_is_a_line_for_each_of_its_lines_in_source_order(self):
        assert javascript(adam) == (
            "function adam(theta_prev, g, t, m_prev, v_prev, lr, beta1, beta2, eps) {\n"
            "  const m = beta1 * m_prev + (1 - beta1) * g;\n"
            "  const v = beta2 * v_prev + (1 - beta2) * (g * g);\n"
            "  const m_hat = m / (1 - beta1 ** t);\n"
            "  const v_hat = v / (1 - beta2 ** t);\n"
            "  const theta = theta_prev - lr * m_hat / (Math.sqrt(v_hat) + eps);\n"
            "  return [theta, m, v, {m, v, m_hat, v_hat, theta}];\n"
            "}"
        )

    def test_a_variant_says_what_it_takes_and_what_it_returns(self):
        wrong = momentum.variant(
            incoming={"t": "t - 1"}, lines={"m": "beta * m_prev + g"}, outgoing={"m": "-m"}
        )
        assert javascript(wrong) == (
            "function momentum(theta_prev, g, t, m_prev, lr, beta) {\n"
            "  t = t - 1;\n"
            "  const m = beta * m_prev + g;\n"
            "  const theta = theta_prev - lr * m;\n"
            "  return [theta, -m, {m, theta}];\n"
            "}"
        )

    def test_what_is_taken_instead_is_taken_all_at_once(self):
        swapped = adamw.variant(incoming={"beta1": "beta2", "beta2": "beta1"})
        assert "  [beta1, beta2] = [beta2, beta1];\n" in javascript(swapped)

    def test_names_that_javascript_needs_are_left_to_it(self):
        def new(theta, g, t, var, *, let=0.5):
            var = let * var + (1 - let) * g**2
            theta = theta - g / (1 + var)
            return theta, var

        text = javascript(new)
        assert text.startswith("function new$(theta_prev, g, t, var_prev, let$) {")
        assert text.endswith("return [theta, var$, {var: var$, theta}];\n}")

    @pytest.mark.parametrize("name", ["sum", "mean"])
    def test_a_line_that_mixes_coordinates_is_refused(self, name):
        mixing = gd.variant(lines={"theta": f"theta - lr * g / sqrt({name}(g**2))"})
        with pytest.raises(RecurrenceError, match=f"gd can't be written for one.* {name} mixes"):
            javascript(mixing)

    @pytest.mark.parametrize("call", ["sqrt(g, g)", "maximum(g)", "abs()"])
    def test_another_number_of_arguments_is_refused(self, call):
        with pytest.raises(RecurrenceError, match=r"takes [12], not [012]"):
            javascript(gd.variant(lines={"theta": call}))

    def test_a_step_that_cannot_be_read_is_refused(self):
        def branching(theta, g, t):
            if t > 1:
                theta = theta - g
            return theta

        with pytest.raises(RecurrenceError, match="branching can't be read"):
            javascript(branching)

    def test_a_surface_without_a_gradient_is_refused(self):
        rough = surface(start=(1.0,), domain=((0.0, 2.0),))(lambda x: np.floor(x) + 1)
        with pytest.raises(SurfaceError, match="can't be written as an expression"):
            javascript(rough)


@pytest.mark.browser
class TestWalks:
    @LADDERED
    @EVERY
    def test_two_hundred_steps_are_those_of_numpy(self, node, optimizer, landscape):
        assert_agreement(node, optimizer, landscape)

    @pytest.mark.parametrize(
        "step",
        [
            adam.variant(incoming={"t": "t + 1", "g": "-g"}, outgoing={"v": "v_hat"}),
            adam.variant(lines={"theta": "theta - lr * m_hat / sqrt(v_hat + eps)"}),
            momentum.variant(lines={"m": "beta * m_prev + g"}, outgoing={"m": "m / 2"}),
        ],
        ids=["arguments", "lines", "results"],
    )
    def test_so_are_those_of_a_variant(self, node, step):
        path, theta = walked(node, step, surfaces.double_well, steps=20, lr=0.02)
        assert np.abs(path - theta).max() <= 1e-12

    def test_so_are_those_of_your_own(self, node):
        def lion(theta, g, t, m, *, lr=0.1):
            push = sign(0.9 * m + 0.1 * g)
            m = 0.99 * m + 0.01 * maximum(minimum(g, 1.0), -1.0)
            theta = theta - lr * (push + 0.01 * abs(theta))
            return theta, m

        path, theta = walked(node, lion, surfaces.himmelblau)
        assert np.abs(path - theta).max() <= 1e-12


@pytest.mark.browser
@LADDERED
def test_each_step_is_numpys_from_any_state(node, optimizer):
    rng = np.random.default_rng(6)
    count = 500
    theta, g, *state = rng.normal(size=(2 + len(optimizer.state), count)) * 10.0 ** rng.uniform(
        -6, 6, (2 + len(optimizer.state), count)
    )
    state = [x if name == "m" else x**2 for name, x in zip(optimizer.state, state, strict=True)]
    t = rng.integers(1, 2000, count)
    chosen = {
        name: rng.uniform(0, 0.9999, count)
        if name.startswith(("beta", "rho"))
        else 10.0 ** rng.uniform(-8, 1, count)
        for name in optimizer.hyperparameters
    }
    rows = zip(theta, g, t.tolist(), *state, *chosen.values(), strict=True)
    results = node(STEP, {"step": javascript(optimizer), "arguments": [list(row) for row in rows]})
    expected = optimizer.values(theta, g, t, *state, **chosen)
    for name, values in expected.items():
        got = [named[name] for *_, named in results]
        scale = np.abs(theta) + np.abs(values) if name == "theta" else 0
        np.testing.assert_array_less(
            np.abs(got - values), 1e-12 * (np.abs(values) + scale) + 1e-300
        )
    for i, name in enumerate(optimizer.returned):
        np.testing.assert_array_equal(
            [row[i] for row in results], [row[-1][name] for row in results]
        )


@pytest.mark.browser
@EVERY
def test_losses_and_gradients_are_numpys(node, landscape):
    rng = np.random.default_rng(2)
    low, high = np.transpose(landscape.domain)
    points = rng.uniform(low, high, (300, landscape.dimension))
    found = node(AT, {"surface": javascript(landscape), "points": points.tolist()})
    losses, slopes = ([row[i] for row in found] for i in range(2))
    np.testing.assert_allclose(losses, landscape(points), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(slopes, landscape.gradient(points), rtol=1e-11, atol=1e-11)


@pytest.mark.browser
def test_a_surface_of_your_own_may_have_kinks_and_any_names(node):
    @surface(start=(1.0, 1.0), domain=((-2.0, 2.0), (-2.0, 2.0)))
    def own(new, u0):
        return maximum(new, 2 * u0) + abs(new * u0) + minimum(u0, 1) ** 3 + sqrt(2 + exp(u0 * new))

    points = [[0.5, 1.5], [-1.0, 0.25], [1.5, -1.5], [2.0, 1.0]]
    found = node(AT, {"surface": javascript(own), "points": points})
    np.testing.assert_allclose([loss for loss, _ in found], own(points))
    np.testing.assert_allclose([slope for _, slope in found], own.gradient(points))


NAMES = st.sampled_from(["theta", "g", "m", "lr", "t"])
NUMBERS = st.one_of(st.integers(0, 3), st.floats(0.001, 100).map(lambda x: round(x, 3))).map(repr)
SHIFTS = np.array([[1, -1, 1, -1], [-1, -1, 1, 1], [1, -1, -1, 1]])
POWERS = ["theta**2", "g**t", "lr**t", "m**-1", "g**2**2", "lr**0.5", "-theta**2"]


def _larger(parts):
    operators = st.sampled_from([" + ", " - ", " * ", " / "])
    return st.one_of(
        st.tuples(parts, operators, parts).map("".join),
        st.tuples(parts, operators, parts).map(lambda x: f"({x[0]}){x[1]}({x[2]})"),
        parts.map(lambda x: f"-{x}"),
        parts.map(lambda x: f"-({x})"),
        parts.map(lambda x: f"({x})**2"),
        parts.map(lambda x: f"({x})**3"),
        parts.map(lambda x: f"sqrt(abs({x}))"),
        parts.map(lambda x: f"sign({x})"),
        st.tuples(parts, parts).map(lambda x: f"maximum({x[0]}, {x[1]})"),
        st.tuples(parts, parts).map(lambda x: f"minimum({x[0]}, {x[1]})"),
    )


EXPRESSIONS = st.recursive(
    st.one_of(NAMES, NUMBERS, st.sampled_from(POWERS)), _larger, max_leaves=8
)


@recurrence
def blank(theta, g, t, m, *, lr):
    m = m + g
    theta = theta - lr * m
    return theta, m


@pytest.mark.browser
@settings(max_examples=400)
@given(
    lines=st.fixed_dictionaries({"m": EXPRESSIONS, "theta": EXPRESSIONS}),
    values=st.tuples(*[st.floats(-8, 8).map(lambda x: round(x, 2))] * 3, st.floats(0.01, 10)),
    t=st.integers(1, 9),
)
def test_any_expression_means_the_same(node, lines, values, t):
    step = blank.variant(lines=lines)

    def made(theta, g, m, lr):
        with np.errstate(all="ignore"):
            return step(*np.array([theta, g, t, m], float), lr=np.float64(lr))

    theta, g, m, lr = values
    try:  # Python's own numbers alone refuse to be divided by 0
        expected = made(*values)
    except ArithmeticError:
        return
    [got] = node(STEP, {"step": javascript(step), "arguments": [[theta, g, t, m, lr]]})
    # Where a rounding is blown up, the last digit of a power decides what comes out.
    nearby = [made(*np.multiply(values, 1 + shifts)) for shifts in 4e-16 * SHIFTS]
    for a, b, *others in zip(got, expected, *nearby, strict=False):
        if all(map(math.isfinite, (b, *others))):
            spread = max(abs(b - other) for other in others)
            assert abs(a - b) <= 100 * spread + 1e-12 * abs(b) + 1e-300
        elif not any(map(math.isfinite, (b, *others))):
            assert not math.isfinite(a)
