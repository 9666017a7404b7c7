"""A batch: many submissions graded into a gradebook, each once, whatever stops the grader."""

from __future__ import annotations

import functools
import time
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import msgspec

import adamedu
from adamedu.content import catalogue
from adamedu.grading.gradebook.book import Claim, Entry, digest_of, place_of
from adamedu.grading.grader import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from adamedu.grading.executors.inline import Executor
    from adamedu.grading.gradebook.book import Gradebook
    from adamedu.grading.grader import Job, Settings
    from adamedu.grading.submissions import Submission

_PAUSE: Final = 0.2
"""Seconds until a submission that another grader is at is looked at again."""


def grade_into(  # noqa: PLR0913  (what to grade, how, who, where to, and two options)
    book: Gradebook,
    submissions: Iterable[Submission],
    settings: Settings,
    executor: Executor,
    *,
    again: bool = False,
    settled: Callable[[dict[str, Any]], None] = lambda _: None,
) -> int:
    """Grade what the gradebook doesn't hold yet, and record each grading at once.

    Parameters
    ----------
    book : Gradebook
        Where gradings are recorded; other graders may be at work on it.
    submissions : iterable of Submission
        What to grade.
    settings : Settings
        How; the executor runs it, though.
    executor : Executor
        Who.
    again : bool
        Whether to grade what hasn't changed, too.
    settled : callable
        Told each submission's part of the report when it stands, graded or unchanged.

    Returns
    -------
    int
        How many were graded.
    """
    graded = 0
    found = _entered(submissions, settings)
    while True:
        elsewhere: list[tuple[Entry, Submission]] = []
        for claim, done in executor(_claimed(book, found, elsewhere, settled, again=again)):
            report = done.report.as_data()
            book.record(claim, report, done.guarantees)
            settled(report)
            graded += 1
        if not elsewhere:
            return graded
        # Nothing of ours is unrecorded now, so two graders can't wait for each other.
        time.sleep(_PAUSE)
        found = ((entry, one, prepare(one, settings)) for entry, one in elsewhere)


def fingerprint(job: Job) -> str:
    """Digest all that decides a job's marks: what was handed in, tasks, seeds, limits, version."""
    return digest_of(asdict(job), [_definition(task) for task in job.seeds], adamedu.__version__)


@functools.cache
def _definition(task_id: str) -> str:
    return digest_of(msgspec.to_builtins(catalogue.task(task_id)))


def _entered(
    submissions: Iterable[Submission], settings: Settings
) -> Iterator[tuple[Entry, Submission, Job]]:
    """Read each submission and find its line in the gradebook."""
    met: Counter[int] = Counter()
    for submission in submissions:
        job = prepare(submission, settings)
        names = (job.student, job.exercise or "", job.file)
        copy = met[hash(names)]
        met[hash(names)] += 1
        place = place_of(submission.path, is_file=bool(submission.form))
        yield Entry(*names, copy, place), submission, job


def _claimed(
    book: Gradebook,
    found: Iterable[tuple[Entry, Submission, Job]],
    elsewhere: list[tuple[Entry, Submission]],
    settled: Callable[[dict[str, Any]], None],
    *,
    again: bool,
) -> Iterator[tuple[Claim, Job]]:
    """Claim what is to be graded; what another grader is at goes to ``elsewhere``."""
    for entry, submission, job in found:
        standing = book.claim(entry, fingerprint(job), again=again)
        if isinstance(standing, Claim):
            yield standing, job
        elif standing is None:
            elsewhere.append((entry, submission))
        else:
            settled(standing)
