"""One judge for the notebook, the command line and the class: replies in, a result out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from adamedu.grading.exams import Verdict, prepare
from adamedu.grading.exams.exam import REMARK, error_fact, read_replies

if TYPE_CHECKING:
    from adamedu.content.tasks import Task
    from adamedu.grading.exams.exam import Exam, Mistake
    from adamedu.sandbox.outside.sandbox import Answers
    from adamedu.sandbox.request import Asked, Request


ALTERED: Final = {
    "edited": "the check below your answer was changed; it counts as it was handed out",
    "doubled": "the check below your answer is there more than once; it counts once",
    "deleted": "the check below your answer is gone; your answer was graded all the same",
}
"""What is said about a check that isn't as it was handed out."""


@dataclass(frozen=True)
class CheckResult:
    """One named check: whether it passed, and its points.

    Attributes
    ----------
    id : str
        The check.
    passed : bool
        Whether it passed.
    points, max_points : int
        What it is worth to this answer, and at most.
    open : bool
        Whether it can't be judged before others pass.
    """

    id: str
    passed: bool
    points: int
    max_points: int
    open: bool = False


@dataclass(frozen=True)
class TaskResult:
    """What a submission made of one task.

    Attributes
    ----------
    id : str
        The task.
    status : str
        ``passed``, ``partial``, ``failed``, ``error``, ``missing`` or ``not-run``.
    checks : tuple of CheckResult
        All of the task's checks; the points are their sum.
    facts : tuple of str
        What is wrong, each a true sentence.
    mistakes : tuple of Mistake
        What was recognized.
    hint : str or None
        The next thing to think about.
    """

    id: str
    status: str
    checks: tuple[CheckResult, ...]
    facts: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = field(default=())
    hint: str | None = None

    @property
    def points(self) -> int:
        """What the passed checks are worth."""
        return sum(check.points for check in self.checks)

    @property
    def max_points(self) -> int:
        """What all checks are worth."""
        return sum(check.max_points for check in self.checks)


def judge(exam: Exam[Any], replies: object) -> TaskResult:
    """Judge the replies to an exam's scripts, as they came from the untrusted side.

    Parameters
    ----------
    exam : Exam
        From `prepare`.
    replies : object
        A list with a list of replies per script; anything else counts as no answer.
    """
    return conclude(exam.task, exam.judge(read_replies(replies, exam.asked)))


def judge_all(exams: list[Exam[Any]], answers: Answers) -> list[TaskResult]:
    """Judge each task of a submission by what came back, whatever came back."""
    results = [_judge_one(exam, answers) for exam in exams]
    altered = [ALTERED.get(answers.checks.get(result.id, "")) for result in results]
    return [
        conclude_with(result, f"{REMARK}: {what}") if what else result
        for result, what in zip(results, altered, strict=True)
    ]


def _judge_one(exam: Exam[Any], answers: Answers) -> TaskResult:
    if answers.problem is not None:
        return not_run(exam.task, answers.problem)
    reply = answers.tasks.get(exam.task.id)
    errors = [error_fact(error) for error in answers.errors]
    if reply is None:
        facts = errors + ([answers.stopped] if answers.stopped else [])
        return conclude(exam.task, Verdict(facts=facts or ["it gave no answer"], trouble="error"))
    if reply.get("found") is not True:
        missing = f"there is no {exam.task.answer} in this file"
        trouble = "error" if errors else "missing"
        return conclude(exam.task, Verdict(facts=[missing, *errors], trouble=trouble))
    result = judge(exam, reply.get("replies"))
    if answers.stopped and result.status not in {"passed", "missing"}:
        return conclude_with(result, answers.stopped)
    return result


def conclude(task: Task, verdict: Verdict) -> TaskResult:
    """Turn a verdict into a result: points, status, and a hint where it isn't all right."""
    checks = tuple(
        CheckResult(
            c.id,
            passed=c.id in verdict.passed,
            points=c.points if c.id in verdict.passed else 0,
            max_points=c.points,
            open=c.id in verdict.open,
        )
        for c in task.checks
    )
    passed = sum(check.passed for check in checks)
    if passed == len(checks):
        return TaskResult(task.id, "passed", checks, tuple(verdict.facts))
    status = verdict.trouble or ("partial" if passed else "failed")
    return TaskResult(
        task.id,
        status,
        checks,
        tuple(verdict.facts),
        tuple(verdict.mistakes),
        verdict.hint or task.hints[0],
    )


def conclude_with(result: TaskResult, fact: str) -> TaskResult:
    """Add a fact to a result."""
    return TaskResult(
        result.id, result.status, result.checks, (*result.facts, fact), result.mistakes, result.hint
    )


def not_run(task: Task, reason: str) -> TaskResult:
    """Give the result of a task that was never asked, with the reason as its fact."""
    checks = tuple(
        CheckResult(c.id, passed=False, points=0, max_points=c.points) for c in task.checks
    )
    return TaskResult(task.id, "not-run", checks, (reason,))


def exams_for(tasks: list[Task], seeds: dict[str, int]) -> list[Exam[Any]]:
    """Prepare an exam per task."""
    return [prepare(task, seeds[task.id]) for task in tasks]


def request_for(exams: list[Exam[Any]], source: str, form: str, name: str) -> Request:
    """Write the request that asks all exams of one submission."""
    asked: list[Asked] = [
        {"id": e.task.id, "answer": e.task.answer, "scripts": e.asked} for e in exams
    ]
    return {"file": name, "format": form, "source": source, "tasks": asked}
