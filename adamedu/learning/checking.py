"""`check`: judge an answer in the notebook, at once, and say what is wrong with it.

It is a self-check: the same judge as in grading, but in the learner's own kernel and with a seed
that anyone can know. Marks come from ``adamedu grade``.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any, Final

from adamedu.grading.judge import judge
from adamedu.grading.kinds import prepare
from adamedu.grading.mistakes import bank
from adamedu.grading.personal import with_gradients
from adamedu.grading.probes import SELF_CHECK, seed_for
from adamedu.learning import records
from adamedu.learning.cards import Card
from adamedu.learning.catalogue import task as find_task
from adamedu.learning.hinting import suggest
from adamedu.recurrence import Recurrence
from adamedu.sandbox.runner import perform_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamedu.grading.judge import TaskResult
    from adamedu.learning.catalogue import Task

_NOTHING: Final = object()


class NotPassed(Exception):  # noqa: N818  (it isn't an error of anyone's code)
    """A task that is not fully solved; in a notebook it shows as one line, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def check(
    task_id: str, answer: object = _NOTHING, *, gradients: Sequence[object] | None = None
) -> float | None:
    """Check an answer, show what was found, and stop the notebook there if it isn't all right.

    What came out is kept for `progress`, unless the answer is an optimizer of the course.

    Parameters
    ----------
    task_id : str
        The task, ``"adam.step"``.
    answer : object
        What the task asks for: a function, a class, numbers, a letter.
    gradients : sequence of int or str, optional
        The numbers of a by-hand task, where your copy of it has its own.

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
    ValueError
        When gradients are given to a task that takes none, or another number of them.

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
    if answer is _NOTHING:
        msg = f"{task_id}: say what to check, as in check({task_id!r}, {task.answer})"
        raise NotPassed(msg)
    # nbgrader takes any output on standard error for a failure; a warning isn't one.
    with contextlib.redirect_stderr(sys.stdout):
        result = examine(task, answer)
        mistakes = [bank()[mistake.id] for mistake in result.mistakes]
        suggest(task_id, mistakes[0].hints if mistakes else ())
        card = Card(task, result)
        _show(card, answer)
        _keep(result, answer)
    if result.status == "passed":
        return None
    if os.environ.get("NBGRADER_EXECUTION") == "autograde" and result.points:
        return float(result.points)
    msg = f"{task_id}: not passed yet, {card.score}"
    raise NotPassed(msg)


def examine(task: Task, answer: object) -> TaskResult:
    """Judge an answer in this process, through the same messages as in grading."""
    exam = prepare(task, seed_for("", SELF_CHECK, task.id))
    replies = perform_all(exam.asked, {task.answer: answer})
    return judge(exam, json.loads(json.dumps(replies)))


def _keep(result: TaskResult, answer: object) -> None:
    """Keep the learner's attempts; a blank is none, nor is an optimizer of the course."""
    if result.status != "missing" and not isinstance(answer, Recurrence):
        records.note_check(result.id, result.points, passed=result.status == "passed")


def _show(card: Card, answer: object) -> None:
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None or not hasattr(shell, "kernel"):
        print(card)  # noqa: T201
        return
    from IPython.display import display

    display(card)  # type: ignore[no-untyped-call]
    if card.result.status in {"partial", "failed"}:
        from adamedu.learning.paths import path_picture

        picture = path_picture(card.task, answer)
        if picture is not None:
            display(picture)  # type: ignore[no-untyped-call]
