"""`progress`: the map of the course with what the learner has done, or one lesson's tasks."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from adamedu.content import catalogue
from adamedu.content.lessons import lessons
from adamedu.learning import progress_store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamedu.content.catalogue import Exercise
    from adamedu.content.lessons import Lesson
    from adamedu.content.tasks import Task
    from adamedu.learning.progress_store import Record


class Cell(NamedTuple):
    """A cell of a table: its text, and where it leads."""

    text: str
    href: str | None = None


@dataclass(frozen=True, repr=False)
class Overview:
    """A table of what was done; it shows itself in a notebook and as text.

    Attributes
    ----------
    title : str
        What it shows.
    head : tuple of str
        The columns' names.
    rows : tuple of tuple of Cell
        The first cell of a row names it.
    last : str
        A sentence below it.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    last: str

    def __repr__(self) -> str:
        table = [self.head, *(tuple(cell.text for cell in row) for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(f"{text:{n}}" for text, n in zip(row, widths, strict=True)).rstrip()
            for row in table
        ]
        return "\n".join([self.title, *lines, self.last])

    def _repr_html_(self) -> str:
        left = 'style="text-align:left"'
        head = "".join(f'<th scope="col" {left}>{escape(name)}</th>' for name in self.head)
        body = "".join(
            f'<tr><th scope="row" {left}>{_html(first)}</th>'
            + "".join(f"<td {left}>{_html(cell)}</td>" for cell in rest)
            + "</tr>"
            for first, *rest in self.rows
        )
        caption = f'<caption style="text-align:left"><b>{escape(self.title)}</b></caption>'
        table = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"{table}<p>{escape(self.last)}</p>"


def progress(number: str | None = None) -> Overview:
    """Show the map of the course: what is done, what is next, and the points.

    Parameters
    ----------
    number : str, optional
        A lesson's, ``"05"``: show its tasks instead.

    Raises
    ------
    UnknownNameError
        When that lesson has no exercises.

    Examples
    --------
    >>> progress("02")
    Exercises 02: Momentum
    Task           What it asks          ...
    """
    known = progress_store.read()
    if number is not None:
        return _tasks(catalogue.exercise(number), known)
    following = _following(known)
    rows = tuple(_lesson_row(lesson, known, following) for lesson in lessons().values())
    done, most = _points([t for e in _released() for t in e.tasks], known)
    if following is None:
        last = f"All done: {done} of {most} points."
    else:
        where = f"Next in exercises {catalogue.exercise_of(following).number}"
        last = f"{done} of {most} points. {where}: {following.title} ({following.id})."
    head = ("Lesson", "Its question", "Exercises", "Points", "")
    return Overview("The map of the course", head, rows, last)


def _released() -> list[Exercise]:
    """List the sets that can be worked on, in order."""
    there = {lesson.number for lesson in lessons().values() if lesson.exercises}
    return [e for number, e in sorted(catalogue.exercises().items()) if number in there]


def _following(known: Mapping[str, Record]) -> Task | None:
    """Find the first task that isn't passed."""
    tasks = (task for exercise in _released() for task in exercise.tasks)
    return next((task for task in tasks if not _passed(task, known)), None)


def _lesson_row(
    lesson: Lesson, known: Mapping[str, Record], following: Task | None
) -> tuple[Cell, ...]:
    name, question = Cell(lesson.label, lesson.page), Cell(lesson.question)
    found = [e for e in _released() if e.number == lesson.number]
    if not found:
        state = "" if lesson.page else "on the way"
        return name, question, Cell(""), Cell(""), Cell(state)
    tasks = found[0].tasks
    passed = sum(_passed(task, known) for task in tasks)
    points, most = _points(tasks, known)
    if passed == len(tasks):
        state = "✓ done"
    else:
        state = "→ next" if following in tasks else "begun" if points else ""
    return (
        name,
        question,
        Cell(f"{passed} of {len(tasks)}", lesson.exercises),
        Cell(f"{points} of {most}"),
        Cell(state),
    )


def _tasks(exercise: Exercise, known: Mapping[str, Record]) -> Overview:
    rows = []
    for task in exercise.tasks:
        record = known.get(task.id, progress_store.Record())
        best, most = _points([task], known)
        state = "✓ passed" if record.passed else ""
        numbers = (f"{best} of {most}", str(record.attempts), str(record.hints), state)
        rows.append((Cell(task.id), Cell(task.title), *map(Cell, numbers)))
    done, most = _points(exercise.tasks, known)
    head = ("Task", "What it asks", "Points", "Attempts", "Hints", "")
    title = f"Exercises {exercise.number}: {exercise.title}"
    return Overview(title, head, tuple(rows), f"{done} of {most} points.")


def _passed(task: Task, known: Mapping[str, Record]) -> bool:
    return task.id in known and known[task.id].passed is not None


def _points(tasks: list[Task] | tuple[Task, ...], known: Mapping[str, Record]) -> tuple[int, int]:
    """Sum what was earned and what there is; a task may be worth less than it was."""
    done = sum(min(known[t.id].best, t.points) for t in tasks if t.id in known)
    return done, sum(task.points for task in tasks)


def _html(cell: Cell) -> str:
    text = escape(cell.text)
    return text if cell.href is None else f'<a href="{escape(cell.href)}">{text}</a>'
