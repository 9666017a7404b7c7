"""What came back from the untrusted side: read line by line, none of it trusted, all of it bounded.

A line that isn't in the format is left out. What one submission can make the grader hold is bounded
before anything is parsed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from adamedu.sandbox.message import plain
from adamedu.sandbox.outside.temp_folders import NAME

if TYPE_CHECKING:
    from adamedu.sandbox.request import Error

CHUNK: Final = 65_536
_MAX_REPLY: Final = 32_000_000
_MAX_LINES: Final = 10_000
_MAX_LINE: Final = 12_000_000  # a value of the size that `message` lets through
_MAX_PARTS: Final = 100_000
_MAX_ERRORS: Final = 50
_MAX_TEXT: Final = 500
_ADDRESS: Final = re.compile(r" at 0x[0-9A-Fa-f]+")
_HOME: Final = re.compile(rf"(?:[A-Za-z]:)?[^\s'\":]*[\\/]{NAME}\b")
"""The folder that a process takes for the user's own has another name each time."""


@dataclass
class Answers:
    """What came back from the untrusted side, still to be judged.

    Attributes
    ----------
    problem : str or None
        Why nothing could be run, in the author's terms.
    errors : list of dict
        What went wrong while the submission was loaded.
    tasks : dict
        Per task id its reply; a task that was not reached is missing.
    stopped : str or None
        Why the process ended before it was done.
    checks : dict of str to str
        Per task what became of its check, where it isn't as it was handed out.
    """

    problem: str | None = None
    errors: list[Error] = field(default_factory=list)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    stopped: str | None = None
    checks: dict[str, str] = field(default_factory=dict)


class Reader:
    r"""Reads replies as they arrive.

    Attributes
    ----------
    answers : Answers
        What was read so far.
    full : bool
        Whether so much came that nothing more is read.

    Examples
    --------
    >>> reader = Reader()
    >>> reader.feed(b'{"task": "adam.m", "found"')
    >>> reader.feed(b': false}\n{"done": true}\n')
    >>> reader.answers.tasks
    {'adam.m': {'task': 'adam.m', 'found': False}}
    """

    def __init__(self) -> None:
        self.answers = Answers(stopped="its process ended before all was answered")
        self.full = False
        self._line = bytearray()
        self._bytes = _MAX_REPLY
        self._lines = _MAX_LINES
        self._parts = _MAX_PARTS
        self._parsed = False

    def feed(self, raw: bytes) -> None:
        """Read on."""
        *ends, rest = raw.split(b"\n")
        for end in ends:
            self._lines -= 1
            self._add(end)
            self._read(bytes(self._line))
            self._line.clear()
        self._add(rest)

    def end(self, stopped: str | None = None) -> Answers:
        """Read what has no end of line; return all answers."""
        self.feed(b"\n")
        if stopped is not None:
            self.answers.stopped = stopped
        return self.answers

    def _stop(self) -> None:
        self.full = True
        self.answers.stopped = "its answers were too large to be read to the end"

    def _add(self, raw: bytes) -> None:
        self._bytes -= len(raw)
        if self._bytes < 0 or self._lines < 0:
            self._stop()
        elif len(self._line) <= _MAX_LINE:
            self._line += raw

    def _read(self, line: bytes) -> None:
        # What the parser makes of these is many times as large as they are.
        parts = line.count(b",") + line.count(b"[") + line.count(b"{")
        if self.full or len(line) > _MAX_LINE or parts > _MAX_PARTS:
            return
        try:
            reply = json.loads(line)
        except (ValueError, RecursionError):
            return
        if isinstance(reply, dict):
            self._take(reply, parts)

    def _take(self, reply: dict[str, Any], parts: int) -> None:
        task = reply.get("task")
        if isinstance(task, str):
            self._parts -= parts
            if self._parts < 0:
                self._stop()
                return
            self.answers.tasks.setdefault(task, reply)
        elif "problem" in reply and not self._parsed:
            self._parsed = True
            self.answers.problem = _read_text(reply["problem"])
        elif isinstance(errors := reply.get("errors"), list):
            self.answers.errors = [read_error(error) for error in errors[:_MAX_ERRORS]]
            checks = reply.get("checks")
            pairs = checks.items() if isinstance(checks, dict) else ()
            self.answers.checks = {task: what for task, what in pairs if isinstance(what, str)}
        elif isinstance(why := reply.get("refused"), str):
            self.answers.stopped = f"it was not run, because it couldn't be locked in: {why[:200]}"
        elif reply.get("done") is True:
            self.answers.stopped = None


def read_error(error: object) -> Error:
    """Read an error as the untrusted side describes it: three texts that can be shown."""
    given = error if isinstance(error, dict) else {}
    kind, text, where = (_read_text(given.get(key)) for key in ("type", "text", "where"))
    return {"type": kind, "text": text, "where": where}


def _read_text(value: object) -> str | None:
    """Read a text without what no other run would say: addresses in memory, and a folder's name."""
    return _without_chance(plain(value, _MAX_TEXT)) if isinstance(value, str) else None


def _without_chance(text: str) -> str:
    r"""Leave out what isn't the same each time.

    >>> _without_chance("can't write '/var/tmp/adamedu-11-x1_y2z3a/notes': <f at 0x7f00>")
    "can't write '~/notes': <f>"
    """
    return _HOME.sub("~", _ADDRESS.sub("", text))
