"""What the terminal shows: reports, and a progress bar while submissions are graded."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING, Final, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TimeRemainingColumn,
)
from rich.text import Text

from adamedu.content.catalogue import task as find_task
from adamedu.grading.cards import Card

if TYPE_CHECKING:
    from adamedu.grading.report import SubmissionReport

_STYLES: Final = {"passed": "green", "partial": "yellow", "missing": "dim"}


def head(submission: SubmissionReport) -> Text:
    """Return the line that says whose submission it is and what it has come to."""
    line = Text(f"{submission.file}", style="bold")
    line.append(f"  {submission.student}", style="cyan")
    if submission.status == "graded":
        line.append(f"  {submission.score} of {submission.max_score} points")
        if submission.message is not None:
            line.append(f"  {submission.message}", style="yellow")
    else:
        line.append(f"  {submission.status}: {submission.message}", style="red")
    return line


def show(submission: SubmissionReport, console: Console | None = None) -> None:
    """Print one line per submission, and below it each task's card."""
    console = console or Console(highlight=False)
    console.print(head(submission), soft_wrap=True)
    for result in submission.tasks:
        if result.status == "not-run":
            continue
        card = str(Card(find_task(result.id), result))
        style = _STYLES.get(result.status, "red")
        console.print(Text(textwrap.indent(card, "  "), style=style), soft_wrap=True)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Say how many were graded in a second."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f}/s")


class Screen:
    """A progress bar on a terminal's standard error, and lines on standard output above it.

    Parameters
    ----------
    total : int
        How many submissions there are; one alone gets no bar.
    quiet : bool
        Whether to print no lines.
    """

    def __init__(self, total: int, *, quiet: bool = False) -> None:
        self._quiet = quiet
        errors = Console(stderr=True)
        columns = (BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
        shown = errors.is_terminal and total > 1
        self._bar = Progress(*columns, console=errors, transient=True, disable=not shown)
        self._task = self._bar.add_task("", total=total)
        # Where both are the same terminal, only the bar's own console knows to move it.
        shared = shown and sys.stdout.isatty()
        self._lines = errors if shared else Console(highlight=False)

    def show(self, report: SubmissionReport) -> None:
        """Show a submission's cards."""
        if not self._quiet:
            show(report, self._lines)

    def say(self, line: str | Text) -> None:
        """Print a line."""
        if not self._quiet:
            self._lines.print(line, soft_wrap=True, markup=False)

    def advance(self) -> None:
        """Count one more submission."""
        self._bar.advance(self._task)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if not self._bar.disable:  # or rich before 14.3 ends it with an empty line
            self._bar.stop()
