"""More machines grade: batches of jobs over Dask distributed.

This side reads the files and draws the seeds; what goes over the wire is plain data, without the
course's secret. Each worker has a runner per thread, which stays open. A batch whose worker is lost
is graded again by another.

Whoever can connect to a Dask scheduler can run programs on its workers, so across machines use
``tls://`` addresses; certificates are set in Dask's own configuration (``distributed.comm.tls``).
"""

from __future__ import annotations

import atexit
import logging
import queue
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import adamedu
from adamedu.grading.errors import GradingError
from adamedu.grading.executors.inline import Graded, GradingPolicy
from adamedu.grading.grader import Job
from adamedu.grading.report import SubmissionReport
from adamedu.sandbox.outside.sandbox import Answers, Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from adamedu.grading.executors.inline import Executor
    from adamedu.sandbox.request import Request

_JOBS: Final = 25
_CHARACTERS: Final = 2_000_000
"""A batch holds so many jobs, or fewer where their sources are longer than this together."""
_AHEAD: Final = 2
"""So many batches per worker thread are on their way, so that none waits for the next."""
_CLUSTER_SECONDS: Final = 30.0
"""Seconds until a scheduler, or its first worker, is taken not to be there."""

_Batch: TypeAlias = list[tuple[Any, Job]]


@contextmanager
def cluster(address: str, policy: GradingPolicy) -> Iterator[Executor]:
    """Grade on the workers of a Dask scheduler.

    Parameters
    ----------
    address : str
        The scheduler's: ``tls://host:8786``.
    policy : GradingPolicy
        As for other executors; each worker has a `Sandbox` per thread, whatever ``open_runner`` is.

    Raises
    ------
    GradingError
        When there is no Dask, no scheduler or no worker; while grading, when they are lost.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise GradingError(
            'grading on other machines takes Dask: python -m pip install "adamedu[cluster]"'
        ) from error
    with ExitStack() as stack:
        # What goes wrong is said here; Dask would add the traces of its own tasks.
        stack.callback(logging.disable, logging.root.manager.disable)
        logging.disable(logging.CRITICAL)
        try:
            client = stack.enter_context(Client(address, timeout=_CLUSTER_SECONDS))
        except (OSError, TypeError, ValueError) as error:
            raise GradingError(
                f"can't connect to a Dask scheduler at {address}: {error}"
            ) from error
        try:
            client.wait_for_workers(1, timeout=_CLUSTER_SECONDS)
        except TimeoutError as error:
            raise GradingError(f"the scheduler at {address} has no workers") from error
        yield partial(_send, client, policy)


def is_open_to_all(address: str) -> bool:
    """Say whether strangers on the network may be able to connect.

    >>> [is_open_to_all(a) for a in ("tcp://10.0.0.5:8786", "tls://10.0.0.5:8786", "127.0.0.1:1")]
    [True, False, False]
    """
    scheme, _, host = address.rpartition("://")
    local = host.startswith(("127.", "localhost", "[::1]"))
    return scheme in {"", "tcp", "ws"} and not local


def _send(
    client: Any, policy: GradingPolicy, jobs: Iterable[tuple[Any, Job]]
) -> Iterator[tuple[Any, Graded]]:
    """Keep the workers busy with batches, and give back what they return."""
    order = {
        "version": adamedu.__version__,
        "submissions": policy.submissions,
        "trusted": policy.trusted,
    }
    new = _batches(jobs)
    again: list[_Batch] = []
    sent: dict[Any, _Batch] = {}
    while True:
        ahead = _AHEAD * max(1, sum(_ask(client.nthreads).values()))
        while len(sent) < ahead and (batch := again.pop() if again else next(new, None)):
            data = [asdict(job) for _, job in batch]
            sent[_ask(client.submit, grade_batch, data, order, pure=False)] = batch
        if not sent:
            return
        done = _ask(_wait, client, list(sent))
        for future in done:
            batch = sent.pop(future)
            results = _results(future, batch)
            if results is None:
                again += [[one] for one in batch]
            else:
                yield from ((key, graded) for (key, _), graded in zip(batch, results, strict=True))


def _ask(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Ask the scheduler for something."""
    try:
        return function(*arguments, **options)
    except GradingError:
        raise
    except Exception as error:
        raise GradingError(f"the scheduler was lost: {error!r}") from error


def _wait(client: Any, futures: list[Any]) -> set[Any]:
    """Wait for some to be done; return none of them where all take long."""
    from distributed import wait

    try:
        done: set[Any] = wait(futures, timeout=_CLUSTER_SECONDS, return_when="FIRST_COMPLETED").done
    except TimeoutError:
        if client.nthreads():
            return set()
        raise GradingError("the cluster has lost all its workers") from None
    return done


def _results(future: Any, batch: _Batch) -> list[Graded] | None:
    """Read what a worker returns; None where a batch has ended several workers."""
    from distributed import KilledWorker

    try:
        results = future.result()
    except KilledWorker:
        if len(batch) > 1:
            return None
        report = batch[0][1].not_run("refused", "grading it ended the grader, several times")
        return [Graded(report, {})]
    except CancelledError as error:
        raise GradingError(f"the scheduler was lost: {error!r}") from error
    except Exception as error:
        raise GradingError(f"the cluster can't grade: {error}") from error
    return [Graded(SubmissionReport.from_data(one["report"]), one["guarantees"]) for one in results]


def _batches(jobs: Iterable[tuple[Any, Job]]) -> Iterator[_Batch]:
    batch: _Batch = []
    for item in jobs:
        batch.append(item)
        if len(batch) == _JOBS or sum(len(job.source) for _, job in batch) > _CHARACTERS:
            yield batch
            batch = []
    if batch:
        yield batch


def grade_batch(jobs: list[dict[str, Any]], order: dict[str, Any]) -> list[dict[str, Any]]:
    """Grade jobs on a worker; what goes in and comes out is plain data.

    Raises
    ------
    GradingError
        When the worker's version is another one, which may give other marks.
    """
    if order["version"] != adamedu.__version__:
        raise GradingError(f"a worker has adamedu {adamedu.__version__}, not {order['version']}")
    policy = GradingPolicy(order["submissions"], trusted=order["trusted"])
    try:
        runner = _free.get_nowait()
    except queue.Empty:
        runner = _ThreadRunner()
    try:
        return [asdict(policy.grade(Job(**job), runner)) for job in jobs]
    finally:
        _free.put(runner)


class _ThreadRunner:
    """A sandbox whose processes belong to a thread of its own, and so outlive the task's."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "adamedu")
        self._sandbox = self._thread.submit(Sandbox).result()
        self.guarantees = self._sandbox.guarantees
        atexit.register(self._sandbox.close)

    def run(self, request: Request, seconds: float) -> Answers:
        return self._thread.submit(self._sandbox.run, request, seconds).result()


_free: queue.SimpleQueue[_ThreadRunner] = queue.SimpleQueue()
"""This worker's runners that nobody uses at the moment."""
