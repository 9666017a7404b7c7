"""Numbers of one's own: a by-hand task with gradients that only one student has.

They are drawn from the seed of student and task, so the grader finds them again without reading
them from the notebook. Where a task repeats a gradient the student's numbers repeat, too: that is
what keeps its roots exact.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamedu.learning.catalogue import Task

_NUMBERS: Final = [n for n in range(-9, 10) if abs(n) > 1]


def personalize(task: Task, seed: int) -> Task:
    """Return the task with gradients drawn from a seed; tasks of other kinds stay as they are.

    Parameters
    ----------
    task : Task
        Any task.
    seed : int
        From `seed_for`.

    Examples
    --------
    >>> from adamedu.learning import catalogue
    >>> task = personalize(catalogue.task("adam.theta"), 1)
    >>> len(task.settings["gradients"]), len(set(task.settings["gradients"]))
    (3, 1)
    """
    if task.kind != "by-hand":
        return task
    given = task.settings["gradients"]
    different = list(dict.fromkeys(given))
    drawn = np.random.default_rng(seed).choice(_NUMBERS, len(different), replace=False)
    own = dict(zip(different, (str(n) for n in drawn), strict=True))
    return with_gradients(task, [own[g] for g in given])


def with_gradients(task: Task, gradients: Sequence[object]) -> Task:
    """Return a by-hand task with other gradients.

    Raises
    ------
    ValueError
        When there are not as many as the task has, or the task isn't done by hand.
    """
    wanted = len(task.settings.get("gradients", ()))
    if task.kind != "by-hand" or len(gradients) != wanted:
        msg = f"{task.id} takes {wanted} gradients, not {len(gradients)}"
        raise ValueError(msg if wanted else f"{task.id} takes no gradients of your own")
    return replace(task, settings={**task.settings, "gradients": [str(g) for g in gradients]})
