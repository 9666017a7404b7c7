"""The catalogue: every lesson and every graded task, read from one TOML file per exercise set.

A file of `adamedu/content/exercises/` holds the set's name and question, and for each task its
id, kind, the name of the answer, points per check, three hints, and what its kind needs to know.
Notebooks, checks, hints, grading and reports refer to tasks by id and take the rest from here.
"""

from __future__ import annotations

import functools
from typing import Any

import msgspec

from adamedu.content.loading import CatalogueError, LessonNumber, Row, Text, by_id, load
from adamedu.content.tasks import AnyTask, Task
from adamedu.core.errors import UnknownNameError, nearest


class Exercise(Row, frozen=True):
    """One exercise set: the tasks that go with a lesson.

    Attributes
    ----------
    number : str
        ``"05"``.
    name : str
        The notebook's name without its ending, ``"05_adam"``.
    title, question : str
        The lesson's title, and the question that it answers.
    tasks : tuple of Task
        In order.
    """

    number: LessonNumber
    name: Text
    title: Text
    question: Text
    tasks: tuple[AnyTask, ...] = msgspec.field(name="task")


@functools.cache
def exercises() -> dict[str, Exercise]:
    """Every exercise set by its number.

    >>> exercises()["05"].name
    '05_adam'
    """
    files = load("exercises", Exercise)
    for file, found in files.items():
        if (found.name, found.number) != (file, file[:2]):
            raise CatalogueError(f"exercises/{file}.toml, name: the file's name says {file!r}")
    return {found.number: found for found in files.values()}


@functools.cache
def tasks() -> dict[str, Task]:
    """Every task by its id, in the order of the course."""
    return by_id("exercises", {e.name: e.tasks for e in exercises().values()})


def exercise_of(task: Task) -> Exercise:
    """Return the set that a task belongs to.

    >>> exercise_of(task("adam.step")).name
    '05_adam'
    """
    return _owners()[task.id]


def task(task_id: str) -> Task:
    """Find a task.

    Raises
    ------
    UnknownNameError
        When there is none of that id; the message names the nearest.

    Examples
    --------
    >>> task("adam.step").points
    8
    """
    found: Task = _find("task", task_id, tasks())
    return found


def exercise(number: str) -> Exercise:
    """Find an exercise set by its number (``"05"``, ``"5"``) or its name (``"05_adam"``).

    Raises
    ------
    UnknownNameError
        When there is none.
    """
    known = {e.number: e for e in exercises().values()} | {e.name: e for e in exercises().values()}
    found: Exercise = _find("exercise", number.zfill(2) if number.isdecimal() else number, known)
    return found


@functools.cache
def _owners() -> dict[str, Exercise]:
    return {task.id: exercise for exercise in exercises().values() for task in exercise.tasks}


def _find(what: str, name: object, known: dict[str, Any]) -> Any:
    if not isinstance(name, str):
        example, got = next(iter(known)), type(name).__name__
        msg = f"a {what} is named by a text such as {example!r}, not by a {got}"
        raise UnknownNameError(msg)
    if name in known:
        return known[name]
    near = nearest(name, known)
    advice = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}"
    msg = f"there is no {what} {name!r}; {advice}"
    raise UnknownNameError(msg)
