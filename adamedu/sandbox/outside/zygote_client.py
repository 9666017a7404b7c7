"""The trusted end of a zygote: start it, have it fork a child, listen to the child."""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, suppress
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

from adamedu.sandbox.inside.drop_root import PLACE
from adamedu.sandbox.inside.lockdown import LAYERS, SCRATCH
from adamedu.sandbox.outside import bubblewrap
from adamedu.sandbox.outside.levels import LevelError
from adamedu.sandbox.outside.processes import end, python, start
from adamedu.sandbox.outside.replies import CHUNK
from adamedu.sandbox.outside.temp_folders import temporary
from adamedu.sandbox.outside.uids import unprivileged
from adamedu.sandbox.outside.visible_paths import view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SILENCE_SECONDS: Final = 60.0
"""Seconds until a zygote that says nothing is given up: a slow disk takes its time."""


class Listener(Protocol):
    """What replies are fed to, until it is full."""

    full: bool

    def feed(self, raw: bytes) -> None:
        """Take some bytes."""


class GoneError(RuntimeError):
    """The zygote has ended before it took an order."""


class ZygoteClient:
    """A zygote of one level.

    Parameters
    ----------
    level : str
        ``"A"``, ``"B"`` or ``"C"``.
    also : sequence of str
        What it is shown without leave to read it, where that is two things.

    Raises
    ------
    LevelError
        When it can't be started here.
    """

    def __init__(self, level: str, also: Sequence[str] = ()) -> None:
        self.level = level
        self.layers = (*(("bubblewrap",) if level == "A" else ()), *LAYERS[level])
        self._ending = False
        with ExitStack() as stack:
            self._home = SCRATCH
            if level != "A":
                self._home = stack.enter_context(temporary())
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            stack.enter_context(self._control)
            self._control.settimeout(_SILENCE_SECONDS)
            with theirs, tempfile.TemporaryFile() as complaints:
                self._process = self._start(theirs, complaints, also)
                stack.callback(self._end)
                theirs.close()
                self._wait_until_ready(complaints)
            self._open = stack.pop_all()

    def _start(
        self, control: socket.socket, complaints: IO[bytes], also: Sequence[str]
    ) -> subprocess.Popen[bytes]:
        try:
            return start(
                self._command(also),
                self._home,
                "/",
                stdin=control.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=complaints,
            )
        except OSError as error:
            raise LevelError(str(error)) from error

    def _command(self, also: Sequence[str]) -> list[str]:
        shown = view()
        uid = unprivileged()
        order = {
            "level": self.level,
            "view": vars(shown),
            "uid": None if self.level == "A" else uid,
            "home": self._home,
        }
        inner = python("zygote", **order)
        if self.level != "A":
            return inner
        program = shutil.which("bwrap")
        if program is None:
            raise LevelError("bubblewrap isn't installed")
        if uid is None:
            return bubblewrap.command(program, shown, inner, also=also)
        sources = bubblewrap.sources(shown, also)
        places = {path: f"{PLACE}/{number}" for number, path in enumerate(sources)}
        wrapped = bubblewrap.command(program, shown, inner, also=also, places=places)
        return python("drop_root", sources=sources, uid=uid, command=wrapped)

    def _wait_until_ready(self, complaints: IO[bytes]) -> None:
        try:
            said = self._control.recv(CHUNK)
        except OSError as error:
            raise LevelError(f"it doesn't start: {error}") from error
        if not said:
            complaints.seek(0)
            lines = complaints.read(CHUNK).decode(errors="replace").strip().splitlines()
            raise LevelError(lines[-1] if lines else "it ended without a word")
        refused = json.loads(said).get("refused")
        if refused is not None:
            raise LevelError(refused)

    def ask(
        self,
        request: Mapping[str, object],
        listener: Listener,
        seconds: float,
        *,
        modules: Sequence[str] = (),
        layers: Sequence[str] | None = None,
    ) -> bool:
        """Have a child answer a request; return whether it ended within its time.

        Parameters
        ----------
        request : dict
            For `adamedu.sandbox.inside.runner`, or for the attempts.
        listener : Listener
            What takes the replies.
        seconds : float
            How long it may take.
        modules : sequence of str
            What is imported beforehand, which takes none of that time.
        layers : sequence of str or None
            What is put in force; all of the level's if None.

        Raises
        ------
        GoneError
            When the zygote isn't there any more; nothing was run.
        """
        order = {
            "layers": LAYERS[self.level] if layers is None else layers,
            "modules": modules,
            "seconds": seconds,
        }
        outbox, theirs = os.pipe()
        try:
            try:
                self._send(order, request, theirs)
            finally:
                os.close(theirs)
            in_time = _listen(outbox, listener, seconds)
        except BaseException:  # interrupted, who is to end the child?
            self.close()
            raise
        finally:
            os.close(outbox)
        with suppress(OSError):  # then the next order finds it gone
            self._control.send(b"end")
        self._ending = True
        return in_time

    def _send(self, order: dict[str, Any], request: Mapping[str, object], outbox: int) -> None:
        with os.fdopen(os.memfd_create("request"), "wb") as inbox:
            inbox.write(json.dumps(request).encode())
            inbox.flush()
            inbox.seek(0)
            message = json.dumps(order).encode()
            try:
                # The last child has had all this time to end.
                ended = not self._ending or self._control.recv(CHUNK)
                self._ending = False
                socket.send_fds(self._control, [message], [inbox.fileno(), outbox])
                started = self._control.recv(CHUNK)
            except OSError as error:
                raise GoneError from error
        if not (ended and started):
            raise GoneError

    def close(self) -> None:
        """End it and all that it started."""
        self._open.close()

    def _end(self) -> None:
        self._control.close()
        end(self._process)


def _listen(outbox: int, listener: Listener, seconds: float) -> bool:
    """Take what comes until there is no more, too much, or no time left; return whether in time."""
    end = time.monotonic() + seconds
    poll = select.poll()
    poll.register(outbox, select.POLLIN)
    while not listener.full:
        left = end - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            return False
        raw = os.read(outbox, CHUNK)
        if not raw:
            return True
        listener.feed(raw)
    return True
