"""What the terminal shows while submissions are graded."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

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

from adamedu.grading.terminal import show

if TYPE_CHECKING:
    from adamedu.grading.report import SubmissionReport


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
