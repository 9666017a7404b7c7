"""Find submissions and read them: files and folders in, one `Submission` or a reason each.

A file's bytes are read, never run; its notebook is parsed on the untrusted side.
"""

from __future__ import annotations

import ast
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adamedu.learning.catalogue import Exercise, Task, exercises, tasks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BYTES: Final = 10_000_000
_ENDINGS: Final = {".py": "py", ".ipynb": "ipynb"}
_SKIPPED: Final = {"__pycache__", "node_modules", "site-packages"}


class UnreadableError(Exception):
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


def find(paths: Iterable[Path]) -> Iterator[Submission]:
    """Find the submissions under files and folders, in order of their names.

    Folders may be laid out as ``<student>/<exercise>/<notebook>`` (nbgrader's), as
    ``<student>/<notebook>``, or flat with one file per student.
    """
    for path in paths:
        if not path.is_dir():
            yield _submission(path, path.parent)
            continue
        for folder, folders, files in os.walk(path):
            folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _SKIPPED)
            for name in sorted(files):
                if Path(name).suffix.lower() in _ENDINGS and not name.startswith("."):
                    yield _submission(Path(folder, name), path)


def _submission(path: Path, root: Path) -> Submission:
    by_name = {exercise.name: exercise for exercise in exercises().values()}
    relative = path.relative_to(root)
    exercise = by_name.get(path.stem)
    folders = [part for part in relative.parts[:-1] if part not in by_name]
    if exercise is None:
        exercise = next(
            (by_name[part] for part in reversed(relative.parts[:-1]) if part in by_name), None
        )
    student = folders[-1] if folders else path.stem
    return Submission(path, relative.as_posix(), student, exercise)


def read(path: Path) -> str:
    """Read a file's text; refuse what isn't a plain file of reasonable size.

    Raises
    ------
    UnreadableError
        With the reason.
    """
    if path.suffix.lower() not in _ENDINGS:
        msg = f"it is neither a notebook (.ipynb) nor a Python file (.py): {path.name}"
        raise UnreadableError(msg)
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    flags |= getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise UnreadableError("there is no such file") from None
    except OSError as error:
        why = "it is a link" if path.is_symlink() else (error.strerror or "it can't be opened")
        raise UnreadableError(f"it can't be opened: {why}") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError("it isn't a plain file")
        if status.st_size > MAX_BYTES:
            msg = f"it is larger than {MAX_BYTES // 1_000_000} MB; clear the outputs and try again"
            raise UnreadableError(msg)
        raw = file.read(MAX_BYTES + 1)
    if not raw.strip():
        raise UnreadableError("it is empty")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError("it isn't text in UTF-8") from error


def defined_names(source: str) -> set[str]:
    """Return the names that a Python file gives a value at its top level, where it can be told."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(re.findall(r"^(?:def|class)\s+(\w+)", source, re.MULTILINE))
    names = set()
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def tasks_of(submission: Submission, source: str) -> list[Task]:
    """Choose the tasks that a file is graded for when nothing else is said.

    A notebook answers its exercise set; a Python file whatever tasks it has the answers of.

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
    found = [task for task in tasks().values() if task.answer in defined]
    if not found:
        known = ", ".join(task.answer for task in tasks().values() if task.kind == "step")
        msg = (
            f"it has none of the functions that can be graded ({known}); --task says which is meant"
        )
        raise UnreadableError(msg)
    return found
