"""Numbers of one's own: a by-hand task with gradients that only one student has.

They are drawn from the seed of student and task, so the grader finds them again without reading
them from the notebook. Where a task repeats a gradient the student's numbers repeat, too. Where its
roots would not be exact with any numbers, the gradients keep their proportions, and get a factor
and signs of the student's own.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec.structs import replace

from adamedu.content.tasks import ByHandTask
from adamedu.core.errors import ArgumentError
from adamedu.grading.exams.by_hand import exact_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamedu.content.tasks import Task

_NUMBERS: Final = [n for n in range(-9, 10) if abs(n) > 1]
_FACTORS: Final = [1, 2, 3, 4, 5]


def personalize(task: Task, seed: int) -> Task:
    """Return the task with gradients drawn from a seed; a task that has none stays as it is.

    Parameters
    ----------
    task : Task
        Any task.
    seed : int
        From `seed_for`.

    Examples
    --------
    >>> from adamedu.content import catalogue
    >>> task = personalize(catalogue.task("adam.theta"), 1)
    >>> len(task.gradients), len(set(task.gradients))
    (3, 1)
    """
    if not isinstance(task, ByHandTask) or not task.gradients:
        return task
    given = task.gradients
    different = list(dict.fromkeys(given))
    rng = np.random.default_rng(seed)
    drawn = rng.choice(_NUMBERS, len(different), replace=False)
    own = with_gradients(task, _instead(given, dict(zip(different, drawn, strict=True))))
    try:
        exact_values(own)
    except ValueError:
        factors = rng.choice(_FACTORS) * rng.choice([-1, 1], len(different))
        scaled = {g: Fraction(g) * int(n) for g, n in zip(different, factors, strict=True)}
        return with_gradients(task, _instead(given, scaled))
    return own


def _instead(given: Sequence[str], own: Mapping[str, object]) -> list[object]:
    return [own[g] for g in given]


def with_gradients(task: Task, gradients: Sequence[object]) -> ByHandTask:
    """Return a by-hand task with other gradients.

    Raises
    ------
    ArgumentError
        When there are not as many as the task has, or the task isn't done by hand.
    """
    if not isinstance(task, ByHandTask) or not task.gradients:
        raise ArgumentError(f"{task.id} takes no gradients of your own")
    wanted = len(task.gradients)
    if len(gradients) != wanted:
        raise ArgumentError(f"{task.id} takes {wanted} gradients, not {len(gradients)}")
    return replace(task, gradients=tuple(str(g) for g in gradients))
