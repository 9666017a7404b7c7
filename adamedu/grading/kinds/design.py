"""Design: bounded numbers, judged by what they achieve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adamedu.descent import descend
from adamedu.grading.comparing import NotNumbersError, as_array
from adamedu.grading.kinds.exam import DataExam, Verdict
from adamedu.optimizers import adam

if TYPE_CHECKING:
    from collections.abc import Callable


class DesignExam(DataExam):
    """Settings: ``goal``, a name in `GOALS`, and ``most``, the most numbers an answer may have."""

    def judge_value(self, value: Any) -> Verdict:
        """Refuse what isn't a bounded list of finite numbers, and let the goal judge the rest."""
        most = self.task.settings["most"]
        try:
            numbers = as_array(value)
        except NotNumbersError as error:
            return Verdict(facts=[f"{self.task.answer} {error}"])
        if numbers.ndim != 1 or not 1 <= numbers.size <= most:
            return Verdict(facts=[f"{self.task.answer} should be a list of 1 to {most:,} numbers"])
        if not np.isfinite(numbers).all():
            return Verdict(facts=[f"{self.task.answer} holds a number that isn't finite"])
        return GOALS[self.task.settings["goal"]](numbers.astype(float), self.task.settings)


def longest_step(gradients: np.ndarray[Any, Any], settings: dict[str, Any]) -> Verdict:
    """Adam at its defaults: the longest step in units of lr, against each check's bound."""
    trace = descend(adam, list(gradients), lr=1.0)
    steps = np.abs(np.diff(trace.theta, axis=0))
    longest = float(np.nanmax(steps, initial=0.0))
    passed = {name for name, bound in settings["bounds"].items() if longest > bound}
    verdict = Verdict(passed=passed)
    if len(passed) < len(settings["bounds"]):
        at = int(np.nanargmax(steps)) + 1 if np.isfinite(steps).any() else 0
        verdict.facts.append(f"the longest step is {longest:.4g} lr, at t = {at}")
    return verdict


GOALS: dict[str, Callable[[np.ndarray[Any, Any], dict[str, Any]], Verdict]] = {
    "longest-step": longest_step,
}
