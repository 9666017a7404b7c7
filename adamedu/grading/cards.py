"""The card that a check shows: what holds, what doesn't, one hint; as text and as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamedu.content.tasks import Task
    from adamedu.grading.exams.exam import Mistake
    from adamedu.grading.judge import TaskResult

_HEADLINES = {
    "passed": "passed",
    "partial": "on the way",
    "failed": "not yet",
    "error": "it didn't run",
    "missing": "still blank",
    "not-run": "not run",
}
# White text on them has a contrast above 4.5, they have one above 3 on Jupyter's light and dark.
_COLORS = {"passed": "#007F5F", "partial": "#9A6700", "missing": "#6E7781", "not-run": "#6E7781"}
_COLOR_OF_THE_REST = "#C2410C"
_MARKS = {"passed": "✓", "not passed": "✗", "not judged yet": "○"}
_FACTS = 3


@dataclass(frozen=True)
class Card:
    """A task and its result, ready to be shown.

    Attributes
    ----------
    task : Task
        What was asked.
    result : TaskResult
        What was found.
    """

    task: Task
    result: TaskResult

    @property
    def word(self) -> str:
        """How the task stands: ``"on the way"``."""
        return _HEADLINES[self.result.status]

    @property
    def score(self) -> str:
        """The points: ``"4 of 8 points"``."""
        most = self.result.max_points
        return f"{self.result.points} of {most} point{'' if most == 1 else 's'}"

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Per check how it stands, and what it says; none where nothing could be checked."""
        if self.result.status in {"missing", "error", "not-run"}:
            return []
        return [
            ("passed" if c.passed else "not judged yet" if c.open else "not passed", t.says)
            for c, t in zip(self.result.checks, self.task.checks, strict=True)
        ]

    @property
    def remarks(self) -> list[tuple[str, str]]:
        """What to say below the checks: facts, what was recognized, a hint, each with its label."""
        found = [("Fact", fact) for fact in self.result.facts[:_FACTS]]
        found += [_recognized(mistake) for mistake in self.result.mistakes]
        if self.result.hint and self.result.status != "passed":
            found.append(("Hint", self.result.hint))
        return found

    def __str__(self) -> str:
        lines = [f"{self.result.id}: {self.word}, {self.score}"]
        lines += [f"  {_MARKS[state]} {says}" for state, says in self.rows]
        lines += [f"  {label}: {text}" for label, text in self.remarks]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        color = _COLORS.get(self.result.status, _COLOR_OF_THE_REST)
        chip = f"background:{color};color:#fff;border-radius:3px;padding:.1em .5em;margin:0 .4em"
        name, word = escape(self.result.id), escape(self.word)
        parts = [
            f'<p style="margin:0"><b>{name}</b><span style="{chip}">{word}</span>{self.score}</p>'
        ]
        if self.rows:
            items = "".join(_row(state, says) for state, says in self.rows)
            parts.append(f'<ul style="list-style:none;margin:.4em 0 0;padding:0">{items}</ul>')
        parts += [
            f'<p style="margin:.4em 0 0"><b>{label}:</b> {escape(text)}</p>'
            for label, text in self.remarks
        ]
        style = f"border-left:4px solid {color};padding:.2em 1em;max-width:46em"
        return f'<div style="{style}">{"".join(parts)}</div>'


def _recognized(mistake: Mistake) -> tuple[str, str]:
    if mistake.whose is None:
        return "Mistake", mistake.says
    return "Convention", f"{mistake.says}. That is the convention of {mistake.whose}."


def _row(state: str, says: str) -> str:
    return (
        '<li style="padding-left:1.4em;text-indent:-1.4em">'
        f'<span role="img" aria-label="{state}" style="display:inline-block;width:1.4em;'
        f'text-indent:0">{_MARKS[state]}</span>{escape(says)}</li>'
    )
