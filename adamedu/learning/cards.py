"""The card that a check shows: what passed, one fact, one hint; as text and as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adamedu.grading.judge import TaskResult
    from adamedu.learning.catalogue import Task

_HEADLINES = {
    "passed": "passed",
    "partial": "on the way",
    "failed": "not yet",
    "error": "it didn't run",
    "missing": "still blank",
    "not-run": "not run",
}
_COLORS = {"passed": "#009E73", "partial": "#E69F00", "missing": "#767676"}
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
    def headline(self) -> str:
        """The first line: ``"adam.step: on the way, 4 of 8 points"``."""
        r = self.result
        return f"{r.id}: {_HEADLINES[r.status]}, {r.points} of {r.max_points} points"

    @property
    def rows(self) -> list[tuple[bool, str]]:
        """Per check whether it passed, and what it says; none where nothing could be checked."""
        if self.result.status in {"missing", "error", "not-run"}:
            return []
        return [
            (c.passed, t.says) for c, t in zip(self.result.checks, self.task.checks, strict=True)
        ]

    @property
    def remarks(self) -> list[tuple[str, str]]:
        """What to say below the checks: facts, mistakes, the hint, each with its label."""
        found = [("Fact", fact) for fact in self.result.facts[:_FACTS]]
        found += [("Mistake", mistake.says) for mistake in self.result.mistakes]
        if self.result.hint and self.result.status != "passed":
            found.append(("Hint", self.result.hint))
        return found

    def __str__(self) -> str:
        lines = [self.headline]
        lines += [f"  {'✓' if passed else '✗'} {says}" for passed, says in self.rows]
        lines += [f"  {label}: {text}" for label, text in self.remarks]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        color = _COLORS.get(self.result.status, "#D55E00")
        items = "".join(
            f'<li><span role="img" aria-label="{"passed" if passed else "not passed"}">'
            f"{'✓' if passed else '✗'}</span> {escape(says)}</li>"
            for passed, says in self.rows
        )
        remarks = "".join(f"<p><b>{label}:</b> {escape(text)}</p>" for label, text in self.remarks)
        return (
            f'<div style="border-left:4px solid {color};padding:.2em .9em;max-width:46em">'
            f"<b>{escape(self.headline)}</b>"
            f'<ul style="list-style:none;padding-left:.2em;margin:.3em 0">{items}</ul>'
            f"{remarks}</div>"
        )
