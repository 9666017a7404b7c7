"""Find submissions and read them: files and folders in, one `Submission` or a reason each.

A file's bytes are read, never run; its notebook is parsed on the untrusted side.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adamedu.content.catalogue import Exercise, exercises, tasks
from adamedu.core.errors import LearnerError
from adamedu.grading.exams import KINDS
from adamedu.grading.exams.exam import DataExam
from adamedu.sandbox.message import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adamedu.content.tasks import Task

MAX_BYTES: Final = 10_000_000
_ENDINGS: Final = {".py": "py", ".ipynb": "ipynb"}
_SKIPPED: Final = {"__pycache__", "node_modules", "site-packages"}
_DEFINITION: Final = re.compile(r"(?:async\s+)?(?:def|class)\s+(\w+)|(\w+)\s*(?::[^=\n]*)?=(?!=)")


class UnreadableError(LearnerError):
    """A file that can't be graded; the message says why in its author's terms."""


@dataclass(frozen=True)
class Submission:
    """A file handed in.

    Attributes
    ----------
    path : Path
        Where it is.
    file : str
        Its path as the report names it, relative to the folder that was given.
    student : str
        From the folder's or the file's name.
    exercise : Exercise or None
        The set that its name says, if it says one.
    """

    path: Path
    file: str
    student: str
    exercise: Exercise | None

    @property
    def form(self) -> str:
        """``"py"`` or ``"ipynb"``."""
        return _ENDINGS.get(self.path.suffix.lower(), "")


def find(path: Path) -> Iterator[Submission]:
    """Find the submissions in a file or a folder, in order of their names.

    A folder may be laid out as ``<student>/<exercise>/<notebook>`` (nbgrader's), as
    ``<student>/<notebook>``, or flat with one file per student. What is called like a submission,
    or can't be looked into, is one too: reading it says why it can't be graded.
    """
    if _is_called_like_one(path.name) or not path.is_dir():
        yield _submission(path, path.parent)
        return
    closed: list[Path] = []
    for folder, folders, files in os.walk(path, onerror=lambda e: closed.append(Path(e.filename))):
        for name in sorted(filter(_is_called_like_one, files + folders)):
            yield _submission(Path(folder, name), path)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in _SKIPPED and not _is_called_like_one(name)
        )
    for unseen in closed:
        yield _submission(unseen, path)


def _is_called_like_one(name: str) -> bool:
    return Path(name).suffix.lower() in _ENDINGS and not name.startswith(".")


def _submission(path: Path, root: Path) -> Submission:
    by_name = {exercise.name: exercise for exercise in exercises().values()}
    relative = path.relative_to(root)
    around = path.parent.resolve().parts[:0:-1]
    exercise = next((by_name[name] for name in (path.stem, *around) if name in by_name), None)
    # The folders that were given name the student, then the file, then the folders around it.
    names = (*relative.parts[-2::-1], path.stem, *around)
    student = next((name for name in names if name not in by_name), path.stem)
    return Submission(path, plain(relative.as_posix(), 1000), plain(student, 200), exercise)


def read(path: Path) -> str:
    """Read a file's text; refuse what isn't a plain file of reasonable size.

    Raises
    ------
    UnreadableError
        With the reason.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    flags |= getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise UnreadableError("there is no such file") from None
    except OSError as error:
        why = "it is a link" if path.is_symlink() else error.strerror
        raise UnreadableError(f"it can't be opened: {why}") from error
    try:
        _refuse_what_is_no_submission(path, os.fstat(descriptor))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableError(f"it can't be read: {error.strerror}") from error
    finally:
        os.close(descriptor)
    if not raw.strip():
        raise UnreadableError("it is empty")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError("it isn't text in UTF-8") from error


def _refuse_what_is_no_submission(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableError("it is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableError("it isn't a plain file")
    if status.st_nlink > 1:  # it may be somebody else's
        raise UnreadableError("it has more than one name (hard links): hand in a copy")
    if path.suffix.lower() not in _ENDINGS:
        raise UnreadableError("it is neither a notebook (.ipynb) nor a Python file (.py)")
    if status.st_size > MAX_BYTES:
        msg = f"it is larger than {MAX_BYTES // 1_000_000} MB; clear the outputs and try again"
        raise UnreadableError(msg)


def defined_names(source: str) -> set[str]:
    r"""Return the names that a Python file defines or imports, as far as its lines tell.

    The text is searched, not parsed: it may be broken, or made to break a parser.

    >>> sorted(defined_names("import numpy as np\ndef f(x): y = x\ng = f"))
    ['as', 'f', 'g', 'import', 'np', 'numpy']
    """
    names = set()
    for line in source.splitlines():
        if line.startswith(("import ", "from ")):
            names.update(re.findall(r"\w+", line))
        elif found := _DEFINITION.match(line):
            names.add(found[1] or found[2])
    return names


def tasks_of(submission: Submission, source: str) -> list[Task]:
    """Choose the tasks that a file is graded for when nothing else is said.

    A notebook answers its exercise set; a Python file the tasks whose functions or classes it has.

    Raises
    ------
    UnreadableError
        When it can't be told which tasks are meant.
    """
    if submission.form == "ipynb":
        if submission.exercise is None:
            names = " or ".join(f"{e.name}.ipynb" for e in exercises().values())
            msg = f"it can't be told which exercise this is: say --exercise, or name it {names}"
            raise UnreadableError(msg)
        return list(submission.exercise.tasks)
    defined = defined_names(source)
    found = [
        task
        for task in tasks().values()
        if task.answer in defined and not issubclass(KINDS[task.kind], DataExam)
    ]
    if not found:
        known = ", ".join(task.answer for task in tasks().values() if task.kind == "step")
        msg = (
            f"it has none of the functions that can be graded ({known}); --task says which is meant"
        )
        raise UnreadableError(msg)
    return found
