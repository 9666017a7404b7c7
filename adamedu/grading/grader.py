"""Grade files: find, read, run on the untrusted side, judge, report.

What is read here is graded here or elsewhere: a `Job` holds all that grading takes, as plain data.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adamedu.content import catalogue
from adamedu.grading.errors import GradingError
from adamedu.grading.judge import exams_for, judge_all, not_run, request_for
from adamedu.grading.personalize import personalize
from adamedu.grading.probes import seed_for
from adamedu.grading.released_cells import check_cells, given_cells
from adamedu.grading.report import SubmissionReport
from adamedu.grading.submissions import Submission, UnreadableError, find, read, tasks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from adamedu.content.catalogue import Exercise
    from adamedu.content.tasks import Task
    from adamedu.sandbox.outside.replies import Answers
    from adamedu.sandbox.request import Request


class NothingToGradeError(GradingError):
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
    """

    exercise: Exercise | None = None
    tasks: tuple[Task, ...] = ()
    secret: str = ""
    personal: bool = False
    seconds: float = 5.0


@dataclass(frozen=True)
class Job:
    """A submission that was read, and what it is to be graded for; the course's secret isn't in it.

    Attributes
    ----------
    student, file : str
        Whose it is, and where it was.
    exercise : str or None
        The number of its set; None for a Python file.
    form : str
        ``"py"`` or ``"ipynb"``.
    source : str
        What it holds.
    problem : str or None
        Why it can't be graded.
    seeds : dict of str to int
        The tasks by their ids, each with the seed of its probes.
    personal, seconds
        As in `Settings`.
    """

    student: str
    exercise: str | None
    file: str
    form: str
    source: str
    problem: str | None
    seeds: dict[str, int]
    personal: bool
    seconds: float

    def not_run(self, status: str, why: str) -> SubmissionReport:
        """Report that nothing of it was run: ``"unreadable"`` or ``"refused"``, and why."""
        results = tuple(not_run(catalogue.task(task_id), why) for task_id in self.seeds)
        return SubmissionReport(self.student, self.exercise, self.file, status, why, results)


def count(paths: Iterable[Path]) -> int:
    """Count the submissions in files and folders.

    Raises
    ------
    NothingToGradeError
        When one of the paths holds no submission.
    """
    total = 0
    for path in paths:
        here = sum(1 for _ in find(path))
        if not here:
            msg = f"there is no .ipynb or .py file in {path}"
            raise NothingToGradeError(msg)
        total += here
    return total


def submissions(paths: Iterable[Path]) -> Iterator[Submission]:
    """Find the submissions in files and folders, one after the other."""
    return itertools.chain.from_iterable(map(find, paths))


def prepare(submission: Submission, settings: Settings) -> Job:
    """Read a submission and choose its tasks and seeds; whatever is wrong with it is in the job."""
    is_notebook = submission.form == "ipynb"
    exercise = settings.exercise or (submission.exercise if is_notebook else None)
    asked = list(settings.tasks) or list(exercise.tasks if exercise is not None else ())
    source, problem = "", None
    try:
        source = read(submission.path)
        if not settings.tasks and settings.exercise is None:
            asked = tasks_of(submission, source)
    except UnreadableError as error:
        problem = str(error)
    return Job(
        student=submission.student,
        exercise=exercise.number if exercise is not None and is_notebook else None,
        file=submission.file,
        form=submission.form,
        source=source,
        problem=problem,
        seeds={t.id: seed_for(settings.secret, submission.student, t.id) for t in asked},
        personal=settings.personal,
        seconds=settings.seconds,
    )


def perform(job: Job, run: Callable[[Request, float], Answers]) -> SubmissionReport:
    """Run what was read on the untrusted side, and judge what comes back."""
    if job.problem is not None:
        return job.not_run("unreadable", job.problem)
    asked = [catalogue.task(task_id) for task_id in job.seeds]
    if job.personal:
        asked = [personalize(task, job.seeds[task.id]) for task in asked]
    exams = exams_for(asked, job.seeds)
    request = request_for(exams, job.source, job.form, job.file)
    request["given"] = given_cells(job.exercise)
    request["checks"] = check_cells(job.exercise)
    answers = run(request, job.seconds)
    results = tuple(judge_all(exams, answers))
    status = "graded" if answers.problem is None else "unreadable"
    return SubmissionReport(job.student, job.exercise, job.file, status, answers.problem, results)
