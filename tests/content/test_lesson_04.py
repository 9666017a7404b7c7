"""Lesson 04 and its exercises: their numbers, from formulas of their own."""

import itertools
import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adamedu
from adamedu import descend, rmsprop, surfaces
from adamedu.content.catalogue import task
from adamedu.core.surface import surface
from adamedu.grading.exams.by_hand import exact_values
from adamedu.learning.checking import NotPassed
from tests.support.pages import cells_of, read, text_of, texts_shown
from tests.support.submitting import defined, judged, passed, step

ROOT = Path(__file__).resolve().parents[2]
LESSON = ROOT / "notebooks" / "04_rmsprop.ipynb"
EXERCISE = ROOT / "exercises" / "04_rmsprop.ipynb"
SOLUTION = ROOT / "solutions" / "04_rmsprop.ipynb"
DEFAULT = 0.9

asked: Any = task
"""Finds a task of any kind."""
"""RMSProp's usual decay rate."""


def shown(cell_id):
    """What a code cell of the lesson says, or a text itself."""
    (cell,) = [cell for cell in read(LESSON)["cells"] if cell["id"] == cell_id]
    return text_of(cell) if cell["cell_type"] == "markdown" else "\n".join(texts_shown(cell))


def bowl_of(curvature):
    @surface(start=(3.0,), domain=((-3.0, 3.0),))
    def bowl(x):
        return curvature * x**2 / 2

    return bowl


def average_of_constant(t, decay=DEFAULT):
    """The average of t equal squares of 1, started from 0: the geometric sum of its weights."""
    return (1 - decay) * sum(decay**k for k in range(t))


class TestForgetting:
    @pytest.mark.parametrize("n", [1, 20, 40, 100])
    def test_after_the_change_the_sum_stays_and_the_average_comes_down(self, n):
        """A hundred squares of 100, then n of 1."""
        total = 100 * 100 + n
        average = 100 * average_of_constant(100) * DEFAULT**n + average_of_constant(n)
        said = shown("after-the-change")
        assert f"{n} after: v = {total:9.2f}, move {1 / math.sqrt(total):.4f} α" in said
        assert f"{n} after: v = {average:9.2f}, move {1 / math.sqrt(average):.4f} α" in said

    def test_what_is_averaged(self):
        """Momentum's average of 1, 1, 1, 0; RMSProp's of squares that are all 4."""
        said = shown("what-is-averaged")
        assert f"momentum fourth move: {DEFAULT * average_of_constant(3):.4f} α" in said
        assert "rmsprop  fourth move: 0.0000 α" in said
        assert f"v = {4 * average_of_constant(100):.3f}" in said

    def test_how_long_the_memory_is(self):
        said = shown("half-life")
        for decay, span in ((0.5, 2), (0.9, 10), (0.99, 100), (0.999, 1000)):
            half = math.log(2) / -math.log(decay)
            assert f"rho = {decay}: half-life {half:.1f} steps" in said
            assert f"{span} squares hold {100 * average_of_constant(span, decay):.0f} %" in said
        assert f"sum {average_of_constant(10):.4f}" in said

    def test_one_large_slope_fades(self):
        """After it, 1 and what a tenth of its square has faded to."""
        said = shown("one-large-slope")
        for n in (1, 20, 40, 60):
            v = 1 + (1 - DEFAULT) * (100**2 - 1) * DEFAULT**n
            assert f"{n} after {1 / math.sqrt(v):.3f}," in said

    def test_the_fractions(self):
        """Worked out on paper: v = 4, 9, 9 with the roots 2, 3, 3."""
        said = shown("unrolled-fractions")
        for line in ("v_{1} &= .*&= 4", "v_{2} &= .*&= 9", "v_{3} &= .*&= 9"):
            assert re.search(re.sub(r"([{}])", r"\\\1", line), said)
        for value in (r"\frac{7}{10}", r"\frac{14}{15}", r"\frac{5}{6}"):
            assert f"&= {value} &" in said

    def test_its_weights_sum_to_what_the_lesson_says(self):
        for t in (1, 2, 3, 10):
            power = "rho" if t == 1 else f"rho**{t}"
            assert f"t = {t:2}: RMSProp 1 - {power}, AdaGrad {t}\n" in shown("sums")


class TestTheValley:
    def test_plain_descent_swings_at_every_step(self):
        """Across the ravine each step multiplies y by 1 - 2 lr."""
        y = [2.5 * (1 - 2 * 0.95) ** t for t in range(41)]
        swings = sum(a * b < 0 for a, b in itertools.pairwise(y))
        near = next(t for t in range(41) if abs(y[t]) < 0.05)
        assert f"gd      swings across {swings} times, within 0.05 at step {near}" in shown(
            "valley"
        )
        assert "rmsprop swings across 0 times" in shown("valley")

    @pytest.mark.parametrize("decay", [0.5, 0.9])
    @pytest.mark.parametrize("lr", [0.15, 0.015])
    def test_the_cycle_is_half_of_the_rate_wide(self, decay, lr):
        """A hop from a to -a takes a step of lr, for slopes of one size: a = lr / 2."""
        said = shown("cycle-table")
        assert re.search(rf"α = +{lr}, rho = +{decay}( +0\.5){{3}}   along the ravine 0\.5\n", said)
        ends = map(float, re.findall(r"[+-]0\.07\d\d", shown("cycle")))
        assert [abs(end) for end in ends] == pytest.approx([0.075] * 4, rel=0.02)

    @pytest.mark.parametrize("curvature", [0.1, 1.0, 30.0])
    def test_nothing_but_the_rate_sets_the_cycle(self, curvature):
        end = descend(rmsprop, bowl_of(curvature), steps=3000, lr=0.02).theta[-2:, 0]
        width = 0.01 - 1e-8 / curvature
        assert sorted(end) == pytest.approx([-width, width], rel=1e-9)

    @pytest.mark.parametrize("eps", [0.05, 0.1, 0.2])
    def test_eps_narrows_the_cycle(self, eps):
        """2 a = lr L a / (L a + eps) gives a = lr / 2 - eps / L, where that is positive."""
        a = max(0.15 / 2 - eps / 2, 0)
        assert re.search(rf"ε = +{eps}: rate .*floor is {a:.4f} away", shown("epsilon"))

    def test_a_falling_rate_ends_about_half_of_its_last_value_away(self):
        said = shown("schedules")
        for name, last in (("constant", 0.3), ("0.3 / sqrt(t)", 0.3 / math.sqrt(1000))):
            (end,) = re.findall(rf"{re.escape(name)} +ends ([\d.e-]+) away", said)
            assert float(end) == pytest.approx(last / 2, rel=0.02)


class TestTheStep:
    @pytest.mark.parametrize("decay", [0.9, 0.99, 0.999])
    def test_the_first_steps(self, decay):
        moves = [1 / math.sqrt(average_of_constant(t, decay)) for t in (1, 2, 3)]
        # 1 / sqrt(1 - decay**t) > 1.01, solved for t
        late = math.floor(math.log(1 - 1 / 1.01**2) / math.log(decay))
        said = shown("first-step")
        assert f"moves {moves[0]:.2f}, {moves[1]:.2f}, {moves[2]:.2f} α" in said
        assert f"up to step {late}\n" in said

    @given(
        st.lists(st.floats(-1e6, 1e6).filter(lambda g: g == 0 or abs(g) > 1e-3), min_size=1),
        st.floats(0.1, 0.99),
    )
    def test_no_step_is_longer_than_the_roof(self, gradients, decay):
        """The newest square alone has the weight 1 - rho."""
        steps = np.abs(np.diff(descend(rmsprop, gradients, lr=1.0, rho=decay).theta))
        assert steps.max() <= 1 / math.sqrt(1 - decay) + 1e-9

    @pytest.mark.parametrize("g", [1e-4, 1e-6, 1e-8, 1e-10])
    def test_eps_caps_the_step(self, g):
        outside, inside = g / (g + 1e-8), g / math.sqrt(g**2 + 1e-8)
        said = f"g = {g:6g}: move {outside:.4f} α outside the root, {inside:.6f} α inside"
        assert said in shown("epsilon")

    def test_the_minibatches_of_hinton(self):
        """The average repeats itself after each round; its ten values are solved for."""
        said = shown("minibatches")
        assert "rho =  0.0: moves -8.00 α" in said
        for decay in (0.9, 0.99):
            small, large = (1 - decay**9) * 0.01, (1 - decay) * 0.81
            v = [(decay * small + large) / (1 - decay**10)]  # after the large slope
            for _ in range(9):
                v.append(decay * v[-1] + (1 - decay) * 0.01)
            drift = 0.9 / math.sqrt(v[0]) - sum(0.1 / math.sqrt(x) for x in v[1:])
            assert f"rho = {decay:4}: moves {drift:+.2f} α" in said


class TestByHand:
    def test_the_values_are_those_worked_out_on_paper(self):
        """Squares 9, 36, 81 by thirds; roots 8, 7, 7 and steps 2, -2/7, 1 of a tenth."""
        assert exact_values(asked("rmsprop.v")) == [3, 14, Fraction(109, 3)]
        paper = [Fraction(4, 5), Fraction(29, 35), Fraction(51, 70)]
        assert exact_values(asked("rmsprop.theta")) == paper

    @pytest.mark.parametrize(
        ("task_id", "answer"),
        [
            ("rmsprop.v", [0, 3, 14]),
            ("rmsprop.theta", [1, Fraction(4, 5), Fraction(29, 35)]),
        ],
    )
    def test_values_that_begin_with_the_start_are_recognized(self, task_id, answer):
        says = (
            "these values begin with the start, at t = 0; the first one asked for is that at t = 1"
        )
        result = judged(task_id, answer)
        assert (result.facts[0], result.points, result.mistakes) == (says, 0, ())

    @pytest.mark.parametrize(
        ("answer", "mistake"),
        [
            ([9, 36, 81], "state-reset"),
            ([3, 12, 27], "state-reset"),
            ([1, Fraction(-4, 3), Fraction(19, 9)], "not-squared"),
            ([1, Fraction(8, 3), Fraction(43, 9)], "absolute-for-square"),
            ([9, 45, 126], "sum-for-average"),
            ([9, 42, 109], "v-weight-missing"),
            ([6, 26, Fraction(188, 3)], "v-weights-exchanged"),
            ([9, 18, 39], "v-starts-raw"),
            ([9, Fraction(45, 2), 42], "plain-mean"),
            ([9, Fraction(126, 5), Fraction(981, 19)], "corrected-for-nothing"),
            ([Fraction(11, 3), Fraction(130, 9), Fraction(989, 27)], "v-starts-at-1"),
            ([1, Fraction(14, 3), Fraction(109, 9)], "weight-squared-too"),
            ([math.sqrt(3), math.sqrt(14), math.sqrt(109 / 3)], "state-is-root"),
        ],
    )
    def test_a_natural_wrong_average_is_named(self, answer, mistake):
        assert [found.id for found in judged("rmsprop.v", answer).mistakes] == [mistake]

    @pytest.mark.parametrize(
        ("steps", "mistake"),
        [
            ([-2, Fraction(2, 7), -1], "plus-sign"),
            ([Fraction(1, 4), Fraction(-2, 49), Fraction(1, 7)], "root-forgotten"),
            ([16, -2, 7], "not-divided"),
            ([20, Fraction(-20, 7), 10], "lr-missing"),
            ([2, Fraction(2, 7), 1], "absolute-gradient"),
            ([1, -2 / math.sqrt(260), 7 / math.sqrt(309)], "sum-for-average"),
        ],
    )
    def test_a_natural_wrong_step_is_named(self, steps, mistake):
        """Each list holds what is divided by ten and taken from theta."""
        theta, answer = Fraction(1), []
        for one in steps:
            theta -= Fraction(one) / 10
            answer.append(theta if isinstance(one, int | Fraction) else float(theta))
        assert [found.id for found in judged("rmsprop.theta", answer).mistakes] == [mistake]


class TestTheClass:
    """What goes wrong in keeping the averages, one edit of the solution each."""

    @pytest.fixture(scope="class")
    @classmethod
    def solution(cls):
        kept = ("rmsprop-step", "rmsprop-class")
        cells = {cell["id"]: text_of(cell) for cell in cells_of(SOLUTION, "code")}
        return "\n\n".join(cells[name] for name in kept)

    @pytest.mark.parametrize(
        ("right", "wrong", "mistakes"),
        [
            ("", "", []),
            ('self.t, self.v = state["t"], list(state["v"])', "pass", ["v-lost-on-resume"]),
            ('self.t, self.v = state["t"], ', "self.v = ", []),  # RMSProp doesn't need t
            ('"v": list(self.v)', '"v": self.v', ["saved-state-aliases"]),
            ('list(state["v"])', 'state["v"]', ["loaded-state-aliases"]),
            ("self.v = [np", "RMSProp.v = [np", ["state-shared-between-optimizers"]),
            ("self.v[i]", "self.v[0]", ["state-shared-between-parameters"]),
            ("[np.zeros_like", "[np.ones_like", ["v-starts-at-1"]),
        ],
    )
    def test_it_is_named(self, solution, right, wrong, mistakes):
        assert right in solution
        answer = defined(solution.replace(right, wrong) if right else solution)["RMSProp"]
        result = judged("rmsprop.class", answer)
        assert [found.id for found in result.mistakes] == mistakes
        assert (result.status == "passed") == (not mistakes)


def test_the_two_bowls_of_the_prediction_end_alike():
    for factor in (1.0, 100.0):
        bowl = bowl_of(2 * factor)
        end = descend(rmsprop, bowl, steps=20_000, lr=0.01).theta[-2:, 0]
        assert sorted(end) == pytest.approx([-0.005, 0.005], rel=1e-3)


@pytest.fixture(scope="module")
def faulty():
    (cell,) = [c for c in cells_of(EXERCISE, "code") if c["id"] == "rmsprop-bug-given"]
    definition, _, run = text_of(cell).rpartition("\n\n\n")
    assert run == "descend(faulty_rmsprop, surfaces.ravine, steps=200, lr=0.3)"
    return defined(definition)["faulty_rmsprop"]


class TestTheBug:
    def test_its_loss_falls_below_the_right_one_s(self, faulty):
        (start, wrong), (_, right) = (
            descend(one, surfaces.ravine, steps=200, lr=0.3).losses[[0, -1]]
            for one in (faulty, rmsprop)
        )
        (cell,) = [c for c in cells_of(EXERCISE, "markdown") if c["id"] == "rmsprop-bug-task"]
        said = " ".join(text_of(cell).split())
        assert (
            f"falls from {start:.4g} to {wrong:.4g}. A right RMSProp ends at {right:.4g}." in said
        )
        assert wrong < right

    def test_it_earns_nothing_and_each_fault_that_is_gone_its_points(self, faulty):
        with pytest.raises(NotPassed, match=r"^rmsprop\.bug: not passed yet, 0 of 4 points$"):
            adamedu.check("rmsprop.bug", faulty)
        for v, gone in (
            ("(1 - rho) * v + rho * g**2", "absolute-for-square"),
            ("rho * v + (1 - rho) * abs(g)", "v-weights-exchanged"),
        ):
            half = defined(step(rmsprop, "mended_rmsprop", v=v))["mended_rmsprop"]
            result = judged("rmsprop.bug", half)
            assert (passed(result), result.points) == ({gone}, 2)

    @pytest.mark.parametrize(
        "lines",
        [
            {"v": "v + g**2"},
            {"theta": "theta - lr * g / sqrt(v + eps)"},
            {"v": "rho * v + (1 - rho) * abs(g)", "theta": "theta + lr * g / (sqrt(v) + eps)"},
        ],
    )
    def test_another_fault_in_its_place_earns_nothing(self, lines):
        wrong = defined(step(rmsprop, "mended_rmsprop", **lines))["mended_rmsprop"]
        assert judged("rmsprop.bug", wrong).points == 0


class TestDesign:
    @pytest.mark.parametrize(
        ("rates", "checks"),
        [
            ([0.1 * (1 - t / 200) for t in range(1, 201)], {"near", "settled"}),
            ([0.2 * 0.95**t for t in range(200)], {"near", "settled"}),
            ([0.2 * 0.97**t for t in range(200)], set()),
            ([0.11 * 0.97**t for t in range(200)], {"near"}),
            ([0.3 / (t + 1) for t in range(200)], set()),
            ([0.0], set()),
        ],
    )
    def test_what_a_schedule_earns(self, rates, checks):
        assert passed(judged("rmsprop.design", rates)) == checks

    @pytest.mark.parametrize("rate", [0.05, 0.2, 0.5])
    def test_a_constant_rate_ends_half_of_it_away(self, rate):
        result = judged("rmsprop.design", [rate] * 200)
        assert result.points == 0
        (fact,) = result.facts
        (away,) = re.findall(r"^the run from \(\S+, \S+\) ends (\S+) away$", fact)
        assert float(away) == pytest.approx(rate / 2, rel=0.05)

    @pytest.mark.parametrize("rate", np.geomspace(0.01, 1, 15))
    def test_no_constant_rate_is_near_whenever_it_stops(self, rate):
        for count in (25, 50, 83, 150, 200):
            assert judged("rmsprop.design", [rate] * count).points == 0

    @pytest.mark.parametrize("rate", [1e9, 1e300, -1e300])
    def test_what_flies_off_is_said(self, rate):
        result = judged("rmsprop.design", [rate] * 20)
        assert result.points == 0
        assert re.fullmatch(r"the run from \(\S+, \S+\) (flies off|ends \S+ away)", result.facts[0])

    def test_the_bounds_stand_in_the_statement(self):
        (cell,) = [c for c in cells_of(EXERCISE, "markdown") if c["id"] == "rmsprop-design-task"]
        design = asked("rmsprop.design")
        for bound in design.goal.bounds.values():
            assert f"within {bound:.6f}".rstrip("0") in text_of(cell)
        assert f"up to {design.most} of them" in text_of(cell)
        starts = ", ".join(f"{x:g}" for x in design.goal.starts[:-1])
        assert f"each {starts} or {design.goal.starts[-1]:g}" in text_of(cell)
