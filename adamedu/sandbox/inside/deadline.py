"""Call a function that may never return, and go on after so many seconds.

What runs too long is interrupted by an exception of its own, `OutOfTime`. A loop that catches even
that is interrupted again, and then while it deals with the first one, which few survive; after some
tries it is left alone. Nothing stops a single long call into C, such as ``9**9**9``.

In the main thread of Linux and macOS an alarm clock interrupts, a sleep too. Elsewhere another
thread asks Python to, which it does once the next line of Python is run.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import math
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

P = ParamSpec("P")
R = TypeVar("R")

SECONDS: Final = 5.0
"""How long an answer may work at a time, unless told."""

_AGAIN: Final = 0.05
_TRIES: Final = 20


class OutOfTime(BaseException):
    """It took too long; no Exception, so that ``except Exception`` lets it pass."""

    seconds = math.inf

    def __str__(self) -> str:
        return f"was stopped after {self.seconds:g} s"


class _OutOfTimeAgain(OutOfTime):
    """After one that was caught: the line that catches this one raises another."""

    def __init__(self) -> None:
        super().__init__()
        for frame in _above_call(sys._getframe(1)):  # noqa: SLF001
            frame.f_trace = self._trace
        sys.settrace(self._trace)

    def _trace(self, frame: FrameType, event: str, _: object) -> Any:
        if not _above_call(frame):
            return None
        if event == "line":
            raise _stopped(self.seconds)
        return self._trace


@functools.cache
def _stopped(seconds: float, kind: type[OutOfTime] = OutOfTime) -> type[OutOfTime]:
    return type("OutOfTime", (kind,), {"seconds": seconds})


def within(seconds: float | None, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function, and return what it returns.

    Parameters
    ----------
    seconds : float or None
        After how long it is stopped; None for never.
    function : callable
        What is called, with the other arguments.

    Raises
    ------
    OutOfTime
        When it was stopped.

    Examples
    --------
    >>> within(5, sorted, [2, 1])
    [1, 2]
    """
    if seconds is None:
        return function(*args, **kwargs)
    run = functools.partial(_call, function, *args, **kwargs)
    in_main = threading.current_thread() is threading.main_thread()
    return (_by_alarm if in_main and hasattr(signal, "setitimer") else _by_thread)(seconds, run)


def _call(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Be the frame above which, and nowhere else, something is interrupted."""
    return function(*args, **kwargs)


def _above_call(frame: FrameType | None) -> list[FrameType]:
    """List the frames that the latest `_call` has led to, the innermost first."""
    found = []
    while frame is not None and frame.f_code is not _call.__code__:
        found.append(frame)
        frame = frame.f_back
    return found if frame is not None else []


def _errors(seconds: float) -> Iterator[type[OutOfTime]]:
    """Yield what to interrupt with, time after time."""
    yield _stopped(seconds)
    yield from itertools.repeat(_stopped(seconds, _OutOfTimeAgain), _TRIES - 1)


def _by_alarm(seconds: float, run: Callable[[], R]) -> R:
    errors = _errors(seconds)

    def ring(_signal: int, frame: FrameType | None) -> None:
        error = next(errors, None) if _above_call(frame) else None
        if error is not None:
            raise error

    began, tracing = time.monotonic(), sys.gettrace()
    handler = signal.signal(signal.SIGALRM, ring)
    left, every = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        return run()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
        _trace_as(tracing)
        if left:  # somebody else's alarm clock goes on
            rest = max(left - (time.monotonic() - began), _AGAIN)
            signal.setitimer(signal.ITIMER_REAL, rest, every)


def _by_thread(seconds: float, run: Callable[[], R]) -> R:
    mine, tracing = threading.get_ident(), sys.gettrace()
    turn, over = threading.Lock(), threading.Event()

    def watch() -> None:
        pause = seconds
        for error in _errors(seconds):
            if over.wait(pause):
                return
            with turn:
                if not over.is_set() and _above_call(sys._current_frames().get(mine)):  # noqa: SLF001
                    _raise_in(mine, error)
            pause = _AGAIN

    threading.Thread(target=watch, daemon=True).start()
    try:
        return run()
    finally:
        with turn:
            over.set()
        _raise_in(mine, None)
        _trace_as(tracing)


def _trace_as(before: Any) -> None:
    if sys.gettrace() is not before:
        sys.settrace(before)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Have a thread raise an error as soon as it runs a line; None takes that back."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), None if error is None else ctypes.py_object(error)
    )
