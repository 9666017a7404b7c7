"""The learner's own copy of the course: made, brought up to date, made blank again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adamedu.content import course
from adamedu.core.errors import LearnerError
from adamedu.files import numbered, unused, write_whole
from adamedu.lab.versions import MANIFEST, Given, UnreadableManifestError, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARTS = ("notebooks", "exercises")


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
        Files that were new, in which the learner had written nothing, and that stay as the learner
        left them.
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

    @property
    def given(self) -> list[str]:
        """All that is in the folder as the course has it now, and was not before."""
        return [*self.added, *self.updated, *self.offered.values()]

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

    A file in which the learner wrote something is never overwritten. If the course has a new
    version of it, that is put beside it. A notebook whose cells were only run is brought up to
    date. A file that the learner deleted comes back.

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
    >>> from pathlib import Path
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
        given = _given(report)
        for name, content in _course_files(source):
            _settle(name, content, given, report)
        given.write(folder)
    except OSError as error:
        reason = error.strerror
        if isinstance(error, FileExistsError | NotADirectoryError):
            reason = "a file is where a folder should be"
        elif isinstance(error, IsADirectoryError):
            reason = "a folder is where a file should be"
        place = error.filename or folder
        raise CourseError(f"Can't copy the course to {folder}: {reason} ({place}).") from error
    return report


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
    blank, folder = course.find(file), _destination(destination)
    if blank is None:
        raise CourseError(f"{file} isn't written yet, so there is nothing to reset.")
    if not folder.is_dir():
        raise CourseError(f"There is no folder {folder}. adamedu lab makes it.")
    path, content = folder / file, blank.read_bytes()
    aside = None
    try:
        given = _given(CopyReport(folder))
        given.note(file, version_of(content))
        if path.exists() and not given.is_ours(file, version_of(path.read_bytes())):
            aside = unused(path, "before-reset")
            path.rename(aside)
        write_whole(path, content)
        given.write(folder)
    except OSError as error:
        place = error.filename or path
        raise CourseError(f"Can't reset {file}: {error.strerror} ({place}).") from error
    return aside


def _source() -> Path:
    if course.find(course.FIRST_LESSON) is None:
        raise CourseError(
            f"This installation of adamedu has no lessons: {course.home()} lacks them."
        )
    return course.home()


def _destination(chosen: Path | None) -> Path:
    default = course.own_folder()
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


def _settle(name: str, content: bytes, given: Given, report: CopyReport) -> None:
    """Bring one file up to date."""
    path, fresh, latest = report.folder / name, version_of(content), given.latest(name)
    given.note(name, fresh)
    if not path.exists():
        write_whole(path, content)
        report.added.append(name)
        return
    mine = version_of(path.read_bytes())
    if mine == fresh:
        return
    if given.is_ours(name, mine):
        if fresh != latest or not mine.says_the_same(fresh):
            write_whole(path, content)
            report.updated.append(name)
    elif latest is not None and latest.says_the_same(fresh):
        report.kept.append(name)
    else:
        beside = next(
            place
            for place in numbered(path, "new")  # none that holds anything of the learner's
            if not place.exists() or given.is_ours(name, version_of(place.read_bytes()))
        )
        write_whole(beside, content)
        report.offered[name] = beside.relative_to(report.folder).as_posix()


def _given(report: CopyReport) -> Given:
    """Read what the learner was given, or begin anew where the record is broken."""
    try:
        return Given.read(report.folder)
    except UnreadableManifestError:
        path = report.folder / MANIFEST
        aside = path.with_suffix(".broken.json")
        path.replace(aside)
        report.notes.append(
            f"The record of what you were given was unreadable and is now {aside.name}. "
            "Every file that differs from the course's counts as yours."
        )
        return Given({})
