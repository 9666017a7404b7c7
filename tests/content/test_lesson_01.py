"""Lesson 01 and its exercises: the numbers, from formulas of their own, and what wrong answers get.

A descent in a bowl multiplies each coordinate by 1 - lr * curvature; that is all that is used here.
"""

import json
import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sklearn.datasets import load_diabetes

from adamedu import descend, gd, surfaces
from adamedu.content.catalogue import task
from adamedu.content.tasks import ByHandTask, Check
from adamedu.grading.exams.by_hand import exact_values
from adamedu.pages.claims import claims
from tests.support.submitting import judged, passed

ROOT = Path(__file__).resolve().parents[2]
LESSON = json.loads((ROOT / "notebooks" / "01_gradient_descent.ipynb").read_text(encoding="utf-8"))
EXERCISES = json.loads(
    (ROOT / "exercises" / "01_gradient_descent.ipynb").read_text(encoding="utf-8")
)


def cell_of(notebook, cell_id):
    (cell,) = [cell for cell in notebook["cells"] if cell["id"] == cell_id]
    return cell


def printed(cell_id):
    outputs = cell_of(LESSON, cell_id)["outputs"]
    return "".join("".join(output.get("text", "")) for output in outputs)


def prose(cell_id):
    return "".join(cell_of(LESSON, cell_id)["source"])


def in_bowls(start, curvatures, lr, steps):
    """The losses of plain descent on a sum of bowls, one per coordinate, in closed form."""
    factors = 1 - lr * np.array(curvatures)
    places = np.array(start) * factors ** np.arange(steps + 1)[:, np.newaxis]
    return (places**2 * curvatures).sum(axis=1) / 2


def below_from(losses, below):
    """The first step from which all losses are below, None if the last one isn't."""
    above = np.flatnonzero(~(losses < below))
    last = above[-1] + 1 if len(above) else 0
    return last if last < len(losses) else None


RAVINE = (-9.0, 2.5), (0.1, 2.0)  # its start and its curvatures


class TestOneStep:
    def test_how_far_the_first_step_should_go(self):
        """Along a line the loss is a parabola: lowest at g.g / g.H.g, back up at twice that."""
        g = np.array([-0.9, 5.0])
        lowest = g @ g / (g**2 @ RAVINE[1])
        loss = 10.3 - g @ g * lowest / 2
        best, low, again = map(float, re.findall(r"\d+\.\d+", printed("how-far")))
        assert abs(best - lowest) <= 0.0025  # half a step of the grid
        assert low == pytest.approx(loss, abs=0.005)
        assert 0 <= again - 2 * lowest <= 0.005
        assert f"{best:.3f}" in prose("part-1-summary")
        assert f"{again:.3f}" in prose("part-1-summary")

    def test_down_is_against_the_gradient(self):
        degrees = math.degrees(math.atan2(-5.0, 0.9)) % 360
        assert f"at {degrees:.1f} degrees" in printed("compass")
        assert f"at {round(degrees)} degrees" in printed("compass")


class TestTheRavine:
    def test_the_zigzag_settles_where_the_closed_form_does(self):
        losses = in_bowls(*RAVINE, lr=0.97, steps=150)
        assert f"below 0.01 from step {below_from(losses, 0.01)}" in printed("play-numbers")
        assert f"from step {below_from(losses, 0.01)} on" in prose("play-try")
        assert "changes sides 150 times in 150 steps" in printed("play-numbers")

    def test_a_rate_just_above_the_limit_takes_long_to_diverge(self):
        losses = in_bowls(*RAVINE, lr=1.01, steps=1000)
        broken = int(np.argmax(losses > 1e12))
        assert f"diverges at step {broken}\n" in printed("factor")
        assert f"at step {broken} " in prose("factor-read")
        assert printed("factor").count("doesn't diverge") == 5

    def test_the_limit_is_2_over_the_largest_curvature(self):
        limits = re.findall(r"to +([\d.]+): 2/λ = ([\d.]+), diverges from lr = ([\d.]+)",
                            printed("limit"))  # fmt: skip
        assert [(float(c), float(limit)) for c, limit, _ in limits] == [
            (2, 1),
            (10, 0.2),
            (10, 0.2),
        ]
        assert [float(lr) for *_, lr in limits] == [1.01, 0.21, 0.21]


class TestStationaryPoints:
    def test_how_long_a_saddle_holds(self):
        """Beside it the distance grows by 1.1 at each step."""
        steps = [math.ceil(math.log(1 / offset) / math.log(1.1)) for offset in (1e-3, 1e-6, 1e-9)]
        assert [*map(int, re.findall(r"step (\d+)", printed("saddle")))] == steps
        assert f"takes {steps[0]} steps" in prose("saddle-read")

    def test_random_signs(self):
        """Among Gaussian symmetric matrices the share of positive ones is known in closed form."""
        shares = [1 / 2, (2 - math.sqrt(2)) / 4, (math.pi - 2 * math.sqrt(2)) / (4 * math.pi)]
        found = re.findall(r"(\d+) minima, +(\d+) maxima, +(\d+) saddles", printed("signs"))
        counts = np.array(found, dtype=int)
        assert (counts.sum(axis=1) == 20_000).all()
        for (minima, maxima, _), share in zip(counts, shares, strict=False):
            spread = math.sqrt(20_000 * share * (1 - share))
            assert abs(minima - 20_000 * share) < 4 * spread
            assert abs(maxima - 20_000 * share) < 4 * spread
        assert f"{counts[1, 0]:,}, with three {counts[2, 0]}" in prose("signs-read")
        assert counts[-1].tolist() == [0, 0, 20_000]


class TestTheHills:
    @staticmethod
    def hilltop():
        """Where x/10 + 3/5 sin 2x is 0 between the two lowest hollows, by bisection."""
        low, high = 1.0, 2.5
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (
                (middle, high) if middle / 10 + 0.6 * math.sin(2 * middle) > 0 else (low, middle)
            )
        return low

    def test_the_census_counts_the_starts_between_the_tops(self):
        home = sum(abs(x) < self.hilltop() for x in np.linspace(-8, 8, 201))
        short = [f"lr = {lr}: {home} come home, {201 - home} don't" for lr in (0.1, 0.3, 0.9, 1.5)]
        assert all(line in printed("census") for line in short)
        assert f"From {home} of the 201 starts" in prose("census-read")
        (stuck,) = [
            claim.says for claim in claims("01").rows if claim.id == "stuck-in-local-minima"
        ]
        assert f"{201 - home} of 201" in stuck

    def test_above_its_limit_the_deepest_hollow_holds_nothing(self):
        """Its curvature is 1/10 + 12/10."""
        assert f"curvature {0.1 + 1.2}, limit {2 / 1.3:.2f}" in printed("hills-limit")
        assert all(f"lr = {lr}:  1 come home" in printed("census") for lr in (1.6, 2.0))

    def test_a_falling_rate_and_the_steps_up_are_told_alike(self):
        up, home = re.findall(r"went up: (\d+) of 100\n(\d+) of 201", printed("over-the-hills"))[0]
        assert f"{up} of its 100 steps went *up*" in prose("over-the-hills-read")
        assert f"From {home} of the 201 starts" in prose("over-the-hills-read")
        assert int(home) > 43


class TestWhatTakesLong:
    def test_the_steps_for_each_condition_number(self):
        rows = re.findall(r"κ = +(\d+): +(\d+) steps at lr = ([\d.]+)", printed("condition"))
        assert len(rows) == 7
        for kappa, steps, lr in ((int(k), int(n), float(x)) for k, n, x in rows):
            settled = {
                rate: below_from(in_bowls((1.0, 1.0), (1, kappa), rate, 20 * kappa), 1e-4)
                for rate in np.linspace(0.5, 2, 61) / kappa
            }
            best, rate = min((n, rate) for rate, n in settled.items() if n is not None)
            assert steps == best
            assert lr == pytest.approx(rate, abs=5e-5)

    def test_real_data_are_ill_conditioned(self):
        measured, _ = load_diabetes(return_X_y=True)
        singular = np.linalg.svd(measured / measured.std(axis=0), compute_uv=False)
        assert f"condition number {(singular[0] / singular[-1]) ** 2:.0f}" in printed(
            "real-condition"
        )

    def test_slopes_grow_through_layers(self):
        assert f"weight 1.2: slope {1.2**50:.4g}" in printed("exploding")
        assert f"weight 0.8: slope {0.8**50:.4g}" in printed("exploding")


class TestNoise:
    def test_the_cloud_is_as_large_as_the_noise_and_the_rate_make_it(self):
        """At small rates the loss above the best is lr / 4 times the variance of the gradient."""
        measured, disease = load_diabetes(return_X_y=True)
        inputs = (measured / measured.std(axis=0))[:, 2:4]
        targets = (disease - disease.mean()) / disease.std()
        errors = targets - inputs @ np.linalg.lstsq(inputs, targets)[0]
        variance = (4 * errors[:, np.newaxis] ** 2 * inputs**2).mean(axis=0).sum()
        variance *= (442 - 8) / (442 - 1) / 8  # 8 of 442, none twice
        above = re.findall(r"lr ([\d.]+): .* ([\d.]+)$", printed("noise"), flags=re.MULTILINE)
        for lr, measured_loss in above[:2]:
            assert float(measured_loss) == pytest.approx(float(lr) * variance / 4, rel=0.2)
        clouds = [float(loss) for _, loss in above]
        assert clouds == sorted(clouds)
        (falling,) = map(
            float,
            re.findall(r"falling from 0.3: .* ([\d.]+)$", printed("noise"), flags=re.MULTILINE),
        )
        assert falling < clouds[0]
        assert round(clouds[2] / clouds[0]) == 11  # as the prose says


def by_hand(task_id):
    found = task(task_id)
    assert isinstance(found, ByHandTask)
    return found


class TestByHand:
    BOWL = (Fraction(-4), Fraction(2), Fraction(-1))

    def test_the_bowl_s_exact_values(self):
        assert tuple(exact_values(by_hand("gd.bowl"))) == self.BOWL

    @given(
        st.fractions(-9, 9, max_denominator=9),
        st.fractions(-9, 9, max_denominator=9),
        st.fractions(0, 2, max_denominator=9),
        st.integers(1, 6),
    )
    def test_in_a_bowl_each_step_multiplies_by_one_factor(self, theta, curvature, lr, steps):
        bowl = replace(
            by_hand("gd.bowl"), theta=str(theta), steps=steps, curvature=str(curvature),
            given={"lr": str(lr)}, checks=tuple(Check(f"t{t + 1}", 1, "x") for t in range(steps)),
        )  # fmt: skip
        expected = [(1 - lr * curvature) ** t * theta for t in range(1, steps + 1)]
        assert exact_values(bowl) == expected

    @pytest.mark.parametrize(
        ("answer", "named"),
        [
            ([20, 50, 125], "plus-sign"),
            ([-8, 8, -8], "lr-missing"),
            ([-1, Fraction(1, 8), Fraction(-1, 64)], "lr-twice"),
            ([4, 2, 1], "difference-reversed"),
            ([-12, 18, -27], "step-without-theta"),
            ([2, Fraction(1, 2), Fraction(1, 8)], "curvature-forgotten"),
        ],
    )
    def test_a_mistake_is_followed_through_the_bowl_and_named(self, answer, named):
        result = judged("gd.bowl", answer)
        assert [mistake.id for mistake in result.mistakes] == [named]
        assert not passed(result) - {"t2"}

    @pytest.mark.parametrize(
        ("answer", "named"),
        [
            ([-4, -16, -28], ["first-gradient-kept"]),
            ([-4, 14, 5], ["starts-over"]),
            ([-4, -4, -4], ["starts-over", "first-gradient-kept"]),
        ],
    )
    def test_what_goes_wrong_from_step_to_step_is_named(self, answer, named):
        result = judged("gd.bowl", answer)
        assert passed(result) == {"t1"}
        assert [mistake.id for mistake in result.mistakes] == named

    @pytest.mark.parametrize("answer", [[-4, None, None], [-4, 2, None], [None, 2, -1]])
    def test_where_nothing_is_wrong_yet_no_mistake_is_named(self, answer):
        result = judged("gd.bowl", answer)
        assert result.mistakes == ()
        assert result.points == 3 - answer.count(None)


def step_in_place(theta, g, t, *, lr):
    theta -= theta - gd(theta, g, t, lr=lr)
    return theta


class TestStep:
    @pytest.mark.parametrize(
        "answer",
        [
            gd,
            lambda theta, g, t, *, lr: -(gd(0 * theta, -g, t, lr=lr) - theta),
            lambda theta, g, t, *, lr: np.array(gd(theta, g, t, lr=lr)),
            lambda theta, g, t, *, lr: np.asarray(gd(theta, g, t, lr=lr)).tolist(),
            lambda theta, g, t, *, lr: np.reshape(
                [gd(p, q, t, lr=lr) for p, q in zip(np.ravel(theta), np.ravel(g), strict=True)],
                np.shape(theta),
            ),
        ],
        ids=["as it is", "the other way round", "a copy", "lists of numbers", "entry by entry"],
    )
    def test_every_right_form_passes(self, answer):
        result = judged("gd.step", answer)
        assert (result.status, result.points) == ("passed", 4)

    def test_a_step_in_place_loses_one_check_and_is_called_nothing_else(self):
        result = judged("gd.step", step_in_place)
        assert passed(result) == {"theta", "inputs"}
        assert [mistake.id for mistake in result.mistakes] == ["changes-arguments"]

    @pytest.mark.parametrize("digits", [1, 2, 3])
    def test_rounding_is_seen_where_it_changes_something(self, digits):
        def rounding(theta, g, t, *, lr):
            return np.round(gd(theta, g, t, lr=lr), digits)

        result = judged("gd.step", rounding)
        assert [mistake.id for mistake in result.mistakes] == ["rounds-results"]

    @pytest.mark.parametrize(
        ("edits", "named"),
        [
            ({"incoming": {"lr": "-lr"}}, "plus-sign"),
            ({"incoming": {"lr": "lr / sqrt(t)"}}, "rate-falls-with-t"),
            ({"incoming": {"lr": "1"}}, "lr-missing"),
            ({"outgoing": {"theta": "-theta"}}, "difference-reversed"),
            ({"outgoing": {"theta": "theta_prev - theta"}}, "step-without-theta"),
            ({"incoming": {"g": "g**2"}}, "step-squared"),
        ],
    )
    def test_the_natural_mistakes_are_named(self, edits, named):
        result = judged("gd.step", gd.variant(**edits))
        assert [mistake.id for mistake in result.mistakes] == [named]
        assert "theta" not in passed(result)


def run_by(body):
    """A run whose loop has another body; ``step`` is the right step."""
    names = {"np": np, "step": gd}
    lines = "".join(f"        {line}\n" for line in body.split("; "))
    head = "def gd_run(theta, gradients, *, lr):\n    path, total = [], 0\n"
    exec(f"{head}    for t, g in enumerate(gradients, start=1):\n{lines}    return path", names)  # noqa: S102
    return names["gd_run"]


class TestRun:
    @pytest.mark.parametrize(
        ("body", "named"),
        [
            ("theta = step(theta, g, t, lr=lr); path.append(theta)", []),
            ("path.append(step(theta, g, t, lr=lr))", ["starts-over"]),
            (
                "total = total + g; theta = step(theta, total, t, lr=lr); path.append(theta)",
                ["gradients-accumulate"],
            ),
            ("path.append(theta); theta = step(theta, g, t, lr=lr)", ["includes-start"]),
            ("theta[...] = step(theta, g, t, lr=lr); path.append(theta)", ["history-aliases"]),
            ("theta = step(theta, g, t, lr=lr / t); path.append(theta)", ["rate-falls-with-t"]),
            ("theta = step(theta, -g, t, lr=lr); path.append(theta)", ["plus-sign"]),
        ],
    )
    def test_what_goes_wrong_around_the_step_is_named(self, body, named):
        result = judged("gd.run", run_by(body))
        assert [mistake.id for mistake in result.mistakes] == named
        assert (result.points == 5) == (named == [])


@pytest.fixture(scope="module")
def faulty():
    definition, _, run = "".join(cell_of(EXERCISES, "gd-bug-given")["source"]).rpartition("\n\n\n")
    assert run == "descend(faulty_gd, surfaces.ravine, steps=100, lr=0.99)"
    names: dict[str, Any] = {"np": np}
    exec(definition, names)  # noqa: S102  (the notebook's own cell)
    return names["faulty_gd"]


class TestTheBug:
    def test_its_loss_falls_as_the_statement_says_and_further_than_the_right_one(self, faulty):
        wrong, right = (
            descend(step, surfaces.ravine, steps=100, lr=0.99).losses for step in (faulty, gd)
        )
        statement = " ".join("".join(cell_of(EXERCISES, "gd-bug-task")["source"]).split())
        assert f"falls from {wrong[0]:.4g} to {wrong[-1]:.4g}." in statement
        assert f"ends at {right[-1]:.4g}." in statement
        assert right[-1] == pytest.approx(in_bowls(*RAVINE, lr=0.99, steps=100)[-1])
        assert wrong[-1] < right[-1]

    def test_both_faults_cost_and_each_is_named(self, faulty):
        result = judged("gd.bug", faulty)
        assert result.points == 0
        assert {mistake.id for mistake in result.mistakes} == {
            "rate-falls-with-t",
            "changes-arguments",
        }

    def test_the_first_fault_mended_earns_its_points_and_the_second_waits_for_it(self):
        assert judged("gd.bug", step_in_place).points == 2
        assert judged("gd.bug", gd.variant(incoming={"lr": "lr / sqrt(t)"})).points == 0


class TestTheDesign:
    """The curvatures of 3x² + 2xy + 3y² are 4 and 8, so the limit is 1/4."""

    @pytest.mark.parametrize(
        ("lr", "points"),
        [
            (0.2251, 3), (0.24, 3), (0.2499, 3), ([0.24], 3), (Fraction(6, 25), 3),
            (0.2249, 1), (0.1, 1), (1e-6, 1),
            (0.25, 0), (0.2501, 0), (1 / 3, 0), (0.0, 0), (-0.1, 0), (1e300, 0),
        ],
    )  # fmt: skip
    def test_only_just_below_the_limit_is_bold(self, lr, points):
        result = judged("gd.design", lr)
        assert result.points == points
        assert (result.facts == ()) == (points == 3)

    @pytest.mark.parametrize("answer", [[0.1, 0.2], [], [[0.24]]])
    def test_anything_but_one_number_is_refused(self, answer):
        assert judged("gd.design", answer).facts == ("bold_rate should be a number",)

    def test_the_statement_asks_for_what_is_judged(self):
        asked: Any = task("gd.design")
        statement = "".join(cell_of(EXERCISES, "gd-design-task")["source"])
        assert "$f(x, y) = 3x^2 + 2xy + 3y^2$" in statement
        assert asked.goal.quadratic == (6, 2, 6)  # its second derivatives
        values, directions = np.linalg.eigh([[6, 2], [2, 6]])
        assert values.tolist() == pytest.approx([4, 8])
        assert abs(np.cross([*asked.goal.steepest, 0], [*directions[:, 1], 0])).max() < 1e-12
        assert f"takes {asked.goal.steps} steps" in statement
        assert f"{asked.goal.within:.0%}".replace("%", " %") in statement
