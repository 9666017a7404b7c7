"""The one reader of the course's TOML: typed as it is read, with one line for what is wrong.

A `Row` says which keys a file or a table has, and of which kind their values are. What a type can't
say, its ``__post_init__`` does: it raises a `WrongValueError`. Whatever is wrong, the author of the
file reads where: the file, the row by its id or its position, and the field.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias, TypeVar

import msgspec
import tomli  # three times as fast as tomllib: its wheels are compiled

from adamedu.core.errors import LearnerError, there_is

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HOME: Final = Path(__file__).resolve().parent

Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
Texts: TypeAlias = tuple[Text, ...]
Positive: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
LessonNumber: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^\d\d$")]
Hints: TypeAlias = tuple[Text, Text, Text]
"""Where to look; what to think about; almost the answer."""

T = TypeVar("T")


class CatalogueError(LearnerError):
    """A file of the course's content that can't be used; the message says where, and why."""


class WrongValueError(ValueError):
    """A value of the right kind that makes no sense there.

    Parameters
    ----------
    field : str
        The key that it stands under.
    what : str
        What is wrong, and what is allowed.
    """

    def __init__(self, field: str, what: str) -> None:
        super().__init__(what)
        self.field = field


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file, or a table in one: its keys and their kinds."""


def load(place: str | Path, of: type[T]) -> dict[str, T]:
    """Read a file, or all those of a folder, by their names without the ending.

    Parameters
    ----------
    place : str or Path
        Where it is, from ``adamedu/content`` on.
    of : type
        What a file holds: a `Row`, or a ``dict`` of them by name.

    Raises
    ------
    CatalogueError
        For the first thing that is wrong.

    Examples
    --------
    >>> class Shelf(Row):
    ...     lesson: tuple[dict[str, str], ...]
    >>> load("lessons.toml", Shelf)["lessons"].lesson[5]["title"]
    'Adam'
    """
    path = _HOME / place
    files = [path] if path.is_file() else sorted(path.glob("*.toml"))
    return {file.stem: _read(file, of) for file in files}


def by_id(place: str, found: Mapping[str, Iterable[T]], key: str = "id") -> dict[str, T]:
    """Return the rows of all files by their ids.

    Parameters
    ----------
    place : str
        Where the files are, for the message.
    found : mapping of str to iterable of Row
        Each file's rows.
    key : str
        What tells a row from others.

    Raises
    ------
    CatalogueError
        When two rows have the same.
    """
    rows: dict[str, T] = {}
    homes: dict[str, str] = {}
    for file, those in found.items():
        for row in those:
            name: str = getattr(row, key)
            if name in rows:
                there = f"{place}/{homes[name]}.toml"
                raise CatalogueError(f"{place}/{file}.toml, {name!r}, {key}: {there} has it, too")
            rows[name], homes[name] = row, file
    return rows


def require(field: str, name: str, known: Iterable[str], start: str = "there is") -> None:
    """Refuse a name that isn't known.

    Raises
    ------
    WrongValueError
        With the names that are, and the nearest.

    Examples
    --------
    >>> require("right", "b", ["a", "b"])
    """
    names = list(known)
    if name not in names:
        raise WrongValueError(field, f"there is no {name!r}; {there_is(name, names, start)}")


def distinct(field: str, names: Iterable[str]) -> None:
    """Refuse a name that is there more than once.

    Raises
    ------
    WrongValueError
        With that name.

    Examples
    --------
    >>> distinct("checks", ["m", "v"])
    """
    for name, count in Counter(names).items():
        if count > 1:
            raise WrongValueError(field, f"{name!r} is there {count} times")


def _read(file: Path, of: type[T]) -> T:
    where = "/".join(file.parts[-2:])
    try:
        data = tomli.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{where} can't be read: {error}") from error
    try:
        return msgspec.convert(data, of, dec_hook=_custom)
    except msgspec.ValidationError as error:
        from adamedu.content.trouble import Trouble

        raise CatalogueError(f"{where}, {Trouble(error, data, of, _custom).said()}") from error


def _custom(kind: Any, given: object) -> Any:
    """Let a class of the course's own read what is written for it."""
    return kind.read(given)
