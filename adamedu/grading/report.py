"""The report: what a grading found, as plain data in the shape of ``report.schema.json``."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, Self

import adamedu

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from adamedu.grading.judge import TaskResult
    from adamedu.sandbox.outside.levels import Guarantees

SCHEMA: Final = 2


@dataclass(frozen=True)
class SubmissionReport:
    """What was found in one submission.

    Attributes
    ----------
    student, file : str
        Whose it is, and where it was.
    exercise : str or None
        The number of its set; None for a Python file.
    status : str
        ``graded``, ``unreadable`` or ``refused``.
    message : str or None
        Why it was not graded, or that it was withdrawn.
    tasks : tuple of TaskResult
        One per requested task.
    """

    student: str
    exercise: str | None
    file: str
    status: str
    message: str | None
    tasks: tuple[TaskResult, ...]

    @property
    def score(self) -> int:
        """The points of all tasks."""
        return sum(task.points for task in self.tasks)

    @property
    def max_score(self) -> int:
        """The most that its tasks are worth."""
        return sum(task.max_points for task in self.tasks)

    def as_data(self) -> dict[str, Any]:
        """Return the submission's part of the report."""
        return {
            "student": self.student,
            "exercise": self.exercise,
            "file": self.file,
            "status": self.status,
            "message": self.message,
            "score": self.score,
            "max_score": self.max_score,
            "tasks": [_task(task) for task in self.tasks],
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Read what `as_data` has returned."""
        from adamedu.grading.exams.exam import Mistake
        from adamedu.grading.judge import CheckResult, TaskResult

        tasks = tuple(
            TaskResult(
                id=task["id"],
                status=task["status"],
                checks=tuple(CheckResult(**check) for check in task["checks"]),
                facts=tuple(task["facts"]),
                mistakes=tuple(Mistake(**mistake) for mistake in task["mistakes"]),
                hint=task["hint"],
            )
            for task in data["tasks"]
        )
        given = {key: data[key] for key in ("student", "exercise", "file", "status", "message")}
        return cls(**given, tasks=tasks)


def to_json(data: dict[str, Any]) -> str:
    """Write a report as text, ending with a newline."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def written(
    submissions: Iterable[dict[str, Any]],
    guarantees: Guarantees,
    version: str = adamedu.__version__,
) -> Iterator[str]:
    """Write a report as `to_json` does, one submission after the other.

    Parameters
    ----------
    submissions : iterable of dict
        Each as from `SubmissionReport.as_data`; no two are held at the same time.
    guarantees : dict
        What held while they ran.
    version : str
        The version that graded.
    """
    data = {"schema": SCHEMA, "adamedu": version, "guarantees": guarantees, "submissions": []}
    head, end = to_json(data).rsplit("]", 1)
    yield head
    before, after = "\n", ""
    for submission in submissions:
        text = json.dumps(submission, indent=2, ensure_ascii=False, allow_nan=False)
        yield before + "    " + text.replace("\n", "\n    ")
        before, after = ",\n", "\n  "
    yield after + "]" + end


def schema() -> dict[str, Any]:
    """Return the JSON Schema that every report follows."""
    text = (resources.files("adamedu.grading") / "report.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _task(task: TaskResult) -> dict[str, Any]:
    return {
        "id": task.id,
        "status": task.status,
        "points": task.points,
        "max_points": task.max_points,
        "checks": [asdict(check) for check in task.checks],
        "facts": list(task.facts),
        "mistakes": [asdict(mistake) for mistake in task.mistakes],
        "hint": task.hint,
    }
