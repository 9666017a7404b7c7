"""Two and three mistakes in one step are named beside each other."""

import itertools

import pytest

from adamedu import adam
from tests.support.submitting import defined, judged, step

LINES = {
    "m-weight-missing": {"m": "beta1 * m + g"},
    "not-squared": {"v": "beta2 * v + (1 - beta2) * g"},
    "plus-sign": {"theta": "theta + lr * m_hat / (sqrt(v_hat) + eps)"},
}


@pytest.mark.parametrize(
    "names", [some for size in (1, 2, 3) for some in itertools.combinations(LINES, size)], ids=str
)
def test_mistakes_in_different_lines_are_all_named(names):
    source = step(adam, **{k: v for name in names for k, v in LINES[name].items()})
    result = judged("adam.step", defined(source)["adam_step"])
    assert {mistake.id for mistake in result.mistakes} == set(names)
