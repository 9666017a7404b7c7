"""The learner's own copy of the course, and JupyterLab opened on it."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from adamedu.errors import LearnerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PARTS = ("notebooks", "exercises")
FIRST_LESSON = "notebooks/00_start_here.ipynb"
MANIFEST = ".adamedu-course.json"

_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "_course"  # in an installed wheel; a clone has the folders at its root


class CourseError(LearnerError):
    """The course can't be copied, and the message says why in one line."""


@dataclass
class CopyReport:
    """What `copy_course` did, as paths relative to the learner's folder.

    Attributes
    ----------
    folder
        The learner's folder.
    added, updated, kept
        Files that were new, that the learner had not changed, and that stay as the learner left
        them.
    offered
        For each file that both the learner and the course changed, where the course's version is.
    notes
        What else the learner should know, a sentence each.
    """

    folder: Path
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    offered: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Tell the learner, a sentence a line."""
        lines = [f"Your course is in {self.folder}.", *self.notes]
        if self.added:
            lines.append(f"New files: {len(self.added)}.")
        if self.updated:
            lines.append(f"Brought up to date: {', '.join(self.updated)}.")
        lines += [
            f"{name} has a new version. Yours is untouched, the new one is {beside}."
            for name, beside in self.offered.items()
        ]
        return "\n".join(lines)


def copy_course(destination: Path | None = None) -> CopyReport:
    """Copy the lessons and the blank exercises to the learner's folder, or bring them up to date.

    A file that the learner changed is never overwritten. If the course has a new version of it,
    that is put beside it. A file that the learner deleted comes back.

    Parameters
    ----------
    destination
        The learner's folder. By default ``my-course``, in the clone if this is one, else in the
        current folder.

    Returns
    -------
    CopyReport
        What was done.

    Raises
    ------
    CourseError
        If the folder can't be read or written, or lies inside the course itself.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     first = copy_course(Path(folder) / "my-course")
    ...     again = copy_course(Path(folder) / "my-course")
    >>> "notebooks/00_start_here.ipynb" in first.added
    True
    >>> again.added, again.updated
    ([], [])
    """
    source, folder = _source(), _destination(destination)
    try:
        report = CopyReport(folder)
        given = _read_manifest(folder, report)
        for name, content in _course_files(source):
            _settle(name, content, given, report)
        _write_manifest(folder, given)
    except OSError as error:
        reason = error.strerror
        if isinstance(error, FileExistsError | NotADirectoryError):
            reason = "a file is where a folder should be"
        elif isinstance(error, IsADirectoryError):
            reason = "a folder is where a file should be"
        place = error.filename or folder
        raise CourseError(f"Can't copy the course to {folder}: {reason} ({place}).") from error
    return report


def lab(destination: Path | None = None, jupyter_args: Sequence[str] = ()) -> int:
    """Copy the course, then serve it in JupyterLab, opened on the first lesson, until it stops.

    Parameters
    ----------
    destination
        The learner's folder, as for `copy_course`.
    jupyter_args
        Arguments for JupyterLab, such as ``["--no-browser", "--port", "9999"]``.

    Returns
    -------
    int
        JupyterLab's exit status.

    Raises
    ------
    CourseError
        If the course can't be copied.
    """
    report = copy_course(destination)
    sys.stdout.write(f"{report}\n")
    sys.stdout.flush()
    _sign(report)
    from jupyterlab.labapp import LabApp

    arguments = [
        f"--ServerApp.root_dir={report.folder}",
        f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}",
    ]
    # A first lesson shouldn't begin with a question about news.
    places = (os.environ.get("JUPYTER_CONFIG_PATH"), str(_PACKAGE / "lab_settings"))
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, places))
    if sys.platform != "win32" and os.geteuid() == 0:
        arguments.append("--allow-root")  # in a container there is often nobody else
    try:
        LabApp.launch_instance([*arguments, *jupyter_args])
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def _sign(report: CopyReport) -> None:
    """Let JupyterLab trust the notebooks that were just given out: their playgrounds play at once.

    What the learner changed is not signed here: JupyterLab does that when its cells are run.
    """
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()  # type: ignore[no-untyped-call]
    for name in (*report.added, *report.updated):
        if name.endswith(".ipynb"):
            text = (report.folder / name).read_text(encoding="utf-8")
            notary.sign(nbformat.reads(text, as_version=4))  # type: ignore[no-untyped-call]


def reset(name: str, destination: Path | None = None) -> Path | None:
    """Put the blank exercise set back into the learner's folder, and keep the old one aside.

    Parameters
    ----------
    name
        The set, ``"05_adam"``.
    destination
        The learner's folder, as for `copy_course`.

    Returns
    -------
    Path or None
        Where the learner's own version is now; None where there was none, or it was blank.

    Raises
    ------
    CourseError
        If there is no such set yet, no such folder, or the files can't be written.
    """
    file = f"exercises/{name}.ipynb"
    blank, folder = find(file), _destination(destination)
    if blank is None:
        raise CourseError(f"{file} isn't written yet, so there is nothing to reset.")
    if not folder.is_dir():
        raise CourseError(f"There is no folder {folder}. adamedu lab makes it.")
    path, content = folder / file, blank.read_bytes()
    aside = None
    try:
        report = CopyReport(folder)
        given = _read_manifest(folder, report)
        if path.exists() and _digest(path.read_bytes()) != _digest(content):
            aside = unused(path, "before-reset")
            path.rename(aside)
        write_whole(path, content)
        given[file] = _digest(content)
        _write_manifest(folder, given)
    except OSError as error:
        place = error.filename or path
        raise CourseError(f"Can't reset {file}: {error.strerror} ({place}).") from error
    return aside


def find(name: str) -> Path | None:
    """Return a file of the course as it is given out, or None where it isn't installed.

    >>> find("exercises/05_adam.ipynb").name
    '05_adam.ipynb'
    >>> find("notebooks/99_the_end.ipynb")
    """
    path = _home() / name
    return path if path.is_file() else None


def exercise_text(name: str) -> str | None:
    """Return a blank exercise set as it is handed out, or None where it isn't installed.

    >>> exercise_text("05_adam")[:1]
    '{'
    """
    path = find(f"exercises/{name}.ipynb")
    return None if path is None else path.read_text(encoding="utf-8")


def _home() -> Path:
    return _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parent


def _source() -> Path:
    if find(FIRST_LESSON) is None:
        raise CourseError(f"This installation of adamedu has no lessons: {_home()} lacks them.")
    return _home()


def _destination(chosen: Path | None) -> Path:
    start = Path.cwd() if _BUNDLED.is_dir() else _PACKAGE.parent
    default = start / "my-course"
    folder = (chosen or default).expanduser().resolve()
    if _source() in [folder, *folder.parents] and default not in [folder, *folder.parents]:
        raise CourseError(f"{folder} belongs to the course itself. Choose a folder outside it.")
    return folder


def _course_files(source: Path) -> Iterator[tuple[str, bytes]]:
    for part in PARTS:
        for path in sorted((source / part).rglob("*")):
            name = path.relative_to(source)
            if path.is_file() and not any(each.startswith(".") for each in name.parts):
                yield name.as_posix(), path.read_bytes()


def _settle(name: str, content: bytes, given: dict[str, str], report: CopyReport) -> None:
    """Bring one file up to date; `given` holds the digest of each file the learner was given."""
    path, fresh = report.folder / name, _digest(content)
    before, given[name] = given.get(name), fresh
    if not path.exists():
        write_whole(path, content)
        report.added.append(name)
        return
    mine = _digest(path.read_bytes())
    if mine == fresh:
        return
    if mine == before:
        write_whole(path, content)
        report.updated.append(name)
    elif before == fresh:
        report.kept.append(name)
    else:
        beside = _beside(path, fresh, given, report.folder)
        write_whole(report.folder / beside, content)
        given[beside] = fresh
        report.offered[name] = beside


def _beside(path: Path, fresh: str, given: dict[str, str], folder: Path) -> str:
    """Name a place for the course's version: none that holds anything of the learner's."""
    for place in _numbered(path, "new"):
        name = place.relative_to(folder).as_posix()
        if not place.exists() or _digest(place.read_bytes()) in {fresh, given.get(name)}:
            break
    return name


def _read_manifest(folder: Path, report: CopyReport) -> dict[str, str]:
    """Read which version of each file the learner was given last, as digests."""
    path = folder / MANIFEST
    try:
        match json.loads(path.read_bytes()):
            case {"schema": 1, "files": dict(files)} if all(
                isinstance(digest, str) for digest in files.values()
            ):
                return files
    except FileNotFoundError:
        return {}
    except ValueError:
        pass
    aside = path.with_suffix(".broken.json")
    path.replace(aside)
    report.notes.append(
        f"The record of what you were given was unreadable and is now {aside.name}. "
        "Every file that differs from the course's counts as yours."
    )
    return {}


def _write_manifest(folder: Path, given: dict[str, str]) -> None:
    write_whole(folder / MANIFEST, json.dumps({"schema": 1, "files": given}, indent=1).encode())


def unused(path: Path, word: str) -> Path:
    """Name a place beside a file that nothing is at yet: ``05_adam.before-reset.ipynb``."""
    return next(place for place in _numbered(path, word) if not place.exists())


def _numbered(path: Path, word: str) -> Iterator[Path]:
    """Name places beside a file, as many as wanted: ``x.new.ipynb``, ``x.new2.ipynb``."""
    for number in chain([""], count(2)):
        yield path.with_suffix(f".{word}{number}{path.suffix}")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; the folders it needs are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
