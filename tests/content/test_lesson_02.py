"""The numbers of lesson 02 and its exercises, from formulas and hand computations of their own."""

import itertools
import json
import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adamedu
from adamedu import descend, surfaces
from adamedu.content.catalogue import task
from adamedu.learning.checking import NotPassed
from tests.support.submitting import judged, passed

ROOT = Path(__file__).resolve().parents[2]


def cells(path):
    return {cell["id"]: cell for cell in json.loads((ROOT / path).read_text("utf-8"))["cells"]}


LESSON = cells("notebooks/02_momentum.ipynb")
EXERCISES = cells("exercises/02_momentum.ipynb")


def printed(cell_id):
    """What a cell of the lesson prints."""
    return "".join(
        "".join(output["text"]) for output in LESSON[cell_id]["outputs"] if "text" in output
    )


def text(cell):
    return "".join(cell["source"])


def numbers(line):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", line)]


def radius(beta, rate):
    """The largest root of the recurrence along a curvature, ``rate`` being lr times it.

    Two steps of the average on a quadratic make x'' = (1 + beta - (1 - beta) rate) x' - beta x.
    """
    return max(abs(np.roots([1, -(1 + beta - (1 - beta) * rate), beta])))


class TestTheMemory:
    def test_weights_are_powers_of_beta_by_age(self):
        for t, row in enumerate(printed("weights-fixed").splitlines()[:4], start=1):
            expected = [0.1 * 0.9**age for age in reversed(range(t))]
            assert numbers(row)[1:] == pytest.approx(expected, abs=5e-5)

    def test_sums_and_the_step_at_which_it_is_up_to_speed(self):
        lines = printed("sums").splitlines()
        for t, line in zip((1, 2, 3, 10), lines, strict=False):
            assert numbers(line)[-1] == round(1 - 0.9**t, 3)
        arrives = next(t for t in itertools.count(1) if 0.9**t < 0.01)
        assert lines[-1].endswith(f"step {arrives}")

    def test_half_lives_and_lengths(self):
        for line in printed("memory").splitlines()[1:]:
            beta, half_life, length, share = numbers(line)
            assert beta ** (math.log(2) / -math.log(beta)) == pytest.approx(0.5)
            assert half_life == round(math.log(2) / -math.log(beta), 1)
            assert length == pytest.approx(sum(beta**k for k in range(10_000)))
            assert share == round(100 * sum((1 - beta) * beta**k for k in range(int(length))))

    def test_it_turns_when_the_new_slopes_outweigh_the_old(self):
        """After k opposite slopes the old ones weigh 0.9**k and the new ones the rest."""
        turns = next(k for k in itertools.count(1) if 0.9**k < 1 - 0.9**k)
        assert f"negative {turns} steps" in printed("turning")


def test_fractions_by_hand():
    shown = "".join(LESSON["fractions"]["outputs"][0]["data"]["text/latex"])
    rows = [row for row in shown.split(r"\\") if row.lstrip("[4pt]16 \n").startswith(r"m_{")]
    m = [Fraction(2), Fraction(0), Fraction(3)]
    assert [row.rsplit("=", 1)[1].split(r"\end")[0].strip() for row in rows[1:]] == [
        str(value) for value in m
    ]
    thetas = re.findall(r"\\theta_\{[123]\} &=.*?&= (-?[\d.]+)(?=\\\\|\n)", shown)
    assert [float(x) for x in thetas] == pytest.approx([0.8, 0.8, 0.5])


class TestCensus:
    @staticmethod
    def crest(slope, low, high):
        """The place between, by bisection, where the slope turns from positive to negative."""
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if slope(middle) > 0 else (low, middle)
        return low

    def test_gradient_descent_comes_home_from_between_the_crests(self):
        crest = self.crest(lambda x: x / 10 + 0.6 * math.sin(2 * x), 1.0, 2.5)
        starts = [-8 + 16 * k / 200 for k in range(201)]
        home = sum(abs(x) < crest for x in starts)
        assert numbers(printed("hills-census").splitlines()[1])[1] == home

    def test_slow_gradient_descent_ends_in_the_valley_it_starts_in(self):
        crest = self.crest(lambda x: 4 * x**3 - 4 * x + 0.25, -0.9, 0.9)
        starts = [-2 + 4 * k / 400 for k in range(401)]
        share = 100 * sum(x < crest for x in starts) / 401
        assert numbers(printed("momentum-census").splitlines()[1])[1] == round(share, 1)
        assert numbers(printed("momentum-census-sums").splitlines()[0])[1] == pytest.approx(
            share, abs=0.1
        )

    def test_what_is_gained_is_what_was_rescued_less_what_was_lost(self):
        lines = printed("momentum-census-sums").splitlines()
        (runs, home), (rescued,), (lost,), _ = map(numbers, lines[4:])
        assert runs == 401 * 5 * 5
        right = numbers(printed("momentum-census").splitlines()[1])[1]
        assert home - right == pytest.approx(rescued - lost, abs=0.2)

    def test_the_range_that_is_stated_is_that_of_the_table(self):
        rows = [numbers(line)[1:] for line in printed("momentum-census").splitlines()[2:]]
        assert len(rows) == 5
        assert f"beyond {max(map(max, rows))} %" in text(LESSON["momentum-census-read"])
        mean = np.mean(rows)
        assert numbers(printed("momentum-census-sums").splitlines()[4])[1] == pytest.approx(
            mean, abs=0.06
        )


class TestSpeed:
    def test_at_the_limit_the_recurrence_has_the_root_minus_one(self):
        for line in printed("limit").splitlines():
            beta, below, above, *_, limit = numbers(line)
            assert radius(beta, 2 * limit) == pytest.approx(1)
            assert radius(beta, 2 * below) < 1 < radius(beta, 2 * above)
            assert above / below == pytest.approx(1.01, abs=0.001)

    @pytest.mark.parametrize("condition", [20, 100])
    def test_the_best_beta_of_theory_has_the_smallest_root(self, condition):
        """Over a grid of betas, each at its best rate for curvatures 1 and the condition number."""
        betas = np.arange(0.3, 0.8, 0.01)
        pace = [
            min(
                max(radius(beta, rate), radius(beta, rate / condition))
                for rate in np.linspace(0.5, 1, 60) * 2 * (1 + beta) / (1 - beta)
            )
            for beta in betas
        ]
        line = next(x for x in printed("tuned").splitlines() if f"number {condition}:" in x)
        assert betas[np.argmin(pace)] == pytest.approx(numbers(line)[-1], abs=0.03)

    @pytest.mark.parametrize("rate", [0.06, 0.6, 1.2, 20.0])
    def test_while_it_swings_the_pace_is_the_root_of_beta_at_any_rate(self, rate):
        assert radius(0.99, rate) == pytest.approx(math.sqrt(0.99))
        assert f"leaves {math.sqrt(0.99):.3f} of" in printed("cost")


def test_the_forms():
    """A sum of 0.9**k comes to ten; one more average by hand is 2 - 0.1 (0.9 * 4.8 + 0.1 * 3)."""
    average, heavy, same = printed("heavy-ball").splitlines()
    assert numbers(average)[1:] == [0.1, 1.0]
    assert numbers(heavy)[1:] == [1.0, 10.0]
    assert numbers(same)[2] == 0
    assert [numbers(line)[-1] for line in printed("nesterov").splitlines()[:2]] == [1.538, 1.538]


@pytest.fixture(scope="module")
def faulty():
    definition, _, run = text(EXERCISES["momentum-bug-given"]).rpartition("\n\n\n")
    assert run == "descend(faulty_momentum, surfaces.ravine, steps=100, lr=0.2)"
    namespace: dict[str, Any] = {}
    exec(definition, namespace)  # noqa: S102  (the notebook's own cell)
    return namespace["faulty_momentum"]


class TestExercises:
    @pytest.mark.parametrize(
        ("answer", "mistake"),
        [
            ([16, 4, 7], "heavy-ball"),
            ([12, -3, Fraction(9, 4)], "m-weights-exchanged"),
            ([16, 4, 4], "m-plain-average"),
            ([4, -2, 1], "state-reset"),
            ([16, 10, 8.5], "m-starts-raw"),
            ([4, 2, 3], "m-never-forgets"),
            ([4, 5, 4.75], "absolute-gradient"),
        ],
    )
    def test_a_natural_wrong_average_is_named(self, answer, mistake):
        assert [found.id for found in judged("momentum.m", answer).mistakes] == [mistake]

    @pytest.mark.parametrize(
        ("answer", "mistake"),
        [
            ([-5, -1, -3], "g-in-update"),
            ([-1, -2, -3.75], "lr-missing"),
            ([5, 5.5, 6.375], "plus-sign"),
            ([3, 1, 0.5], "stale-m"),
            ([-5, -7, -10.5], "heavy-ball"),
        ],
    )
    def test_a_natural_wrong_step_is_named(self, answer, mistake):
        assert [found.id for found in judged("momentum.theta", answer).mistakes] == [mistake]

    def test_worked_out_on_paper(self):
        assert judged("momentum.m", [4, 1, Fraction(7, 4)]).status == "passed"
        assert judged("momentum.theta", [1, Fraction(1, 2), Fraction(-3, 8)]).status == "passed"

    def test_the_faulty_steps_loss_falls_as_the_statement_says(self, faulty):
        steps = (faulty, adamedu.momentum)
        runs = [descend(step, surfaces.ravine, steps=100, lr=0.2).losses for step in steps]
        (start, *_, wrong), (*_, right) = runs
        statement = text(EXERCISES["momentum-bug-task"])
        assert f"falls from {start:.4g} to {wrong:.4g}. A right momentum ends at {right:.4g}." in (
            " ".join(statement.split())
        )

    def test_the_faulty_step_earns_nothing_and_the_fault_is_named(self, faulty, capsys):
        with pytest.raises(NotPassed, match=r"^momentum\.bug: not passed yet, 0 of 3 points$"):
            adamedu.check("momentum.bug", faulty)
        assert "you step with the old m" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("start", "points", "checks"),
        [
            ([-1.85, 0.0], 3, {"differ", "worse"}),
            ([-1.85, 1.5], 3, {"differ", "worse"}),
            ([1.7, 0.0], 1, {"differ"}),
            ([-1.0, 0.0], 0, set()),
            ([1.0, 0.0], 0, set()),
            ([-1.99, 0.0], 0, set()),
        ],
    )
    def test_a_start_earns_what_it_shows(self, start, points, checks):
        result = judged("momentum.design", start)
        assert (result.points, passed(result)) == (points, checks)
        assert len(result.facts) == (0 if points == 3 else 2)

    @pytest.mark.parametrize(
        ("start", "fact"),
        [
            ([-2.5, 0.0], "x lies between -2 and 2, and y between -1.5 and 1.5"),
            ([-1.85, 1.6], "x lies between -2 and 2, and y between -1.5 and 1.5"),
            ([-1.85], "x and y are two numbers, not 1"),
            ([-1.85, 0.0, 0.0], "unlucky_start should be a list of 1 to 2 numbers"),
            ([math.nan, 0.0], "unlucky_start holds a number that isn't finite"),
        ],
    )
    def test_a_start_outside_is_refused(self, start, fact):
        result = judged("momentum.design", start)
        assert (result.points, list(result.facts)) == (0, [fact])

    def test_the_design_is_stated_as_it_is_judged(self):
        statement = " ".join(text(EXERCISES["momentum-design-task"]).split())
        asked: Any = task("momentum.design")
        goal, checks = asked.goal, asked.checks
        assert f"take {goal.steps} steps with `lr = {goal.lr}`" in statement
        (left, right), (low, high) = surfaces.double_well.domain
        assert f"`x` between {left:g} and {right:g}, and `y` between {low:g} and {high:g}" in (
            statement
        )
        assert [check.points for check in checks] == [1, 2]
        assert f"earns {checks[0].points} point. " in statement
        assert f"earns {checks[1].points} more." in statement
