"""`hint`: one more step of help with a task, each time it is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from adamedu.content.catalogue import task as find_task
from adamedu.core.errors import ArgumentError
from adamedu.learning import progress_store

_given: dict[str, int] = {}
_ladders: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True)
class Hint:
    """One hint of a task; it shows as a line of text, and says when there are no more."""

    task_id: str
    step: int
    steps: int
    text: str
    again: bool = False

    def __repr__(self) -> str:
        line = f"{self.task_id}, hint {self.step} of {self.steps}: {self.text}"
        more = f"That was the last. solution({self.task_id!r}, show_me=True) shows the solution."
        return f"{line}\n{more}" if self.again else line


def suggest(task_id: str, hints: tuple[str, ...]) -> None:
    """Let the hints for a task be these from now on; none brings back the task's own."""
    if _ladders.get(task_id, ()) != hints:
        _ladders[task_id] = hints
        _given.pop(task_id, None)


def hint(task_id: str, step: int | None = None) -> Hint:
    """Give the next hint for a task, or the one of a given step.

    After a check that has recognized a mistake, the hints are about that mistake.

    Parameters
    ----------
    task_id : str
        The task, ``"adam.step"``.
    step : int, optional
        1 says where to look, 2 what to think about, 3 almost the answer. Without it, every call
        gives the next one. After the last one it says where the solution is.

    Raises
    ------
    UnknownNameError
        When there is no such task.
    ArgumentError
        When there is no such step.

    Examples
    --------
    >>> hint("momentum.step", 1)
    momentum.step, hint 1 of 3: Two lines: first the average, then the step.
    """
    own = find_task(task_id).hints
    hints = _ladders.get(task_id) or own
    again = step is None and _given.get(task_id, 0) == len(hints)
    if step is None:
        step = min(_given.get(task_id, 0) + 1, len(hints))
    if step not in range(1, len(hints) + 1):
        msg = f"{task_id} has hints 1 to {len(hints)}, not {step}"
        raise ArgumentError(msg)
    _given[task_id] = step
    progress_store.note_hint(task_id, step)
    return Hint(task_id, step, len(hints), hints[step - 1], again)
