"""Who grades: this process; `processes` has more of this machine, `dask` others.

An executor takes jobs as it gets round to them, so no more are held than are being graded, and
gives each back with its key as soon as it is graded. One that can't be graded doesn't stop the
rest.
"""

from __future__ import annotations

import functools
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from adamedu.grading.grader import Job, perform
from adamedu.sandbox.outside.levels import guarantees, refusal
from adamedu.sandbox.outside.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from adamedu.grading.report import SubmissionReport
    from adamedu.sandbox.outside.levels import Guarantees
    from adamedu.sandbox.outside.replies import Answers
    from adamedu.sandbox.request import Request


class Runner(Protocol):
    """What runs submissions, as `Sandbox` does."""

    guarantees: Guarantees

    def run(self, request: Request, seconds: float) -> Answers:
        """Run one submission."""


@dataclass(frozen=True)
class Graded:
    """A report, and what held while the submission ran: nothing where that isn't known."""

    report: SubmissionReport
    guarantees: Guarantees


T = TypeVar("T")
Executor: TypeAlias = "Callable[[Iterable[tuple[Any, Job]]], Iterator[tuple[Any, Graded]]]"
"""Grades jobs, and gives each back with its key as soon as it is graded."""


@dataclass(frozen=True)
class GradingPolicy:
    """How an executor grades.

    Attributes
    ----------
    submissions : int
        How many there are in all: one alone can't harm others.
    trusted : bool
        Whether they are graded even where they can't be kept apart.
    open_runner : callable
        Opens what runs them, once per process.
    """

    submissions: int = 1
    trusted: bool = False
    open_runner: Callable[[], AbstractContextManager[Runner]] = Sandbox

    def grade(self, job: Job, runner: Runner) -> Graded:
        """Grade a job, whatever happens."""
        why = refusal(runner.guarantees, self.submissions, trusted=self.trusted)
        try:
            report = perform(job, runner.run) if why is None else job.not_run("refused", why)
        except Exception as error:  # noqa: BLE001  (one submission must not stop the others)
            report = job.not_run("refused", f"the grader failed on it: {error!r}")
        return Graded(report, runner.guarantees)


def weakest(held: Iterable[Guarantees]) -> Guarantees:
    """Return the weakest of several guarantees.

    >>> weakest([{"level": "A"}, {"level": "B"}, {}])
    {'level': 'B'}
    """
    nothing: Guarantees = {}
    return max(held, key=lambda one: one.get("level", ""), default=nothing) or guarantees("D", ())


def in_order(numbered: Iterable[tuple[int, T]]) -> Iterator[T]:
    """Put what was numbered 0, 1, 2, … back into this order.

    >>> list(in_order([(1, "b"), (0, "a"), (2, "c")]))
    ['a', 'b', 'c']
    """
    early: dict[int, T] = {}
    number = 0
    for key, one in numbered:
        early[key] = one
        while number in early:
            yield early.pop(number)
            number += 1


@contextmanager
def this_process(policy: GradingPolicy) -> Iterator[Executor]:
    """Grade one job after the other, here; the runner opens when there is work."""
    with ExitStack() as stack:
        runner = functools.cache(lambda: stack.enter_context(policy.open_runner()))
        yield lambda jobs: ((key, policy.grade(job, runner())) for key, job in jobs)
