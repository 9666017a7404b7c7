"""Answers that are data: numbers by hand, a choice, a design."""

from __future__ import annotations

import json
import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from adamedu import adagrad, adam, descend, momentum, rmsprop
from adamedu.content.catalogue import task, tasks
from adamedu.grading.exams import prepare
from adamedu.grading.judge import TaskResult, judge
from adamedu.sandbox.inside.runner import perform_all
from tests.support.submitting import CLASS, RUN, ask, defined, judged, passed, step

if TYPE_CHECKING:
    from collections.abc import Callable

EXACT = {
    "adam.m": [Fraction(2), Fraction(2), Fraction(-2)],
    "adam.v-hat": [Fraction(16), Fraction(64, 7), Fraction(768, 37)],
    "adam.theta": [Fraction(9, 10), Fraction(4, 5), Fraction(7, 10)],
}
"""Worked out on paper."""


def four_digits(x):
    return float(f"{float(x):.4g}")


WRITTEN: dict[str, Callable[[Fraction], object]] = {
    "fractions": lambda x: x,
    "floats": float,
    "decimals of four digits": four_digits,
    "texts of fractions": str,
    "texts with blanks": lambda x: f" {x} ",
    "texts of decimals": lambda x: f"{float(x):.6f}",
    "texts with an exponent": lambda x: f"{float(x):.8e}",
    "double precision": np.float64,
    "single precision": np.float32,
    "arrays without axes": lambda x: np.array(float(x)),
    "SymPy's rationals": lambda x: sympy.Rational(x.numerator, x.denominator),
    "Python's whole numbers where they are": lambda x: int(x) if x.denominator == 1 else x,
    "NumPy's whole numbers where they are": lambda x: np.int64(x) if x.denominator == 1 else x,
}


class TestByHand:
    def test_the_values_of_another_line_are_recognized(self):
        corrected = [4, Fraction(8, 3), Fraction(-16, 7)]
        result = judged("adam.m", corrected)
        assert result.facts[0] == "these are the values of m_hat; m is asked for"

    @pytest.mark.parametrize(
        ("task_id", "answer", "named"),
        [
            ("momentum.m", [2, 0.5, 0.875], ["lr-inside-m"]),
            ("momentum.theta", [1, 2.5, 2.125], ["starts-over"]),
            ("momentum.m", [4, 7, 9.25], ["first-gradient-kept"]),
            ("adagrad.v", [9, 1, 121], ["average-squared"]),
            ("adagrad.v", [9, 97, 9553], ["old-v-squared"]),
            ("adagrad.v", [18, 34, 178], ["first-square-twice"]),
            ("adagrad.v", [9, 18, 27], ["first-gradient-kept"]),
            ("rmsprop.v", [1, Fraction(16, 9), Fraction(361, 81)], ["average-squared"]),
            ("adam.theta", [0.99, 0.971, 0.9439], ["m-not-corrected"]),
            ("adam.theta", [-2.1623, -4.3989, -6.2256], ["v-not-corrected"]),
            ("adam.theta", [1.1, 1.2, 1.3], ["plus-sign"]),
        ],
    )
    def test_what_went_wrong_on_paper_is_named(self, task_id, answer, named):
        result = judged(task_id, answer)
        assert [mistake.id for mistake in result.mistakes] == named

    def test_the_values_of_gradient_descent_are_recognized(self):
        result = judged("adam.theta", [0.7, 0.4, 0.1])
        assert result.facts[0] == "these are the values of gradient descent; adam is asked for"

    @pytest.mark.parametrize("written", [0.438, 0.44, "0.438", "0.4", np.float64(0.4385)])
    def test_a_number_rounded_too_far_is_told_from_a_wrong_one(self, written):
        near = judged("adagrad.theta", [0.5, 0.9, written])
        assert near.points == (3 if written == np.float64(0.4385) else 2)
        assert near.facts in {(), ("theta_3 is rounded too far: give at least four digits",)}
        assert near.mistakes == ()

    @pytest.mark.parametrize("written", [0.437, 0.4384, "0.4383", "0.438/1", Fraction(438, 1000)])
    def test_a_number_that_is_near_by_chance_is_wrong(self, written):
        result = judged("adagrad.theta", [0.5, 0.9, written])
        assert not any("rounded" in fact for fact in result.facts)

    @pytest.mark.parametrize("task_id", EXACT)
    @pytest.mark.parametrize("form", WRITTEN)
    @pytest.mark.parametrize("container", [list, tuple])
    def test_a_right_number_counts_however_it_is_written(self, task_id, form, container):
        result = judged(task_id, container(map(WRITTEN[form], EXACT[task_id])))
        assert (result.status, result.points) == ("passed", 3)

    @pytest.mark.parametrize("task_id", EXACT)
    def test_one_array_will_do(self, task_id):
        assert judged(task_id, np.array(EXACT[task_id], float)).status == "passed"

    @pytest.mark.parametrize("task_id", EXACT)
    @pytest.mark.parametrize("wrong", range(3))
    def test_each_value_has_its_own_point(self, task_id, wrong):
        answer = list(EXACT[task_id])
        answer[wrong] += 1
        result = judged(task_id, answer)
        assert passed(result) == {"t1", "t2", "t3"} - {f"t{wrong + 1}"}
        assert (result.status, result.points) == ("partial", 2)
        [fact] = result.facts
        assert fact == f"{task(task_id).checks[wrong].says} is not {answer[wrong]}"

    @pytest.mark.parametrize(
        ("value", "is_right"),
        [
            (9.142857, True),
            (9.143, True),
            (9.14, True),
            (9.13, False),
            (9.2, False),
            (Fraction(9143, 1000), False),
            (Fraction(9.142857142857142), False),
            ("9143/1000", False),
            ("9.143", True),
            (9, False),
        ],
    )
    def test_decimals_may_be_rounded_and_fractions_must_be_exact(self, value, is_right):
        result = judged("adam.v-hat", [16, value, Fraction(768, 37)])
        assert ("t2" in passed(result)) is is_right

    @pytest.mark.parametrize(
        ("value", "says"),
        [
            (math.nan, "m_2 is not a number"),
            (math.inf, "m_2 is not a number"),
            (-math.inf, "m_2 is not a number"),
            ("nan", "m_2 is not a number"),
            ("two", "m_2 is not a number"),
            ("1/0", "m_2 is not a number"),
            ("2" * 200, "m_2 is not a number"),
            (True, "m_2 is not a number"),
            (2j, "m_2 is not a number"),
            ([2], "m_2 is not a number"),
            (np.array([2.0, 2.0]), "m_2 is not a number"),
            (np.array("2"), "m_2 is not a number"),
            (np.bool_(1), "m_2 is not a number"),
            ({}, "m_2 is not a number"),
            (sympy.Symbol("x"), "m_2 is not a number"),
            (None, "m_2 is still blank"),
            (10**400, "m_2 is not 1000"),
            (-(10**599), "m_2 is not -1000"),
            (Fraction(1, 10**500), "m_2 is not 1/1000"),
            (Fraction(10**500), "m_2 is not 1000"),
            (1e308, "m_2 is not 1e+308"),
            ("1e999999999", "m_2 is not a number"),
            ("1e-999999999", "m_2 is not 0"),
            (0.5, "m_2 is not 0.5"),
            (np.float64(0.5), "m_2 is not 0.5"),
        ],
    )
    def test_what_isnt_right_is_said_and_costs_no_other_point(self, value, says):
        result = judged("adam.m", [2, value, -2])
        assert passed(result) == {"t1", "t3"}
        [fact] = result.facts
        assert fact.startswith(says)
        assert len(fact) < 120

    @pytest.mark.parametrize(
        "value", [2, "2, 2, -2", [2, 2], [2, 2, -2, 4], {1: 2}, set(), 2.0, []]
    )
    def test_what_isnt_a_list_of_three_is_said(self, value):
        result = judged("adam.m", value)
        assert (result.status, result.points) == ("failed", 0)
        assert result.facts == ("m_by_hand should be a list of 3 numbers",)

    @pytest.mark.parametrize("value", [None, [None, None, None]])
    def test_blank_is_missing(self, value):
        result = judged("adam.m", value)
        assert (result.status, result.facts) == ("missing", ("m_by_hand is still blank",))

    @pytest.mark.parametrize("task_id", EXACT)
    @settings(max_examples=30)
    @given(st.lists(st.floats(-100, 100) | st.fractions(-9, 9), min_size=3, max_size=3))
    def test_the_right_value_is_never_given_away(self, task_id, answer):
        result = judged(task_id, answer)
        wrong = [x for x, right in zip(answer, EXACT[task_id], strict=True) if x != right]
        for number in re.findall(r"-?\d+/\d+|-?\d+\.\d+(?:e[-+]\d+)?", " ".join(result.facts)):
            assert any(math.isclose(Fraction(number), x, rel_tol=1e-9) for x in wrong)


PREDICT = [t for t in tasks().values() if t.kind == "predict"]


class TestPredict:
    @pytest.mark.parametrize("one", PREDICT, ids=lambda one: one.id)
    def test_the_right_letter_passes_and_each_wrong_one_has_its_explanation(self, one):
        right = one.right
        for written in (right, right.upper(), f" {right}\n"):
            assert judged(one.id, written).status == "passed"
        explanations = set()
        for choice in one.choices:
            if choice.id == right:
                continue
            result = judged(one.id, choice.id)
            assert (result.status, result.points) == ("failed", 0)
            [fact] = result.facts
            assert fact.startswith(f"'{choice.id}' isn't it: ")
            explanations.add(fact)
        assert len(explanations) == len(one.choices) - 1

    @pytest.mark.parametrize("one", PREDICT, ids=lambda one: one.id)
    def test_the_right_choice_isnt_given_away(self, one):
        right = next(c for c in one.choices if c.id == one.right)
        for choice in one.choices:
            if choice is right:
                continue
            shown = " ".join([*judged(one.id, choice.id).facts, *one.hints])
            assert f"'{right.id}'" not in shown
            assert right.says not in shown

    @pytest.mark.parametrize(
        "value", ["", "e", "ab", 1, ["b"], ("b",), {"b": 1}, True, b"b", "b" * 999]
    )
    def test_anything_else_is_asked_for_a_letter(self, value):
        result = judged("adam.scale", value)
        assert (result.status, result.points) == ("failed", 0)
        assert result.facts == ("scale_choice should be one of 'a', 'b', 'c', 'd'",)

    def test_blank_is_missing(self):
        assert judged("adam.scale", None).status == "missing"


GROWTH = 0.999 / 0.9
"""beta2 / beta1: the gradients that make Adam's longest step, from the Cauchy-Schwarz bound."""
SILENCE = [0.0] * 4999


class TestDesign:
    def test_the_derived_gradients_exceed_five_rates(self):
        result = judged("adam.design", [GROWTH**k for k in range(700)])
        assert (result.status, result.points) == ("passed", 3)

    @pytest.mark.parametrize("scale", [1e-5, 1.0, -3.0, 1e20])
    def test_their_scale_and_sign_dont_matter(self, scale):
        assert judged("adam.design", [scale * GROWTH**k for k in range(700)]).points == 3

    @pytest.mark.parametrize(("count", "points"), [(640, 1), (641, 3)])
    def test_it_takes_at_least_641_of_them(self, count, points):
        """The Cauchy-Schwarz bound after t gradients, from the weights alone, passes 5 at 641."""
        k = np.arange(count)
        m, v = 0.1 * 0.9**k, 0.001 * 0.999**k
        bound = math.sqrt(sum(m**2 / v)) / sum(m) * math.sqrt(sum(v))
        assert (bound > 5) == (points == 3)
        assert judged("adam.design", [GROWTH**k for k in range(count)]).points == points

    def test_as_many_as_are_allowed_may_grow_beyond_what_a_square_can_hold(self):
        assert judged("adam.design", [GROWTH**k for k in range(5000)]).points == 3

    def test_zeros_may_come_first(self):
        answer = [0.0] * 100 + [GROWTH**k for k in range(800)]
        assert judged("adam.design", np.array(answer)).points == 3

    def test_the_papers_own_example_stays_below_its_bound(self):
        result = judged("adam.design", [*SILENCE, 1.0])
        assert result.points == 0
        [fact] = result.facts
        assert re.fullmatch(r"the longest step is 3\.1\d\d? lr, at t = 5000", fact)

    @pytest.mark.parametrize(
        "answer", [[1.0], [1] * 100, [1.0, -1.0] * 50, [0.0], [0.0] * 10, [5, 4, 3, 2, 1]]
    )
    def test_ordinary_gradients_take_ordinary_steps(self, answer):
        result = judged("adam.design", answer)
        assert result.points == 0
        assert result.facts[0].startswith("the longest step is ")

    @pytest.mark.parametrize("tiny", [1e-160, 1e-200, 1e-320, 5e-324])
    def test_squares_that_vanish_gain_nothing(self, tiny):
        assert judged("adam.design", [tiny] * 20).points == 0
        assert judged("adam.design", [1.0, tiny, tiny]).points == 0

    @pytest.mark.parametrize("huge", [1e155, 1e200, 1.7e308])
    def test_squares_that_overflow_gain_nothing(self, huge):
        assert judged("adam.design", [huge] * 20).points == 0
        assert judged("adam.design", [1.0, huge, -huge]).points == 0

    def test_a_step_between_the_bounds_is_partly_right(self):
        gradients = [GROWTH**k for k in range(300)]
        trace = descend(adam, gradients, lr=1.0)
        longest = abs(trace.theta[1:] - trace.theta[:-1]).max()
        assert 3.17 < longest < 5
        result = judged("adam.design", gradients)
        assert (result.status, passed(result)) == ("partial", {"paper"})
        assert result.facts == (f"the longest step is {longest:.4g} lr, at t = 300",)

    @pytest.mark.parametrize(
        ("answer", "says"),
        [
            ([1.0] * 5001, "long_step should be a list of 1 to 5,000 numbers"),
            ([], "long_step should be a list of 1 to 5,000 numbers"),
            ([[1.0, 2.0]], "long_step should be a list of 1 to 5,000 numbers"),
            (3.0, "long_step should be a list of 1 to 5,000 numbers"),
            ([1.0, math.nan], "long_step holds a number that isn't finite"),
            ([math.inf], "long_step holds a number that isn't finite"),
            (["1.0"], "long_step is of type str, not a number or an array of them"),
            ("1.0", "long_step is of type str, not a number or an array of them"),
            ([True], "long_step is of type bool, not a number or an array of them"),
            ([None, 1.0], "long_step is None"),
            ([10**400], "long_step is a number too large"),
            ([Fraction(10**400)], "long_step is a number too large"),
            ([1j], "long_step is of type complex, not a number or an array of them"),
            ({1.0}, "long_step is of type set, not a number or an array of them"),
            ([[1.0], [1.0, 2.0]], "long_step is a list whose parts have different shapes"),
            (range(9), "long_step is of type range, not a number or an array of them"),
        ],
    )
    def test_what_isnt_a_bounded_list_of_numbers_is_said(self, answer, says):
        result = judged("adam.design", answer)
        assert (result.status, result.points) == ("failed", 0)
        assert result.facts == (says,)

    def test_blank_is_missing(self):
        assert judged("adam.design", None).status == "missing"


class TestThroughTheFile:
    def test_data_answers_are_read_from_a_notebooks_names(self):
        source = (
            "from fractions import Fraction\nimport sympy\nscale_choice = 'B'\n"
            "m_by_hand = [2, 2.0, '-2']\n"
            "v_hat_by_hand = [16, sympy.Rational(64, 7), Fraction(768, 37)]\n"
            "long_step = [(0.999 / 0.9) ** k for k in range(650)]\n"
        )
        asked = ("adam.scale", "adam.m", "adam.v-hat", "adam.theta", "adam.design")
        results = ask(source, *asked, seconds=5.0)
        statuses = {name: result.status for name, result in results.items()}
        assert statuses == dict.fromkeys(asked, "passed") | {"adam.theta": "missing"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=9,
)
tagged: st.SearchStrategy[object] = st.recursive(
    json_values
    | st.just({"array": ["<f8", [1], "AAAAAAAA4D8="]})
    | st.just({"array": ["|b1", [0, 3], ""]})
    | st.just({"array": ["<f8", [2], "AAAAAAAA+H8AAAAAAADwfw=="]})
    | st.just({"scalar": ["<f2", "AHw="]})
    | st.just({"fraction": [10**599, 1]})
    | st.just(10**599)
    | st.just({"float": "nan"})
    | st.just({"other": "object"})
    | st.just({"slot": "a"}),
    lambda inner: (
        st.builds(dict, list=st.lists(inner, max_size=4))
        | st.builds(dict, tuple=st.lists(inner, max_size=4))
        | st.builds(dict, dict=st.lists(st.tuples(inner, inner).map(list), max_size=3))
    ),
    max_leaves=9,
)
one_reply = (
    json_values
    | st.fixed_dictionaries(
        {"value": tagged}, optional={"args": st.lists(tagged), "aliased": json_values}
    )
    | st.fixed_dictionaries({"error": json_values})
)
replies = json_values | st.lists(json_values | st.lists(one_reply, max_size=12), max_size=14)


@settings(max_examples=100)
@given(st.sampled_from([*tasks()]), replies)
def test_whatever_comes_back_is_judged(task_id, found):
    result = judge(prepare(task(task_id), 0), json.loads(json.dumps(found)))
    assert isinstance(result, TaskResult)
    assert result.points == 0 or task(task_id).kind in {"predict", "by-hand", "design"}
    json.dumps([*result.facts, result.hint], ensure_ascii=False).encode()


ANSWERS = defined(step(momentum) + step(adagrad) + step(rmsprop) + step(adam) + RUN + CLASS)
CALLED = [one.id for one in tasks().values() if one.answer in ANSWERS]


@settings(max_examples=100)
@given(
    st.sampled_from(CALLED),
    st.lists(st.tuples(st.integers(0), st.integers(0), tagged), min_size=1, max_size=4),
)
def test_right_replies_with_odd_ones_among_them_are_judged(task_id, odd):
    exam = prepare(task(task_id), 0)
    found = perform_all(exam.scripts(), {exam.task.answer: ANSWERS[exam.task.answer]})
    for at, key, value in odd:
        script = found[at % len(found)]
        script[key % len(script)][("value", "args", "error")[key % 3]] = value
    result = judge(exam, json.loads(json.dumps(found)))
    assert isinstance(result, TaskResult)
    json.dumps([*result.facts, result.hint], ensure_ascii=False).encode()
