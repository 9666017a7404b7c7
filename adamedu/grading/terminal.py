"""Show a submission's report in the terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from adamedu.content.catalogue import task as find_task
from adamedu.grading.cards import Card

if TYPE_CHECKING:
    from adamedu.grading.report import SubmissionReport

_STYLES = {"passed": "green", "partial": "yellow", "missing": "dim"}


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
