"""Grade files: find, read, run on the untrusted side, judge, report."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adamedu.grading.judge import exams_for, judge_all, not_run, request_for
from adamedu.grading.personal import personalize
from adamedu.grading.probes import seed_for
from adamedu.grading.report import SubmissionReport
from adamedu.grading.submissions import Submission, UnreadableError, find, read, tasks_of
from adamedu.sandbox.pool import Answers, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from adamedu.learning.catalogue import Exercise, Task


class NothingToGradeError(ValueError):
    """A path without submissions."""


@dataclass(frozen=True)
class Settings:
    """How to grade.

    Attributes
    ----------
    exercise : Exercise or None
        Grade for this set, whatever the files are called.
    tasks : tuple of Task
        Grade for these tasks only.
    secret : str
        The course's secret: with the student and the task it makes the seed of the probes.
    personal : bool
        Whether by-hand tasks have numbers of the student's own, as released with ``--student``.
    seconds : float
        The time limit per cell and per call; a submission gets three times as long in all.
    run : callable
        The untrusted side.
    """

    exercise: Exercise | None = None
    tasks: tuple[Task, ...] = ()
    secret: str = ""
    personal: bool = False
    seconds: float = 5.0
    run: Callable[[dict[str, Any], float], Answers] = run


def grade(paths: Iterable[Path], settings: Settings) -> Iterator[SubmissionReport]:
    """Grade all submissions in files and folders, one after the other; none stops the rest.

    Raises
    ------
    NothingToGradeError
        At once, when one of the paths holds no submission.
    """
    found = {path: tuple(find(path)) for path in paths}
    for path, submissions in found.items():
        if not submissions:
            msg = f"there is no .ipynb or .py file in {path}"
            raise NothingToGradeError(msg)
    return (grade_one(one, settings) for one in itertools.chain.from_iterable(found.values()))


def grade_one(submission: Submission, settings: Settings) -> SubmissionReport:
    """Grade one submission; every requested task is in its report, whatever happens."""
    is_notebook = submission.form == "ipynb"
    exercise = settings.exercise or (submission.exercise if is_notebook else None)
    number = exercise.number if exercise is not None and is_notebook else None
    asked = list(settings.tasks) or list(exercise.tasks if exercise is not None else ())

    def reported(status: str, message: str | None, tasks: Iterable[Any]) -> SubmissionReport:
        who, file = submission.student, submission.file
        return SubmissionReport(who, number, file, status, message, tuple(tasks))

    try:
        source = read(submission.path)
        if not settings.tasks and settings.exercise is None:
            asked = tasks_of(submission, source)
    except UnreadableError as error:
        message = str(error)
        return reported("unreadable", message, [not_run(task, message) for task in asked])
    seeds = {task.id: seed_for(settings.secret, submission.student, task.id) for task in asked}
    if settings.personal:
        asked = [personalize(task, seeds[task.id]) for task in asked]
    exams = exams_for(asked, seeds)
    request = request_for(exams, source, submission.form, submission.file)
    answers = settings.run(request, settings.seconds)
    status = "graded" if answers.problem is None else "unreadable"
    return reported(status, answers.problem, judge_all(exams, answers))
