"""The benchmarks measure what they say: the published checks are fair, and the table fills."""

import inspect

import numpy as np
import pytest

from adamedu import adam
from adamedu.content import mistakes
from benchmarks import diagnosis, published
from benchmarks.network import Layer, linear, loss_and_gradients, normalized, relu

BY_NAME = {check.accepts.__name__: check for check in published.CHECKS}


@pytest.fixture(params=BY_NAME)
def check(request):
    return BY_NAME[request.param]


def wrong(**changes):
    return adam.variant(**changes)


def test_a_right_adam_passes(check):
    assert check.passes(adam)


def test_another_form_of_a_right_adam_passes(check):
    step = wrong(
        lines={
            "m": "m + (1 - beta1) * (g - m)",
            "v": "v + (1 - beta2) * (g * g - v)",
            "theta": "theta - lr / (eps + v_hat**0.5) * m_hat",
        }
    )
    assert check.passes(step)


def test_a_step_uphill_does_not_pass(check):
    assert not check.passes(wrong(incoming={"lr": "-lr"}))


def test_a_step_that_cannot_be_computed_does_not_pass(check):
    def is_not_a_number(theta, g, t, *state, **settings):
        return theta / (t - t), *state

    def fails(*arguments, **settings):
        raise ZeroDivisionError

    assert not check.passes(is_not_a_number)
    assert not check.passes(fails)


def test_a_check_says_whose_it_is_and_where_it_is_described(check):
    text = inspect.getdoc(check.accepts) or ""
    assert check.name
    assert check.says
    assert "Described at\nhttps://" in text or "Described at https://" in text


def test_no_two_checks_have_the_same_name():
    assert len({check.name for check in published.CHECKS}) == len(published.CHECKS)


@pytest.mark.parametrize(
    ("changes", "sees", "overlooks"),
    [
        pytest.param(
            {"incoming": {"eps": "1e-8"}},
            {"deeplearning_ai", "arena"},
            {"cs231n", "cmu", "tinygrad", "jax", "pytorch"},
            id="eps hard-coded",
        ),
        pytest.param(
            {"incoming": {"t": "1"}},
            {"cs231n", "deeplearning_ai", "cmu", "arena", "fastai", "keras", "tinygrad"},
            {"jax", "pytorch"},
            id="t stuck",
        ),
        pytest.param(
            {"lines": {"m_hat": "m / (1 - beta1**2)", "v_hat": "v / (1 - beta2**2)"}},
            {"cs231n", "cmu", "arena", "tinygrad"},
            {"deeplearning_ai"},
            id="corrected as at t = 2",
        ),
    ],
)
def test_what_a_check_does_not_vary_it_does_not_see(changes, sees, overlooks):
    step = wrong(**changes)
    assert {name for name in sees if BY_NAME[name].passes(step)} == set()
    assert {name for name in overlooks if BY_NAME[name].passes(step)} == overlooks


@pytest.mark.parametrize("axis", [0, 1])
def test_the_network_s_gradients_are_slopes(axis):
    rng = np.random.default_rng(3)

    def norm(x, weight, bias):
        return normalized(x, weight, bias, axis=axis)

    layers: list[tuple[Layer, int]] = [(linear, 2), (norm, 2), (relu, 0), (linear, 2)]
    shapes = [(3, 4), (1, 4), (1, 4), (1, 4), (4, 2), (1, 2)]
    parameters = [rng.normal(size=shape) for shape in shapes]
    x, labels = rng.normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])
    _, gradients = loss_and_gradients(layers, parameters, x, labels)
    for _ in range(10):
        direction = [rng.normal(size=shape) for shape in shapes]
        ahead, behind = (
            loss_and_gradients(
                layers, [p + h * d for p, d in zip(parameters, direction, strict=True)], x, labels
            )[0]
            for h in (1e-6, -1e-6)
        )
        slope = sum(np.sum(g * d) for g, d in zip(gradients, direction, strict=True))
        assert slope == pytest.approx((ahead - behind) / 2e-6, rel=1e-5, abs=1e-7)


def test_each_parameter_has_a_state_of_its_own_and_the_decay_is_in_the_gradient():
    seen = []

    def counting(theta, g, t, m, v):
        seen.append((float(g), t, float(m)))
        return theta, m + g, v

    starts, gradients = ([np.array(x) for x in pair] for pair in ((1.0, 10.0), (2.0, 3.0)))
    walked = published.walk(counting, starts, lambda _: gradients, weight_decay=0.5)
    published.after(2, walked)
    assert seen == [(2.5, 1, 0.0), (8.0, 1, 0.0), (2.5, 2, 2.5), (8.0, 2, 8.0)]


def test_the_table_has_a_row_per_published_check_and_one_for_the_grader(monkeypatch):
    few = mistakes.forms("adam", "step")[:4]
    monkeypatch.setattr(diagnosis, "forms", lambda *_: few)
    monkeypatch.setattr(diagnosis, "CHECKS", published.CHECKS[:2])
    table = diagnosis.published()
    columns = [list(column.cells) for column in table.columns]
    assert columns[0] == [*(check.name for check in published.CHECKS[:2]), "adamedu"]
    assert columns[1] == ["4"] * 3
    assert columns[2][-1] == "0"


def test_the_counts_of_the_diagnosis_fit_together():
    known, rejected, named = diagnosis.singles("gd")
    assert known == rejected == named > 0
    assert diagnosis.combinations("gd", 2, 5) == (5, 4, 4)
    [(_, edit), *_] = mistakes.forms("gd", "step")
    assert diagnosis.milliseconds("gd", [edit]) > 0
