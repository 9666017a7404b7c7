"""The defaults of the ladder's optimizers: lessons and marks rest on them."""

import pytest

from adamedu.optimizers import optimizer

ADAM = {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
DEFAULTS = {
    "gd": {"lr": 0.1},
    "momentum": {"lr": 0.1, "beta": 0.9},
    "nesterov": {"lr": 0.1, "beta": 0.9},
    "adagrad": {"lr": 0.01, "eps": 1e-8},
    "rmsprop": {"lr": 0.01, "rho": 0.9, "eps": 1e-8},
    "adam": ADAM,
    "amsgrad": ADAM,
    "adamw": {**ADAM, "weight_decay": 0.01},
    "adamax": {**ADAM, "lr": 0.002},
    "nadam": ADAM,
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_default_is_what_the_course_says(name):
    assert optimizer(name).hyperparameters == DEFAULTS[name]
