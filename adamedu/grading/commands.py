"""What ``adamedu grade`` and ``adamedu report`` do, once their options are read."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from adamedu.grading import grader, secret
from adamedu.grading.executors.inline import GradingPolicy, in_order, this_process, weakest
from adamedu.grading.exporting import (
    GRADES,
    REPORT,
    grades_from,
    report_from,
    write,
    write_pages,
)
from adamedu.grading.report import SubmissionReport, written
from adamedu.grading.terminal import Screen, head

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from adamedu.grading.executors.inline import Executor, Graded

STATUS: Final = {"graded": 0, "unreadable": 1, "refused": 2}
"""The exit status that each submission's status asks for."""
_WORTH_A_PROCESS: Final = 25
"""Fewer submissions are graded before another process has started."""


@dataclass(frozen=True)
class Order:
    """What is to be graded, and how.

    Attributes
    ----------
    paths : tuple of Path
        Files and folders.
    settings : Settings
        How.
    out : Path or None
        The folder that keeps the results; None keeps nothing.
    json_file : Path or None
        Where else the report goes.
    workers : int or None
        How many processes; as many as there is work for if None.
    cluster : str or None
        The address of a Dask scheduler.
    trusted : bool
        Whether submissions are graded even where they can't be kept apart.
    again, diff : bool
        Whether to grade what hasn't changed; whether to list the marks that have.
    warn : callable
        Takes what the user should know.
    """

    paths: tuple[Path, ...]
    settings: grader.Settings
    out: Path | None
    json_file: Path | None
    workers: int | None
    cluster: str | None
    trusted: bool
    again: bool
    diff: bool
    warn: Callable[[str], None]


def grade(order: Order) -> int:
    """Grade; return the exit status: 0, or the worst of what `STATUS` says.

    Raises
    ------
    GradingError
        It says what is wrong.
    """
    total = grader.count(order.paths)
    screen = Screen(total, quiet=order.json_file == Path("-"))
    return (_grade_and_show if order.out is None else _grade_and_keep)(order, total, screen)


def _executor(order: Order, total: int) -> AbstractContextManager[Executor]:
    policy = GradingPolicy(total, trusted=order.trusted)
    if order.cluster is not None:
        from adamedu.grading.executors.dask import cluster, is_open_to_all

        if is_open_to_all(order.cluster):
            order.warn(
                f"whoever can reach {order.cluster} can run programs on its workers: "
                "use tls://, with certificates in Dask's configuration"
            )
        return cluster(order.cluster, policy)
    number = order.workers or min(_processors(), -(-total // _WORTH_A_PROCESS))
    if number == 1:
        return this_process(policy)
    from adamedu.grading.executors.processes import processes

    return processes(number, policy)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _with_secret(order: Order, kept: Callable[[], str]) -> grader.Settings:
    """Return how to grade, with a secret where there should be one and none was given.

    What was released with ``--personal`` has its numbers from the secret of the release, if any.
    """
    settings = order.settings
    return settings if settings.secret or settings.personal else replace(settings, secret=kept())


def _grade_and_show(order: Order, total: int, screen: Screen) -> int:
    alone = len(order.paths) == 1 and order.paths[0].is_file()
    settings = order.settings if alone else _with_secret(order, secret.fresh)
    jobs = (grader.prepare(one, settings) for one in grader.submissions(order.paths))
    graded: list[Graded] = []
    with _executor(order, total) as executor, screen:
        for one in in_order(executor(enumerate(jobs))):
            graded.append(one)
            screen.show(one.report)
            screen.advance()
    held = weakest(one.guarantees for one in graded)
    if not settings.secret:
        screen.say("a self-check: anybody can know what the answers were tried on (see --secret)")
    if order.json_file is not None:
        write(written((one.report.as_data() for one in graded), held), order.json_file)
    if not held["isolated"]:
        screen.say(held["says"])
    return max((STATUS[one.report.status] for one in graded), default=0)


def _grade_and_keep(order: Order, total: int, screen: Screen) -> int:
    from adamedu.grading.batch import grade_into
    from adamedu.grading.gradebook.book import FILE, opened

    unusable = worst = 0

    def settled(data: dict[str, Any]) -> None:
        nonlocal unusable, worst
        report = SubmissionReport.from_data(data)
        worst = max(worst, STATUS[report.status])
        if report.status != "graded":
            unusable += 1
            screen.say(head(report))
        screen.advance()

    def set_aside(file: Path) -> None:
        order.warn(f"the gradebook was damaged: it is now {file}, and a new one was begun")

    out = Path(order.out or ".")
    with opened(out, set_aside=set_aside) as book:
        settings = _with_secret(order, lambda: secret.kept_in(out))
        with _executor(order, total) as executor, screen:
            found = grader.submissions(order.paths)
            graded = grade_into(book, found, settings, executor, again=order.again, settled=settled)
        with book.alone():
            withdrawn = book.finish(order.paths)
            write(report_from(book), out / REPORT)
            write(grades_from(book), out / GRADES, "the marks")
            if order.json_file is not None:
                write(report_from(book), order.json_file)
            if order.diff:
                for change in book.changes():
                    screen.say(str(change))
            _, held = book.graded_with()
    screen.say(f"{graded} graded, {total - graded} unchanged, {unusable} of them unusable")
    if withdrawn:
        screen.say(f"{withdrawn} withdrawn since the last time: their marks stay, and say so")
    screen.say(held["says"])
    screen.say(f"results are in {out}: {GRADES}, {REPORT}, {FILE}")
    if settings.secret != order.settings.secret:
        screen.say(
            f"what the answers are tried on comes from {out / secret.FILE}: keep it to yourself"
        )
    return worst


def report(folder: Path, json_file: Path | None, csv_file: Path | None, pages: Path | None) -> None:
    """Make files from the gradebook in a folder; if none is asked for, print what it holds.

    Raises
    ------
    GradingError
        When there is no gradebook that can be read, or nothing in it, or a file can't be written.
    """
    from adamedu.grading.gradebook.book import opened

    with opened(folder) as book, book.as_it_is():
        _, held = book.graded_with()
        if json_file is not None:
            write(report_from(book), json_file)
        if csv_file is not None:
            write(grades_from(book), csv_file, "the marks")
        if pages is not None:
            write_pages(book, pages)
        if not (json_file or csv_file or pages):
            screen = Screen(0)
            for data in book.reports():
                screen.say(head(SubmissionReport.from_data(data)))
            screen.say(held["says"])
