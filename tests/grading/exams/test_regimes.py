"""Algorithms that are right near the start, and only there, don't pass, whatever the seed."""

from __future__ import annotations

import numpy as np
import pytest

from adamedu.content.catalogue import tasks
from adamedu.content.tasks import StepTask
from tests.support.submitting import CLASS, RUN, defined, judged, step

STEPS = {
    one.id: one.reference
    for one in tasks().values()
    if isinstance(one, StepTask) and one.id.endswith(".step")
}


def norm(x):
    return np.sqrt(np.sum(np.square(x)))


def moved(old, new, most):
    """Let the parameters move so far at most."""
    return (old[0] + np.clip(new[0] - old[0], -most, most), *new[1:])


def stays(old):
    """Return what went in: the parameters and the state."""
    return tuple(np.array(x) for x in (old[0], *old[3:]))


INTO = {
    "each gradient at most 5": lambda x, g, *more: (x, np.clip(g, -5, 5), *more),
    "each gradient at most 100": lambda x, g, *more: (x, np.clip(g, -100, 100), *more),
    "a gradient no longer than 10": lambda x, g, *more: (x, g * 10 / max(norm(g), 10), *more),
}
"""What is done to theta, g, t and the state before the definition's step."""
OUT_OF = {
    "each step at most 10": lambda old, new: moved(old, new, 10),
    "parameters in a box": lambda _, new: (np.clip(new[0], -20, 20), *new[1:]),
    "tiny gradients skipped": lambda old, new: new if norm(old[1]) > 1e-4 else stays(old),
    "small steps from t = 1000 on": lambda old, new: (
        new if old[2] < 1000 else moved(old, new, 0.01)
    ),
}
"""What is done to theta and the state after it."""
OF_ADAM_INTO = {
    "t stays 10": lambda x, g, t, *more: (x, g, min(t, 10), *more),
    "t as an 8-bit number": lambda x, g, t, *more: (x, g, (t + 128) % 256 - 128 or 1, *more),
}
OF_ADAM_OUT_OF = {
    "zero gradients skipped": lambda old, new: new if np.any(old[1]) else stays(old),
    "v not below 1e-8": lambda _, new: (*new[:2], np.maximum(new[2], 1e-8)),
    "v not below 1e-12": lambda _, new: (*new[:2], np.maximum(new[2], 1e-12)),
}
ALL_INTO = {**INTO, **OF_ADAM_INTO}
ALL_OUT_OF = {**OUT_OF, **OF_ADAM_OUT_OF}
ANY = [*INTO, *OUT_OF]
OF_ADAM = [*ALL_INTO, *ALL_OUT_OF]


def changed(definition, words):
    """Return the definition's step with one of these changes."""

    def wrong(*given, **hyperparameters):
        if words in ALL_INTO:
            return definition(*ALL_INTO[words](*given), **hyperparameters)
        out = definition(*given, **hyperparameters)
        new = ALL_OUT_OF[words](given, out if definition.state else (out,))
        return new if definition.state else new[0]

    return wrong


@pytest.mark.parametrize("words", ANY)
@pytest.mark.parametrize("task_id", STEPS)
def test_a_step_that_is_right_near_the_start_only_does_not_pass(task_id, words):
    for seed in (0, 1):
        result = judged(task_id, changed(STEPS[task_id], words), seed=seed)
        assert result.status in {"partial", "failed"}
        assert not result.mistakes
        assert result.facts


@pytest.mark.parametrize("words", OF_ADAM)
def test_the_judgment_does_not_depend_on_the_seed(words):
    wrong = changed(STEPS["adam.step"], words)
    judgments = {
        tuple(check.passed for check in judged("adam.step", wrong, seed=seed).checks)
        for seed in range(24)
    }
    [passed] = judgments
    assert not all(passed)


@pytest.mark.parametrize("task_id", STEPS)
def test_all_that_is_right_passes_with_every_seed(task_id):
    assert {judged(task_id, STEPS[task_id], seed=seed).status for seed in range(24)} == {"passed"}


@pytest.mark.parametrize(
    "line",
    [
        "if not np.any(g): break",
        "if np.abs(g).max() < 1e-6: continue",
        "g = np.clip(g, -5, 5)",
        "t = t if t < 128 else t - 64",
        "hyperparameters['lr'] *= 0.5 if t == 500 else 1",
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_a_run_that_is_right_for_a_while_only_does_not_pass(line, seed):
    call = "        theta, m, v = adam_step("
    wrong = RUN.replace(call, f"        {line}\n{call}")
    assert wrong != RUN
    result = judged("adam.run", defined(step(STEPS["adam.step"]) + wrong)["adam_run"], seed=seed)
    assert {check.id for check in result.checks if not check.passed} == {"again"}
    assert result.facts[0].startswith("a run of 520 steps: ")
    assert not result.mistakes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("self.t += 1", "self.t = min(self.t + 1, 50)"),
        ("enumerate(gradients)", "enumerate([np.clip(g, -5, 5) for g in gradients])"),
    ],
)
def test_a_class_that_is_right_for_a_while_only_does_not_pass(old, new):
    assert old in CLASS
    wrong = CLASS.replace(old, new)
    result = judged("adam.class", defined(step(STEPS["adam.step"]) + wrong)["Adam"])
    assert {check.id for check in result.checks if not check.passed} == {"steps"}
    assert not result.mistakes
