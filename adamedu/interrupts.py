"""When Ctrl-C is heard, and by whom: by one process, and never where it would do harm."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, in a program that it otherwise ends at once.

    Nothing changes where it is ignored, as nohup has it, or where somebody else hears it.

    Examples
    --------
    >>> before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    >>> try:
    ...     with interruptible():
    ...         signal.raise_signal(signal.SIGINT)
    ... except KeyboardInterrupt:
    ...     print("tidy up")
    tidy up
    >>> signal.signal(signal.SIGINT, before) is signal.SIG_DFL
    True
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_DFL:
        yield
        return
    hook, sys.unraisablehook = sys.unraisablehook, _end_or_say
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        sys.unraisablehook = hook


def _end_or_say(what: Any) -> None:
    """End where Ctrl-C came while Python tidied up, which would say so and go on."""
    if issubclass(what.exc_type, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
    sys.__unraisablehook__(what)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Put Ctrl-C off until all is done; a process that is started meanwhile doesn't hear it.

    It never will, unless it lifts its own block. (Windows has no blocks.)

    Examples
    --------
    >>> before = signal.signal(signal.SIGINT, signal.default_int_handler)
    >>> try:
    ...     with uninterrupted():
    ...         signal.raise_signal(signal.SIGINT)
    ...         print("all is done")
    ... except KeyboardInterrupt:
    ...     print("and now the interrupt")
    all is done
    and now the interrupt
    >>> signal.signal(signal.SIGINT, before) is signal.default_int_handler
    True
    """
    came: list[int] = []
    # A block alone isn't enough: another thread may take the signal, and this one hears of it.
    handler = signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    blocks = hasattr(signal, "pthread_sigmask")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if blocks else set()
    try:
        yield
    finally:
        if blocks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        if came:
            signal.raise_signal(signal.SIGINT)
