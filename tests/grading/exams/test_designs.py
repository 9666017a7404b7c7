"""Designs: a good one is praised without a remark, another is told what it does, in numbers."""

import pytest

from adamedu.content.catalogue import task
from tests.support.submitting import judged

RIGHT = {
    "gd.design": 0.24,
    "momentum.design": [-1.85, 0.0],
    "adagrad.design": [1.26, -3.18, 8.84, -1.71, 4.7],
    "rmsprop.design": [0.1 * (1 - t / 200) for t in range(1, 201)],
    "adam.design": [(0.999 / 0.9) ** k for k in range(700)],
}


@pytest.mark.parametrize("task_id", RIGHT)
def test_a_right_design_passes_without_a_remark(task_id):
    result = judged(task_id, RIGHT[task_id])
    assert (result.status, result.facts) == ("passed", ())
    assert result.points == sum(check.points for check in task(task_id).checks)


@pytest.mark.parametrize(("lr", "end"), [(0.25, "8"), (0.25001, "9.388")])
def test_at_a_rate_at_which_the_loss_does_not_fall_its_ends_are_told(lr, end):
    # Along (1, 1) the curvature is 8: each step multiplies by 1 - 8 * lr, -1 or -1.00008, and the
    # loss by its square; 8 * 1.00008**2000 is 9.388.
    result = judged("gd.design", lr)
    assert result.points == 0
    assert result.facts == (f"with lr = {lr} the loss goes from 8 to {end} in 1000 steps",)


def test_a_hill_is_no_valley():
    [fact] = judged("adagrad.design", [-0.5, 0.0, -3.0, 1.0, 1.0]).facts
    assert fact.startswith("that is no valley")


@pytest.mark.parametrize("start", [[-2.0, 0.0], [2.0, 1.5], [0.0, -1.5]])
def test_a_start_on_the_border_lies_within(start):
    assert all("lies between" not in fact for fact in judged("momentum.design", start).facts)


def test_gradients_of_nothing_make_no_step():
    [fact] = judged("adam.design", [0.0, 0.0]).facts
    assert fact.startswith("the longest step is 0 lr")
