"""What the learner has done, kept between days in one small file of the user's data folder.

``{"schema": 1, "tasks": {"adam.step": {"best": 8, "passed": "2026-11-22T10:00:00+00:00",
"attempts": 3, "hints": 1}}}``. The variable ``ADAMEDU_DATA`` names another folder; where it is
empty, progress lasts as long as the kernel. Nothing that goes wrong here stops a check: it is said
once, as a sentence.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import platformdirs

from adamedu.files import unused, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

SCHEMA: Final = 1
FILE: Final = "progress.json"
LOCK: Final = "progress.lock"
_LOCK_SECONDS: Final = 2.0  # seconds for another kernel to finish; a lock left hanging stops nobody
_said: set[str] = set()
_of_this_kernel: dict[str, Record] = {}


@dataclass(frozen=True)
class Record:
    """What is known of one task.

    Attributes
    ----------
    best : int
        The most points that a check has given.
    passed : str or None
        When it was first passed, in ISO 8601 and UTC.
    attempts : int
        How many answers were checked, the blank one not counted.
    hints : int
        The last step of the hints that was asked for; 0 for none.
    """

    best: int = 0
    passed: str | None = None
    attempts: int = 0
    hints: int = 0


class _BrokenError(Exception):
    pass


class _NewerError(Exception):
    pass


def folder() -> Path | None:
    """Return where progress is kept, or None where it isn't to outlast the kernel."""
    chosen = os.environ.get("ADAMEDU_DATA")
    if "NBGRADER_EXECUTION" in os.environ:  # somebody else's notebook runs, a student's perhaps
        return None
    if chosen is None:
        return platformdirs.user_data_path("adamedu", appauthor=False)
    return Path(chosen).expanduser() if chosen else None


def read() -> dict[str, Record]:
    """Return what is known of each task that was worked on; nothing where nothing can be read."""
    place = folder()
    if place is None:
        return dict(_of_this_kernel)
    try:
        return _load(place / FILE)
    except _BrokenError:
        return _change(lambda _: None)
    except _NewerError as error:
        _say(str(error))
    except OSError as error:
        _say(f"Your progress can't be read: {error.strerror} ({error.filename or place}).")
    return {}


def trouble() -> str | None:
    """Say why progress can't be kept here; nothing where it can, or isn't to be."""
    place = folder()
    if place is None:
        return None
    try:
        place.mkdir(parents=True, exist_ok=True)
        with _locked(place / LOCK), contextlib.suppress(_BrokenError):
            _load(place / FILE)
    except _NewerError as error:
        return str(error)
    except OSError as error:
        return _unkept(error, place)
    return None


def note_check(task_id: str, points: int, *, passed: bool) -> None:
    """Keep what came out of a check."""

    def edit(record: Record) -> Record:
        now = datetime.now(UTC).isoformat(timespec="seconds") if passed else None
        return replace(
            record,
            best=max(record.best, points),
            passed=record.passed or now,
            attempts=record.attempts + 1,
        )

    _edit(task_id, edit)


def note_hint(task_id: str, step: int) -> None:
    """Keep how far the hints for a task were read."""
    _edit(task_id, lambda record: replace(record, hints=max(record.hints, step)))


def forget(task_ids: Iterable[str]) -> None:
    """Drop what is known of these tasks."""
    dropped = set(task_ids)

    def edit(records: dict[str, Record]) -> None:
        for task_id in dropped & records.keys():
            del records[task_id]

    _change(edit)


def _edit(task_id: str, edit: Callable[[Record], Record]) -> None:
    def put(records: dict[str, Record]) -> None:
        records[task_id] = edit(records.get(task_id, Record()))

    _change(put)


def _change(edit: Callable[[dict[str, Record]], None]) -> dict[str, Record]:
    """Read, edit and write while no other kernel does; return what is kept now."""
    place = folder()
    if place is None:
        edit(_of_this_kernel)
        return dict(_of_this_kernel)
    records: dict[str, Record] = {}
    try:
        place.mkdir(parents=True, exist_ok=True)
        with _locked(place / LOCK):
            try:
                records = _load(place / FILE)
            except _BrokenError:
                aside = (place / FILE).rename(unused(place / FILE, "broken"))
                _say(f"Your progress was unreadable. The file is now {aside}; a new one begins.")
            edit(records)
            tasks = {task_id: asdict(record) for task_id, record in sorted(records.items())}
            text = json.dumps({"schema": SCHEMA, "tasks": tasks}, indent=1)
            write_whole(place / FILE, f"{text}\n".encode())
    except _NewerError as error:
        _say(str(error))
    except OSError as error:
        _say(_unkept(error, place))
    return records


def _unkept(error: OSError, place: Path) -> str:
    return f"Your progress can't be kept: {error.strerror} ({error.filename or place})."


def _load(path: Path) -> dict[str, Record]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        data = json.loads(content)
        schema, tasks = data["schema"], data["tasks"]
        if isinstance(schema, int) and schema > SCHEMA:
            raise _NewerError(
                f"Your progress was kept by a newer adamedu, and is left alone ({path})."
            )
        if schema == SCHEMA:
            return {task_id: _record(**entry) for task_id, entry in tasks.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _BrokenError from error
    raise _BrokenError


def _record(*, best: Any, passed: Any, attempts: Any, hints: Any) -> Record:
    whole = all(isinstance(n, int) and n >= 0 for n in (best, attempts, hints))
    if not (whole and isinstance(passed, str | None)):
        raise TypeError
    return Record(best, passed, attempts, hints)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock, which goes with its process, or go on without it after a while."""
    with path.open("ab") as file:
        deadline = time.monotonic() + _LOCK_SECONDS
        held = False
        with contextlib.suppress(OSError):  # a file system may have no locks
            while not (held := _lock(file.fileno())) and time.monotonic() < deadline:
                time.sleep(0.01)
        try:
            yield
        finally:
            if held and sys.platform == "win32":
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)


def _lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _say(text: str) -> None:
    if text not in _said:
        _said.add(text)
        print(text)  # noqa: T201  (on standard error, nbgrader would take it for a failure)
