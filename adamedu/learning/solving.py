"""`solution`: the worked solution of a task, once it is passed or the learner asks to see it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from adamedu.content import catalogue, course
from adamedu.core.errors import Notice
from adamedu.learning import progress_store

_MARKS = ("### BEGIN SOLUTION", "### END SOLUTION")


class ClosedError(Notice):
    """A solution that isn't shown, and the message says why."""


@dataclass(frozen=True, repr=False)
class Solution:
    """A worked solution; it shows itself in a notebook and as text.

    Attributes
    ----------
    task_id : str
        The task.
    parts : tuple of (str, str)
        For each cell its kind, ``code`` or ``markdown``, and its text.
    """

    task_id: str
    parts: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return "\n\n".join(text for _, text in self.parts)

    def _repr_markdown_(self) -> str:
        return "\n\n".join(
            f"```python\n{text}\n```" if kind == "code" else text for kind, text in self.parts
        )


def solution(task_id: str, *, show_me: bool = False) -> Solution:
    """Show the worked solution of a task, with its short explanation.

    Parameters
    ----------
    task_id : str
        The task, ``"adam.step"``.
    show_me : bool, optional
        Show it before the task is passed.

    Raises
    ------
    UnknownNameError
        When there is no such task.
    ClosedError
        When the task isn't passed yet, or this installation has no solutions.

    Examples
    --------
    >>> solution("adam.step")
    Traceback (most recent call last):
        ...
    adamedu.learning.solving.ClosedError: adam.step isn't passed yet. ...
    """
    task = catalogue.task(task_id)
    if not show_me and progress_store.read().get(task_id, progress_store.Record()).passed is None:
        raise ClosedError(
            f"{task_id} isn't passed yet. hint({task_id!r}) gives a hint; to see the solution "
            f"all the same: solution({task_id!r}, show_me=True)"
        )
    file = f"solutions/{catalogue.exercise_of(task).name}.ipynb"
    path = course.find(file)
    if path is None:
        raise ClosedError(
            f"Solutions don't come with this installation. You find this one in the course's "
            f"repository, in {file}."
        )
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    parts = tuple(
        (cell["cell_type"], _without_marks("".join(cell["source"])))
        for cell in cells
        if _is_worked(cell["metadata"], task_id)
    )
    return Solution(task_id, parts)


def _is_worked(metadata: dict[str, dict[str, object]], task_id: str) -> bool:
    """Whether a cell is the answer to a task, or says why it is."""
    ours = metadata.get("adamedu", {})
    if ours.get("task") != task_id:
        return False
    return ours.get("only") == "solution" or bool(metadata.get("nbgrader", {}).get("solution"))


def _without_marks(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if line.strip() not in _MARKS)
