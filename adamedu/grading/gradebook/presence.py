"""Whether a grader is still at work: each holds a lock that the system frees when it ends.

The lock is SQLite's on a file of its own, which works wherever the gradebook does. It tells a
grader that was killed from one that takes long, without clocks or process numbers.
"""

from __future__ import annotations

import secrets
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Presence:
    """Tells other graders that this one is at work, until it ends, however it ends.

    Parameters
    ----------
    folder : Path
        Where the graders look for each other.

    Attributes
    ----------
    name : str
        Its own, which nobody else has.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as name:
    ...     one, other = Presence(Path(name)), Presence(Path(name))
    ...     before = one.is_at_work(other.name)
    ...     other.end()
    ...     after = one.is_at_work(other.name)
    ...     one.end()
    >>> before, after
    (True, False)
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = secrets.token_hex(8)
        held = _hold(self._file(self.name))
        assert held is not None  # noqa: S101  (nobody else knows the name)
        self._held = held

    def is_at_work(self, name: str) -> bool:
        """Say whether the grader of that name hasn't ended; clear up after it if it has."""
        if name == self.name:
            return True
        held = _hold(self._file(name))
        if held is None:
            return True
        held.close()
        self._file(name).unlink(missing_ok=True)
        return False

    def end(self) -> None:
        """Say that the work is done."""
        self._held.close()
        self._file(self.name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._folder / f".{name}.grading"


def _hold(file: Path) -> sqlite3.Connection | None:
    """Take the lock of a file; return None where somebody else has it."""
    connection = sqlite3.connect(file, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return None
        raise
    return connection
