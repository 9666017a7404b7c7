"""Folders that are needed only while something runs, and what becomes of those that are left.

Nothing is left where the grader ends, however it ends, unless the system kills everything at once.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from adamedu.sandbox.outside.uids import is_ours

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME: Final = r"adamedu-(\d+)-[a-z0-9_]{8}"
"""How they are called; the number is that of the process that made it."""
_STALE: Final = 86_400.0
"""Seconds after which one is swept away: its process may be one that can't be seen from here."""


@contextmanager
def temporary() -> Iterator[str]:
    """Make an empty folder, which is gone afterwards with all that is in it."""
    with tempfile.TemporaryDirectory(
        prefix=f"adamedu-{os.getpid()}-", ignore_cleanup_errors=True
    ) as folder:
        yield folder


def sweep() -> None:
    """Remove the folders that graders have left which were killed, those of this user only."""
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            with suppress(OSError):
                if _is_left(entry):
                    shutil.rmtree(entry.path, ignore_errors=True)


def _is_left(entry: os.DirEntry[str]) -> bool:
    name = re.fullmatch(NAME, entry.name)
    if name is None or not entry.is_dir(follow_symlinks=False):
        return False
    status = entry.stat(follow_symlinks=False)
    is_old = time.time() - status.st_mtime > _STALE
    return is_old and is_ours(status.st_uid) and not _is_running(int(name[1]))


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
