"""The catalogue: every lesson and every graded task, read from one TOML file per exercise set.

A file of `adamedu/content/exercises/` holds the set's name and question, and for each task its
id, kind, the name of the answer, points per check, three hints, and what its kind needs to know.
Notebooks, checks, hints, grading and reports refer to tasks by id and take the rest from here.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

from adamedu.core.errors import UnknownNameError, nearest


@dataclass(frozen=True)
class Check:
    """One thing that a task is checked for.

    Attributes
    ----------
    id : str
        Unique within its task. A known mistake's id asks whether that mistake is gone.
    points : int
        What passing it is worth.
    says : str
        What it checks, as the learner reads it.
    """

    id: str
    points: int
    says: str


@dataclass(frozen=True)
class Task:
    """One graded task.

    Attributes
    ----------
    id : str
        ``"adam.step"``.
    exercise : str
        The number of its set, ``"05"``.
    kind : str
        How it is judged: ``step``, ``run``, ``class``, ``by-hand``, ``predict`` or ``design``.
    answer : str
        The name that a submission gives its answer.
    title : str
        A few words.
    minutes : int
        How long it takes.
    checks : tuple of Check
        In the order in which they are shown.
    hints : tuple of str
        Where to look; what to think about; almost the answer.
    settings : dict
        What the kind needs: the optimizer, the given numbers, the choices.
    """

    id: str
    exercise: str
    kind: str
    answer: str
    title: str
    minutes: int
    checks: tuple[Check, ...]
    hints: tuple[str, ...]
    settings: dict[str, Any]

    @property
    def points(self) -> int:
        """The most that the task is worth."""
        return sum(check.points for check in self.checks)


@dataclass(frozen=True)
class Exercise:
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

    number: str
    name: str
    title: str
    question: str
    tasks: tuple[Task, ...]


@functools.cache
def exercises() -> dict[str, Exercise]:
    """Every exercise set by its number.

    >>> exercises()["05"].name
    '05_adam'
    """
    folder = resources.files("adamedu.content") / "exercises"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return {exercise.number: exercise for exercise in map(_read, files)}


@functools.cache
def tasks() -> dict[str, Task]:
    """Every task by its id, in the order of the course."""
    return {task.id: task for exercise in exercises().values() for task in exercise.tasks}


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


def _read(file: Any) -> Exercise:
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    number = data["number"]
    known = ("id", "kind", "answer", "title", "minutes", "checks", "hints")
    found = tuple(
        Task(
            id=entry["id"],
            exercise=number,
            kind=entry["kind"],
            answer=entry["answer"],
            title=entry["title"],
            minutes=entry["minutes"],
            checks=tuple(Check(**check) for check in entry["checks"]),
            hints=tuple(entry["hints"]),
            settings={key: value for key, value in entry.items() if key not in known},
        )
        for entry in data["task"]
    )
    return Exercise(number, data["name"], data["title"], data["question"], found)
