"""The gradebook: every grading of every submission, in one SQLite file.

A grading is one transaction, so whenever the grader is stopped the file holds whole gradings only.
Who grades a submission claims it first; the claim of a grader that was killed is free again.
Nothing is overwritten: a submission that is graded again gets one more grading, and its last one
counts.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import adamedu
from adamedu.grading.errors import GradingError
from adamedu.grading.gradebook.presence import Presence
from adamedu.grading.gradebook.storage import ERRORS, connect, prepare, transaction
from adamedu.sandbox.outside.levels import guarantees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from adamedu.sandbox.outside.levels import Guarantees

FILE: Final = "gradebook.sqlite"
WITHDRAWN: Final = "withdrawn: it was no longer there when its folder was graded again"


@dataclass(frozen=True)
class Entry:
    """A submission's line in the gradebook.

    Attributes
    ----------
    student, exercise, file : str
        As in the report; no exercise is the empty text.
    copy : int
        How many of the same names the run has met before it.
    place : bytes
        Where it stands among the others.
    """

    student: str
    exercise: str
    file: str
    copy: int
    place: bytes


@dataclass(frozen=True)
class Claim:
    """Leave to grade a submission: nobody else does."""

    submission: int
    digest: str


@dataclass(frozen=True)
class Change:
    """A task whose points are not what they were; None where there was or is no such task."""

    student: str
    file: str
    task: str
    before: int | None
    after: int | None

    def __str__(self) -> str:
        before, after = ("none" if n is None else n for n in (self.before, self.after))
        return f"{self.file}  {self.student}  {self.task}: {before} → {after}"


class Gradebook:
    """An open gradebook; `opened` opens one.

    Parameters
    ----------
    connection : sqlite3.Connection
        To a file of the present schema.
    presence : Presence
        Of whoever opened it.
    """

    def __init__(self, connection: sqlite3.Connection, presence: Presence) -> None:
        self._db = connection
        self._presence = presence
        self._last = self._one("SELECT coalesce(max(id), 0) FROM gradings")[0]
        self._finished = self._one("SELECT grading FROM finished")[0]
        self._met: set[int] = set()
        with transaction(self._db):
            for (grader,) in self._db.execute("SELECT DISTINCT grader FROM claims").fetchall():
                self._free(grader)

    def claim(
        self, entry: Entry, digest: str, *, again: bool = False
    ) -> Claim | dict[str, Any] | None:
        """Claim a submission.

        Parameters
        ----------
        entry : Entry
            Which.
        digest : str
            Of all that decides its marks.
        again : bool
            Whether to grade it even if it was graded, before this gradebook was opened.

        Returns
        -------
        Claim, dict or None
            The claim; or its report where it was graded with the same digest; or None where
            another grader is at it.
        """
        key = (entry.student, entry.exercise, entry.file, entry.copy)
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO submissions (student, exercise, file, copy, place) "
                "VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET place = excluded.place, withdrawn = 0 "
                "WHERE place <> excluded.place OR withdrawn",
                (*key, entry.place),
            )
            submission, grader = self._one(
                "SELECT id, grader FROM submissions LEFT JOIN claims ON submission = id "
                "WHERE (student, exercise, file, copy) = (?, ?, ?, ?)",
                key,
            )
            self._met.add(submission)
            grading, before, report = self._db.execute(
                "SELECT id, digest, report FROM gradings WHERE submission = ? "
                "ORDER BY id DESC LIMIT 1",
                (submission,),
            ).fetchone() or (0, "", "")
            if before == digest and not (again and grading <= self._last):
                known: dict[str, Any] = json.loads(report)
                return known
            if grader is not None and not self._free(grader):
                return None
            self._db.execute(
                "INSERT INTO claims (submission, grader) VALUES (?, ?)",
                (submission, self._presence.name),
            )
        return Claim(submission, digest)

    def record(self, claim: Claim, report: dict[str, Any], held: Guarantees) -> None:
        """Record a submission's part of the report and what held; give up the claim to it.

        What was refused is graded again at the next opportunity.
        """
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO gradings "
                "(submission, digest, report, guarantees, adamedu, graded_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    claim.submission,
                    "" if report["status"] == "refused" else claim.digest,
                    json.dumps(report),
                    json.dumps(held),
                    adamedu.__version__,
                    datetime.now(UTC).isoformat(timespec="seconds"),
                ),
            )
            self._db.execute("DELETE FROM claims WHERE submission = ?", (claim.submission,))

    def reports(self, *, by_student: bool = False) -> Iterator[dict[str, Any]]:
        """Read each submission's part of the report, one at a time.

        They come in the order of their paths, in which one folder is graded, or student by student.
        The message of what was withdrawn says so; it keeps its marks.
        """
        order = "student, " if by_student else ""
        query = f"SELECT report, withdrawn FROM latest ORDER BY {order}place, id"  # noqa: S608
        for text, withdrawn in self._db.execute(query):
            report = json.loads(text)
            if withdrawn:
                report["message"] = "; ".join(filter(None, (report["message"], WITHDRAWN)))
            yield report

    def graded_with(self) -> tuple[str, Guarantees]:
        """Return the version that graded last, and the weakest guarantees of all that counts.

        Raises
        ------
        GradingError
            When nothing was graded yet.
        """
        last = self._db.execute(
            "SELECT adamedu FROM latest ORDER BY grading DESC LIMIT 1"
        ).fetchone()
        if last is None:
            raise GradingError("nothing was graded into this gradebook yet")
        (weakest,) = self._one(
            "SELECT guarantees FROM latest "
            "ORDER BY json_extract(guarantees, '$.level') DESC, grading DESC LIMIT 1"
        )
        return last[0], json.loads(weakest) or guarantees("D", ())

    def tasks(self) -> list[str]:
        """Return the ids of all tasks that somebody has marks for."""
        return [task for (task,) in self._db.execute("SELECT DISTINCT task FROM marks")]

    def changes(self) -> Iterator[Change]:
        """Compare the marks with those at the end of the last run before this gradebook was opened.

        A run that was stopped has no end: what it changed is told by the one that goes on.
        """
        rows = self._db.execute(
            "SELECT student, file, old.report, latest.report FROM latest "
            "JOIN gradings AS old ON old.id = "
            "(SELECT max(id) FROM gradings WHERE submission = latest.id AND id <= ?) "
            "WHERE grading > ? ORDER BY place, latest.id",
            (self._finished, self._finished),
        )
        for student, file, old, new in rows:
            before, after = _points(json.loads(old)), _points(json.loads(new))
            for task in before | after:
                if before.get(task) != after.get(task):
                    yield Change(student, file, task, before.get(task), after.get(task))

    def finish(self, paths: Iterable[Path]) -> int:
        """Note that all that is in files and folders was graded; return how many are withdrawn.

        Those are what the gradebook has from these folders and this run hasn't met.
        """
        folders = tuple(map(_beneath, paths))
        rows = self._db.execute("SELECT id, place FROM submissions WHERE NOT withdrawn").fetchall()
        gone = [(n,) for n, place in rows if n not in self._met and place[1:].startswith(folders)]
        self._db.executemany("UPDATE submissions SET withdrawn = 1 WHERE id = ?", gone)
        self._db.execute(
            "UPDATE finished SET grading = (SELECT coalesce(max(id), 0) FROM gradings)"
        )
        return len(gone)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others from writing to the gradebook, while files are made from it say."""
        with transaction(self._db):
            yield

    @contextmanager
    def as_it_is(self) -> Iterator[None]:
        """Read the gradebook as it is now, whatever others write to it meanwhile."""
        with transaction(self._db, "DEFERRED"):
            yield

    def close(self) -> None:
        """Give up all claims, and close the file."""
        with suppress(sqlite3.Error), transaction(self._db):
            self._db.execute("DELETE FROM claims WHERE grader = ?", (self._presence.name,))

    def _free(self, grader: str) -> bool:
        """Take the claims of a grader that has ended; return whether it has."""
        if self._presence.is_at_work(grader):
            return False
        self._db.execute("DELETE FROM claims WHERE grader = ?", (grader,))
        return True

    def _one(self, query: str, values: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self._db.execute(query, values).fetchone()
        return row


def digest_of(*parts: object) -> str:
    """Digest what JSON can hold.

    >>> digest_of({"a": 1}, "b") == digest_of({"a": 1}, "b") != digest_of({"a": 1}, "c")
    True
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def place_of(path: Path, *, is_file: bool = True) -> bytes:
    """Return where a path stands when folders are gone through: files first, each in order.

    What isn't a file, such as a folder that can't be looked into, comes last.

    >>> from pathlib import Path
    >>> names = ["/b.py", "/a/b.py", "/a/b/c.py", "/a b/c.py"]
    >>> names == sorted(names, key=lambda name: place_of(Path(name)))
    True
    """
    kind = b"\0" if is_file else b"\1"
    return kind + _beneath(path.parent) + b"\0" + os.fsencode(path.name)


def _beneath(folder: Path) -> bytes:
    """Return how the places of all that is in a folder begin, after their kind."""
    path = os.path.abspath(folder).rstrip(os.sep)  # noqa: PTH100
    return b"".join(b"\1" + part + b"\0" for part in os.fsencode(path).split(os.fsencode(os.sep)))


@contextmanager
def opened(folder: Path, *, set_aside: Callable[[Path], None] | None = None) -> Iterator[Gradebook]:
    """Open the gradebook in a folder.

    Parameters
    ----------
    folder : Path
        Where its file is.
    set_aside : callable or None
        To make the folder and a new gradebook where there is none; it is told where a damaged one
        was moved to. If None, there must be a gradebook.

    Raises
    ------
    GradingError
        When it can't be used; also instead of SQLite's errors while it is open.
    """
    file = folder / FILE
    try:
        if set_aside is not None:
            prepare(folder, file, set_aside)
        elif not file.is_file():
            raise GradingError(f"there is no {FILE} in {folder}")
        with ExitStack() as stack:
            connection = stack.enter_context(closing(connect(file)))
            presence = Presence(folder)
            stack.callback(presence.end)
            book = Gradebook(connection, presence)
            stack.callback(book.close)
            yield book
    except ERRORS as error:
        raise GradingError(f"{file} can't be used: {error}") from error


def _points(report: dict[str, Any]) -> dict[str, int]:
    return {task["id"]: task["points"] for task in report["tasks"]}
