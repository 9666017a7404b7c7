"""The benchmark of grading: every way does its work, on submissions that are what they say."""

import numpy as np
import pytest

from adamedu import adam
from adamedu.content.mistakes import forms
from benchmarks import grading
from benchmarks.generated import adam_with, handed_in, written
from tests.support.submitting import defined

ARGUMENTS = (np.array([1.0, -2.0]), np.array([0.5, -0.25]), 3, np.array([0.1, 0.2]), np.ones(2))
HYPERPARAMETERS = {"lr": 0.3, "beta1": 0.6, "beta2": 0.7, "eps": 0.1}


@pytest.mark.parametrize("edit", [edit for _, edit in forms("adam", "step")])
def test_a_mistake_written_out_computes_what_it_computes(edit):
    functions = "from numpy import mean, minimum, sign, sum\n"
    names = defined(functions + written(adam_with(edit), "adam_step"))
    with np.errstate(all="ignore"):
        got = names["adam_step"](*ARGUMENTS, **HYPERPARAMETERS)
        expected = adam_with(edit)(*ARGUMENTS, **HYPERPARAMETERS)
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_class_is_half_right_half_notebooks_and_the_same_each_time():
    first = handed_in(40, seed=1)
    assert first == handed_in(40, seed=1) != handed_in(40, seed=2)
    assert sum(one.mistake is None for one in first) == 20
    assert sum(one.form == "ipynb" for one in first) == 20
    assert len({one.name for one in first}) == 40


def test_every_way_makes_the_calls_that_the_grader_makes():
    calls = list(grading.calls_of("s0000.py"))
    assert len(calls) >= 5
    for args, hyperparameters, expected in calls:
        assert np.array_equal(adam(*args, **hyperparameters)[0], expected[0])


@pytest.mark.parametrize("way", ["bare fork", "D"])
def test_a_way_is_measured_for_each_submission(tmp_path, way):
    found = grading.measured(way, grading.order_in(tmp_path, 2))
    assert len(found.seconds) == 2
    assert all(seconds > 0 for seconds in found.seconds)
    assert found.megabytes > 10


def test_ratios_are_those_of_processor_time():
    ways = [("B", 0.1), ("bare fork", 0.05), ("nbgrader", 20.0)]
    shown = grading.table([grading.Measured(way, [1.0], spent, 50.0) for way, spent in ways])
    columns = {str(column.header): list(column.cells) for column in shown.columns}
    assert columns["bare fork"] == ["0.5 x", "1 x", "0.0025 x"]
    assert columns["nbgrader"] == ["200 x", "400 x", "1 x"]
