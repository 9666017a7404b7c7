"""What holds for every gradient: invariants and closed forms, on drawn examples."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from adamedu.optimizers import (
    LADDER,
    adagrad,
    adam,
    adamax,
    adamw,
    amsgrad,
    momentum,
    nadam,
    nesterov,
    rmsprop,
)
from tests.support.replay import replay

if TYPE_CHECKING:
    from adamedu.core.recurrence import Recurrence

reproducible = settings(derandomize=True, deadline=None, max_examples=40)

every_optimizer = pytest.mark.parametrize("optimizer", LADDER, ids=lambda o: o.name)
adaptive = pytest.mark.parametrize(
    "optimizer", [adagrad, rmsprop, adam, amsgrad, adamw, adamax, nadam], ids=lambda o: o.name
)

RANGES = {
    "lr": st.floats(0.001, 1),
    "beta": st.floats(0, 0.99),
    "rho": st.floats(0, 0.999),
    "beta1": st.floats(0, 0.99),
    "beta2": st.floats(0, 0.999),
    "eps": st.floats(1e-8, 0.1),
    "weight_decay": st.floats(0, 0.5),
}
# Hundredths: zeros, repeats and mixed signs turn up often, and nothing underflows when squared.
HUNDREDTHS = st.integers(-1000, 1000).map(lambda n: n / 100)
NONZERO = HUNDREDTHS.filter(bool)
LENGTHS = st.integers(1, 8)


def hyperparameters(optimizer: Recurrence[..., Any], **fixed: float) -> st.SearchStrategy[Any]:
    drawn = {name: RANGES[name] for name in optimizer.hyperparameters}
    return st.fixed_dictionaries(drawn | {name: st.just(x) for name, x in fixed.items()})


def runs(*shape: int, elements: st.SearchStrategy[float] = HUNDREDTHS) -> st.SearchStrategy[Any]:
    """Gradients of the given shape, for one to eight steps."""
    return LENGTHS.flatmap(lambda steps: arrays(np.float64, (steps, *shape), elements=elements))


def vectors(n: int) -> st.SearchStrategy[Any]:
    return arrays(np.float64, n, elements=HUNDREDTHS)


def close(actual: Any, expected: Any, scale: Any = 0.0) -> None:
    """Equal up to rounding, of numbers as large as `scale` on the way."""
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-12 * float(np.max(scale)))


# Every optimizer


@every_optimizer
@reproducible
@given(data=st.data(), start=vectors(5), gradients=runs(5), order=st.permutations(range(5)))
def test_permuting_the_coordinates_permutes_the_steps(optimizer, data, start, gradients, order):
    hyper = data.draw(hyperparameters(optimizer))
    run = replay(optimizer, start, gradients, **hyper)
    permuted = replay(optimizer, start[order], gradients[:, order], **hyper)
    for name, values in run.items():
        np.testing.assert_array_equal(permuted[name], values[:, order])


@every_optimizer
@reproducible
@given(data=st.data(), start=arrays(np.float64, (3, 2), elements=HUNDREDTHS), gradients=runs(3, 2))
def test_a_batch_is_its_rows_one_by_one(optimizer, data, start, gradients):
    hyper = data.draw(hyperparameters(optimizer))
    batch = replay(optimizer, start, gradients, **hyper)
    for row in range(3):
        alone = replay(optimizer, start[row], gradients[:, row], **hyper)
        for name, values in alone.items():
            np.testing.assert_array_equal(batch[name][:, row], values)


@every_optimizer
@reproducible
@given(data=st.data(), start=vectors(3), steps=LENGTHS)
def test_zero_gradients_leave_everything_but_weight_decay_still(optimizer, data, start, steps):
    hyper = data.draw(hyperparameters(optimizer))
    run = replay(optimizer, start, np.zeros((steps, 3)), **hyper)
    kept = 1 - hyper["lr"] * hyper.get("weight_decay", 0)
    expected = [start * kept**t for t in range(1, steps + 1)]
    np.testing.assert_allclose(run.pop("theta"), expected, rtol=0 if kept == 1 else 1e-14)
    assert not any(np.any(state) for state in run.values())


# The scale of the gradients


@adaptive
@reproducible
@given(
    data=st.data(),
    gradients=runs(2, elements=NONZERO),
    scale=st.floats(1e-3, 1e3),
    eps=st.just(0.0) | RANGES["eps"],
)
def test_gradients_and_eps_scaled_alike_give_the_same_path(optimizer, data, gradients, scale, eps):
    """At eps = 0 the gradient's scale drops out of the step."""
    hyper = data.draw(hyperparameters(optimizer))
    run = replay(optimizer, np.zeros(2), gradients, **hyper | {"eps": eps})
    scaled = replay(optimizer, np.zeros(2), scale * gradients, **hyper | {"eps": scale * eps})
    close(scaled["theta"], run["theta"], scale=np.abs(run["theta"]))


@adaptive
@reproducible
@given(
    data=st.data(),
    gradients=runs(2, elements=NONZERO),
    eps=st.sampled_from([1e-8, 1e-10, 1e-12]),
)
def test_the_scale_drops_out_in_proportion_to_eps(optimizer, data, gradients, eps):
    """A step's slope in eps is at most lr / ((1 - rho) |g|): here lr / (0.001 * 0.01)."""
    hyper = data.draw(hyperparameters(optimizer, eps=eps))
    run = replay(optimizer, np.zeros(2), gradients, **hyper)
    scaled = replay(optimizer, np.zeros(2), 100 * gradients, **hyper)
    gap = np.max(np.abs(run["theta"] - scaled["theta"]))
    assert gap <= 1.01e5 * eps * hyper["lr"] * len(gradients)


@pytest.mark.parametrize("optimizer", [adam, amsgrad, adamw, adamax], ids=lambda o: o.name)
@reproducible
@given(data=st.data(), gradient=arrays(np.float64, 4, elements=NONZERO))
def test_the_first_step_has_length_lr_whatever_the_gradient(optimizer, data, gradient):
    hyper = data.draw(hyperparameters(optimizer, eps=0.0))
    run = replay(optimizer, np.zeros(4), [gradient], **hyper)
    close(run["theta"][0], -hyper["lr"] * np.sign(gradient))


# Closed forms for a constant gradient


@pytest.mark.parametrize(
    ("optimizer", "state", "decay"),
    [
        (momentum, "m", "beta"),
        (nesterov, "m", "beta"),
        (rmsprop, "v", "rho"),
        *((optimizer, "m", "beta1") for optimizer in (adam, amsgrad, adamw, adamax, nadam)),
        *((optimizer, "v", "beta2") for optimizer in (adam, amsgrad, adamw, nadam)),
    ],
    ids=lambda x: getattr(x, "name", None),
)
@reproducible
@given(data=st.data(), gradient=vectors(3))
def test_the_weights_of_an_average_sum_to_one_minus_decay_to_the_t(
    optimizer, state, decay, data, gradient
):
    hyper = data.draw(hyperparameters(optimizer))
    run = replay(optimizer, np.zeros(3), [gradient] * 30, **hyper)
    weights = 1 - hyper[decay] ** np.arange(1, 31)
    close(run[state], np.outer(weights, gradient if state == "m" else gradient**2))


@reproducible
@given(
    hyper=hyperparameters(adagrad, eps=0.0),
    gradient=arrays(np.float64, 3, elements=NONZERO),
    start=vectors(3),
    steps=st.integers(1, 30),
)
def test_adagrad_takes_steps_of_lr_over_root_t(hyper, gradient, start, steps):
    run = replay(adagrad, start, [gradient] * steps, **hyper)
    travelled = sum(1 / sqrt(t) for t in range(1, steps + 1))
    expected = start - hyper["lr"] * np.sign(gradient) * travelled
    close(run["theta"][-1], expected, scale=np.abs(start) + travelled)


# One optimizer against another


@reproducible
@given(hyper=hyperparameters(momentum), start=vectors(3), gradients=runs(3))
def test_nesterov_is_momentum_one_average_ahead(hyper, start, gradients):
    """Given the same gradients: the sum of m + beta (m - m_prev) telescopes."""
    plain = replay(momentum, start, gradients, **hyper)
    ahead = replay(nesterov, start, gradients, **hyper)
    expected = plain["theta"] - hyper["lr"] * hyper["beta"] * plain["m"]
    close(ahead["theta"], expected, scale=10 + np.abs(expected))


@reproducible
@given(hyper=hyperparameters(adam), gradients=runs(3))
def test_amsgrad_keeps_the_largest_v_of_adam(hyper, gradients):
    run = replay(amsgrad, np.zeros(3), gradients, **hyper)
    v = replay(adam, np.zeros(3), gradients, **hyper)["v"]
    np.testing.assert_array_equal(run["v"], v)
    np.testing.assert_array_equal(run["v_max"], np.maximum.accumulate(v))
    assert np.all(np.diff(run["v_max"], axis=0) >= 0)


@reproducible
@given(hyper=hyperparameters(adam), gradients=runs(3))
def test_amsgrad_is_adam_while_v_does_not_fall(hyper, gradients):
    growing = np.take_along_axis(gradients, np.argsort(np.abs(gradients), axis=0), axis=0)
    plain = replay(adam, np.zeros(3), growing, **hyper)
    close(replay(amsgrad, np.zeros(3), growing, **hyper)["theta"], plain["theta"], scale=1)


@reproducible
@given(
    hyper=hyperparameters(adam),
    decay=st.just(0.0) | RANGES["weight_decay"],
    before=arrays(np.float64, (4, 3), elements=HUNDREDTHS),
    t=st.integers(1, 1000),
)
def test_adamw_is_adam_with_the_decay_beside_it(hyper, decay, before, t):
    """With weight_decay = 0 the two are one; the decay is never divided by the root."""
    theta, gradient, m, root = before
    plain, *state = adam(theta, gradient, t, m, root**2, **hyper)
    decayed, *same = adamw(theta, gradient, t, m, root**2, **hyper, weight_decay=decay)
    np.testing.assert_array_equal(same, state)
    close(decayed, plain - hyper["lr"] * decay * theta, scale=10 + np.abs(plain))


@reproducible
@given(hyper=hyperparameters(adamax), gradients=runs(3))
def test_adamax_remembers_the_largest_gradient_which_fades(hyper, gradients):
    """Each step back counts beta2 times as much."""
    u = replay(adamax, np.zeros(3), gradients, **hyper)["u"]
    ages = np.arange(len(gradients))[::-1, np.newaxis]
    close(u[-1], np.max(hyper["beta2"] ** ages * np.abs(gradients), axis=0))


@reproducible
@given(gradients=runs(4, elements=NONZERO), beta1=st.floats(0, 0.95), above=st.floats(0.001, 0.999))
def test_no_step_of_adamax_is_much_longer_than_the_rate(gradients, beta1, above):
    """A gradient of age k is at most u / beta2**k: at the defaults 1.009 times the rate."""
    beta2 = beta1 + above * (0.9999 - beta1)
    path = replay(adamax, np.zeros(4), gradients, lr=1.0, beta1=beta1, beta2=beta2, eps=0.0)
    steps = np.diff(path["theta"], axis=0, prepend=0)
    shares = beta1 ** np.arange(len(gradients))
    bound = [np.sum((shares / beta2 ** np.arange(len(shares)))[:t]) / np.sum(shares[:t])
             for t in range(1, len(gradients) + 1)]  # fmt: skip
    assert np.all(np.abs(steps) <= np.array(bound)[:, np.newaxis] * (1 + 1e-9))


def test_one_huge_gradient_of_adamax_counts_half_after_692_steps():
    u = replay(adamax, 0.0, [1000.0, *[0.0] * 693])["u"]
    assert u[693] < 500 < u[692]


@reproducible
@given(hyper=hyperparameters(nadam), gradient=arrays(np.float64, 3, elements=NONZERO))
def test_the_first_step_of_nadam_is_longer_by_one_look_ahead(hyper, gradient):
    beta1 = hyper["beta1"]
    run = replay(nadam, np.zeros(3), [gradient], **hyper | {"eps": 0.0})
    expected = -hyper["lr"] * (1 + 2 * beta1) / (1 + beta1) * np.sign(gradient)
    close(run["theta"][0], expected)


@reproducible
@given(hyper=hyperparameters(nadam, beta1=0.0), gradients=runs(3))
def test_nadam_without_momentum_is_adam(hyper, gradients):
    ahead = replay(nadam, np.zeros(3), gradients, **hyper)
    close(ahead["theta"], replay(adam, np.zeros(3), gradients, **hyper)["theta"], scale=1)


# How far one step of Adam can go: Cauchy-Schwarz on the weights of m and v


def step_bound(beta1: float, beta2: float) -> float:
    """The supremum of a step over lr, for beta1^2 < beta2 and eps = 0."""
    return (1 - beta1) / sqrt((1 - beta2) * (1 - beta1**2 / beta2))


def last_step(gradients: Any, beta1: float, beta2: float) -> Any:
    gradients = np.asarray(gradients, dtype=np.float64)
    path = replay(
        adam, np.zeros(gradients.shape[1:]), gradients, lr=1.0, beta1=beta1, beta2=beta2, eps=0.0
    )["theta"]
    return np.abs(path[-1] - (path[-2] if len(path) > 1 else 0.0))


@reproducible
@given(gradients=runs(8, elements=NONZERO), beta1=st.floats(0, 0.95), above=st.floats(0.001, 0.999))
def test_no_step_of_adam_exceeds_its_bound(gradients, beta1, above):
    beta2 = beta1**2 + above * (0.9999 - beta1**2)
    assert np.max(last_step(gradients, beta1, beta2)) <= step_bound(beta1, beta2) * (1 + 1e-9)


@pytest.mark.parametrize(("beta1", "beta2", "steps"), [(0.9, 0.95, 300), (0.6, 0.5, 100)])
def test_the_bound_is_approached_by_gradients_in_the_ratio_of_the_weights(beta1, beta2, steps):
    """They are proportional to (beta1 / beta2)^(T - t)."""
    worst = (beta2 / beta1) ** np.arange(steps)
    bound = step_bound(beta1, beta2)
    assert 0.9999 * bound < last_step(worst, beta1, beta2) <= bound * (1 + 1e-9)


def test_at_the_defaults_a_step_beyond_five_needs_641_gradients():
    """The best 640 gradients stay below 5 lr; the supremum is 7.2703 lr."""
    worst = (0.999 / 0.9) ** np.arange(641)
    assert last_step(worst[:640], 0.9, 0.999) < 5 < last_step(worst, 0.9, 0.999)
    assert step_bound(0.9, 0.999) == pytest.approx(7.2703, abs=5e-5)
