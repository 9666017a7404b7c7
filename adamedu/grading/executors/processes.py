"""Several processes of this machine grade, each with its own runner."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from adamedu.grading.errors import GradingError
from adamedu.grading.executors.inline import Graded
from adamedu.interrupts import uninterrupted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection

    from adamedu.grading.executors.inline import Executor, GradingPolicy
    from adamedu.grading.grader import Job


@contextmanager
def processes(number: int, policy: GradingPolicy) -> Iterator[Executor]:
    """Grade in several processes, which start when there is work.

    Raises
    ------
    GradingError
        When they can't start.
    """
    several = _Processes(number, policy)
    try:
        yield several.grade
    finally:
        several.end()


@dataclass
class _Item:
    key: Any
    job: Job
    tries: int = 0


class _Worker:
    """The parent's end of a process that grades one job at a time."""

    def __init__(self, policy: GradingPolicy) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, policy), daemon=True)
        if os.name == "posix":
            resource_tracker.ensure_running()  # starting it would lift the block
        with uninterrupted():
            self.process.start()
        theirs.close()
        self.is_ready = False

    def give(self, job: Job) -> None:
        with suppress(OSError):  # if it has ended, that is found when its answer is awaited
            self.pipe.send(job)

    def end(self) -> None:
        self.pipe.close()
        self.process.join(5)
        self.process.kill()
        self.process.join()


def _work(pipe: Connection, policy: GradingPolicy) -> None:
    """Be a worker until the parent has no more to do, or is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's business
    hook = sys.unraisablehook

    def end(*_: object) -> None:
        pipe.close()  # so the next answer ends it, where Python swallows the exit
        sys.exit()

    def say(what: Any) -> None:
        if not issubclass(what.exc_type, SystemExit):
            hook(what)

    signal.signal(signal.SIGTERM, end)
    sys.unraisablehook = say
    with suppress(EOFError, OSError), policy.open_runner() as runner:
        pipe.send("ready")
        while True:
            pipe.send(policy.grade(pipe.recv(), runner))


class _Processes:
    """The workers, started as they are needed, and what each is doing."""

    def __init__(self, number: int, policy: GradingPolicy) -> None:
        self._number = number
        self._policy = policy
        self._idle: list[_Worker] = []
        self._busy: dict[object, tuple[_Worker, _Item]] = {}
        self._again: deque[_Item] = deque()

    def grade(self, jobs: Iterable[tuple[Any, Job]]) -> Iterator[tuple[Any, Graded]]:
        items = (_Item(key, job) for key, job in jobs)
        while self._hand_out(items):
            for pipe in wait([worker.pipe for worker, _ in self._busy.values()]):
                yield from self._hear(*self._busy.pop(pipe))

    def _hand_out(self, items: Iterator[_Item]) -> bool:
        """Give everybody something to do; return whether there was anything."""
        while len(self._busy) < self._number:
            item = self._again.popleft() if self._again else next(items, None)
            if item is None:
                break
            self._hand(self._idle.pop() if self._idle else _Worker(self._policy), item)
        return bool(self._busy)

    def _hand(self, worker: _Worker, item: _Item) -> None:
        self._busy[worker.pipe] = worker, item
        worker.give(item.job)

    def _hear(self, worker: _Worker, item: _Item) -> Iterator[tuple[Any, Graded]]:
        """Take what a worker says; a job that it died of is given out once more."""
        try:
            said = worker.pipe.recv()
        except (EOFError, OSError):
            worker.end()
            if not worker.is_ready:
                raise GradingError("a process that should grade ended while it started") from None
            if item.tries == 0:
                item.tries = 1
                self._again.append(item)
            else:
                report = item.job.not_run("refused", "grading it ended the grader, twice")
                yield item.key, Graded(report, {})
            return
        if isinstance(said, Graded):
            self._idle.append(worker)
            yield item.key, said
        else:
            worker.is_ready = True
            self._busy[worker.pipe] = worker, item

    def end(self) -> None:
        """Stop all work."""
        busy = [worker for worker, _ in self._busy.values()]
        for worker in busy:
            worker.process.terminate()
        for worker in [*busy, *self._idle]:
            worker.pipe.close()
        for worker in [*busy, *self._idle]:
            worker.end()
