"""`check`: judge an answer in the notebook, at once, and say what is wrong with it.

It is a self-check: the same judge as in grading, but in the learner's own kernel and with a seed
that anyone can know. Marks come from ``adamedu grade``.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Final

from adamedu.content.catalogue import task as find_task
from adamedu.content.mistakes import bank
from adamedu.core.errors import ArgumentError, Notice, running_shell
from adamedu.core.recurrence import Recurrence
from adamedu.grading.cards import Card
from adamedu.grading.exams import prepare
from adamedu.grading.judge import judge, not_run
from adamedu.grading.personalize import with_gradients
from adamedu.grading.probes import SELF_CHECK, seed_for
from adamedu.learning import cells, progress_store
from adamedu.learning.hinting import suggest
from adamedu.sandbox.inside.deadline import SECONDS
from adamedu.sandbox.inside.runner import perform_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamedu.content.tasks import Task
    from adamedu.grading.judge import TaskResult

_NOTHING: Final = object()

cells.listen()


class NotPassed(Notice):
    """A task that is not fully solved."""


def check(
    task_id: str,
    answer: object = _NOTHING,
    *,
    gradients: Sequence[object] | None = None,
    seconds: float = SECONDS,
) -> float | None:
    """Check an answer, show what was found, and stop the notebook there if it isn't all right.

    What came out is kept for `progress`, unless the answer is an optimizer of the course. An answer
    whose cell was changed since, and didn't run, is not judged. One that works for too long is
    stopped, but for a single long call into C, such as ``9**9**9``: interrupt the kernel then.

    Parameters
    ----------
    task_id : str
        The task, ``"adam.step"``.
    answer : object
        What the task asks for: a function, a class, numbers, a letter.
    gradients : sequence of int or str, optional
        The numbers of a by-hand task, where your copy of it has its own.
    seconds : float, optional
        How long the answer may work on each of the check's questions.

    Returns
    -------
    float or None
        Nothing; while nbgrader autogrades, the points of an answer that is partly right.

    Raises
    ------
    NotPassed
        When the answer isn't fully right. Its message starts with the task's id.
    UnknownNameError
        When there is no such task.
    ArgumentError
        When gradients are given to a task that takes none, or another number of them; when the
        seconds are no time.

    Examples
    --------
    >>> def momentum_step(theta, g, t, m, *, lr, beta):
    ...     m = beta * m + (1 - beta) * g
    ...     return theta - lr * m, m
    >>> check("momentum.step", momentum_step)
    momentum.step: passed, 6 of 6 points
      ✓ m is the moving average of the gradients
      ✓ the parameters step along the average
      ✓ it works for plain numbers, whole numbers and single precision
      ✓ it leaves its arguments as they were
    """
    task = find_task(task_id)
    if gradients is not None:
        task = with_gradients(task, gradients)
    if not (isinstance(seconds, int | float) and seconds > 0):
        raise ArgumentError(f"seconds should be a number above 0, not {seconds!r}")
    if answer is _NOTHING:
        msg = f"{task_id}: say what to check, as in check({task_id!r}, {task.answer})"
        raise NotPassed(msg)
    # nbgrader takes any output on standard error for a failure; a warning isn't one.
    with contextlib.redirect_stderr(sys.stdout):
        result = _unless_unrun(task, answer) or examine(task, answer, seconds)
        mistakes = [bank()[mistake.id] for mistake in result.mistakes]
        suggest(task_id, mistakes[0].hints if mistakes else ())
        card = Card(task, result)
        _show(card, answer, seconds)
        _keep(result, answer)
    if result.status == "passed":
        return None
    if os.environ.get("NBGRADER_EXECUTION") == "autograde" and result.points:
        return float(result.points)
    msg = f"{task_id}: not passed yet, {card.score}"
    raise NotPassed(msg)


def examine(task: Task, answer: object, seconds: float = SECONDS) -> TaskResult:
    """Judge an answer in this process, through the same messages as in grading."""
    exam = prepare(task, seed_for("", SELF_CHECK, task.id))
    replies = perform_all(exam.asked, {task.answer: answer}, seconds)
    return judge(exam, json.loads(json.dumps(replies)))


def _unless_unrun(task: Task, answer: object) -> TaskResult | None:
    """Judge nothing where the learner means another answer than the one that is there."""
    if "NBGRADER_EXECUTION" in os.environ:  # what ran last is what is handed in
        return None
    why = cells.unrun(task.answer, answer)
    return None if why is None else not_run(task, why)


def _keep(result: TaskResult, answer: object) -> None:
    """Keep the learner's attempts; what wasn't judged is none, nor is the course's optimizer."""
    if result.status not in {"missing", "not-run"} and not isinstance(answer, Recurrence):
        progress_store.note_check(result.id, result.points, passed=result.status == "passed")


def _show(card: Card, answer: object, seconds: float) -> None:
    if not hasattr(running_shell(), "kernel"):
        print(card)  # noqa: T201
        return
    from IPython.display import display

    display(card)  # type: ignore[no-untyped-call]
    if card.result.status in {"partial", "failed"}:
        from adamedu.learning.path_picture import path_picture

        picture = path_picture(card.task, answer, seconds)
        if picture is not None:
            display(picture)  # type: ignore[no-untyped-call]
