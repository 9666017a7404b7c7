"""How each kind of task is asked and judged, one module per kind.

A kind takes a task and a seed and prepares an `Exam`: the scripts to run on the untrusted side, and
the judgment of what comes back.
"""

from typing import Any

from adamedu.content.tasks import Task
from adamedu.grading.exams.by_hand import ByHandExam
from adamedu.grading.exams.design import DesignExam
from adamedu.grading.exams.exam import Exam, Verdict
from adamedu.grading.exams.optimizer_class import ClassExam
from adamedu.grading.exams.predict import PredictExam
from adamedu.grading.exams.run import RunExam
from adamedu.grading.exams.step import StepExam

KINDS: dict[str, type[Exam[Any]]] = {
    "step": StepExam,
    "run": RunExam,
    "class": ClassExam,
    "by-hand": ByHandExam,
    "predict": PredictExam,
    "design": DesignExam,
}

__all__ = ["KINDS", "Exam", "Verdict", "prepare"]


def prepare(task: Task, seed: int) -> Exam[Any]:
    """Prepare the exam for a task; the same seed gives the same questions."""
    return KINDS[task.kind](task, seed)
