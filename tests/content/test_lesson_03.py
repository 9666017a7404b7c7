"""Lesson 03 and its exercises: their numbers, from formulas of their own."""

import math
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sklearn.datasets import load_digits

import adamedu
from adamedu import adagrad, descend, surfaces
from adamedu.content.catalogue import task
from adamedu.core.measuring import RATES
from adamedu.grading.exams import prepare
from adamedu.grading.exams.by_hand import exact_values
from adamedu.grading.exams.exam import DataExam
from adamedu.learning.checking import NotPassed
from tests.support.pages import cells_of, read, text_of, texts_shown
from tests.support.submitting import defined, judged, passed, step

ROOT = Path(__file__).resolve().parents[2]
LESSON = ROOT / "notebooks" / "03_adagrad.ipynb"
EXERCISE = ROOT / "exercises" / "03_adagrad.ipynb"
SOLUTION = ROOT / "solutions" / "03_adagrad.ipynb"

asked: Any = task
"""Finds a task of any kind."""


def shown(cell_id):
    """What a code cell of the lesson says, or a text itself."""
    (cell,) = [cell for cell in read(LESSON)["cells"] if cell["id"] == cell_id]
    return text_of(cell) if cell["cell_type"] == "markdown" else "\n".join(texts_shown(cell))


def ridge_steps(along, across, steps=1000):
    """Plain descent on the ridge: each step leaves 1 - rate * curvature of each coordinate."""
    t = np.arange(steps + 1)
    x, y = -8.0 * (1 - 0.1 * along) ** t, 1.5 * (1 - 10 * across) ** t
    above = np.flatnonzero(~(x**2 / 20 + 5 * y**2 < 0.1))
    return int(above[-1]) + 1


class TestTheRidge:
    def test_the_best_single_rate(self):
        counts = [ridge_steps(lr, lr) for lr in RATES if lr < 0.2]
        best = min(counts)
        assert f"gd       {{}}: {best} steps at lr = {RATES[counts.index(best)]:.3f}" in shown(
            "one-rate"
        )
        assert f"{1 - 0.1 * 0.178:.4f}" in shown("one-rate")

    def test_two_rates_picked_by_hand(self):
        said = shown("two-rates")
        assert f"two rates, picked by hand: {ridge_steps(2.0, 0.15)} steps" in said
        assert "along and across: [ 0.8 -0.5]" in said
        assert f"0.15 for both: {ridge_steps(0.15, 0.15)} steps;" in said

    def test_two_for_both_diverges(self):
        """Across, each step multiplies by -19; a loss beyond 1e12 is a divergence."""
        at = next(t for t in range(100) if 5 * (1.5 * 19**t) ** 2 > 1e12)
        assert (
            f"2.0 for both: None steps; <gd on ridge: 1000 steps, diverged at step {at}>"
            in shown("two-rates")
        )

    def test_the_first_two_effective_rates(self):
        """Slopes -0.8 and 15, moves of 2 in both; then slopes -0.6 and -5."""
        said = shown("effective-rates")
        for t, along, across in (
            (1, 2 / 0.8, 2 / 15),
            (2, 2 / math.hypot(0.8, 0.6), 2 / math.hypot(15, 5)),
        ):
            line = f"t = {t:2}: along {along:.3f}, across {across:.3f}, {along / across:.2f} times"
            assert line in said

    def test_the_steeper_cliff(self):
        assert "condition number 100000" in shown("steeper")
        assert min(RATES) * 10_000 > 2
        assert f"limit of gradient descent {2 / 10_000}" in shown("steeper")
        assert f"there a step leaves {1 - 0.1 * 2 / 10_000:.5f} of the way" in shown("steeper")
        assert "with the best of the 101 rates it needs None steps" in shown("steeper")


class TestTheSum:
    def test_three_steps_with_fractions(self):
        """12/12, -9/15 and 20/25 of a tenth, taken from 1."""
        said = shown("fractions")
        for value in ("v_1 = 0 + 12**2 = 144", "v_2 = 144 + (-9)**2 = 225", "v_3 = 225 + 20**2"):
            assert value in said
        for theta in (Fraction(9, 10), Fraction(24, 25), Fraction(22, 25)):
            assert f"= {theta} = {float(theta)}" in said

    @pytest.mark.parametrize("t", [1, 4, 100, 10_000])
    def test_down_a_steady_slope(self, t):
        way = sum(1 / math.sqrt(k) for k in range(1, t + 1))
        assert f"t = {t:5}: move {1 / math.sqrt(t):.4f} α" in shown("closed-form")
        assert f"all so far {way:8.3f} α" in shown("closed-form")
        assert 2 * math.sqrt(t) - 2 < way < 2 * math.sqrt(t)

    @pytest.mark.parametrize(
        ("name", "past"),
        [("no past", 0), ("one slope of 1000", 1000**2), ("a hundred of 30", 100 * 30**2)],
    )
    def test_what_a_past_costs(self, name, past):
        rates = [1 / math.sqrt(past + n) for n in range(1, 10_001)]
        (line,) = [line for line in shown("only-falls").splitlines() if line.startswith(name)]
        assert f"rate {rates[0]:.5f} at first, {rates[-1]:.5f} in the end" in line
        (way,) = re.findall(r"comes ([\d.]+) α", line)
        assert float(way) == pytest.approx(sum(rates), abs=0.0051)
        assert f"{way} α" in shown("only-falls-read")
        assert line.endswith("rises anywhere: False")

    def test_epsilon(self):
        for g in (1e-4, 1e-8, 1e-10):
            assert f"slope {g:g}: the move is {g / (g + 1e-8):.4f} α" in shown("epsilon")
        count = ridge_steps(0.15, 0.15)
        assert f"eps = 10000: {count} steps, lr/eps = 0.15" in shown("epsilon")
        assert f"gradient descent at 0.15: {count}" in shown("epsilon")

    @given(
        st.lists(
            st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), min_size=1, max_size=12
        ).map(np.array)
    )
    def test_no_move_is_longer_than_lr(self, gradients):
        walk = descend(adagrad, gradients, lr=0.5)
        assert (np.abs(np.diff(walk.theta, axis=0)) <= 0.5 * (1 + 1e-9)).all()


class TestTheScans:
    """Counted from scikit-learn's digits, without the lesson's features."""

    @pytest.fixture(scope="class")
    @classmethod
    def scans(cls):
        images = load_digits().images.astype(int)
        order = np.random.default_rng(0).permutation(len(images))
        return images[order[:1200]], images[order[1200:]]

    @staticmethod
    def patterns(scans, side, grays):
        coarse = scans * grays // 17
        return [
            (y, x, *scan[y : y + side, x : x + side].ravel())
            for scan in coarse
            for y in range(0, 8, side)
            for x in range(0, 8, side)
        ]

    @pytest.mark.parametrize(("name", "side", "grays"), [("pixels", 1, 17), ("squares", 2, 5)])
    def test_what_is_rare(self, scans, name, side, grays):
        old, new = (self.patterns(part, side, grays) for part in scans)
        counts = Counter(old)
        rare = {pattern for pattern, count in counts.items() if count < 12}
        known = [pattern for pattern in new if pattern in counts]
        share = sum(pattern in rare for pattern in known) / len(known)
        line = (
            f"{name:7}: {len(counts)} features, {len(rare) / len(counts):.0%} of them rare; "
            f"they are {share:.1%} of what a new scan shows"
        )
        assert line in shown("squares")

    def test_how_sparse_they_are(self, scans):
        counts = Counter(self.patterns(scans[0], 1, 17))
        said = shown("digits")
        assert f"1797 scans, {64 * 17} features, {len(counts) / (64 * 17):.0%} ever seen" in said
        assert f"zero: {16 / 17:.0%} of all entries" in said

    def test_who_wins_is_read_off_the_tables(self):
        for cell, adagrads, plain in (("single-pixels", 91.6, 91.6), ("squares", 90.5, 83.6)):
            rows = [line.split() for line in shown(cell).splitlines()]
            best = {name: max(map(float, row)) for name, *row in rows if name in {"gd", "adagrad"}}
            assert best == {"adagrad": adagrads, "gd": plain}
            assert all(f"{x} %" in shown(f"{cell}-read") for x in (adagrads, plain))


class TestByHand:
    V = ("9", "25", "169")
    THETA = (Fraction(1, 2), Fraction(9, 10), Fraction(57, 130))

    def test_the_exact_values(self):
        """3, 4, 12 and the roots 3, 5, 13: half of 3/3, -4/5 and 12/13, taken from 1."""
        assert exact_values(asked("adagrad.v")) == [Fraction(x) for x in self.V]
        assert exact_values(asked("adagrad.theta")) == list(self.THETA)

    @pytest.mark.parametrize(
        ("answer", "mistake"),
        [
            ([3, -1, 11], "not-squared"),
            ([3, 7, 19], "absolute-for-square"),
            ([6, -2, 22], "doubled-for-squared"),
            ([9, -7, 137], "minus-kept"),
            ([9, 16, 144], "state-reset"),
            ([3, 5, 13], "state-is-root"),
            ([9, 25, 37**2], "average-squared"),
            ([9, 12.5, Fraction(169, 3)], "mean-for-sum"),
            ([0.9, 2.41, 16.569], "average-for-sum"),
        ],
    )
    def test_a_natural_wrong_sum_is_named(self, answer, mistake):
        assert [found.id for found in judged("adagrad.v", answer).mistakes] == [mistake]

    @pytest.mark.parametrize(
        ("moves", "mistakes"),
        [
            ([-1, Fraction(4, 5), Fraction(-12, 13)], ["plus-sign"]),
            ([3, -4, 12], ["not-divided"]),
            ([Fraction(3, 9), Fraction(-4, 25), Fraction(12, 169)], ["root-forgotten"]),
            ([2, Fraction(-8, 5), Fraction(24, 13)], ["lr-missing"]),
            ([1, -1, 1], ["state-reset"]),
            ([1, Fraction(4, 5), Fraction(12, 13)], ["absolute-gradient"]),
            ([Fraction(1, 3), Fraction(1, 5), Fraction(1, 13)], ["numerator-missing"]),
            ([3, Fraction(16, 5), Fraction(144, 13)], ["step-squared"]),
            ([9, -20, 156], ["multiplied-for-divided"]),
            (
                [1, Fraction(-4, 7), Fraction(12, 19)],
                ["absolute-for-square", "root-forgotten"],
            ),
        ],
    )
    def test_a_natural_wrong_step_is_named(self, moves, mistakes):
        """Each list holds what is halved and taken from theta."""
        theta, answer = Fraction(1), []
        for move in moves:
            theta -= Fraction(move) / 2
            answer.append(theta)
        assert [found.id for found in judged("adagrad.theta", answer).mistakes] == mistakes


def test_a_coordinate_that_wakes_up_takes_a_first_step():
    gradients = np.zeros((1000, 2))
    gradients[:, 0], gradients[-1, 1] = 1.0, 2.0
    moves = np.diff(descend(adagrad, gradients, lr=0.25, eps=1e-12).theta[-2:], axis=0)
    assert moves[0] == pytest.approx([-0.25 / math.sqrt(1000), -0.25])


@pytest.fixture(scope="module")
def faulty():
    (cell,) = [c for c in cells_of(EXERCISE, "code") if c["id"] == "adagrad-bug-given"]
    definition, _, run = text_of(cell).rpartition("\n\n\n")
    assert run == "descend(faulty_adagrad, surfaces.ravine, steps=50, lr=4.0)"
    return defined(definition)["faulty_adagrad"]


class TestTheBug:
    def test_its_loss_falls_all_the_way_down_and_ends_as_the_statement_says(self, faulty):
        wrong, right = (
            descend(one, surfaces.ravine, steps=50, lr=4.0).losses for one in (faulty, adagrad)
        )
        (cell,) = [c for c in cells_of(EXERCISE, "markdown") if c["id"] == "adagrad-bug-task"]
        said = " ".join(text_of(cell).split())
        assert f"falls from {wrong[0]:.4g} to {wrong[-1]:.4g}, and it looks fine" in said
        assert f"a right AdaGrad ends at {right[-1]:.4g}" in said
        assert (np.diff(wrong) < 0).all()

    def test_it_earns_nothing(self, faulty):
        with pytest.raises(NotPassed, match=r"^adagrad\.bug: not passed yet, 0 of 4 points$"):
            adamedu.check("adagrad.bug", faulty)

    def test_its_two_faults_are_named(self, faulty):
        found = [mistake.id for mistake in judged("adagrad.bug", faulty).mistakes]
        assert found == ["one-norm-for-all", "eps-inside-root"]

    @pytest.mark.parametrize(
        ("lines", "checks", "mistake"),
        [
            ({"v": "v + np.sum(g**2)"}, {"theta"}, "one-norm-for-all"),
            ({"theta": "theta - lr * g / np.sqrt(v + eps)"}, {"v"}, "eps-inside-root"),
        ],
    )
    def test_each_fault_has_its_points(self, lines, checks, mistake):
        half = defined(step(adagrad, "mended_adagrad", **lines))["mended_adagrad"]
        result = judged("adagrad.bug", half)
        assert passed(result) == checks
        assert [found.id for found in result.mistakes] == [mistake]


class TestDesign:
    RIDGE = (5.05, -4.95, 5.05)

    def test_the_solution_s_valley_is_as_it_is_described(self):
        (cell,) = [c for c in cells_of(SOLUTION, "code") if c["id"] == "adagrad-design"]
        a, b, c, x, y = defined(text_of(cell))["crooked_valley"]
        curvatures, directions = np.linalg.eigh([[a, b], [b, c]])
        assert curvatures[1] / curvatures[0] == pytest.approx(100, rel=0.05)
        along, across = directions.T
        assert math.degrees(math.atan(along[1] / along[0])) == pytest.approx(20, abs=0.5)
        assert abs(np.dot(along, (x, y))) < 0.01 * abs(np.dot(across, (x, y)))

    def test_the_solution_s_steps_are_those_it_tells(self):
        one = asked("adagrad.design")
        goal = replace(one.goal, bounds={"five": 1e9, "twenty": 1e9})
        exam = prepare(replace(one, goal=goal), 0)
        assert isinstance(exam, DataExam)
        facts = exam.judge_value([1.26, -3.18, 8.84, -1.71, 4.7]).facts
        assert [re.sub(r" with lr.*", "", fact) for fact in facts] == [
            "AdaGrad needs 60 steps",
            "plain descent needs 1 step",
        ]
        (cell,) = [c for c in cells_of(SOLUTION, "markdown") if c["id"] == "adagrad-design-why"]
        assert "one step is enough" in " ".join(text_of(cell).split())
        assert "That takes 60 steps" in " ".join(text_of(cell).split())

    @pytest.mark.parametrize(
        ("answer", "checks"),
        [
            ([1.26, -3.18, 8.84, -1.71, 4.7], {"five", "twenty"}),
            ([0.1, 0.0, 10.0, -8.0, 1.5], set()),  # the ridge
            ([*RIDGE, -6.5 / math.sqrt(2), -9.5 / math.sqrt(2)], set()),  # the turned one
            ([*RIDGE, -5.0, 5.0], set()),  # at 45 degrees, straight up the cliff
            ([1.0, 0.0, 1.0, 3.0, 3.0], set()),  # a round bowl
            ([1.0, 0.0, 1.0, 1.0, 0.03], set()),
            ([9.0, -4.0, 2.0, 9.0, -4.0], {"five", "twenty"}),
            ([3.25, -3.9, 7.75, -2.5, 4.33], {"five"}),  # only ten times as steep
        ],
    )
    def test_what_a_valley_earns(self, answer, checks):
        assert passed(judged("adagrad.design", answer)) == checks

    def test_the_steps_are_said_with_their_rates(self):
        """Plain descent leaves 1 - lr * curvature of x and y, for the best of the 51 rates."""
        rates = np.geomspace(0.001, 100, 51)
        t = np.arange(501)[:, None]
        with np.errstate(all="ignore"):
            x, y = (s * (1 - rates * curve) ** t for s, curve in ((-8, 0.1), (1.5, 10)))
            losses = x**2 / 20 + 5 * y**2
        settled = [501 - np.argmin((column < 14.45e-4)[::-1]) for column in losses.T]
        best = int(np.argmin(settled))
        _, plain = judged("adagrad.design", [0.1, 0.0, 10.0, -8.0, 1.5]).facts
        assert plain == f"plain descent needs {settled[best]} steps with lr = {rates[best]:.3g}"

    def test_where_plain_descent_doesnt_get_there_nothing_is_earned(self):
        result = judged("adagrad.design", [0.001, 0.0, 10.0, 10.0, 1.0])
        assert result.points == 0
        assert result.facts[1] == (
            "plain descent doesn't get there within 500 steps, with any of the rates"
        )

    @pytest.mark.parametrize(
        ("answer", "says"),
        [
            ([1.0, 0.0, 1.0, 1.0], "a, b, c, x and y are five numbers, not 4"),
            ([1.0, 0.0, 1.0, 1.0, 1.0, 1.0], "crooked_valley should be a list of 1 to 5 numbers"),
            ([1.0, 0.0, 1.0, 11.0, 0.0], "every number lies between -10 and 10"),
            ([1.0, 2.0, 1.0, 1.0, 1.0], "that is no valley: a > 0 and a * c > b * b make one"),
            ([-1.0, 0.0, -1.0, 1.0, 1.0], "that is no valley: a > 0 and a * c > b * b make one"),
            ([1.0, 1.0, 1.0, 1.0, 1.0], "that is no valley: a > 0 and a * c > b * b make one"),
            ([1.0, 0.0, 1.0, 0.0, 0.0], "the start is the minimum, so there is nowhere to go"),
            ([1.0, 0.0, 1.0, 1e-200, 0.0], "the start is the minimum, so there is nowhere to go"),
        ],
    )
    def test_what_is_no_valley_is_said(self, answer, says):
        result = judged("adagrad.design", answer)
        assert (result.points, result.facts) == (0, (says,))

    def test_the_statement_names_the_numbers_that_count(self):
        (cell,) = [c for c in cells_of(EXERCISE, "markdown") if c["id"] == "adagrad-design-task"]
        said = " ".join(text_of(cell).split())
        goal = asked("adagrad.design").goal
        low, high, count = goal.rates
        assert f"{count} rates from {low} to {high}" in said
        assert f"numbers between -{goal.largest} and {goal.largest}" in said
        assert f"{goal.steps} steps long" in said
        assert goal.part == 1e-4
        assert "a ten-thousandth" in said
        for check in task("adagrad.design").checks:
            assert f"at least {goal.bounds[check.id]} times as many" in said
