"""The trusted side of running: `Sandbox` runs one submission after the other, as safely as it can.

It takes the best level that holds on this machine, which it finds out by attempting what must not
succeed.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Final, Self

from adamedu.sandbox.outside.levels import LEVELS, LevelError, guarantees
from adamedu.sandbox.outside.one_shot_client import OneShotClient
from adamedu.sandbox.outside.replies import Answers, Reader, read_error
from adamedu.sandbox.outside.temp_folders import sweep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adamedu.sandbox.outside.zygote_client import ZygoteClient
    from adamedu.sandbox.request import Request

__all__ = ["Answers", "Sandbox", "prepare", "read_error"]

_IN_ALL: Final = 3
"""A submission gets so many times as long as one of its cells."""
_SYMBOLIC: Final = ("sympy", *(f"numpy.{part}" for part in (
    "char", "core", "ctypeslib", "f2py", "fft", "ma", "polynomial", "rec", "strings", "testing",
    "typing",
)))  # fmt: skip
"""SymPy, and what it makes NumPy load when an expression becomes a function."""
_IMPORTED: Final = {
    "matplotlib": ("matplotlib.pyplot",),
    "sympy": _SYMBOLIC,
    "surfaces": _SYMBOLIC,
    "descend": _SYMBOLIC,
}
"""What takes long to import, by the word that a submission which needs it has in its source.

The cells that it was handed out with count: it gets back those that it lacks.
"""


class Sandbox:
    """Runs submissions, one at a time.

    Parameters
    ----------
    level : str or None
        ``"A"`` to ``"D"``; the best that holds here if None.

    Attributes
    ----------
    guarantees : dict
        What holds while a submission runs, for the report.

    Raises
    ------
    LevelError
        When the level doesn't hold on this machine.

    Examples
    --------
    >>> get = {"do": "get", "of": None, "name": "x"}
    >>> task = {"id": "adam.m", "answer": "x", "scripts": [[get]]}
    >>> with Sandbox() as sandbox:
    ...     answers = sandbox.run({"format": "py", "source": "x = 6 * 7", "tasks": [task]}, 5.0)
    >>> answers.tasks["adam.m"]["replies"]
    [[{'value': 42}]]
    """

    def __init__(self, level: str | None = None) -> None:
        self._running = threading.Lock()
        self._side = _prepared() if level is None else _start(level)
        layers = () if isinstance(self._side, OneShotClient) else self._side.layers
        self.guarantees = guarantees(self._side.level, layers)

    def run(self, request: Request, seconds: float) -> Answers:
        """Run one submission in a process of its own.

        Parameters
        ----------
        request : dict
            As in `adamedu.sandbox.inside.runner`; ``message`` and ``seconds`` are added here.
        seconds : float
            The limit per cell and per script; the whole process gets three times as long.
        """
        whole = {"message": 1, "seconds": seconds, **request}
        texts = (request["source"], *request.get("given", {}).values())
        modules = [
            module
            for word, several in _IMPORTED.items()
            if any(word in text for text in texts)
            for module in several
        ]
        reader = Reader()
        with self._running:
            in_time = self._ask(whole, reader, _IN_ALL * seconds, modules)
        return reader.end(
            None if in_time else f"it was stopped after {_IN_ALL * seconds:g} s in all"
        )

    def _ask(
        self, request: Mapping[str, object], reader: Reader, seconds: float, modules: list[str]
    ) -> bool:
        if isinstance(self._side, OneShotClient):
            return self._side.ask(request, reader, seconds, modules=modules)
        from adamedu.sandbox.outside.zygote_client import GoneError

        try:
            return self._side.ask(request, reader, seconds, modules=modules)
        except GoneError:  # the system may have ended it to get memory
            self._side.close()
            self._side = _start(self._side.level)
            return self._side.ask(request, reader, seconds, modules=modules)

    def close(self) -> None:
        """End all that was started."""
        self._side.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _start_zygote(level: str) -> ZygoteClient:
    """Start the zygote of a level that holds."""
    if sys.platform != "linux":
        raise LevelError("it is Linux that offers it")
    from adamedu.sandbox.outside.probe import try_out

    zygote, findings = try_out(level)
    for finding in findings:
        if not finding.holds:
            zygote.close()
            raise LevelError(str(finding))
    return zygote


def _start(level: str | None) -> ZygoteClient | OneShotClient:
    sweep()
    for name in LEVELS if level is None else [level]:
        if name == "D":
            break
        try:
            return _start_zygote(name)
        except LevelError:
            if level is not None:
                raise
    return OneShotClient()


class _Preparation(threading.Thread):
    """Starts the untrusted side while this process does other things."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.process = os.getpid()
        self.side: ZygoteClient | OneShotClient | None = None

    def run(self) -> None:
        self.side = _start(None)


_preparations: Final[list[_Preparation]] = []


def prepare() -> None:
    """Begin to start what the next `Sandbox` needs, while this process does something else."""
    preparation = _Preparation()
    preparation.start()
    _preparations.append(preparation)


def _prepared() -> ZygoteClient | OneShotClient:
    """Return what was prepared, or start it now; a process that was forked starts its own."""
    while _preparations:
        preparation = _preparations.pop()
        if preparation.process == os.getpid():
            preparation.join()
            return preparation.side or _start(None)
    return _start(None)
