"""Predict: a choice made before the run; a wrong one has its own explanation."""

from __future__ import annotations

from typing import Any

from adamedu.content.tasks import PredictTask
from adamedu.grading.exams.exam import DataExam, Verdict


class PredictExam(DataExam[PredictTask]):
    """The letter is the right one, or what is to be thought of it is said."""

    def judge_value(self, value: Any) -> Verdict:
        """Pass the right letter; explain a wrong one without giving the right one away."""
        choices = {choice.id: choice for choice in self.task.choices}
        letter = value.strip().lower() if isinstance(value, str) else None
        if letter not in choices:
            letters = ", ".join(repr(name) for name in choices)
            return Verdict(facts=[f"{self.task.answer} should be one of {letters}"])
        if letter == self.task.right:
            return Verdict(passed={check.id for check in self.task.checks})
        return Verdict(facts=[f"{letter!r} isn't it: {choices[letter].why}"])
