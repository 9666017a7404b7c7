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
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import adamedu
from adamedu.grading.errors import GradingError
from adamedu.grading.presence import Presence
from adamedu.sandbox.levels import guarantees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILE: Final = "gradebook.sqlite"
_PATIENCE: Final = 60.0
"""Seconds until another program that writes to the gradebook is taken to have left it locked."""
_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""SQLite's; the second is raised where its message quotes what is damaged."""
_NO_DAMAGE: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
"""Errors that say nothing about the file."""

MIGRATIONS: Final = (
    (
        """
        CREATE TABLE submissions (
            id INTEGER PRIMARY KEY,
            student TEXT NOT NULL,
            exercise TEXT NOT NULL,  -- empty for a Python file
            file TEXT NOT NULL,
            copy INTEGER NOT NULL,   -- 0; from 1 on where one run met the same names again
            place BLOB NOT NULL,     -- the order of the reports
            UNIQUE (student, exercise, file, copy)
        )
        """,
        "CREATE INDEX submissions_in_order ON submissions (place, id)",
        """
        CREATE TABLE gradings (
            id INTEGER PRIMARY KEY,
            submission INTEGER NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
            digest TEXT NOT NULL,    -- of all that decides the marks; empty: grade it again
            report TEXT NOT NULL,    -- as in report.schema.json
            guarantees TEXT NOT NULL,
            adamedu TEXT NOT NULL,
            graded_at TEXT NOT NULL
        )
        """,
        "CREATE INDEX gradings_of ON gradings (submission, id)",
    ),
    (
        """
        CREATE TABLE claims (
            submission INTEGER PRIMARY KEY REFERENCES submissions (id) ON DELETE CASCADE,
            grader TEXT NOT NULL
        )
        """,
    ),
    (
        """
        CREATE VIEW latest AS
        SELECT submissions.*, gradings.id AS grading, digest, report, guarantees, adamedu, graded_at
        FROM submissions JOIN gradings ON gradings.id =
            (SELECT max(id) FROM gradings WHERE submission = submissions.id)
        """,
        """
        CREATE VIEW marks AS
        SELECT student, exercise, file, copy, graded_at,
            json_extract(task.value, '$.id') AS task,
            json_extract(task.value, '$.status') AS status,
            json_extract(task.value, '$.points') AS points,
            json_extract(task.value, '$.max_points') AS max_points
        FROM latest, json_each(report, '$.tasks') AS task
        """,
    ),
)
"""What made each version of the schema from the one before it. Released ones never change."""


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
                "ON CONFLICT DO UPDATE SET place = excluded.place WHERE place <> excluded.place",
                (*key, entry.place),
            )
            submission, grader = self._one(
                "SELECT id, grader FROM submissions LEFT JOIN claims ON submission = id "
                "WHERE (student, exercise, file, copy) = (?, ?, ?, ?)",
                key,
            )
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

    def record(self, claim: Claim, report: dict[str, Any], held: dict[str, Any]) -> None:
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

        They come in the order in which one folder is graded, or student by student.
        """
        order = "student, " if by_student else ""
        query = f"SELECT report FROM latest ORDER BY {order}place, id"  # noqa: S608  (our own words)
        for (report,) in self._db.execute(query):
            yield json.loads(report)

    def graded_with(self) -> tuple[str, dict[str, Any]]:
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
        """Compare the marks with those from before this gradebook was opened."""
        rows = self._db.execute(
            "SELECT student, file, old.report, latest.report FROM latest "
            "JOIN gradings AS old ON old.id = "
            "(SELECT max(id) FROM gradings WHERE submission = latest.id AND id <= ?) "
            "WHERE grading > ? ORDER BY place, latest.id",
            (self._last, self._last),
        )
        for student, file, old, new in rows:
            before, after = _points(json.loads(old)), _points(json.loads(new))
            for task in before | after:
                if before.get(task) != after.get(task):
                    yield Change(student, file, task, before.get(task), after.get(task))

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
    *folders, name = os.fsencode(os.path.abspath(path)).split(os.fsencode(os.sep))  # noqa: PTH100
    kind = b"\0" if is_file else b"\1"
    return kind + b"".join(b"\1" + folder + b"\0" for folder in folders) + b"\0" + name


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
            _prepare(folder, set_aside)
        elif not file.is_file():
            raise GradingError(f"there is no {FILE} in {folder}")
        with ExitStack() as stack:
            connection = stack.enter_context(closing(_connect(file)))
            presence = Presence(folder)
            stack.callback(presence.end)
            book = Gradebook(connection, presence)
            stack.callback(book.close)
            yield book
    except _ERRORS as error:
        raise GradingError(f"{file} can't be used: {error}") from error


@contextmanager
def transaction(connection: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Do all or nothing, and nobody else writes anything meanwhile, unless it is deferred."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _prepare(folder: Path, set_aside: Callable[[Path], None]) -> None:
    if folder.exists() and not folder.is_dir():
        raise GradingError(f"{folder} is a file; results need a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "it is read-only")
    except OSError as error:
        raise GradingError(f"results can't be kept in {folder}: {error.strerror}") from error
    file = folder / FILE
    try:
        _examine(file)
    except _ERRORS as error:
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _NO_DAMAGE:
            raise
        set_aside(_move(file))


def _examine(file: Path) -> None:
    """Raise DatabaseError where the file is damaged."""
    with closing(sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)) as connection:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        if "gradings" in _tables(connection):
            whole = "json_valid(report) AND json_valid(guarantees)"
            rows = connection.execute(f"SELECT *, {whole} FROM gradings")  # noqa: S608
            if not all(row[-1] for row in rows):
                raise sqlite3.DatabaseError("a report in it is damaged")


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}


def _move(file: Path) -> Path:
    """Rename a gradebook and what belongs to it to a name that is free."""
    for number in count(1):
        aside = file.with_stem(f"{file.stem}.damaged-{number}")
        if not aside.exists():
            break
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            file.with_name(file.name + end).rename(aside.with_name(aside.name + end))
    return aside


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        _migrate(connection, file)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, file: Path) -> None:
    with transaction(connection):
        tables = _tables(connection)
        if tables and "schema" not in tables:
            raise GradingError(f"{file} holds something else than a gradebook")
        connection.execute("CREATE TABLE IF NOT EXISTS schema (version INTEGER NOT NULL)")
        (version,) = connection.execute("SELECT coalesce(max(version), 0) FROM schema").fetchone()
        if version > len(MIGRATIONS):
            raise GradingError(
                f"{file} was written by a newer adamedu (its schema is {version}, this one knows "
                f"{len(MIGRATIONS)}): update adamedu, or choose another folder"
            )
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        if version < len(MIGRATIONS):
            connection.execute("DELETE FROM schema")
            connection.execute("INSERT INTO schema (version) VALUES (?)", (len(MIGRATIONS),))


def _points(report: dict[str, Any]) -> dict[str, int]:
    return {task["id"]: task["points"] for task in report["tasks"]}
