"""The gradebook's file: its schema, how it is opened, and what is done about a damaged one."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Final

from adamedu.grading.errors import GradingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_BUSY_SECONDS: Final = 60.0
"""Seconds until another program that writes to the gradebook is taken to have left it locked."""
ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
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
    (
        # 1 where a run that should have met it didn't.
        "ALTER TABLE submissions ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0",
        # The last grading before the end of the last run that came to its end.
        "CREATE TABLE finished (grading INTEGER NOT NULL)",
        "INSERT INTO finished (grading) SELECT coalesce(max(id), 0) FROM gradings",
        "DROP VIEW marks",
        """
        CREATE VIEW marks AS
        SELECT student, exercise, file, copy, withdrawn, graded_at,
            json_extract(task.value, '$.id') AS task,
            json_extract(task.value, '$.status') AS status,
            json_extract(task.value, '$.points') AS points,
            json_extract(task.value, '$.max_points') AS max_points
        FROM latest, json_each(report, '$.tasks') AS task
        """,
    ),
)
"""What made each version of the schema from the one before it. Released ones never change."""


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


def prepare(folder: Path, file: Path, set_aside: Callable[[Path], None]) -> None:
    """Make the folder, and move a damaged file in it out of the way.

    Raises
    ------
    GradingError
        When the folder can't be used.
    """
    if folder.exists() and not folder.is_dir():
        raise GradingError(f"{folder} is a file; results need a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "it is read-only")
    except OSError as error:
        raise GradingError(f"results can't be kept in {folder}: {error.strerror}") from error
    try:
        _examine(file)
    except ERRORS as error:
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _NO_DAMAGE:
            raise
        set_aside(_move(file))


def _examine(file: Path) -> None:
    """Raise DatabaseError where the file is damaged."""
    with closing(_open(file)) as connection:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        if "gradings" in _tables(connection):
            whole = "json_valid(report) AND json_valid(guarantees)"
            rows = connection.execute(f"SELECT *, {whole} FROM gradings")  # noqa: S608
            if not all(row[-1] for row in rows):
                raise sqlite3.DatabaseError("a report in it is damaged")


def _open(file: Path) -> sqlite3.Connection:
    if file.is_file():
        # Of what is no database SQLite would delete the log beside it, unless it is only read.
        look = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(look, uri=True)) as connection:
            connection.execute("PRAGMA schema_version").fetchone()
    return sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)


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


def connect(file: Path) -> sqlite3.Connection:
    """Connect to a gradebook's file, and bring it to the present schema.

    Raises
    ------
    GradingError
        When it was written by a newer version, or isn't a gradebook.
    """
    connection = _open(file)
    try:
        _migrate(connection, file)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
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
